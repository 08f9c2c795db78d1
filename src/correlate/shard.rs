//! The keys of one shard: their buffers, groups and timers, owned by one thread at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::buffer::{Buffer, Routed, in_order};
use super::delivery::{Delivered, Delivery, GroupValues, by_group, merge};
use super::emission::{Context, Emission};
use super::group::{Arriving, Group};
use super::input::Input;
use super::limits::{CorrelateCounts, Limits};
use super::repetitions::Repetitions;
use super::subscription::Subscription;
use super::watermark::Extent;
use super::window::fixed_window;
use crate::model::{KeyHash, Metric, RuleWork, Timestamp};
use crate::rule::CorrelationRule;
use crate::rule::correlation::{Expect, Window};
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

/// One shard.
#[derive(Debug)]
pub(super) struct Shard {
    /// Its number, and how many there are.
    place: (usize, usize),
    plan: Arc<Plan>,
    limits: Limits,
    subscriptions: Arc<Vec<Vec<Subscription>>>,
    pub(super) buffers: Vec<Buffer>,
    pub(super) hits: Vec<BTreeMap<HitOrder, Hit>>,
    pub(super) groups: Vec<HashMap<KeyHash, Group>>,
    timers: Vec<BTreeSet<(Timestamp, KeyHash)>>,
    /// Of each correlation: its groups that are expected by name are there.
    expecting: Vec<bool>,
    /// How far each lane was decided in the snapshot that the shard began with.
    restored: Vec<Timestamp>,
    pub(super) counts: CorrelateCounts,
    /// Of each correlation, but for its groups.
    work: Vec<RuleWork>,
    /// Values of series with the index of their rule, until the engine takes them.
    pub(super) metrics: Vec<(u32, Metric)>,
}

impl Shard {
    /// A shard without state; `place` is its number and that of all shards.
    pub(super) fn new(
        plan: &Arc<Plan>,
        limits: Limits,
        subscriptions: &Arc<Vec<Vec<Subscription>>>,
        place: (usize, usize),
    ) -> Self {
        Self {
            place,
            limits,
            subscriptions: Arc::clone(subscriptions),
            buffers: vec![Buffer::default(); plan.lanes.len()],
            hits: vec![BTreeMap::new(); plan.lanes.len()],
            groups: plan.rules.correlations.iter().map(|_| HashMap::default()).collect(),
            timers: plan.rules.correlations.iter().map(|_| BTreeSet::new()).collect(),
            expecting: vec![false; plan.rules.correlations.len()],
            restored: vec![Timestamp::MIN; plan.lanes.len()],
            counts: CorrelateCounts::default(),
            work: vec![RuleWork::default(); plan.rules.correlations.len()],
            metrics: Vec::new(),
            plan: Arc::clone(plan),
        }
    }

    /// Listens to these from now on.
    pub(super) fn subscribe(&mut self, subscriptions: &Arc<Vec<Vec<Subscription>>>) {
        self.subscriptions = Arc::clone(subscriptions);
    }

    /// Signals that wait.
    pub(super) fn waiting(&self) -> usize {
        self.buffers.iter().map(Buffer::len).sum()
    }

    /// What each correlation has cost and found, and the groups that it holds here.
    pub(super) fn work(&self) -> impl Iterator<Item = RuleWork> {
        self.work.iter().zip(&self.groups).map(|(work, groups)| RuleWork { groups: groups.len() as u64, ..*work })
    }

    /// Runs the correlations of one level up to their lanes' watermarks.
    pub(super) fn advance(
        &mut self,
        level: usize,
        watermarks: &[Timestamp],
        extents: &[Extent],
        out: &mut Vec<Emission>,
    ) {
        let plan = Arc::clone(&self.plan);
        for (lane, watermark) in watermarks.iter().enumerate() {
            if plan.lanes.get(lane).is_none_or(|lane| lane.level != level) {
                continue;
            }
            self.expect(&plan, lane, *watermark, extents);
            while let Some(now) = self.next_time(lane, *watermark) {
                for delivered in by_group(self.collect(lane, now)) {
                    let extent = extents.get(delivered.correlation as usize).copied().unwrap_or_default();
                    self.apply(&plan, delivered, extent, out);
                }
            }
            for (correlation, of) in plan.lane_of.iter().enumerate() {
                if *of as usize == lane {
                    let extent = extents.get(correlation).copied().unwrap_or_default();
                    self.fire_timers(&plan, correlation, *watermark, extent, out);
                }
            }
        }
    }

