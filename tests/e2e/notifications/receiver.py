"""A receiver of webhooks for the end-to-end tests. What it takes is decided by libraries that others wrote.

    receiver.py PORT signed    takes what standardwebhooks verifies with the key in SIGNING_KEY, else status 401
    receiver.py PORT slack     takes what Slack's SDK finds to be a message with blocks, else status 400

Every body that it takes is a line of bodies.jsonl in the working folder.
"""
import http.server
import json
import os
import sys

from slack_sdk.models.blocks import Block
from slack_sdk.models.messages.message import Message
from standardwebhooks import Webhook

port, mode = int(sys.argv[1]), sys.argv[2]


def signed(body, headers):
    Webhook(os.environ["SIGNING_KEY"]).verify(body, {name.lower(): value for name, value in headers.items()})


def slack(body, headers):
    message = json.loads(body)
    blocks = Block.parse_all(message["blocks"])
    if not blocks or len(blocks) != len(message["blocks"]):
        raise ValueError("a block is not known")
    for block in blocks:
        block.validate_json()
        if block.text is not None:
            block.text.validate_json()
    Message(text=message["text"], blocks=blocks).to_dict()
    if len(message["text"]) > 40000:
        raise ValueError("the text is too long")


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, "here")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            {"signed": signed, "slack": slack}[mode](body, self.headers)
        except Exception as wrong:
            return self.answer(401 if mode == "signed" else 400, f"{type(wrong).__name__}: {wrong}")
        with open("bodies.jsonl", "a") as bodies:
            bodies.write(json.dumps({"id": self.headers["webhook-id"], "body": json.loads(body)}) + "\n")
        self.answer(200, "ok")

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
