//! What a source delivered: bytes and where they lie in the log.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Where a record lies in the log. Ordered as RULES S3 orders events of equal time: topic, partition, offset, and the
/// place within a record that holds several events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Coordinates {
    /// Topic name, or the file's name.
    pub topic: Arc<str>,
    /// Kafka partition; 0 for a file.
    pub partition: i32,
    /// Kafka offset, or the line number counted from 1.
    pub offset: i64,
    /// Index of the event within its record; 0 unless the record is a batch.
    pub sequence: u32,
}

impl fmt::Display for Coordinates {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}[{}]@{}", self.topic, self.partition, self.offset)?;
        if self.sequence > 0 { write!(out, "#{}", self.sequence) } else { Ok(()) }
    }
}

/// A header of a Kafka record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// Header name; CloudEvents attributes are `ce_…`.
    pub name: &'a str,
    /// Header value, usually UTF-8.
    pub value: &'a [u8],
}

/// One record of a source, borrowed from the buffer that it arrived in.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Topic or file name.
    pub topic: &'a Arc<str>,
    /// Partition; 0 for a file.
    pub partition: i32,
    /// Offset, or line number from 1.
    pub offset: i64,
    /// The time that the broker or the producer's client stamped on it, if any.
    pub timestamp: Option<Timestamp>,
    /// Record headers; empty for files.
    pub headers: &'a [Header<'a>],
    /// The value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
}

impl Record<'_> {
    /// The record's own coordinates (`sequence` 0).
    #[must_use]
    pub fn coordinates(&self) -> Coordinates {
        Coordinates { topic: Arc::clone(self.topic), partition: self.partition, offset: self.offset, sequence: 0 }
    }

    /// The value of the header of that name, if it is UTF-8. Names compare without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    }
}
