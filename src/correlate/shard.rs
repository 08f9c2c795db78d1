//! The keys of one shard: their buffers, groups and timers, owned by one thread at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::HashMap;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::buffer::Buffer;
use super::emission::{Context, Emission};
use super::group::{Group, Machine, order_resets};
use super::input::Input;
use super::limits::{CorrelateCounts, Limits};
use crate::model::{KeyHash, Signal, Timestamp};
use crate::rule::RuleRef;
use crate::rule::plan::Plan;

/// A hit of a rule on its way to a parent. Hits of one time are taken in the order of child rule id, then group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct HitOrder {
    pub(super) time: Timestamp,
    pub(super) child: String,
    pub(super) child_group: Vec<Option<String>>,
    /// Hits of one group in the order in which they were said.
    pub(super) said: u64,
    pub(super) parent: u32,
    pub(super) key: KeyHash,
}

/// What a parent gets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Hit {
    pub(super) group: Arc<[Option<String>]>,
    pub(super) input: Input,
}

/// What each listening correlation makes of a detection in a channel.
#[derive(Debug, Clone, Copy)]
struct Subscription {
    detection: u32,
    correlation: u32,
    positions: u64,
    resets: bool,
}

/// One shard.
#[derive(Debug)]
pub(super) struct Shard {
    plan: Arc<Plan>,
    limits: Limits,
    subscriptions: Vec<Vec<Subscription>>,
    pub(super) buffers: Vec<Buffer>,
    pub(super) hits: Vec<BTreeMap<HitOrder, Hit>>,
    pub(super) groups: Vec<HashMap<KeyHash, Group>>,
    timers: Vec<BTreeSet<(Timestamp, KeyHash)>>,
    pub(super) counts: CorrelateCounts,
}

/// An input on its way to a group.
struct Delivery {
    correlation: u32,
    key: KeyHash,
    place: Option<(Arc<[u8]>, u32)>,
    group: GroupValues,
    input: Input,
}

/// The values of a delivery's group. Most deliveries go to a group that is known, and then nobody reads them.
enum GroupValues {
    /// Of a hit.
    Known(Arc<[Option<String>]>),
    /// In this encoded signal.
    Encoded(Arc<[u8]>),
}

impl GroupValues {
    fn read(self) -> Arc<[Option<String>]> {
        match self {
            Self::Known(values) => values,
            Self::Encoded(bytes) => {
                let group = Signal::decode_head(&bytes).map(|signal| signal.group).unwrap_or_default();
                group.into_iter().map(|value| value.map(std::borrow::Cow::into_owned)).collect()
            }
        }
    }
}

impl Shard {
    pub(super) fn new(plan: &Arc<Plan>, limits: Limits) -> Self {
        let subscriptions = plan
            .channels
            .iter()
            .map(|channel| {
                let mut all = Vec::new();
                for correlation in &channel.correlations {
                    let Some(rule) = plan.rules.correlations.get(*correlation) else { continue };
                    for member in &rule.members {
                        if let RuleRef::Detection(detection) = member.rule {
                            all.push(Subscription {
                                detection: u32::try_from(detection).unwrap_or(u32::MAX),
                                correlation: u32::try_from(*correlation).unwrap_or(u32::MAX),
                                positions: member.positions,
                                resets: member.resets,
                            });
                        }
                    }
                }
                all
            })
            .collect();
        Self {
            limits,
            subscriptions,
            buffers: vec![Buffer::default(); plan.lanes.len()],
            hits: vec![BTreeMap::new(); plan.lanes.len()],
            groups: plan.rules.correlations.iter().map(|_| HashMap::default()).collect(),
            timers: plan.rules.correlations.iter().map(|_| BTreeSet::new()).collect(),
            counts: CorrelateCounts::default(),
            plan: Arc::clone(plan),
        }
    }

    /// Signals that wait.
    pub(super) fn waiting(&self) -> usize {
        self.buffers.iter().map(Buffer::len).sum()
    }

    /// Runs the correlations of one level up to their lanes' watermarks.
    pub(super) fn advance(
        &mut self,
        level: usize,
        watermarks: &[Timestamp],
        starts: &[Option<Timestamp>],
        out: &mut Vec<Emission>,
    ) {
        let plan = Arc::clone(&self.plan);
        for (lane, watermark) in watermarks.iter().enumerate() {
            if plan.lanes.get(lane).is_none_or(|lane| lane.level != level) {
                continue;
            }
            let start = starts.get(lane).copied().flatten();
            while let Some(now) = self.next_time(lane, *watermark) {
                let batch = self.collect(&plan, lane, now);
                self.deliver(&plan, batch, start, out);
            }
            for (correlation, of) in plan.lane_of.iter().enumerate() {
                if *of as usize == lane {
                    self.fire_timers(&plan, correlation, *watermark, start, out);
                }
            }
        }
    }

