//! A loopback HTTP server that answers as a test says, for failures that real servers do not produce on demand. One thread,
//! one request a connection. It shows how a sink behaves on the wire; that it works is shown by the real servers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone)]
pub(in crate::sink) struct Request {
    pub(in crate::sink) path: String,
    /// Header lines in lower case.
    pub(in crate::sink) headers: String,
    pub(in crate::sink) body: Vec<u8>,
}

impl Request {
    pub(in crate::sink) fn headers_contain(&self, text: &str) -> bool {
        self.headers.contains(text)
    }
}

/// What to answer.
#[derive(Debug, Clone)]
pub(in crate::sink) struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    pub(in crate::sink) fn json(status: u16, body: &str) -> Self {
        Self { status, body: body.to_owned() }
    }
}

/// A running server; it ends when this is dropped.
pub(in crate::sink) struct ScriptedHttp {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ScriptedHttp {
    /// Answers the request with that number, from 0, as `script` says.
    pub(in crate::sink) fn start(script: impl Fn(usize, &Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let (seen, end) = (Arc::clone(&requests), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.unwrap();
                let Some(request) = read(&stream) else { continue };
                let count = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(request.clone());
                    seen.len() - 1
                };
                let answer = script(count, &request);
                let head = format!(
                    "HTTP/1.1 {} Scripted\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    answer.status,
                    answer.body.len()
                );
                let _ = stream.write_all(format!("{head}{}", answer.body).as_bytes());
            }
        });
        Self { port, requests, ended, thread: Some(thread) }
    }

    pub(in crate::sink) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All requests so far.
    pub(in crate::sink) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for ScriptedHttp {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut headers = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        headers.push_str(&line.to_lowercase());
    }
    let length =
        headers.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { path, headers, body })
}
