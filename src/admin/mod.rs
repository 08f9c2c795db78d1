//! Layer 4: the admin endpoint: liveness, readiness and metrics over HTTP. It shows what it is given and changes nothing.
//! It has no authentication, so it listens on the loopback unless told otherwise.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::pipeline::{LatestStatus, LiveStatus};
use crate::sink::Health;
use crate::telemetry::{Metrics, clock};

/// Why the endpoint cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot listen on {address} for the admin endpoint: {reason}: choose another admin.listen, or write `off` to do without"
)]
pub struct AdminError {
    address: SocketAddr,
    reason: std::io::Error,
}

/// What it shows.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The engine.
    pub status: Arc<LiveStatus>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

/// A listening endpoint; it ends with the runtime or when it is dropped.
#[derive(Debug)]
pub struct Admin {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Admin {
    /// Listens and answers in the background.
    ///
    /// # Errors
    /// [`AdminError`] when the address is taken or not this machine's.
    pub async fn start(address: SocketAddr, shown: Shown) -> Result<Self, AdminError> {
        let fail = |reason| AdminError { address, reason };
        let listener = TcpListener::bind(address).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router(shown)).await {
                tracing::error!(%error, "the admin endpoint has ended");
            }
        });
        tracing::info!(%address, "admin endpoint listens: /livez, /readyz, /metrics");
        Ok(Self { address, task })
    }

    /// Where it listens; useful when it was told port 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn router(shown: Shown) -> Router {
    Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(shown)
}

async fn live(State(shown): State<Shown>) -> Response {
    // before the first turn the engine starts, which is no reason to kill it
    answer(shown.status.latest().and_then(|status| status.hangs(clock::now())), "")
}

async fn ready(State(shown): State<Shown>) -> Response {
    let Some(status) = shown.status.latest() else {
        return answer(Some("starting".to_owned()), "");
    };
    answer(status.not_ready(clock::now()), &details(&status))
}

fn details(status: &LatestStatus) -> String {
    let mut text = format!("partitions: {}\nalerts owed: {}\n", status.partitions, status.owed);
    for (name, health) in &status.sinks {
        let health = match health {
            Health::Starting => "nothing sent yet".to_owned(),
            Health::Up => "up".to_owned(),
            Health::Down { since_message } => format!("down, alerts are kept: {since_message}"),
        };
        text.push_str(&format!("sink {name}: {health}\n"));
    }
    text
}

fn answer(objection: Option<String>, details: &str) -> Response {
    match objection {
        None => (StatusCode::OK, format!("ok\n{details}")).into_response(),
        Some(objection) => (StatusCode::SERVICE_UNAVAILABLE, format!("{objection}\n{details}")).into_response(),
    }
}

async fn metrics(State(shown): State<Shown>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], shown.metrics.render()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_answers_and_frees_its_address() {
        let shown = Shown { status: Arc::default(), metrics: Arc::new(Metrics::new()) };
        let admin = Admin::start("127.0.0.1:0".parse().unwrap(), shown.clone()).await.unwrap();
        let taken = Admin::start(admin.address(), shown).await.unwrap_err();
        assert!(taken.to_string().contains("admin.listen"), "{taken}");
        let get = async |path: &str| {
            let answer = reqwest::get(format!("http://{}{path}", admin.address())).await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        assert_eq!(get("/livez").await.0, 200);
        assert_eq!(get("/readyz").await, (503, "starting\n".to_owned()));
        let (status, text) = get("/metrics").await;
        assert_eq!(status, 200);
        assert!(text.contains("clarion_signals_total 0"), "{text}");
        assert_eq!(get("/").await.0, 404);
    }
}