    /// The time of the oldest input of a lane behind the watermark.
    fn next_time(&self, lane: usize, watermark: Timestamp) -> Option<Timestamp> {
        let signal = self.buffers.get(lane).and_then(Buffer::oldest);
        let hit = self.hits.get(lane).and_then(|hits| hits.keys().next()).map(|order| order.time);
        let oldest = match (signal, hit) {
            (Some(signal), Some(hit)) => signal.min(hit),
            (one, other) => one.or(other)?,
        };
        (oldest < watermark || watermark == Timestamp::MAX).then_some(oldest)
    }

    /// All inputs of a lane of one moment: events first, then hits.
    fn collect(&mut self, plan: &Plan, lane: usize, now: Timestamp) -> Vec<Delivery> {
        let mut batch = Vec::new();
        let mut known = Repetitions::default();
        while self.buffers.get(lane).and_then(Buffer::oldest) == Some(now) {
            let Some(waiting) = self.buffers.get_mut(lane).and_then(|buffer| buffer.pop_before(Timestamp::MAX)) else {
                break;
            };
            let Ok(signal) = Signal::decode_head(&waiting.bytes) else { continue };
            // most moments hold one event only, which repeats nothing
            let is_alone = known.is_new() && self.buffers.get(lane).and_then(Buffer::oldest) != Some(now);
            if !is_alone && known.repeats(&signal) {
                self.counts.repeated += 1;
                continue;
            }
            for subscription in self.subscriptions.get(signal.channel as usize).into_iter().flatten() {
                if !signal.detections.contains(&subscription.detection) {
                    continue;
                }
                let mut events = SmallVec::new();
                events.push(Arc::clone(&waiting.bytes));
                let input = Input {
                    time: signal.time,
                    source: Some(signal.source),
                    positions: subscription.positions,
                    resets: subscription.resets,
                    events,
                    count: 1,
                    hit: None,
                };
                merge(
                    &mut batch,
                    Delivery {
                        correlation: subscription.correlation,
                        key: signal.key,
                        place: Some((Arc::clone(&waiting.bytes), signal.channel)),
                        group: GroupValues::Encoded(Arc::clone(&waiting.bytes)),
                        input,
                    },
                );
            }
        }
        let _ = plan;
        if let Some(hits) = self.hits.get_mut(lane) {
            while let Some(entry) = hits.first_entry().filter(|entry| entry.key().time == now) {
                let (order, hit) = entry.remove_entry();
                batch.push(Delivery {
                    correlation: order.parent,
                    key: order.key,
                    place: None,
                    group: GroupValues::Known(hit.group),
                    input: hit.input,
                });
            }
        }
        batch
    }

