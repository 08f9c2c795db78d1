//! A record that cannot be used: why, where it lies, and its bytes, for the dead letters.

use serde::{Deserialize, Serialize};

use super::Coordinates;

/// The stage that refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultStage {
    /// The bytes could not be read as the source's format.
    Decode,
    /// Correlation could not use the event (late, or a bound was reached).
    Correlate,
    /// A sink refused the alert for good.
    Deliver,
}

/// One dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Who refused.
    pub stage: FaultStage,
    /// A short stable word for counting, such as `not_json`, `too_deep`, `late`.
    pub kind: String,
    /// What is wrong, in a sentence, with the place inside the record where that is known.
    pub reason: String,
    /// Where the record lies.
    pub coordinates: Coordinates,
    /// The record's value, byte for byte; empty for a tombstone.
    pub raw: Vec<u8>,
}
