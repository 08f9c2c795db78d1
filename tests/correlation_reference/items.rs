//! What one group of one rule sees, and what is said of it.

use super::spec::Rule;

/// An event or a hit in a group, in the order of RULES S3.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    /// Nanoseconds.
    pub(crate) time: i64,
    /// Positions in `rules` that it matches.
    pub(crate) positions: Vec<usize>,
    /// It is named by `reset-on`.
    pub(crate) resets: bool,
    /// Indices of the base events, ascending in event order.
    pub(crate) base: Vec<usize>,
    /// For `value_count`: its distinct tuples.
    pub(crate) tuples: Vec<Vec<String>>,
    /// For the numeric types: its numbers, in quarters.
    pub(crate) quarters: Vec<i64>,
}

impl Item {
    /// Whether it matches one of these positions.
    pub(crate) fn is_any(&self, positions: &[usize]) -> bool {
        self.positions.iter().any(|position| positions.contains(position))
    }
}

/// How an episode ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Closing {
    /// When that was known.
    pub(crate) at: i64,
    /// Number of events at its end.
    pub(crate) count: usize,
    /// Time of its last event.
    pub(crate) last_seen: i64,
}

/// An alert of a group, before suppression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raised {
    /// Alert time in nanoseconds.
    pub(crate) time: i64,
    /// When it is said; later than `time` only where an earlier judgement was open.
    pub(crate) at: i64,
    /// Base events.
    pub(crate) base: Vec<usize>,
    /// Time of the last contributing item.
    pub(crate) last_seen: i64,
    /// An absence is part of it.
    pub(crate) absence: bool,
    /// The end of the episode.
    pub(crate) closing: Option<Closing>,
}

impl Raised {
    /// An alert over these items.
    pub(crate) fn over(time: i64, items: &[&Item], absence: bool) -> Self {
        let base = union(items.iter().map(|item| item.base.as_slice()));
        Self {
            time,
            at: time,
            base,
            last_seen: items.iter().map(|item| item.time).max().unwrap_or(time),
            absence,
            closing: None,
        }
    }
}

/// Base events, each once, in event order. Indices of events are in event order.
pub(crate) fn union<'a>(bases: impl Iterator<Item = &'a [usize]>) -> Vec<usize> {
    let mut all: Vec<usize> = bases.flatten().copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The timespan in nanoseconds.
pub(crate) fn span(rule: &Rule) -> i64 {
    rule.timespan * super::stream::SECOND
}