    /// Hands each group its inputs of one moment.
    fn deliver(&mut self, plan: &Plan, mut batch: Vec<Delivery>, start: Option<Timestamp>, out: &mut Vec<Emission>) {
        if batch.len() > 1 {
            // stable: the inputs of a group keep their order
            batch.sort_by_key(|delivery| (delivery.correlation, delivery.key));
        }
        let mut batch = batch.into_iter().peekable();
        while let Some(first) = batch.next() {
            let (correlation, key, group) = (first.correlation, first.key, first.group);
            let mut inputs = vec![first.input];
            let mut places = vec![first.place];
            while let Some(next) = batch.next_if(|next| next.correlation == correlation && next.key == key) {
                let same =
                    places.iter().zip(&mut inputs).find(|(place, _)| same_event(place.as_ref(), next.place.as_ref()));
                if let Some((_, input)) = same {
                    input.positions |= next.input.positions;
                    input.resets |= next.input.resets;
                } else {
                    inputs.push(next.input);
                    // only neighbours can be the same event; older places need not be searched
                    places.clear();
                    places.resize(inputs.len() - 1, None);
                    places.push(next.place);
                }
            }
            self.apply(plan, correlation, key, group, inputs, start, out);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one delivery, used once")]
    fn apply(
        &mut self,
        plan: &Plan,
        correlation: u32,
        key: KeyHash,
        group: GroupValues,
        mut inputs: Vec<Input>,
        start: Option<Timestamp>,
        out: &mut Vec<Emission>,
    ) {
        let index = correlation as usize;
        let (Some(rule), Some(groups)) = (plan.rules.correlations.get(index), self.groups.get_mut(index)) else {
            return;
        };
        if groups.len() >= self.limits.groups_per_rule && !groups.contains_key(&key) {
            self.counts.groups_refused += inputs.len() as u64;
            return;
        }
        let state = groups.entry(key).or_insert_with(|| Group {
            values: group.read(),
            machine: Machine::new(rule),
            timer: None,
        });
        order_resets(&mut inputs);
        let mut context = Context {
            rule,
            index: correlation,
            key,
            group: &state.values,
            start,
            evidence: self.limits.evidence,
            entries: self.limits.entries_per_group,
            overflow: &mut self.counts.entries_dropped,
            out,
        };
        state.machine.step(&mut context, &inputs);
        match (state.machine.deadline(rule), self.timers.get_mut(index)) {
            (Some(deadline), Some(timers)) => set_timer(timers, state, key, Some(deadline)),
            // nothing of it was of use
            _ => drop(groups.remove(&key)),
        }
    }

    fn fire_timers(
        &mut self,
        plan: &Plan,
        correlation: usize,
        watermark: Timestamp,
        start: Option<Timestamp>,
        out: &mut Vec<Emission>,
    ) {
        let Some(rule) = plan.rules.correlations.get(correlation) else { return };
        let (Some(timers), Some(groups)) = (self.timers.get_mut(correlation), self.groups.get_mut(correlation)) else {
            return;
        };
        while let Some((deadline, key)) = timers.first().copied() {
            if deadline >= watermark {
                return;
            }
            timers.pop_first();
            let Some(state) = groups.get_mut(&key) else { continue };
            if state.timer == Some(deadline) {
                state.timer = None;
            }
            let mut context = Context {
                rule,
                index: u32::try_from(correlation).unwrap_or(u32::MAX),
                key,
                group: &state.values,
                start,
                evidence: self.limits.evidence,
                entries: self.limits.entries_per_group,
                overflow: &mut self.counts.entries_dropped,
                out,
            };
            state.machine.fire(&mut context, watermark);
            if state.machine.is_idle(rule, watermark) {
                groups.remove(&key);
            } else {
                let next = state.machine.deadline(rule);
                set_timer(timers, state, key, next.map(|next| next.max(deadline)));
            }
        }
    }

    /// Sets the timers of groups that came from a snapshot.
    pub(super) fn set_timers(&mut self) {
        for ((rule, groups), timers) in self.plan.rules.correlations.iter().zip(&mut self.groups).zip(&mut self.timers)
        {
            timers.clear();
            for (key, state) in groups {
                state.timer = None;
                let deadline = state.machine.deadline(rule);
                set_timer(timers, state, *key, deadline);
            }
        }
    }
}

/// Keeps at most one useful timer a group: the earliest. A later one is found when this one fires.
fn set_timer(
    timers: &mut BTreeSet<(Timestamp, KeyHash)>,
    state: &mut Group,
    key: KeyHash,
    deadline: Option<Timestamp>,
) {
    let Some(deadline) = deadline else { return };
    if state.timer.is_none_or(|set| deadline < set) {
        timers.insert((deadline, key));
        state.timer = Some(deadline);
    }
}

/// A log coordinate: topic, partition, offset, place in the record.
type Place = (String, i32, i64, u32);

/// Events of one source with one id and one time are one event: the first in the order of the log (RULES S1b). Most
/// moments hold one event only, so the first costs no map.
#[derive(Default)]
struct Repetitions {
    first: Option<((u32, String), Place)>,
    others: HashMap<(u32, String), Place>,
}

impl Repetitions {
    /// Whether no event with an id was seen yet.
    fn is_new(&self) -> bool {
        self.first.is_none()
    }

    /// Whether an event with this one's id came from another place of the log. One event may come under several keys.
    fn repeats(&mut self, signal: &Signal<'_>) -> bool {
        let Some(id) = signal.id else { return false };
        let identity = (signal.source, id.to_owned());
        let (topic, partition, offset, sequence) = signal.place();
        let place = (topic.to_owned(), partition, offset, sequence);
        match &self.first {
            None => {
                self.first = Some((identity, place));
                false
            }
            Some((known, at)) if *known == identity => *at != place,
            Some(_) => *self.others.entry(identity).or_insert_with(|| place.clone()) != place,
        }
    }
}

/// Adds a delivery, joined with the one before it when both are one event for one group.
fn merge(batch: &mut Vec<Delivery>, delivery: Delivery) {
    let same = batch.iter_mut().rev().take_while(|known| {
        known
            .place
            .as_ref()
            .is_some_and(|place| delivery.place.as_ref().is_some_and(|other| Arc::ptr_eq(&place.0, &other.0)))
    });
    for known in same {
        if known.correlation == delivery.correlation && known.key == delivery.key {
            known.input.positions |= delivery.input.positions;
            known.input.resets |= delivery.input.resets;
            return;
        }
    }
    batch.push(delivery);
}

/// Whether two signals come from one event (under different channels).
fn same_event(one: Option<&(Arc<[u8]>, u32)>, two: Option<&(Arc<[u8]>, u32)>) -> bool {
    let (Some((one, _)), Some((two, _))) = (one, two) else { return false };
    let (Ok(one), Ok(two)) = (Signal::decode_head(one), Signal::decode_head(two)) else { return false };
    one.place() == two.place() && one.time == two.time
}