    /// Makes the groups that are expected by name (RULES S9), once the watermark has passed the window that the sources
    /// begin in: until then an earlier event may come. A name that came into the table later is expected from then on.
    fn expect(&mut self, plan: &Plan, lane: usize, watermark: Timestamp, extents: &[Extent]) {
        for (index, rule) in plan.rules.correlations.iter().enumerate() {
            let (Some(Expect::List(names)), Window::Tumbling(offset)) = (&rule.expect, rule.window) else { continue };
            let of_lane = plan.lane_of.get(index).is_some_and(|of| *of as usize == lane);
            let Some(first) = extents.get(index).and_then(|extent| extent.first).filter(|_| of_lane) else { continue };
            let mut start = fixed_window(first, rule.timespan, offset);
            // of a lane that is new as well, as far as any
            let restored = self.restored.get(lane).or(self.restored.iter().max()).copied().unwrap_or(Timestamp::MIN);
            if start.plus(rule.timespan) <= restored {
                start = fixed_window(restored, rule.timespan, offset);
            }
            if start.plus(rule.timespan) > watermark {
                continue;
            }
            let (Some(groups), Some(timers)) = (self.groups.get_mut(index), self.timers.get_mut(index)) else {
                continue;
            };
            if let Some(expecting) = self.expecting.get_mut(index)
                && std::mem::replace(expecting, true)
            {
                continue;
            }
            for name in names {
                let key = KeyHash::of_group(std::iter::once(Some(name.as_str())));
                if key.shard(self.place.1) != self.place.0 || groups.contains_key(&key) {
                    continue;
                }
                let mut group = Group::new([Some(name.clone())].into(), rule);
                group.state.expect_from(start);
                set_timer(timers, &mut group, key, Some(start));
                groups.insert(key, group);
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
    fn collect(&mut self, lane: usize, now: Timestamp) -> Vec<Delivery> {
        let mut batch = Vec::new();
        let moment = self.buffers.get_mut(lane).map(|buffer| buffer.take(now)).unwrap_or_default();
        let (mut in_time, mut late) = (Repetitions::default(), Repetitions::default());
        for Routed { route, waiting, event } in in_order(&moment) {
            // most moments hold one event only, which repeats nothing
            let known = if waiting.late { &mut late } else { &mut in_time };
            if event.is_some_and(|event| known.repeats(&event)) {
                self.counts.repeated += 1;
                continue;
            }
            for subscription in self.subscriptions.get(route.channel as usize).into_iter().flatten() {
                if subscription.early || (waiting.late && !subscription.late) || !subscription.takes(&route) {
                    continue;
                }
                let input = subscription.input(&route, &waiting.bytes);
                merge(
                    &mut batch,
                    Delivery {
                        correlation: subscription.correlation,
                        key: route.key,
                        place: Some((Arc::clone(&waiting.bytes), route.channel)),
                        group: GroupValues::Encoded(Arc::clone(&waiting.bytes)),
                        input,
                    },
                );
            }
        }
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

    /// Hands a group its inputs of one moment.
    fn apply(&mut self, plan: &Plan, delivered: Delivered, extent: Extent, out: &mut Vec<Emission>) {
        let Delivered { correlation, key, group, inputs } = delivered;
        let index = correlation as usize;
        let (Some(rule), Some(groups)) = (plan.rules.correlations.get(index), self.groups.get_mut(index)) else {
            return;
        };
        if groups.len() >= self.limits.groups_per_rule && !groups.contains_key(&key) {
            self.counts.groups_refused += inputs.len() as u64;
            return;
        }
        let state = groups.entry(key).or_insert_with(|| Group::new(group.read(), rule));
        let (taken, said_before) = (inputs.len(), (out.len(), self.metrics.len()));
        let said = (&mut self.counts, &mut self.metrics, &mut *out);
        let mut context = context(rule, (correlation, key), &state.values, extent, self.limits, said);
        self.counts.repeated += state.state.take(&mut context, inputs);
        note(&mut self.work, index, taken, said_before, (out, &self.metrics));
        match (state.state.deadline(rule, self.limits.retention), self.timers.get_mut(index)) {
            (Some(deadline), Some(timers)) => set_timer(timers, state, key, Some(deadline)),
            // nothing of it was of use
            _ => drop(groups.remove(&key)),
        }
    }

    /// Hands a group what comes out of order.
    pub(super) fn receive(
        &mut self,
        correlation: u32,
        key: KeyHash,
        arriving: (GroupValues, Arriving),
        now: (Timestamp, Extent),
        out: &mut Vec<Emission>,
    ) {
        let plan = Arc::clone(&self.plan);
        let index = correlation as usize;
        let (Some(rule), Some(groups)) = (plan.rules.correlations.get(index), self.groups.get_mut(index)) else {
            return;
        };
        let ((group, arriving), (watermark, extent)) = (arriving, now);
        let known = groups.contains_key(&key);
        if !known && arriving.inputs.is_empty() {
            return;
        }
        if !known && groups.len() >= self.limits.groups_per_rule {
            self.counts.groups_refused += arriving.inputs.len() as u64;
            return;
        }
        let state = groups.entry(key).or_insert_with(|| Group::new(group.read(), rule));
        let (taken, said_before) = (arriving.inputs.len(), (out.len(), self.metrics.len()));
        let said = (&mut self.counts, &mut self.metrics, &mut *out);
        let mut context = context(rule, (correlation, key), &state.values, extent, self.limits, said);
        let arrived = state.state.receive(&mut context, arriving, watermark);
        note(&mut self.work, index, taken, said_before, (out, &self.metrics));
        self.counts.late += arrived.late;
        self.counts.repeated += arrived.repeated;
        match (state.state.deadline(rule, self.limits.retention), self.timers.get_mut(index)) {
            (Some(deadline), Some(timers)) => set_timer(timers, state, key, Some(deadline)),
            _ => drop(groups.remove(&key)),
        }
    }

    /// Decides what lies behind the watermark in the groups of one correlation.
    pub(super) fn fire_timers(
        &mut self,
        plan: &Plan,
        correlation: usize,
        watermark: Timestamp,
        extent: Extent,
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
            let index = u32::try_from(correlation).unwrap_or(u32::MAX);
            let said_before = (out.len(), self.metrics.len());
            let said = (&mut self.counts, &mut self.metrics, &mut *out);
            let mut context = context(rule, (index, key), &state.values, extent, self.limits, said);
            state.state.fire(&mut context, watermark);
            note(&mut self.work, correlation, 0, said_before, (out, &self.metrics));
            if state.state.is_idle(rule, watermark) {
                groups.remove(&key);
            } else {
                // all before the watermark is decided: a group is looked at once
                let next = state.state.deadline(rule, self.limits.retention);
                set_timer(timers, state, key, next.map(|next| next.max(watermark)));
            }
        }
    }

    /// Sets the timers of groups that came from a snapshot.
    pub(super) fn set_timers(&mut self, done: &[Timestamp]) {
        self.restored = done.to_vec();
        for ((rule, groups), timers) in self.plan.rules.correlations.iter().zip(&mut self.groups).zip(&mut self.timers)
        {
            timers.clear();
            for (key, state) in groups {
                state.timer = None;
                let deadline = state.state.deadline(rule, self.limits.retention);
                set_timer(timers, state, *key, deadline);
            }
        }
    }
}

/// Notes what a group took and what it has said since there were so many statements and values.
fn note(
    work: &mut [RuleWork],
    correlation: usize,
    taken: usize,
    (statements, values): (usize, usize),
    (out, metrics): (&[Emission], &[(u32, Metric)]),
) {
    let Some(work) = work.get_mut(correlation) else { return };
    let first = |emission: &&Emission| emission.revision == 1;
    work.looked_at += taken as u64;
    work.matched += out.get(statements..).unwrap_or_default().iter().filter(first).count() as u64;
    work.matched += metrics.len().saturating_sub(values) as u64;
}

/// What a group knows while it runs.
fn context<'a>(
    rule: &'a CorrelationRule,
    (index, key): (u32, KeyHash),
    group: &'a Arc<[Option<String>]>,
    extent: Extent,
    limits: Limits,
    (counts, metrics, out): (&'a mut CorrelateCounts, &'a mut Vec<(u32, Metric)>, &'a mut Vec<Emission>),
) -> Context<'a> {
    let (overflow, skipped) = (&mut counts.entries_dropped, &mut counts.values_skipped);
    Context { rule, index, key, group, start: extent.first, last: extent.last, limits, overflow, skipped, out, metrics }
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
