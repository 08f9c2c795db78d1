//! Detect: which rules an event matches, and under which group keys correlation must hear of it. No state, no clock:
//! instances of it run side by side.

mod anchor;
mod ask;
mod atom;
mod candidates;
mod edge;
mod formula;
mod grams;
mod index;
mod key;
mod output;
mod regex_literals;
mod route;
mod search;
mod time;
mod values;
mod whole;

use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

pub use output::{DetectCounts, Detected};
pub use time::{ArrivalClock, resolve_time};

use crate::model::{
    Alert, AlertStatus, LogSource, Row, RuleWork, Scalar, Signal, SignalHead, SignalWriter, Slot, TimeSource, Timestamp,
};
use crate::rule::evidence::{detection_alert_id, evidence};
use crate::rule::plan::Plan;
use crate::rule::{DetectionRule, FilterRule};
use index::Index;
use route::Routes;
use search::Found;

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
    index: Index,
    memory: Memory,
    filtered: Vec<u64>,
    /// Of each detection, in the order of the rules.
    work: Vec<RuleWork>,
}

/// Memory that is used again for every event.
#[derive(Debug, Default)]
struct Memory {
    found: Found,
    matched: Vec<u32>,
    channels: Vec<u32>,
    /// What all signals of the event begin with, encoded.
    head: Vec<u8>,
    shown: ShownFields,
}

/// The fields that evidence shows, encoded, of the detections that they were last encoded for: most signals of an event are
/// of the same.
#[derive(Debug, Default)]
struct ShownFields {
    detections: SmallVec<[u32; 4]>,
    bytes: Vec<u8>,
}

/// Up to this many rules are tried one after the other; more are looked for in the index.
const FEW_RULES: usize = 2;

impl Detector {
    /// A detector. With `any_logsource` every rule is tried on every event.
    #[must_use]
    pub fn new(plan: Arc<Plan>, any_logsource: bool) -> Self {
        let index = Index::new(plan.rules.detections.iter().map(|rule| &rule.predicate));
        Self {
            routes: Routes::new(&plan.rules, any_logsource, &index),
            index,
            filtered: vec![0; plan.rules.filters.len()],
            work: vec![RuleWork::default(); plan.rules.detections.len()],
            plan,
            memory: Memory::default(),
        }
    }

    /// The filters of the rules.
    #[must_use]
    pub fn filters(&self) -> &[FilterRule] {
        &self.plan.rules.filters
    }

    /// Matches that each filter has taken back, in the order of [`Detector::filters`]. A match that several filters take
    /// back is counted for each.
    #[must_use]
    pub fn filtered(&self) -> &[u64] {
        &self.filtered
    }

    /// What each detection has cost and found, in the order of the rules.
    #[must_use]
    pub fn work(&self) -> &[RuleWork] {
        &self.work
    }

    /// Tries the rules on an event and appends its signals and its detection alerts to `out`.
    pub fn detect(&mut self, row: &Row<'_>, logsource: &LogSource<'_>, context: &EventContext<'_>, out: &mut Detected) {
        let (plan, memory) = (&*self.plan, &mut self.memory);
        let (route, scope) = self.routes.of(&plan.rules, logsource, &self.index);
        memory.matched.clear();
        if route.rules.len() <= FEW_RULES {
            count(&mut self.work, &route.rules, |work| work.looked_at += 1);
            memory.matched.extend(route.rules.iter().copied().filter(|rule| matches(plan, *rule, row)));
        } else {
            self.index.find(scope, &route.mask, row, &mut memory.found);
            memory.matched.extend_from_slice(memory.found.candidates.sorted());
            count(&mut self.work, &memory.matched, |work| work.looked_at += 1);
            memory.matched.retain(|rule| self.index.matches(*rule, scope, &mut memory.found, row));
        }
        if !plan.rules.filters.is_empty() {
            let filtered = &mut self.filtered;
            memory.matched.retain(|rule| !is_excepted(plan, *rule, row, context.time, filtered, &mut out.counts));
        }
        if memory.matched.is_empty() {
            return;
        }
        out.counts.matched += 1;
        count(&mut self.work, &memory.matched, |work| work.matched += 1);
        memory.channels.clear();
        for index in memory.matched.iter().copied() {
            let Some(rule) = plan.rules.detections.get(index as usize) else { continue };
            if rule.alerts {
                out.alerts.push(alert(plan, index, rule, row, context));
            }
            for channel in plan.channels_of.get(index as usize).into_iter().flatten() {
                if !memory.channels.contains(channel) {
                    memory.channels.push(*channel);
                }
            }
        }
        if memory.channels.is_empty() {
            return;
        }
        memory.head.clear();
        context.head().encode(&mut memory.head);
        memory.shown.detections.clear();
        for channel in &memory.channels {
            send(plan, *channel, (&memory.matched, &memory.head), &mut memory.shown, row, out);
        }
    }
}

