//! What a group's state machine says: an alert, a later revision of it, or only a hit for the rules above.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::input::{HitFacts, Input};
use super::limits::Limits;
use super::order::event_order;
use super::renumber::{Renumber, Renumbering};
use crate::model::{
    Absence, Alert, AlertId, AlertStatus, KeyHash, Metric, Signal, SignalRoute, StableHasher, Timestamp,
};
use crate::rule::correlation::Compared;
use crate::rule::evidence::evidence;
use crate::rule::number::Number;
use crate::rule::predicate::Comparison;
use crate::rule::{CorrelationRule, Logic, RuleSet};

/// One statement of a group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Emission {
    /// Index of the correlation.
    pub(super) rule: u32,
    /// The group.
    pub(super) key: KeyHash,
    /// Its values.
    pub(super) group: Arc<[Option<String>]>,
    /// Identity of the alert.
    pub(super) id: AlertId,
    /// Counts from 1.
    pub(super) revision: u64,
    /// Open, closed, retracted.
    pub(super) status: AlertStatus,
    /// Alert time.
    pub(super) time: Timestamp,
    /// When this is said, in event time: alerts and their ends are taken in this order.
    pub(super) at: Timestamp,
    /// Base events, at most the newest 64.
    pub(super) events: Vec<Arc<[u8]>>,
    /// All of them.
    pub(super) count: u64,
    /// Time of the first.
    pub(super) first_seen: Timestamp,
    /// Time of the last.
    pub(super) last_seen: Timestamp,
    /// The measure.
    pub(super) value: Option<f64>,
    /// What was missing, and from when to when.
    pub(super) absence: Option<Absence>,
    /// Not warm yet.
    pub(super) cold_start: bool,
    /// Of a retraction.
    pub(super) cause: Option<String>,
    /// What it is to the rules above.
    #[serde(skip)]
    pub(super) handed: Handed,
    /// It is for the rules above only.
    #[serde(skip)]
    pub(super) silent: bool,
}

/// What an emission is to the rules above (RULES S13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Handed {
    /// Nothing: a count that changed, an episode that ended.
    #[default]
    Nothing,
    /// A hit.
    Hit,
    /// The end of a hit that should not have been.
    Removal,
}

/// The anchor of an alert (RULES S11).
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor<'a> {
    /// The event that made the condition true.
    Event(&'a Input),
    /// The start of the window.
    Window(Timestamp),
}

/// The inputs behind an emission, in event order.
#[derive(Debug, Clone)]
pub(super) struct Behind<I> {
    pub(super) inputs: I,
    /// Number of base events; those behind several hits count for each.
    pub(super) count: u64,
    /// There are hits among them.
    pub(super) chained: bool,
}

impl<'i, I: Iterator<Item = &'i Input> + Clone> Behind<I> {
    /// Goes through all of them.
    pub(super) fn all(inputs: I) -> Self {
        let count = inputs.clone().map(|input| input.count).sum();
        let chained = inputs.clone().any(|input| input.hit.is_some());
        Self { inputs, count, chained }
    }
}

/// What a group knows while it runs.
pub(super) struct Context<'a> {
    pub(super) rule: &'a CorrelationRule,
    pub(super) index: u32,
    pub(super) key: KeyHash,
    pub(super) group: &'a Arc<[Option<String>]>,
    /// First event time of the rule's sources (RULES S14).
    pub(super) start: Option<Timestamp>,
    /// Their last one.
    pub(super) last: Option<Timestamp>,
    pub(super) limits: Limits,
    /// Entries dropped because of a bound.
    pub(super) overflow: &'a mut u64,
    /// Events left out because they lack what is measured.
    pub(super) skipped: &'a mut u64,
    pub(super) out: &'a mut Vec<Emission>,
    /// Values of series, each with the index of its rule.
    pub(super) metrics: &'a mut Vec<(u32, Metric)>,
}

/// Where goes what has been counted and said already.
#[derive(Default)]
pub(super) struct Ignored {
    overflow: u64,
    skipped: u64,
    metrics: Vec<(u32, Metric)>,
}

