//! Where producers that push over HTTP push to: takes every POST, answers 200, and keeps what came byte for byte, as a
//! bridge to Kafka would.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::routing::post;

use super::ServerError;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// A receiver; it ends when it is dropped.
pub(crate) struct Receiver {
    address: SocketAddr,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Receiver {
    /// Listens on a free port of the loopback.
    ///
    /// # Errors
    /// [`ServerError::Request`] if it cannot listen.
    pub(crate) fn start() -> Result<Self, ServerError> {
        let failed =
            |error: std::io::Error| ServerError::Request { request: "listening".to_owned(), reason: error.to_string() };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(failed)?;
        let deliveries: Arc<Mutex<Vec<Delivery>>> = Arc::default();
        let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let router = Router::new().route("/{*path}", post(take)).with_state(Arc::clone(&deliveries));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, deliveries, _runtime: runtime })
    }

    /// Its address, without a path.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has come to a path, in order.
    pub(crate) fn deliveries(&self, path: &str) -> Vec<Delivery> {
        self.deliveries.lock().unwrap().iter().filter(|delivery| delivery.path == path).cloned().collect()
    }
}

async fn take(State(kept): State<Arc<Mutex<Vec<Delivery>>>>, uri: Uri, headers: HeaderMap, body: Bytes) {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    kept.lock().unwrap().push(Delivery { path: uri.path().to_owned(), headers, body: body.to_vec() });
}
