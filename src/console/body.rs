//! The body of a request: bounded, in time, and of exactly the shape that is asked for.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// Most bytes.
const BYTES: usize = 64 * 1024;
/// How long it may take to come.
const TIME: Duration = Duration::from_secs(10);

/// Reads the body.
pub(super) async fn read<T: DeserializeOwned>(request: Request<Body>) -> Result<T, Problem> {
    // a form of another site cannot send this type
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let why = "a request that changes something has the content type application/json";
        return Err(Problem::new(StatusCode::FORBIDDEN, why));
    }
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("a body has at most {BYTES} bytes"));
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > BYTES) {
        return Err(too_large());
    }
    let bytes = match tokio::time::timeout(TIME, to_bytes(request.into_body(), BYTES)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(too_large()),
        Err(_) => return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
    };
    serde_json::from_slice(&bytes).map_err(|error| Problem::bad_request(format!("the body cannot be used: {error}")))
}
