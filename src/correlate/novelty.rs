//! Values that a group has not had for a while (RULES S16, `unseen-for`): when each was last seen, whether or not it
//! counted.

use std::collections::BTreeSet;

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::aggregate::Facts;
use crate::model::{Span, Timestamp};

/// When each value was last seen.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Novelty {
    last: HashMap<u128, Timestamp>,
    /// The same, oldest first.
    order: BTreeSet<(Timestamp, u128)>,
}

impl Novelty {
    /// Notes an event's values, and gives those that are new: never seen, or last seen more than `unseen_for` ago.
    pub(super) fn admit(
        &mut self,
        now: Timestamp,
        facts: &Facts,
        unseen_for: Span,
        most: usize,
        dropped: &mut u64,
    ) -> Option<Facts> {
        self.forget(now, unseen_for);
        let mut new = smallvec::SmallVec::new();
        for tuple in facts.tuples() {
            match self.last.insert(*tuple, now) {
                None => new.push(*tuple),
                Some(before) => drop(self.order.remove(&(before, *tuple))),
            }
            self.order.insert((now, *tuple));
        }
        while self.last.len() > most {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            self.last.remove(&oldest);
            *dropped += 1;
        }
        (!new.is_empty()).then_some(Facts::Tuples(new))
    }

    /// Forgets what would be new again at `now`.
    pub(super) fn forget(&mut self, now: Timestamp, unseen_for: Span) {
        let horizon = now.minus(unseen_for);
        while let Some((last, tuple)) = self.order.first().copied().filter(|(last, _)| *last < horizon) {
            self.order.remove(&(last, tuple));
            self.last.remove(&tuple);
        }
    }

    /// When nothing of it matters any more.
    pub(super) fn deadline(&self, unseen_for: Span) -> Option<Timestamp> {
        self.order.last().map(|(newest, _)| newest.plus(unseen_for))
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}
