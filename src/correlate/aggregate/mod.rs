//! The measure of a window, kept up to date as events enter and leave it (RULES S9). No operation costs more in a larger
//! window than a step down a tree; `slow` measures the same by going through all events, and a test holds the two together.

mod facts;
mod ranked;
#[cfg(test)]
mod slow;

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

pub(super) use facts::Facts;
use ranked::Ranked;

use super::window::bits;
use crate::rule::decimal::Decimal;
use crate::rule::measured::Measured;
use crate::rule::{CorrelationRule, Logic, Measure};

/// The aggregates of a window. Which of them are kept depends on the measure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Aggregate {
    /// Events.
    events: usize,
    /// How often each distinct tuple is there.
    distinct: HashMap<u128, u32>,
    /// How often each position of `rules` is there.
    positions: Vec<u32>,
    /// Numbers.
    samples: u64,
    /// Their exact sum.
    sum: Decimal,
    /// Their order.
    ranked: Ranked,
    /// The newest of them; events leave in the order in which they came.
    last: Option<Decimal>,
}

impl Aggregate {
    /// Whether there is no event.
    pub(super) fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// How many events there are.
    pub(super) fn events(&self) -> usize {
        self.events
    }

    /// Adds an event.
    pub(super) fn add(&mut self, rule: &CorrelationRule, positions: u64, facts: &Facts) {
        self.events += 1;
        for position in bits(positions) {
            if self.positions.len() <= position {
                self.positions.resize(position + 1, 0);
            }
            if let Some(count) = self.positions.get_mut(position) {
                *count += 1;
            }
        }
        for tuple in facts.tuples() {
            *self.distinct.entry(*tuple).or_insert(0) += 1;
        }
        for sample in facts.samples() {
            self.samples += 1;
            match rule.measure() {
                Some(Measure::Percentile(_, percent)) => self.ranked.insert(*sample, *percent),
                Some(Measure::Last(_)) => self.last = Some(*sample),
                _ => self.sum = self.sum.plus(*sample),
            }
        }
    }

    /// Takes an event away that was added with the same facts.
    pub(super) fn remove(&mut self, rule: &CorrelationRule, positions: u64, facts: &Facts) {
        self.events = self.events.saturating_sub(1);
        for position in bits(positions) {
            if let Some(count) = self.positions.get_mut(position) {
                *count = count.saturating_sub(1);
            }
        }
        for tuple in facts.tuples() {
            if let Some(count) = self.distinct.get_mut(tuple) {
                *count -= 1;
                if *count == 0 {
                    self.distinct.remove(tuple);
                }
            }
        }
        for sample in facts.samples() {
            self.samples = self.samples.saturating_sub(1);
            match rule.measure() {
                Some(Measure::Percentile(_, percent)) => self.ranked.remove(*sample, *percent),
                Some(Measure::Last(_)) => self.last = self.last.filter(|_| self.samples > 0),
                _ => self.sum = self.sum.minus(*sample),
            }
        }
    }

    /// After an event was taken from among the others: this is the newest that is left.
    pub(super) fn newest_is(&mut self, rule: &CorrelationRule, facts: Option<&Facts>) {
        if let Some(Measure::Last(_)) = rule.measure() {
            self.last = facts.and_then(|facts| facts.samples().last()).copied();
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The measure; `None` where it is undefined, because there are too few events for it.
    pub(super) fn measured(&self, rule: &CorrelationRule) -> Option<Measured> {
        let enough = |count: u64| count > 0 && (rule.baseline.is_some() || count >= rule.min_count);
        match rule.measure()? {
            Measure::Events => Some(Measured::count(self.events)),
            Measure::Distinct(_) => Some(Measured::count(self.distinct.len())),
            Measure::Rules => Some(Measured::count(self.positions.iter().filter(|count| **count > 0).count())),
            Measure::Sum(_) => Some(Measured::Exact(self.sum, 1)),
            Measure::Average(_) => enough(self.samples).then_some(Measured::Exact(self.sum, self.samples)),
            Measure::Percentile(_, percent) => enough(self.samples).then(|| self.ranked.percentile(*percent)).flatten(),
            Measure::Last(_) => self.last.map(|last| Measured::Exact(last, 1)),
            Measure::Ratio => {
                let of = |position: usize| u64::from(self.positions.get(position).copied().unwrap_or(0));
                enough(of(1)).then(|| Measured::Exact(Decimal::whole(of(0)), of(1)))
            }
        }
    }

    /// Whether there are as many events as a rule with a baseline wants.
    pub(super) fn has_enough(&self, rule: &CorrelationRule) -> bool {
        self.events as u64 >= rule.min_count
    }

    /// Whether events of all rules of an alternative are there.
    pub(super) fn presents(&self, rule: &CorrelationRule) -> bool {
        let Logic::Present(alternatives) = &rule.logic else { return false };
        let present = |position: &usize| self.positions.get(*position).is_some_and(|count| *count > 0);
        alternatives.iter().any(|one| one.positives.iter().all(present))
    }
}
