//! Free loopback ports that stay free while a server is stopped: they are taken from below the range from which the kernel
//! gives ports to outgoing connections. From that range, a client that retries against a stopped server could be given
//! the server's own port, and would then be connected to itself.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use super::ServerError;

/// First port that is handed out.
const FIRST: u32 = 10_240;
/// Ports handed out before the numbers start again; they end below 32768, where Linux starts to give ports to clients.
const COUNT: u32 = 20_480;

/// A port of 127.0.0.1 on which nothing listens, different at every call of this process.
///
/// # Errors
/// [`ServerError::Program`] if none is free.
pub(crate) fn free_port() -> Result<u16, ServerError> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..COUNT {
        // Test processes that run at the same time have neighbouring ids: each starts 64 ports further.
        let step = std::process::id().wrapping_mul(64).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let Ok(port) = u16::try_from(FIRST + step % COUNT) else { continue };
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(ServerError::Program { program: "a server".to_owned(), reason: "no loopback port is free".to_owned() })
}
