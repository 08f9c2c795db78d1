//! How a source's records are to be decoded.

use crate::model::LogSource;

use super::{Enrichment, Format};

/// Settings of one source's decoder.
#[derive(Debug, Clone)]
pub struct DecoderSettings {
    /// What the bytes are.
    pub format: Format,
    /// Fields that hold the event's time, first choice first. Empty: `@timestamp`, `timestamp`, `time`, `ts`,
    /// `event.created` for plain JSON, and the producer's own for the other formats, before which configured ones come.
    pub time_fields: Vec<String>,
    /// Fields of plain JSON that hold the event's id, first choice first.
    pub id_fields: Vec<String>,
    /// The log that plain events belong to which do not say so themselves.
    pub logsource: LogSource<'static>,
    /// Tables that events are joined with, one after the other.
    pub enrich: Vec<Enrichment>,
    /// Largest record, before and after inflating, in bytes.
    pub max_bytes: usize,
    /// Deepest nesting of arrays and objects; more than 512 counts as 512.
    pub max_depth: usize,
}

impl Default for DecoderSettings {
    fn default() -> Self {
        Self {
            format: Format::Auto,
            time_fields: Vec::new(),
            id_fields: vec!["event.id".to_owned(), "id".to_owned()],
            logsource: LogSource::default(),
            enrich: Vec::new(),
            max_bytes: 8 * 1024 * 1024,
            max_depth: 128,
        }
    }
}

/// Where plain JSON keeps its time unless the source is configured otherwise.
pub(super) const DEFAULT_TIME_FIELDS: [&str; 5] = ["@timestamp", "timestamp", "time", "ts", "event.created"];

/// Depth beyond which the walk's recursion would need more stack than a thread may have.
const DEEPEST: usize = 512;

impl DecoderSettings {
    /// The depth limit that holds.
    pub(super) fn depth(&self) -> usize {
        self.max_depth.min(DEEPEST)
    }
}
