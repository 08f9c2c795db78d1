//! What can go wrong with a test server: each message says what failed, where, and what to do or look at.

use std::fmt::{Debug, Formatter};
use std::path::PathBuf;
use std::time::Duration;

/// Why a server could not be started, stopped or asked.
#[derive(thiserror::Error)]
pub(crate) enum ServerError {
    /// The server is not on this machine yet.
    #[error("{server} is not installed: {missing} is missing; run tests/servers/install and tests/validators/install")]
    NotInstalled {
        /// Name of the server.
        server: &'static str,
        /// The path that was looked for.
        missing: PathBuf,
    },
    /// A file or folder of the server could not be read, written or made.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The reason of the operating system.
        source: std::io::Error,
    },
    /// A program could not be run, or did not end well.
    #[error("cannot run {program}: {reason}")]
    Program {
        /// The program and what it was for.
        program: String,
        /// What it or the operating system said.
        reason: String,
    },
    /// The server did not become ready.
    #[error("{server} did not start within {waited:?}: {reason}; the end of its log ({log}) is:\n{log_tail}")]
    NotReady {
        /// Name of the server.
        server: &'static str,
        /// How long it had.
        waited: Duration,
        /// What the last attempt to talk to it said, or how it ended.
        reason: String,
        /// The log file; it is kept only when `CLARION_KEEP_SERVERS` is set.
        log: PathBuf,
        /// The last lines of the log file.
        log_tail: String,
    },
    /// A request to a running server failed.
    #[error("{request} failed: {reason}")]
    Request {
        /// Method and address, or the operation for servers that do not speak HTTP.
        request: String,
        /// Status and body, or the reason of the transport.
        reason: String,
    },
    /// Something that a test waited for did not happen in time.
    #[error("waited {waited:?} in vain for {awaited}; last seen: {last}")]
    TimedOut {
        /// What was waited for.
        awaited: String,
        /// How long.
        waited: Duration,
        /// What was there at the last look.
        last: String,
    },
}

/// The same as the message: it is what a test that returns its error prints, and a log is unreadable in one line.
impl Debug for ServerError {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{self}")
    }
}
