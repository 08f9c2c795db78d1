//! In front of everything: who may ask, from where, and what every answer says of itself. Without a token only this machine
//! may ask, and only by a name of this machine, so that no page from elsewhere reaches it by a name of its own (DNS
//! rebinding). What changes something comes from the console's own page or from a program, never from another site.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;
use super::sessions::Tried;
use super::state::Shared;

/// The name of the cookie that holds a session.
pub(super) const COOKIE_NAME: &str = "clarion_session";
/// Longest query of an address, in bytes.
const QUERY: usize = 8 * 1024;

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

const HEADERS: [(HeaderName, &str); 4] = [
    (
        HeaderName::from_static("content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("referrer-policy"), "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Lets a request through or answers it, and puts the headers on either answer.
pub(super) async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = match objection(&shared, &request) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let caching = if is_api { "no-store" } else { "no-cache" };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}

fn objection(shared: &Shared, request: &Request) -> Option<Problem> {
    let headers = request.headers();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host else { return Some(Problem::bad_request("the request names no host")) };
    if !shared.sessions.token_needed() && !is_this_machine(host) {
        let why = "without a token the console answers only to a name of this machine, such as localhost";
        return Some(Problem::new(StatusCode::FORBIDDEN, why));
    }
    if request.uri().query().is_some_and(|query| query.len() > QUERY) {
        return Some(Problem::new(StatusCode::URI_TOO_LONG, format!("a query has at most {QUERY} bytes")));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(problem) = foreign(headers, host)
    {
        return Some(problem);
    }
    let path = request.uri().path();
    if !path.starts_with("/api/") || path == "/api/v1/session" {
        return None;
    }
    unknown(shared, headers, request.extensions().get::<Peer>().copied())
}

/// What objects to a request that changes something, beside the type of its body, which `body` looks at.
fn foreign(headers: &HeaderMap, host: &str) -> Option<Problem> {
    let forbidden = |why: &str| Some(Problem::new(StatusCode::FORBIDDEN, why));
    if let Some(origin) = headers.get(ORIGIN) {
        let own = origin
            .to_str()
            .ok()
            .and_then(|origin| origin.split_once("://"))
            .is_some_and(|(scheme, at)| matches!(scheme, "http" | "https") && at.eq_ignore_ascii_case(host));
        if !own {
            return forbidden("the request comes from a page of another site");
        }
    }
    if headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return forbidden("the request comes from a page of another site");
    }
    None
}

/// What objects to somebody who has not said the token.
fn unknown(shared: &Shared, headers: &HeaderMap, peer: Option<Peer>) -> Option<Problem> {
    if !shared.sessions.token_needed() || has_session(shared, headers) {
        return None;
    }
    let said = headers.get(AUTHORIZATION).and_then(|said| said.to_str().ok()).and_then(|said| {
        let (scheme, token) = said.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let needed = "the console needs its token: send `Authorization: Bearer TOKEN`, or open a session";
    let (Some(said), Some(Peer(from))) = (said, peer) else {
        return Some(Problem::new(StatusCode::UNAUTHORIZED, needed));
    };
    refusal(shared.sessions.try_token(said, from, Instant::now()))
}

/// What is said to who tried a token.
pub(super) fn refusal(tried: Tried) -> Option<Problem> {
    match tried {
        Tried::Right => None,
        Tried::Wrong => Some(Problem::new(StatusCode::UNAUTHORIZED, "the token is wrong")),
        Tried::TooOften => {
            Some(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many wrong tokens: try again in a minute"))
        }
    }
}

/// Whether the request has the cookie of an open session.
pub(super) fn has_session(shared: &Shared, headers: &HeaderMap) -> bool {
    session_name(headers).is_some_and(|name| shared.sessions.is_open(name, Instant::now()))
}

/// The session that the request names.
pub(super) fn session_name(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value)
}

/// Whether a `Host` is a name or address of the loopback.
fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_loopback_are_this_machine() {
        for host in ["localhost", "LOCALHOST:8475", "127.0.0.1:8475", "127.8.8.8", "[::1]:8475", "[::1]"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["evil.example.com", "localhost.evil.example.com", "192.0.2.1", "[2001:db8::1]:1", "", "[", "::1"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