fn count(work: &mut [RuleWork], rules: &[u32], add: impl Fn(&mut RuleWork)) {
    for rule in rules {
        if let Some(work) = work.get_mut(*rule as usize) {
            add(work);
        }
    }
}

fn matches(plan: &Plan, rule: u32, row: &Row<'_>) -> bool {
    plan.rules.detections.get(rule as usize).is_some_and(|rule| rule.predicate.matches(row))
}

/// Whether a filter takes the match back (RULES S18); counts it for every filter that does.
fn is_excepted(
    plan: &Plan,
    rule: u32,
    row: &Row<'_>,
    time: Timestamp,
    filtered: &mut [u64],
    counts: &mut DetectCounts,
) -> bool {
    let filters = plan.rules.detections.get(rule as usize).map_or(&[][..], |rule| &rule.filters);
    let mut excepted = false;
    for index in filters {
        if plan.rules.filters.get(*index).is_some_and(|filter| filter.suppresses(row, time)) {
            excepted = true;
            if let Some(count) = filtered.get_mut(*index) {
                *count += 1;
            }
        }
    }
    counts.filtered += u64::from(excepted);
    excepted
}

impl<'a> EventContext<'a> {
    fn head(&self) -> SignalHead<'a> {
        SignalHead {
            source: self.source,
            time: self.time,
            time_source: self.time_source,
            topic: self.topic,
            partition: self.partition,
            offset: self.offset,
            sequence: self.sequence,
            id: self.id,
        }
    }
}

/// One signal for each distinct key of the event in a channel.
fn send(
    plan: &Plan,
    index: u32,
    (matched, head): (&[u32], &[u8]),
    fields: &mut ShownFields,
    row: &Row<'_>,
    out: &mut Detected,
) {
    let Some(channel) = plan.channels.get(index as usize) else { return };
    let mut by_key: SmallVec<[(&[Slot], SmallVec<[u32; 4]>); 2]> = SmallVec::new();
    for detection in matched {
        let Some((_, slots)) = channel.keys.iter().find(|(known, _)| *known == *detection as usize) else {
            continue;
        };
        match by_key.iter_mut().find(|(known, _)| *known == slots.as_slice()) {
            Some((_, detections)) => detections.push(*detection),
            None => by_key.push((slots, smallvec![*detection])),
        }
    }
    for (slots, detections) in by_key {
        for (hash, group) in key::keys(row, slots, channel.missing_key_groups, &mut out.counts) {
            let shown = fields.of(plan, &detections, row);
            out.push(hash, index, |bytes| {
                bytes.extend_from_slice(head);
                let mut writer = SignalWriter(bytes);
                writer.key(hash, group.iter().map(Option::as_deref));
                writer.detections(index, &detections);
                bytes.extend_from_slice(shown);
            });
        }
    }
}

impl ShownFields {
    /// Those of these detections, which are not empty.
    fn of(&mut self, plan: &Plan, detections: &[u32], row: &Row<'_>) -> &[u8] {
        if self.detections.as_slice() != detections {
            self.detections = SmallVec::from_slice(detections);
            self.bytes.clear();
            let mut writer = SignalWriter(&mut self.bytes);
            writer.count(shown_fields(plan, detections, row).count());
            for slot in shown_fields(plan, detections, row) {
                writer.field(slot, row.values(slot).count(), row.values(slot));
            }
        }
        &self.bytes
    }
}

