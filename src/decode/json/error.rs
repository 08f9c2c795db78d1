//! Why a text is not JSON. Two words wide, because the scanner returns it everywhere.

use crate::decode::error::DecodeError;

/// What the scanner found wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) enum ScanFault {
    /// Something else than what the grammar allows here.
    Expected(&'static str),
    /// Nested deeper than this limit.
    TooDeep(usize),
}

/// What is wrong, and at which byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) struct ScanError {
    pub(in crate::decode) fault: ScanFault,
    pub(in crate::decode) at: usize,
}

impl ScanError {
    /// The error in words, with the line in which it lies.
    pub(in crate::decode) fn explain(self, text: &str) -> DecodeError {
        match self.fault {
            ScanFault::TooDeep(limit) => DecodeError::TooDeep { byte: self.at, limit },
            ScanFault::Expected(expected) if self.at >= text.len() => {
                DecodeError::Truncated { byte: text.len(), expected }
            }
            ScanFault::Expected(expected) => {
                DecodeError::NotJson { byte: self.at, line: line_of(text, self.at), expected }
            }
        }
    }
}

/// The line, counted from 1, in which a byte lies.
pub(in crate::decode) fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    memchr::memchr_iter(b'\n', before).count() + 1
}
