//! `/api/v1/session`: opening and ending one, and whether one is needed.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use serde::Deserialize;
use serde_json::json;

use super::body;
use super::gate::{COOKIE_NAME, Peer, has_session, refusal, session_name};
use super::problem::{Answer, Problem, json_answer};
use super::sessions::SESSION;
use super::state::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    token: String,
}

/// `GET`: whether one is let in, and whether a token is needed for it.
pub(super) async fn get(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    let needed = shared.sessions.token_needed();
    json_answer(&json!({"authenticated": !needed || has_session(&shared, &headers), "token_needed": needed}))
}

/// `POST`: says the token, and gets a session.
pub(super) async fn post(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Answer {
    let peer = request.extensions().get::<Peer>().copied();
    let said: Said = body::read(request).await?;
    let Some(Peer(from)) = peer else { return Err(Problem::bad_request("the request comes from nowhere")) };
    let now = Instant::now();
    if let Some(problem) = refusal(shared.sessions.try_token(&said.token, from, now)) {
        tracing::warn!(%from, "a wrong token for the console");
        return Err(problem);
    }
    let name = shared.sessions.open(now);
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie(&name, SESSION.as_secs()))]).into_response())
}

/// `DELETE`: ends the session.
pub(super) async fn delete(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    if let Some(name) = session_name(&headers) {
        shared.sessions.end(name);
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie("", 0))]).into_response())
}

fn cookie(value: &str, seconds: u64) -> String {
    format!("{COOKIE_NAME}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}")
}
