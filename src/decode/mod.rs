//! Decode: the bytes of a record become events, projected to the fields that somebody reads.
//!
//! ```text
//! bytes ─▶ gzip? ─▶ UTF-8 ─▶ envelope? ─▶ batch? ─▶ walk along the plan's trie ─▶ Row + EventMeta, or a Fault
//! ```
//!
//! One pass over the text validates it, fills the row and skips what nobody reads (property 5); no JSON tree is built.
//! What is read of a format is compiled into a `Plan` when the rules load. A producer's native names are mapped to
//! canonical ones by its table in `producer`. Nothing in here knows rules or time: the same bytes give the same events.

mod canonical;
mod canonical_json;
mod context;
mod decoder;
mod elements;
mod enrich;
mod envelope;
mod error;
mod format;
mod json;
mod plain;
mod plan;
mod producer;
mod reading;
mod settings;
mod shape;

pub use canonical::CANONICAL_FIELDS;
pub use decoder::Decoder;
pub use enrich::Enrichment;
pub use format::{Format, UnknownFormat, known_logsources};
pub use settings::DecoderSettings;
