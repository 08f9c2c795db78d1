//! Why the history cannot be used.

use std::path::PathBuf;

/// What the history refuses.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The folder or file cannot be opened.
    #[error("the console's history {path} cannot be opened: {reason}: choose another console.store, or free it")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system or the database said.
        reason: String,
    },
    /// The database refused.
    #[error("the console's history: {0}")]
    Database(Box<redb::Error>),
    /// What is stored cannot be read.
    #[error("the console's history holds an entry that cannot be read: {0}")]
    Entry(String),
}

impl<E: Into<redb::Error>> From<E> for HistoryError {
    fn from(error: E) -> Self {
        Self::Database(Box::new(error.into()))
    }
}
