//! A small HTTP client for the servers that speak HTTP: one base address, optional basic authentication, JSON both ways.

use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::Value;

use super::ServerError;

/// Longer than any request of a test should take, even on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How a request is authenticated.
#[derive(Clone, Debug)]
pub(super) enum Authorization {
    /// No header.
    None,
    /// User and password.
    Basic(String, String),
    /// The whole value of the header.
    Header(String),
}

/// A client of one server.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: Client,
    base: String,
    authorization: Authorization,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// HTTP status code.
    pub(crate) status: u16,
    /// The body; a JSON string when it was not JSON, null when it was empty.
    pub(crate) body: Value,
}

impl Http {
    /// Makes a client. `authority` is the PEM file of the only certificate authority that is trusted.
    ///
    /// # Errors
    /// [`ServerError::File`] or [`ServerError::Request`] if the authority cannot be used.
    pub(super) fn new(
        base: String,
        authorization: Authorization,
        authority: Option<&Path>,
    ) -> Result<Self, ServerError> {
        let pem = authority.map(super::installed::read).transpose()?;
        let client = outside_async(|| {
            let mut builder = Client::builder().timeout(TIMEOUT);
            if let Some(pem) = &pem {
                builder = builder.tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes())?]);
            }
            builder.build()
        })
        .map_err(|error| ServerError::Request { request: format!("a client for {base}"), reason: chain(&error) })?;
        Ok(Self { client, base, authorization })
    }

    /// A client of the program under test, which says this token.
    pub(crate) fn bearing(base: String, token: &str) -> Self {
        Self::new(base, Authorization::Header(format!("Bearer {token}")), None).unwrap()
    }

    /// Where it asks.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request with a JSON body or none, and returns whatever status the server answers with.
    ///
    /// # Errors
    /// [`ServerError::Request`] if there is no answer.
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Reply, ServerError> {
        self.send_text(method, path, "application/json", body.map(Value::to_string))
    }

    /// Sends a request with a body of another type, such as `application/x-ndjson`.
    ///
    /// # Errors
    /// [`ServerError::Request`] if there is no answer.
    pub(crate) fn send_text(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: Option<String>,
    ) -> Result<Reply, ServerError> {
        let failed = |reason: String| ServerError::Request { request: format!("{method} {}{path}", self.base), reason };
        let verb = Method::from_bytes(method.as_bytes()).map_err(|error| failed(error.to_string()))?;
        let mut request = self.authorized(self.client.request(verb, format!("{}{path}", self.base)));
        if let Some(body) = body {
            request = request.header("content-type", content_type).body(body);
        }
        let (status, text) = outside_async(move || {
            let response = request.send()?;
            Ok::<_, reqwest::Error>((response.status().as_u16(), response.text()?))
        })
        .map_err(|error| failed(chain(&error)))?;
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text))
        };
        Ok(Reply { status, body })
    }

    /// Like [`Http::send`], but any status from 400 on is an error.
    ///
    /// # Errors
    /// [`ServerError::Request`] with the status and the body.
    pub(crate) fn expect(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, ServerError> {
        let reply = self.send(method, path, body)?;
        if reply.status < 400 {
            return Ok(reply.body);
        }
        Err(ServerError::Request {
            request: format!("{method} {}{path}", self.base),
            reason: format!("status {}: {}", reply.status, reply.body),
        })
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.authorization {
            Authorization::None => request,
            Authorization::Basic(user, password) => request.basic_auth(user, Some(password)),
            Authorization::Header(value) => request.header("authorization", value),
        }
    }
}

/// Runs something that blocks on a thread of its own: the blocking client refuses to be used from a thread on which an
/// asynchronous runtime runs, and the tests may be on one.
pub(super) fn outside_async<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// An error with all its causes; the outermost of them alone says only that sending failed.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
