//! A correlation that is written as a series (RULES S20): which events are in the window (t − T, t] at each multiple t of
//! `every`, and what is said of it. What is measured is in `aggregate`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::aggregate::{Aggregate, Facts};
use super::decay::{remaining, tidy};
use super::emission::Context;
use super::input::Input;
use super::window::fixed_window;
use crate::model::{AlertId, Metric, StableHasher, Timestamp};
use crate::rule::correlation::Metric as Written;
use crate::rule::decimal::Decimal;
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
    /// With a half-life: what is left of the sum at that multiple.
    decayed: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    /// When it happened; of what is counted only, the multiple that it is first part of.
    time: Timestamp,
    positions: u64,
    facts: Facts,
    /// So many events that are alike.
    count: u64,
}

impl Entry {
    fn is_like(&self, other: &Self) -> bool {
        (self.time, self.positions) == (other.time, other.positions) && self.facts == other.facts
    }
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
        let entry = |time: Timestamp| {
            let time = if counts_only(rule, written) { multiple_from(time, written).unwrap_or(time) } else { time };
            Entry { time, positions: input.positions, facts, count: 1 }
        };
        if let Some(place) = input.takes_back() {
            self.take_back(rule, &entry(place));
            return;
        }
        let entry = entry(input.time);
        self.next = self.next.or_else(|| multiple_from(input.time, written));
        self.weigh(rule, &entry, 1.0);
        self.aggregate.add(rule, input.positions, &entry.facts);
        let mut of_time = self.entries.iter_mut().rev().take_while(|known| known.time == entry.time);
        let known = if counts_only(rule, written) { of_time.find(|known| known.is_like(&entry)) } else { None };
        match known {
            Some(known) => known.count += 1,
            None => self.entries.push_back(entry),
        }
        if self.entries.len() > context.limits.entries_per_group {
            self.evict(rule);
            *context.overflow += 1;
        }
    }

    /// Takes an event out that should not have been: nothing is changed of what has been said. One that has left the window,
    /// or that was there before this series, is gone already.
    fn take_back(&mut self, rule: &CorrelationRule, end: &Entry) {
        let from = self.entries.partition_point(|entry| entry.time < end.time);
        let mut of_time = self.entries.iter().skip(from).take_while(|entry| entry.time == end.time);
        // events that are alike in all of this are alike in all that they do
        let Some(at) = of_time.position(|entry| entry.is_like(end)).map(|at| from + at) else { return };
        match self.entries.get_mut(at).filter(|entry| entry.count > 1) {
            Some(entry) => entry.count -= 1,
            None => drop(self.entries.remove(at)),
        }
        self.weigh(rule, end, -1.0);
        self.aggregate.remove(rule, end.positions, &end.facts);
        self.aggregate.newest_is(rule, self.entries.back().map(|entry| &entry.facts));
    }

    /// Adds to what is left of a sum with a half-life, or takes away, what is left of an event.
    fn weigh(&mut self, rule: &CorrelationRule, entry: &Entry, sign: f64) {
        let (Some(half_life), Some(next)) = (rule.half_life, self.next) else { return };
        let sum = entry.facts.samples().iter().fold(Decimal::default(), |sum, sample| sum.plus(*sample));
        self.decayed += sign * sum.over(1) * remaining(next.since(entry.time), half_life);
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
                let said = point(rule, written, context.group, time, value, self.aggregate.events() as u64);
                context.metrics.push((context.index, said));
            }
            self.spoken = !is_empty;
            self.decayed = match rule.half_life {
                Some(half_life) if !is_empty => self.decayed * remaining(written.every, half_life),
                _ => 0.0,
            };
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
            self.weigh(rule, &entry, -1.0);
            for _ in 0..entry.count {
                self.aggregate.remove(rule, entry.positions, &entry.facts);
            }
        }
    }

    /// Counts and sums are zero of no events; anything else has no value then.
    fn value(&self, rule: &CorrelationRule) -> Option<f64> {
        if self.entries.is_empty() && !rule.measure().is_some_and(Measure::has_zero) {
            return None;
        }
        match rule.half_life {
            Some(_) if self.entries.is_empty() => Some(0.0),
            Some(_) => Some(tidy(self.decayed)),
            None => self.aggregate.measured(rule).map(Measured::value),
        }
    }
}

/// Whether nothing but the number of events matters, and windows begin and end at multiples: then all events between two
/// multiples come and go together, and are one entry for each set of rules that they match.
fn counts_only(rule: &CorrelationRule, written: &Written) -> bool {
    matches!(rule.measure(), Some(Measure::Events | Measure::Ratio))
        && written.every.0 > 0
        && rule.timespan.0 % written.every.0 == 0
}

/// The first multiple at a time or after it.
pub(super) fn multiple_from(time: Timestamp, written: &Written) -> Option<Timestamp> {
    let before = fixed_window(time, written.every, written.offset);
    if before == time { Some(time) } else { before.0.checked_add(written.every.0).map(Timestamp) }
}

/// A value of a series.
pub(super) fn point(
    rule: &CorrelationRule,
    written: &Written,
    group: &[Option<String>],
    time: Timestamp,
    value: Option<f64>,
    samples: u64,
) -> Metric {
    let hasher = StableHasher::new("metric").part(rule.card.id.as_bytes()).part(&rule.meaning.to_le_bytes());
    let hasher = group.iter().fold(hasher, |hasher, value| match value {
        None => hasher.part(b"missing"),
        Some(value) => hasher.part(b"value").part(value.as_bytes()),
    });
    Metric {
        id: AlertId(hasher.number(time.0).finish()),
        time,
        rule: std::sync::Arc::clone(&rule.card),
        name: written.name.clone(),
        unit: written.unit.clone(),
        group: rule.group_by.iter().cloned().zip(group.iter().cloned()).collect(),
        value,
        samples,
        from: time.minus(rule.timespan),
    }
}
