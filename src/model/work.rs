//! What a rule has cost and found since it was loaded: for those who ask which rule is the expensive one.

use std::ops::AddAssign;

/// Counts of one rule, from when it was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleWork {
    /// What it cost: events that it was tried on, because the index could not rule them out; of a correlation, matches of its
    /// rules that its groups took.
    pub looked_at: u64,
    /// Events that matched; of a correlation, times that its condition became true; of a metric, its values.
    pub matched: u64,
    /// Groups that it holds now. Of a detection none.
    pub groups: u64,
}

impl AddAssign for RuleWork {
    fn add_assign(&mut self, other: Self) {
        self.looked_at += other.looked_at;
        self.matched += other.matched;
        self.groups += other.groups;
    }
}