impl Context<'_> {
    /// An emission over these inputs.
    pub(super) fn emission<'i>(
        &self,
        anchor: Anchor<'_>,
        time: Timestamp,
        behind: Behind<impl DoubleEndedIterator<Item = &'i Input> + Clone>,
        value: Option<f64>,
        absence: Option<Absence>,
    ) -> Emission {
        let hasher =
            StableHasher::new("alert").part(self.rule.card.id.as_bytes()).part(&self.rule.meaning.to_le_bytes());
        let hasher = self.group.iter().fold(hasher, |hasher, value| match value {
            None => hasher.part(b"missing"),
            Some(value) => hasher.part(b"value").part(value.as_bytes()),
        });
        let id = match anchor {
            Anchor::Event(input) => input.anchor(hasher.part(b"event")),
            Anchor::Window(start) => hasher.part(b"window").number(start.0),
        };
        let Behind { inputs, count, chained } = behind;
        let (events, shared) = newest_events(inputs.clone(), chained, self.limits.evidence);
        let needed = if absence.is_some() { Some(self.rule.timespan) } else { self.rule.learns_for() };
        let cold_start = needed.is_some_and(|needed| self.start.is_some_and(|start| time.since(start) < needed));
        Emission {
            rule: self.index,
            key: self.key,
            group: Arc::clone(self.group),
            id: AlertId(id.finish()),
            revision: 1,
            status: AlertStatus::Open,
            time,
            at: time,
            first_seen: inputs.clone().next().map_or(time, Input::first_time),
            last_seen: inputs.clone().next_back().map_or(time, |input| input.time),
            events,
            count: count.saturating_sub(shared),
            value,
            absence,
            cold_start,
            cause: None,
            handed: Handed::Hit,
            silent: false,
        }
    }

    /// The same group, with emissions and counts written elsewhere: for what has been said already.
    pub(super) fn aside<'b>(&'b self, ignored: &'b mut Ignored, out: &'b mut Vec<Emission>) -> Context<'b> {
        let Ignored { overflow, skipped, metrics } = ignored;
        Context { overflow, skipped, out, metrics, ..*self }
    }
}

impl Input {
    /// Time of its first base event.
    fn first_time(&self) -> Timestamp {
        self.events
            .first()
            .and_then(|bytes| SignalRoute::of(bytes).ok())
            .map_or(self.time, |signal| signal.time.min(self.time))
    }
}

/// The newest base events behind the inputs, oldest first, each once; and how many stood behind more than one input.
fn newest_events<'i>(
    inputs: impl DoubleEndedIterator<Item = &'i Input> + Clone,
    chained: bool,
    most: usize,
) -> (Vec<Arc<[u8]>>, u64) {
    if !chained {
        let mut events: Vec<Arc<[u8]>> =
            inputs.rev().take(most).flat_map(|input| input.events.iter().cloned()).collect();
        events.reverse();
        return (events, 0);
    }
    let mut all: Vec<Arc<[u8]>> = inputs.flat_map(|input| input.events.iter().cloned()).collect();
    all.sort_by(|one, two| event_order(one).cmp(&event_order(two)));
    let before = all.len();
    all.dedup_by(|one, two| event_order(one) == event_order(two));
    let shared = (before - all.len()) as u64;
    (all.split_off(all.len().saturating_sub(most)), shared)
}

impl Emission {
    /// The episode is over: its last revision.
    pub(super) fn closed(self, at: Timestamp) -> Self {
        Self { revision: self.revision + 1, status: AlertStatus::Closed, at, handed: Handed::Nothing, ..self }
    }

    /// Group values by name.
    pub(super) fn named_group(&self, rule: &CorrelationRule) -> Vec<(String, Option<String>)> {
        rule.group_by.iter().cloned().zip(self.group.iter().cloned()).collect()
    }

    /// The hit that the rules above see.
    pub(super) fn hit(&self, rule: &CorrelationRule, said: u64) -> Input {
        Input {
            time: self.time,
            source: None,
            positions: 0,
            resets: false,
            events: self.events.iter().cloned().collect::<SmallVec<_>>(),
            count: self.count,
            hit: Some(Arc::new(HitFacts {
                id: self.id,
                group: self.named_group(rule),
                child: rule.card.id.clone(),
                said,
                alert: None,
            })),
        }
    }

    /// The alert.
    pub(super) fn alert(&self, rules: &RuleSet) -> Option<Alert> {
        let rule = rules.correlations.get(self.rule as usize)?;
        let decoded = self.events.iter().filter_map(|bytes| Signal::decode(bytes).ok());
        Some(Alert {
            id: self.id,
            revision: self.revision,
            status: self.status,
            time: self.time,
            rule: Arc::clone(&rule.card),
            group: self.named_group(rule),
            count: self.count,
            suppressed: 0,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            value: self.value,
            threshold: threshold(rule),
            absence: self.absence.clone(),
            cold_start: self.cold_start,
            evidence: decoded.map(|signal| evidence(&signal, rules)).collect(),
            cause: self.cause.clone(),
        })
    }
}

/// What the value was held against, in words.
fn threshold(rule: &CorrelationRule) -> Option<String> {
    let Logic::Threshold(_, all) = &rule.logic else { return None };
    let words = all
        .iter()
        .map(|(comparison, number): &(Comparison, Number)| format!("{} {}", comparison.symbol(), number.canonical()));
    let mut words = words.collect::<Vec<_>>().join(" and ");
    if let Some(baseline) = &rule.baseline {
        words.push_str(match baseline.compared {
            Compared::Ratio => " times the usual",
            Compared::Delta => " above the usual",
            Compared::ZScore => " standard deviations above the usual",
            Compared::MedianDeviation => " robust deviations above the usual",
        });
    }
    Some(words)
}

impl Renumber for Emission {
    fn renumber(&mut self, with: &Renumbering) {
        self.rule = Renumbering::of(&with.correlations, self.rule).unwrap_or(u32::MAX);
        self.events.renumber(with);
    }
}
