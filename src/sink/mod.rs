//! Where alerts go. Every sink takes documents through a bounded queue and answers each with exactly one receipt, when the
//! destination has it for good or has refused it for good. Until then a sink retries, forever, and the full queue behind it
//! is the back-pressure: nothing is dropped (property 2). The same revision delivered twice overwrites itself.
//!
//! | folder | destination |
//! |---|---|
//! | `elasticsearch` | Elasticsearch 8, 9 and OpenSearch 2, through the official client |
//! | `splunk_hec` | Splunk's HTTP event collector, with or without indexer acknowledgement |
//! | `file`, `stdout` | JSON lines |
//! | `deliver` | what they share: batches, order, retries, adapting concurrency |
//!
//! Configuration is there without the `live` feature too, so that a configuration can be checked where nothing is sent.

mod elasticsearch;
mod file;
mod format;
#[cfg(feature = "live")]
pub mod kafka;
mod secret_source;
mod settings;
mod splunk_hec;
mod stdout;

mod config;
#[cfg(feature = "live")]
mod deliver;
#[cfg(feature = "live")]
mod document;
#[cfg(feature = "live")]
mod error;
#[cfg(feature = "live")]
mod handle;
#[cfg(feature = "live")]
mod local;
#[cfg(test)]
#[cfg(feature = "live")]
mod scripted_http;
#[cfg(feature = "live")]
mod trusted;

pub use config::{ConfigFault, SinkConfig, collision};
pub use elasticsearch::{ElasticsearchAuth, ElasticsearchConfig};
pub use file::FileConfig;
pub use format::DocumentFormat;
pub use secret_source::{SecretError, SecretSource};
pub use settings::{BatchSettings, ByteSize, RetrySettings, Timespan, TlsSettings};
pub use splunk_hec::{Acknowledgement, SplunkHecConfig};
pub use stdout::StdoutConfig;

#[cfg(feature = "live")]
pub use document::{Content, Document, Health, Outcome, Outgoing, Receipt};
#[cfg(feature = "live")]
pub use error::SinkError;
#[cfg(feature = "live")]
pub use handle::{SinkHandle, start};
#[cfg(feature = "live")]
pub use local::{LocalDocuments, LocalReceipts, local};
#[cfg(feature = "live")]
pub(crate) use trusted::TrustedClient;
