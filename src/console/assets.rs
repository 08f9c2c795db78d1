//! The page: files that are part of the program.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

/// Address, content type and text of each file.
const ASSETS: [(&str, &str, &str); 1] =
    [("/", "text/html; charset=utf-8", include_str!("page/index.html"))];

/// The addresses of all files.
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    ASSETS.iter().map(|(path, _, _)| *path)
}

/// The file at an address.
pub(super) fn get(path: &str) -> Option<Response> {
    let (_, kind, text) = ASSETS.iter().find(|(known, _, _)| *known == path)?;
    Some(([(CONTENT_TYPE, *kind)], *text).into_response())
}
