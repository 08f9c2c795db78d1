//! Other rules, or the same rules with other tables, on their way to a machine that runs. Whoever makes them leaves them here;
//! the machine takes them at a snapshot, and at no other moment (RULES S18).

use std::sync::Mutex;

use super::core::CoreSource;
use crate::rule::RuleSet;
use crate::rule::lookup::Lookups;

/// What a machine goes on with.
#[derive(Debug)]
pub struct Change {
    /// The rules, compiled with these tables.
    pub rules: RuleSet,
    /// The sources, with these tables.
    pub sources: Vec<CoreSource>,
    /// All tables that are in use then.
    pub tables: Lookups,
    /// What is new, in words for the log.
    pub what: String,
}

/// The newest change that has not been taken yet.
#[derive(Debug, Default)]
pub struct PendingChange {
    newest: Mutex<Option<Change>>,
}

impl PendingChange {
    /// Leaves a change, instead of one that nobody has taken.
    pub fn put(&self, change: Change) {
        if let Ok(mut newest) = self.newest.lock() {
            *newest = Some(change);
        }
    }

    /// Whether one is there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.newest.lock().is_ok_and(|newest| newest.is_some())
    }

    /// Takes it.
    #[must_use]
    pub fn take(&self) -> Option<Change> {
        self.newest.lock().ok()?.take()
    }
}
