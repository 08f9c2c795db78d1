//! What the core counts: totals, and the share of each source.

use crate::correlate::CorrelateCounts;
use crate::detect::DetectCounts;

/// What the core has counted, over all sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CoreCounts {
    /// Records taken.
    pub records: u64,
    /// Events that decoding made of them.
    pub events: u64,
    /// Records or members of batches that could not be used.
    pub faults: u64,
    /// Events too far in the future.
    pub skewed: u64,
    /// Detect's counters.
    pub detect: DetectCounts,
    /// Correlate's counters.
    pub correlate: CorrelateCounts,
}

/// What the core has counted of one source since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceCounts {
    /// Records taken.
    pub records: u64,
    /// Events that decoding made of them.
    pub events: u64,
    /// Events too far in the future, which got their time of arrival.
    pub skewed: u64,
    /// Events that came behind a watermark.
    pub late: u64,
}
