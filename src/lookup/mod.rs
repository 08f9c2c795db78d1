//! Layer 3: lookup tables that change while the program runs. Each is watched where it comes from (a file, an address, a
//! compacted topic) by a task of its own, which says when there is another version or when it cannot be read. What becomes of
//! a version is decided elsewhere: a table that cannot be read stays as it is.

mod http;
mod topic_rows;
mod watch;

#[cfg(test)]
mod http_tests;

pub use watch::{Update, Watchers};

/// Why a table cannot be read now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Nobody answers, or somebody who cannot now: tried again soon.
    #[error("{0}")]
    Unreachable(String),
    /// What is there cannot be used: somebody has to put it right.
    #[error("{0}")]
    Unusable(String),
    /// Some rows cannot be used; the others are.
    #[error("{0}")]
    Rows(String),
}

/// Why a table cannot even be asked for.
#[derive(Debug, thiserror::Error)]
#[error("the lookup table at {address} cannot be asked for: {reason}")]
pub struct SetupError {
    /// Where it is.
    pub address: String,
    /// What is wrong.
    pub reason: String,
}
