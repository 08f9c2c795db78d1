//! Listens, and answers within bounds: connections, the time that a head may take, and a reader's patience. Ends with the
//! runtime or when it is dropped.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::gate::Peer;
use super::patience::Patient;
use super::routes::router;
use super::state::Shared;
use super::{ConsoleError, ConsoleParts};
use crate::telemetry::clock;

/// Connections at once; more wait.
const CONNECTIONS: usize = 256;
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// How long a reader may take nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest head of a request, in bytes.
const HEAD_BYTES: usize = 32 * 1024;

/// A listening console.
#[derive(Debug)]
pub struct Console {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Console {
    /// Listens and answers in the background.
    ///
    /// # Errors
    /// [`ConsoleError::Listen`] when the address cannot be used.
    pub async fn start(parts: ConsoleParts) -> Result<Self, ConsoleError> {
        let wanted = parts.listen;
        let fail = |reason| ConsoleError::Listen { address: wanted, reason };
        let listener = match TcpListener::bind(wanted).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse && parts.any_port => {
                TcpListener::bind(SocketAddr::new(wanted.ip(), 0)).await.map_err(fail)?
            }
            bound => bound.map_err(fail)?,
        };
        let address = listener.local_addr().map_err(fail)?;
        let shared = Arc::new(Shared::new(parts, clock::now().to_string()));
        let task = tokio::spawn(accept(listener, router(shared)));
        tracing::info!(%address, "console listens");
        Ok(Self { address, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Takes connections for ever. They end with this task.
async fn accept(listener: TcpListener, router: Router) {
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((connection, peer)) => {
                let router = router.clone().layer(Extension(Peer(peer.ip())));
                connections.spawn(async move {
                    serve(connection, router).await;
                    drop(permit);
                });
            }
            Err(error) => {
                // out of file descriptors, most likely: what helps is time
                tracing::warn!(%error, "the console cannot take a connection");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

async fn serve(connection: TcpStream, router: Router) {
    let connection = TokioIo::new(Patient::new(connection, PATIENCE));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(connection, TowerToHyperService::new(router))
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the console has ended");
    }
}
