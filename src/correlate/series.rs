//! A correlation that is written as a series (RULES S20): which events are in the window (t − T, t] at each multiple t of
//! `every`, and what is said of it. What is measured is in `aggregate`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::aggregate::{Aggregate, Facts};
use super::emission::Context;
use super::input::Input;
use super::window::fixed_window;
use crate::model::{AlertId, Metric, StableHasher, Timestamp};
use crate::rule::correlation::Metric as Written;
use crate::rule::measured::Measured;
use crate::rule::{CorrelationRule, Measure};

/// The state of one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Series {
    entries: VecDeque<Entry>,
    aggregate: Aggregate,
    /// The multiple that is looked at next; none while there is no event.
    next: Option<Timestamp>,
    /// The last value was one of events, so that it is said when they are gone.
    spoken: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    time: Timestamp,
    positions: u64,
    facts: Facts,
}

impl Series {
    /// Takes an event of the group. All events before it have been taken.
    pub(super) fn step(&mut self, context: &mut Context<'_>, input: &Input) {
        let rule = context.rule;
        let Some(written) = &rule.metric else { return };
        let Some(facts) = Facts::of(rule, input) else {
            *context.skipped += 1;
            return;
        };
        self.fire(context, input.time);
        self.aggregate.add(rule, input.positions, &facts);
        self.entries.push_back(Entry { time: input.time, positions: input.positions, facts });
        if self.entries.len() > context.limits.entries_per_group {
            self.evict(rule);
            *context.overflow += 1;
        }
        self.next = self.next.or_else(|| multiple_from(input.time, written));
    }

    /// Says the values of all multiples before `now`. Of a finite input that has ended, the last is that which its last
    /// event is part of.
    pub(super) fn fire(&mut self, context: &mut Context<'_>, now: Timestamp) {
        let rule = context.rule;
        let Some(written) = &rule.metric else { return };
        let ended = now == Timestamp::MAX;
        while let Some(time) = self.next.filter(|next| *next < now) {
            let newest = self.entries.back().map(|entry| entry.time).max(context.last);
            if ended && newest.and_then(|newest| multiple_from(newest, written)).is_none_or(|last| time > last) {
                *self = Self::default();
                return;
            }
            let from = time.minus(rule.timespan);
            while self.entries.front().is_some_and(|entry| entry.time <= from) {
                self.evict(rule);
            }
            let is_empty = self.entries.is_empty();
            if !is_empty || self.spoken {
                let value = self.value(rule);
                let said = metric(context, written, time, value, self.entries.len() as u64);
                context.metrics.push(said);
            }
            self.spoken = !is_empty;
            self.next = time.0.checked_add(written.every.0).filter(|_| !is_empty && written.every.0 > 0).map(Timestamp);
        }
    }

    /// The next moment behind which there is something to say.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.next
    }

    /// Whether there is nothing left to remember.
    pub(super) fn is_idle(&self) -> bool {
        self.next.is_none()
    }

    fn evict(&mut self, rule: &CorrelationRule) {
        if let Some(entry) = self.entries.pop_front() {
            self.aggregate.remove(rule, entry.positions, &entry.facts);
        }
    }

    /// Counts and sums are zero of no events; anything else has no value then.
    fn value(&self, rule: &CorrelationRule) -> Option<f64> {
        if self.entries.is_empty() && !rule.measure().is_some_and(Measure::has_zero) {
            return None;
        }
        self.aggregate.measured(rule).map(Measured::value)
    }
}

/// The first multiple at a time or after it.
fn multiple_from(time: Timestamp, written: &Written) -> Option<Timestamp> {
    let before = fixed_window(time, written.every, written.offset);
    if before == time { Some(time) } else { before.0.checked_add(written.every.0).map(Timestamp) }
}

fn metric(context: &Context<'_>, written: &Written, time: Timestamp, value: Option<f64>, samples: u64) -> Metric {
    let rule = context.rule;
    let hasher = StableHasher::new("metric").part(rule.card.id.as_bytes()).part(&rule.meaning.to_le_bytes());
    let hasher = context.group.iter().fold(hasher, |hasher, value| match value {
        None => hasher.part(b"missing"),
        Some(value) => hasher.part(b"value").part(value.as_bytes()),
    });
    Metric {
        id: AlertId(hasher.number(time.0).finish()),
        time,
        rule: std::sync::Arc::clone(&rule.card),
        name: written.name.clone(),
        unit: written.unit.clone(),
        group: rule.group_by.iter().cloned().zip(context.group.iter().cloned()).collect(),
        value,
        samples,
        from: time.minus(rule.timespan),
    }
}