/// The fields with values that evidence of these detections shows, each once.
fn shown_fields<'p>(plan: &'p Plan, detections: &'p [u32], row: &'p Row<'_>) -> impl Iterator<Item = Slot> + 'p {
    let shown = |detection: &u32| plan.rules.detections.get(*detection as usize).map_or(&[][..], |rule| &rule.shown);
    detections.iter().enumerate().flat_map(move |(place, detection)| {
        let earlier = detections.get(..place).unwrap_or_default();
        let is_new = move |slot: &Slot| !earlier.iter().any(|other| shown(other).binary_search(slot).is_ok());
        shown(detection).iter().copied().filter(move |slot| row.first(*slot).is_some() && is_new(slot))
    })
}

/// Adds the fields that evidence of a detection shows.
fn shown<'r>(plan: &Plan, detection: u32, row: &'r Row<'_>, fields: &mut Vec<(Slot, SmallVec<[Scalar<'r>; 1]>)>) {
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
    let mut fields = Vec::new();
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
    Alert {
        id: detection_alert_id(rule, &signal),
        revision: 1,
        status: AlertStatus::Open,
        time: context.time,
        rule: Arc::clone(&rule.card),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;
    use crate::rule::load_texts;
    use crate::rule::plan::SourceSpec;

    const RULES: &str = "
title: One
name: one
logsource: {category: c}
detection: {s: {kind: [x, y]}, condition: s}
fields: [a, b]
---
title: Two
name: two
logsource: {category: c}
detection: {s: {kind: [y, z]}, condition: s}
fields: [b, c]
---
title: First, by a
correlation: {type: event_count, rules: [one], group-by: [a], timespan: 1h, condition: {gte: 2}}
---
title: Both, by b
correlation: {type: event_count, rules: [one, two], group-by: [b], timespan: 1h, condition: {gte: 2}}
---
title: Second, by c
correlation: {type: event_count, rules: [two], group-by: [c], timespan: 1h, condition: {gte: 2}}
---
title: First, by c
correlation: {type: event_count, rules: [one], group-by: [c], timespan: 1h, condition: {gte: 2}}
";

    /// [`shown`], which the alerts of detections use, is the slow twin of what is encoded once for several signals.
    #[test]
    fn every_signal_shows_the_fields_of_its_own_detections() {
        let set = load_texts(vec![("rules.yml".into(), RULES.to_owned())]).set.unwrap();
        let spec = SourceSpec { name: "s".to_owned(), lateness: Span::seconds(1), logsources: Vec::new() };
        let plan = Arc::new(Plan::new(Arc::new(set), vec![spec]));
        let mut detector = Detector::new(Arc::clone(&plan), true);
        let slot = |name: &str| plan.rules.fields.find(name).unwrap();
        let mut signals = 0;
        for kinds in [&["x"][..], &["y"], &["z"], &["x", "z"]] {
            let mut row = Row::new(plan.rules.fields.len());
            kinds.iter().for_each(|kind| row.push(slot("kind"), 0, Scalar::Text((*kind).into())));
            for (name, value) in [("a", "1"), ("b", "2"), ("b", "3"), ("c", "4")] {
                row.push(slot(name), 0, Scalar::Text(value.into()));
            }
            let context = EventContext {
                source: 0,
                topic: "t",
                partition: 0,
                offset: 1,
                sequence: 0,
                time: Timestamp(1),
                time_source: TimeSource::Event,
                id: None,
            };
            let mut out = Detected::default();
            detector.detect(&row, &LogSource::default(), &context, &mut out);
            for (_, _, bytes) in out.signals() {
                let signal = Signal::decode(bytes).unwrap();
                let mut fields = Vec::new();
                signal.detections.iter().for_each(|detection| shown(&plan, *detection, &row, &mut fields));
                assert_eq!(signal.fields, fields, "{kinds:?}, {:?}", signal.detections);
                signals += 1;
            }
        }
        // by a, twice by b, which has two values, by c; what only the second matches is not grouped by a
        assert_eq!(signals, 4 + 4 + 3 + 4);
    }
}
