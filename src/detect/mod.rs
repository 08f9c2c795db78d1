//! Detect: which rules an event matches, and under which group keys correlation must hear of it. No state, no clock:
//! instances of it run side by side.

mod key;
mod output;
mod route;
mod time;

use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

pub use output::{Detected, DetectCounts};
pub use time::{ArrivalClock, resolve_time};

use crate::model::{Alert, AlertId, AlertStatus, LogSource, Row, Scalar, Signal, Slot, StableHasher, TimeSource, Timestamp};
use crate::rule::DetectionRule;
use crate::rule::evidence::evidence;
use crate::rule::plan::Plan;
use route::Routes;

/// Where and when an event happened: what a signal carries beside the fields.
#[derive(Debug, Clone, Copy)]
pub struct EventContext<'a> {
    /// Index of the source.
    pub source: u32,
    /// Topic or file.
    pub topic: &'a str,
    /// Partition.
    pub partition: i32,
    /// Offset or line.
    pub offset: i64,
    /// Index within the record.
    pub sequence: u32,
    /// Event time.
    pub time: Timestamp,
    /// Where it came from.
    pub time_source: TimeSource,
    /// Producer's id.
    pub id: Option<&'a str>,
}

/// The detect stage over one plan.
#[derive(Debug)]
pub struct Detector {
    plan: Arc<Plan>,
    routes: Routes,
    matched: Vec<u32>,
    channels: Vec<u32>,
}

impl Detector {
    /// A detector. With `any_logsource` every rule is tried on every event.
    #[must_use]
    pub fn new(plan: Arc<Plan>, any_logsource: bool) -> Self {
        Self { routes: Routes::new(&plan.rules, any_logsource), plan, matched: Vec::new(), channels: Vec::new() }
    }

    /// Tries the rules on an event and appends its signals and its detection alerts to `out`.
    pub fn detect(&mut self, row: &Row<'_>, logsource: &LogSource<'_>, context: &EventContext<'_>, out: &mut Detected) {
        let plan = Arc::clone(&self.plan);
        let candidates = self.routes.of(&plan.rules, logsource);
        self.matched.clear();
        self.channels.clear();
        for index in candidates.iter().copied() {
            let Some(rule) = plan.rules.detections.get(index as usize) else { continue };
            if rule.predicate.matches(row) {
                self.matched.push(index);
                if rule.alerts {
                    out.alerts.push(alert(&plan, index, rule, row, context));
                }
                for channel in plan.channels_of.get(index as usize).into_iter().flatten() {
                    if !self.channels.contains(channel) {
                        self.channels.push(*channel);
                    }
                }
            }
        }
        out.counts.matched += u64::from(!self.matched.is_empty());
        for channel in &self.channels {
            self.send(&plan, *channel, row, context, out);
        }
    }

    /// One signal for each distinct key of the event in a channel.
    fn send(&self, plan: &Plan, index: u32, row: &Row<'_>, context: &EventContext<'_>, out: &mut Detected) {
        let Some(channel) = plan.channels.get(index as usize) else { return };
        let mut by_key: SmallVec<[(&[Slot], SmallVec<[u32; 4]>); 2]> = SmallVec::new();
        for detection in &self.matched {
            let Some((_, slots)) = channel.keys.iter().find(|(known, _)| *known == *detection as usize) else { continue };
            match by_key.iter_mut().find(|(known, _)| *known == slots.as_slice()) {
                Some((_, detections)) => detections.push(*detection),
                None => by_key.push((slots, smallvec![*detection])),
            }
        }
        for (slots, detections) in by_key {
            let keys = key::keys(row, slots, channel.missing_key_groups, &mut out.counts);
            for (hash, group) in keys {
                let mut fields = SmallVec::new();
                for detection in &detections {
                    shown(plan, *detection, row, &mut fields);
                }
                let signal = Signal {
                    source: context.source,
                    time: context.time,
                    time_source: context.time_source,
                    topic: context.topic,
                    partition: context.partition,
                    offset: context.offset,
                    sequence: context.sequence,
                    id: context.id,
                    key: hash,
                    group,
                    channel: index,
                    detections: detections.clone(),
                    fields,
                };
                out.push(&signal);
            }
        }
    }
}

/// Adds the fields that evidence of a detection shows.
fn shown<'r>(plan: &Plan, detection: u32, row: &'r Row<'_>, fields: &mut SmallVec<[(Slot, SmallVec<[Scalar<'r>; 1]>); 4]>) {
    let Some(rule) = plan.rules.detections.get(detection as usize) else { return };
    for slot in &rule.shown {
        if row.is_present(*slot) && !fields.iter().any(|(known, _)| known == slot) {
            let values: SmallVec<[Scalar<'r>; 1]> = row.values(*slot).map(borrow).collect();
            if !values.is_empty() {
                fields.push((*slot, values));
            }
        }
    }
}

fn borrow<'r>(scalar: &'r Scalar<'_>) -> Scalar<'r> {
    match scalar {
        Scalar::Null => Scalar::Null,
        Scalar::Bool(value) => Scalar::Bool(*value),
        Scalar::Number(text) => Scalar::Number(text),
        Scalar::Text(text) => Scalar::Text(std::borrow::Cow::Borrowed(text)),
    }
}

/// The alert of a detection that nobody refers to: one per event, on arrival (RULES S3).
fn alert(plan: &Plan, index: u32, rule: &DetectionRule, row: &Row<'_>, context: &EventContext<'_>) -> Alert {
    let mut fields = SmallVec::new();
    shown(plan, index, row, &mut fields);
    let signal = Signal {
        source: context.source,
        time: context.time,
        time_source: context.time_source,
        topic: context.topic,
        partition: context.partition,
        offset: context.offset,
        sequence: context.sequence,
        id: context.id,
        key: crate::model::KeyHash(0),
        group: SmallVec::new(),
        channel: 0,
        detections: smallvec![index],
        fields,
    };
    let (card, meaning) = (Arc::clone(&rule.card), rule.meaning);
    let hasher = StableHasher::new("alert").part(card.id.as_bytes()).part(&meaning.to_le_bytes());
    Alert {
        id: AlertId(signal.anchor(hasher).finish()),
        revision: 1,
        status: AlertStatus::Open,
        time: context.time,
        rule: card,
        group: Vec::new(),
        count: 1,
        suppressed: 0,
        first_seen: context.time,
        last_seen: context.time,
        value: None,
        threshold: None,
        absence: None,
        cold_start: false,
        evidence: vec![evidence(&signal, &plan.rules)],
        cause: None,
    }
}
