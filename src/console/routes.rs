//! Every address of the console.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, delete, get, post};

use super::gate::guard;
use super::problem::Problem;
use super::state::Shared;
use super::{alerts, assets, exceptions, openapi, overview, rules, session, status, stream};

/// Method, address and handler of everything under `/api`.
pub(super) fn api() -> Vec<(&'static str, &'static str, MethodRouter<Arc<Shared>>)> {
    vec![
        ("get", "/api/v1/openapi.json", get(openapi::get)),
        ("get", "/api/v1/session", get(session::get)),
        ("post", "/api/v1/session", post(session::post)),
        ("delete", "/api/v1/session", delete(session::delete)),
        ("get", "/api/v1/status", get(status::get)),
        ("get", "/api/v1/dead-letters", get(status::dead_letters)),
        ("get", "/api/v1/alerts", get(alerts::list)),
        ("get", "/api/v1/alerts.csv", get(alerts::table)),
        ("get", "/api/v1/alerts/{id}", get(alerts::one)),
        ("post", "/api/v1/alerts/{id}/life", post(alerts::life)),
        ("get", "/api/v1/facets", get(alerts::facets)),
        ("get", "/api/v1/stream", get(stream::get)),
        ("get", "/api/v1/overview", get(overview::get)),
        ("get", "/api/v1/exceptions", get(exceptions::list)),
        ("post", "/api/v1/exceptions", post(exceptions::write)),
        ("delete", "/api/v1/exceptions/{id}", delete(exceptions::end)),
        ("get", "/api/v1/rules", get(rules::list)),
        ("get", "/api/v1/rules/{id}", get(rules::one)),
    ]
}

/// The router, with what stands before everything.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    let mut router = Router::new();
    for (_, path, handler) in api() {
        router = router.route(path, handler);
    }
    for path in assets::paths() {
        router = router.route(path, get(move || async move { assets::get(path).ok_or_else(nothing) }));
    }
    router
        .fallback(|| async { nothing() })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take this method").into_response()
        })
        .layer(from_fn_with_state(Arc::clone(&shared), guard))
        .with_state(shared)
}

fn nothing() -> Response {
    Problem::not_found("there is nothing at this address").into_response()
}
