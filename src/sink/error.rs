//! Why a sink does not start. A destination that cannot be reached is no reason: alerts wait for it.

use std::path::PathBuf;

use super::{ConfigFault, SecretError};

/// What must be put right before a sink can start.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigFault),
    /// A credential cannot be read.
    #[error("sink {sink}: {source}")]
    Secret {
        /// Name of the sink.
        sink: String,
        /// Which one and why.
        source: SecretError,
    },
    /// A file cannot be used: the certificate authority's, or the one to write to.
    #[error("sink {sink}: {path} cannot be used: {reason}")]
    File {
        /// Name of the sink.
        sink: String,
        /// The file.
        path: PathBuf,
        /// What the system or the TLS library said.
        reason: String,
    },
    /// The network client cannot be made.
    #[error("sink {sink}: no client for {address}: {reason}")]
    Client {
        /// Name of the sink.
        sink: String,
        /// Where to.
        address: String,
        /// What the library said.
        reason: String,
    },
    /// The destination answered, and refused the credentials or their rights.
    #[error("sink {sink}: {said}; check the credentials and their privileges (docs/sinks.md)")]
    Refused {
        /// Name of the sink.
        sink: String,
        /// What the destination said.
        said: String,
    },
    /// The token cannot acknowledge.
    #[error(
        "sink {sink}: the token has no indexer acknowledgement ({said}): enable it for the token, or set `ack: none` and \
         accept that events may be lost inside Splunk"
    )]
    NoAcknowledgement {
        /// Name of the sink.
        sink: String,
        /// What the destination said.
        said: String,
    },
    /// The index template was refused.
    #[error("sink {sink}: the index template was refused: {said}")]
    Template {
        /// Name of the sink.
        sink: String,
        /// What the destination said.
        said: String,
    },
}
