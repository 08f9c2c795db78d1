//! Why a record, or one event of it, cannot be read. Becomes a [`Fault`] at the door of the stage.

use crate::model::{Coordinates, Fault, FaultStage};

/// What is wrong with a record or with one event of a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum DecodeError {
    #[error("the record has no value (a tombstone): nothing to decode")]
    Tombstone,
    #[error("the record is not UTF-8 text: the first bad byte is at {byte}")]
    NotUtf8 { byte: usize },
    #[error("not JSON at byte {byte} (line {line}): expected {expected}")]
    NotJson { byte: usize, line: usize, expected: &'static str },
    #[error("the JSON text ends at byte {byte} where {expected} was expected: it is cut off")]
    Truncated { byte: usize, expected: &'static str },
    #[error("nested deeper than {limit} levels at byte {byte}")]
    TooDeep { byte: usize, limit: usize },
    #[error("{bytes} bytes, more than the limit of {limit}: raise `max_bytes` of the source if this is normal for it")]
    TooLarge { bytes: usize, limit: usize },
    #[error("the key `{key}` is twice in one object, at byte {byte} (line {line}): which one counts is undecidable")]
    DuplicateKey { key: String, byte: usize, line: usize },
    #[error("not {expected}: {problem}")]
    WrongSchema { expected: &'static str, problem: String },
    #[error("unknown event `{event}` of {producer}: known are {known}")]
    UnknownEvent { producer: &'static str, event: String, known: String },
    #[error("the gzip body cannot be inflated: {problem}")]
    BadGzip { problem: String },
    #[error("the CloudEvent's `data_base64` is not base64: {problem}")]
    BadBase64 { problem: String },
    #[error("envelopes nested more than {limit} deep")]
    TooManyEnvelopes { limit: u8 },
}

impl DecodeError {
    /// The stable word that dead letters are counted by.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Tombstone => "tombstone",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::NotJson { .. } => "not_json",
            Self::Truncated { .. } => "truncated",
            Self::TooDeep { .. } => "too_deep",
            Self::TooLarge { .. } => "too_large",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::WrongSchema { .. } => "wrong_schema",
            Self::UnknownEvent { .. } => "unknown_event",
            Self::BadGzip { .. } => "bad_gzip",
            Self::BadBase64 { .. } => "bad_base64",
            Self::TooManyEnvelopes { .. } => "too_many_envelopes",
        }
    }

    /// The dead letter. `raw` is the record's value, or the one event of a batch that cannot be read.
    pub(super) fn into_fault(self, coordinates: Coordinates, raw: &[u8]) -> Fault {
        Fault {
            stage: FaultStage::Decode,
            kind: self.kind().to_owned(),
            reason: self.to_string(),
            coordinates,
            raw: raw.to_vec(),
        }
    }
}
