"""A mail server for the end-to-end tests: aiosmtpd, which speaks SMTP, told what to ask for and what to refuse.

    smtp.py PORT MODE     MODE is `starttls`, `tls` or `none`; certificate, key and password come from the environment.

Every mail that it takes is a line of mails.jsonl in the working folder, as Python's own mail parser reads it. If there is a file
`refusal`, every mail is answered with what it says. Receivers whose name begins with `nobody` are not known.
"""
import email.policy
import json
import os
import pathlib
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

port, mode = int(sys.argv[1]), sys.argv[2]
password = os.environ.get("SMTP_PASSWORD", "").encode()


class Box:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        refusal = pathlib.Path("refusal")
        if refusal.exists():
            return refusal.read_text().strip()
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        part = lambda kind: (mail.get_body((kind,)) or None) and mail.get_body((kind,)).get_content()
        line = {
            "receivers": envelope.rcpt_tos,
            "encrypted": session.ssl is not None or mode == "tls",
            "authenticated": bool(session.authenticated),
            "headers": {name: str(value) for name, value in mail.items()},
            "names": list(mail.keys()),
            "defects": [str(defect) for defect in mail.defects],
            "text": part("plain"),
            "page": part("html"),
        }
        with open("mails.jsonl", "a") as mails:
            mails.write(json.dumps(line) + "\n")
        return "250 OK, kept"


def authenticate(server, session, envelope, mechanism, data):
    good = bool(password) and data.login == b"clarion" and data.password == password
    return AuthResult(success=good, handled=False)


context = None
if mode != "none":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.environ["SMTP_CERTIFICATE"], os.environ["SMTP_KEY"])


class Server(Controller):
    def factory(self):
        return SMTP(
            self.handler,
            hostname="localhost",
            data_size_limit=1 << 25,
            enable_SMTPUTF8=False,
            tls_context=context if mode == "starttls" else None,
            require_starttls=mode == "starttls",
            authenticator=authenticate,
            auth_required=bool(password),
            auth_require_tls=mode == "starttls",
        )


server = Server(Box(), hostname="127.0.0.1", port=port, ssl_context=context if mode == "tls" else None)
server.start()
while True:
    time.sleep(60)
