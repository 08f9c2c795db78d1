//! The engine: takes the log of signals and progress, runs the levels of rules behind their watermarks, and gives alerts.
//!
//! Each level is run by all shards, then its hits are sent to the shards of the rules above under their own keys, then
//! the next level runs. A rule is therefore judged only when everything that it reads is known, and the result does not
//! depend on the number of shards, on batching, or on the order of arrival within the lateness.

use std::sync::Arc;

use super::arrival::{Arrival, Arrivals};
use super::buffer::Waiting;
use super::emission::Emission;
use super::limits::{CorrelateCounts, Limits};
use super::shard::Shard;
use super::subscription::{Listeners, Subscription, subscriptions};
use super::suppress::Suppressor;
use super::told::ToldAlerts;
use super::watermark::{Extent, Progress};
use crate::model::{Alert, AlertStatus, KeyHash, Metric, RuleWork, SignalRoute, Span, Timestamp};
use crate::rule::CorrelationRule;
use crate::rule::correlation::ColdStart;
use crate::rule::plan::Plan;

/// Below this many waiting signals threads cost more than they give.
const WORTH_THREADS: usize = 512;

/// A signal that came behind its rule's watermark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Its event time.
    pub time: Timestamp,
    /// The watermark that it missed.
    pub watermark: Timestamp,
}

/// The correlate stage over one plan.
#[derive(Debug)]
pub struct Engine {
    pub(super) plan: Arc<Plan>,
    pub(super) limits: Limits,
    pub(super) progress: Progress,
    pub(super) shards: Vec<Shard>,
    pub(super) suppressor: Suppressor,
    pub(super) counts: CorrelateCounts,
    /// What was told of alerts that may still be taken back.
    pub(super) told: ToldAlerts,
    /// Matches of alert events that each filter has taken back.
    pub(super) filtered: Vec<u64>,
    /// Numbers the hits that were handed up.
    pub(super) said: u64,
    /// How far each lane has been decided.
    pub(super) done: Vec<Timestamp>,
    /// Signals out of order, in the order of arrival.
    pub(super) arrivals: Vec<Arrival>,
    pub(super) subscriptions: Arc<Vec<Vec<Subscription>>>,
    /// Values of series that nobody has taken yet.
    pub(super) metrics: Vec<Metric>,
    /// From where on each correlation has seen events: it may be newer than the state.
    pub(super) since: Vec<Timestamp>,
    /// Of each channel.
    listeners: Vec<Listeners>,
}

impl Engine {
    /// An engine without state.
    #[must_use]
    pub fn new(plan: Arc<Plan>, limits: Limits, shards: usize) -> Self {
        let mut progress = Progress::default();
        progress.wait_for(&plan.lanes);
        let since = vec![Timestamp::MIN; plan.rules.correlations.len()];
        let subscriptions = Arc::new(subscriptions(&plan, &since));
        Self {
            shards: (0..shards.max(1))
                .map(|own| Shard::new(&plan, limits, &subscriptions, (own, shards.max(1))))
                .collect(),
            listeners: subscriptions.iter().map(|of| Listeners::of(of)).collect(),
            subscriptions,
            since,
            done: Vec::new(),
            arrivals: Vec::new(),
            metrics: Vec::new(),
            told: ToldAlerts::default(),
            filtered: vec![0; plan.rules.filters.len()],
            plan,
            limits,
            progress,
            suppressor: Suppressor::default(),
            counts: CorrelateCounts::default(),
            said: 0,
        }
    }

    /// How far the partitions have come; records are noted here, in the order of the log.
    pub fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    /// The plan that it runs.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Matches of alert events that each filter has taken back, in the order of the filters.
    #[must_use]
    pub fn filtered(&self) -> &[u64] {
        &self.filtered
    }

    /// The bounds that it keeps to.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What each correlation has cost and found, in the order of the rules.
    #[must_use]
    pub fn work(&self) -> Vec<RuleWork> {
        let mut all = vec![RuleWork::default(); self.plan.rules.correlations.len()];
        for shard in &self.shards {
            all.iter_mut().zip(shard.work()).for_each(|(all, own)| *all += own);
        }
        all
    }

    /// Over how many shards its state is spread.
    #[must_use]
    pub fn shards(&self) -> usize {
        self.shards.len()
    }

    /// The watermark of each lane.
    pub fn watermarks(&mut self) -> Vec<Timestamp> {
        let plan = Arc::clone(&self.plan);
        plan.lanes.iter().enumerate().map(|(index, lane)| self.progress.watermark(index, lane)).collect()
    }

    /// Signals that wait for their watermark.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shards.iter().map(Shard::waiting).sum()
    }

    /// What has been counted.
    #[must_use]
    pub fn counts(&self) -> CorrelateCounts {
        let mut counts = self.counts;
        self.shards.iter().for_each(|shard| counts.add(&shard.counts));
        counts
    }

    /// Takes a signal, encoded as [`Signal::encode`](crate::model::Signal::encode) does. Its record's time has been noted in [`Self::progress`].
    ///
    /// # Errors
    /// [`Late`] when its lane's watermark has passed its time and no rule takes it even so; it is counted and not used.
    pub fn push(&mut self, key: KeyHash, channel: u32, time: Timestamp, bytes: &[u8]) -> Result<(), Late> {
        let plan = Arc::clone(&self.plan);
        let Some(lane_index) = plan.channels.get(channel as usize).map(|channel| channel.lane as usize) else {
            return Ok(());
        };
        let Some(lane) = plan.lanes.get(lane_index) else { return Ok(()) };
        let watermark = self.progress.watermark(lane_index, lane);
        let listeners = self.listeners.get(channel as usize).copied().unwrap_or_default();
        let late = time < watermark;
        if late {
            let taken = listeners.late && time >= watermark.minus(self.limits.retention);
            self.counts.late += u64::from(listeners.dropping || !taken);
            if !taken {
                return Err(Late { time, watermark });
            }
            self.counts.late_taken += 1;
        }
        self.counts.signals += 1;
        let bytes: Arc<[u8]> = Arc::from(bytes);
        let mark = if watermark == Timestamp::MAX { watermark } else { watermark.minus(lane.hold_back) };
        let arrives = if late { time < mark } else { listeners.early };
        if arrives {
            let marks = self.arrival_marks();
            self.arrivals.push(Arrival { marks, late, bytes: Arc::clone(&bytes) });
        }
        let waits = if late { time >= mark } else { listeners.waiting };
        if waits {
            let shard = key.shard(self.shards.len());
            if let Some(buffer) = self.shards.get_mut(shard).and_then(|shard| shard.buffers.get_mut(lane_index)) {
                buffer.push(time, Waiting { bytes, late });
            }
        }
        Ok(())
    }

    /// The marks as of now, shared with the arrival before when they are the same.
    fn arrival_marks(&mut self) -> Arc<[Timestamp]> {
        let marks = self.marks();
        match self.arrivals.last() {
            Some(before) if *before.marks == *marks => Arc::clone(&before.marks),
            _ => marks.into(),
        }
    }

    /// Runs everything that lies behind the watermarks. Alerts come in the order of time, rule id and group.
    pub fn advance(&mut self) -> Vec<Alert> {
        self.relieve();
        let mut alerts = Vec::new();
        self.receive_all(&mut alerts);
        let marks = self.marks();
        self.run(&marks, &mut alerts);
        self.counts.alerts += alerts.iter().filter(|alert| alert.revision == 1).count() as u64;
        self.counts.retracted += alerts.iter().filter(|alert| alert.status == AlertStatus::Retracted).count() as u64;
        alerts.sort_by(alert_order);
        alerts
    }

    /// The values of series that [`Self::advance`] and [`Self::finish`] have come by since they were last taken, in the order
    /// of time, rule id and group. No snapshot holds them: whoever makes one takes them before.
    pub fn take_metrics(&mut self) -> Vec<Metric> {
        let mut metrics = std::mem::take(&mut self.metrics);
        metrics.sort_by(metric_order);
        metrics
    }

    /// How far each lane can be decided: its watermark, less the time for which rules below may still speak of it.
    fn marks(&mut self) -> Vec<Timestamp> {
        let mut marks = self.watermarks();
        for (mark, lane) in marks.iter_mut().zip(&self.plan.lanes) {
            if *mark != Timestamp::MAX {
                *mark = mark.minus(lane.hold_back);
            }
        }
        marks
    }

    /// Runs everything that lies behind these marks.
    pub(super) fn run(&mut self, marks: &[Timestamp], alerts: &mut Vec<Alert>) {
        let plan = Arc::clone(&self.plan);
        let extents: Vec<Extent> = (0..plan.lane_of.len()).map(|correlation| self.extent(correlation)).collect();
        self.done.resize(plan.lanes.len(), Timestamp::MIN);
        for level in 0..plan.levels {
            let mut emissions = self.run_level(level, marks, &extents);
            self.sort(&mut emissions);
            // in their order nothing comes out of order
            let mut arriving = Arrivals::new();
            for emission in emissions {
                self.say(emission, &mut arriving, true, alerts);
            }
            self.say_values();
            for ((done, mark), _) in
                self.done.iter_mut().zip(marks).zip(&plan.lanes).filter(|(_, lane)| lane.level == level)
            {
                *done = *mark;
            }
        }
        let watermark_of = |rule: u32| {
            let lane = plan.lane_of.get(rule as usize).copied().unwrap_or(0);
            let delay = plan.rules.correlations.get(rule as usize).map_or(Span::ZERO, CorrelationRule::delay);
            match marks.get(lane as usize).copied().unwrap_or(Timestamp::MIN) {
                Timestamp::MAX => Timestamp::MAX,
                watermark => watermark.minus(delay),
            }
        };
        let over = self.suppressor.expire(&plan.rules, self.limits.retention, watermark_of);
        alerts.extend(over.iter().filter_map(|raised| raised.alert(&plan.rules)));
        let horizon_of = |rule: u32| {
            let known = plan.rules.correlations.get(rule as usize);
            known.map_or(Timestamp::MAX, |known| known.horizon(watermark_of(rule), self.limits.retention))
        };
        self.told.expire(horizon_of);
    }

    /// First and last event time that a correlation can have seen.
    pub(super) fn extent(&self, correlation: usize) -> Extent {
        let index = self.plan.lane_of.get(correlation).map_or(usize::MAX, |lane| *lane as usize);
        let lane = self.plan.lanes.get(index);
        let extent = lane.map(|lane| self.progress.extent(index, lane)).unwrap_or_default();
        let since = self.since.get(correlation).copied().unwrap_or(Timestamp::MIN);
        Extent { first: if since == Timestamp::MIN { extent.first } else { Some(since) }, ..extent }
    }

    /// From where on each correlation has seen events.
    pub(super) fn begin_since(&mut self, since: Vec<Timestamp>) {
        self.subscriptions = Arc::new(subscriptions(&self.plan, &since));
        self.since = since;
        self.shards.iter_mut().for_each(|shard| shard.subscribe(&self.subscriptions));
    }

    /// Brings emissions of one moment of the log into their order; a group's own order stays.
    pub(super) fn sort(&self, emissions: &mut [Emission]) {
        emissions.sort_by(|one, two| self.emission_order(one).cmp(&self.emission_order(two)));
    }

    /// Hands an emission to the rules above and to whoever reads alerts.
    /// `in_order` is when nothing can come out of order: when the watermarks advance.
    pub(super) fn say(
        &mut self,
        mut emission: Emission,
        arriving: &mut Arrivals,
        in_order: bool,
        alerts: &mut Vec<Alert>,
    ) {
        let plan = Arc::clone(&self.plan);
        let Some(rule) = plan.rules.correlations.get(emission.rule as usize) else { return };
        if emission.cold_start && rule.cold_start == ColdStart::Suppress {
            return;
        }
        emission.cold_start &= rule.cold_start == ColdStart::Annotate;
        self.hand_up(&emission, arriving);
        if emission.silent || !(rule.alerts || rule.stands_for.is_some()) {
            return;
        }
        let (mut raised, mut held_back) = (Vec::new(), 0);
        self.suppressor.take(rule, emission, &mut held_back, &mut raised);
        self.counts.suppressed += held_back;
        for raised in raised {
            let Some(alert) = raised.alert(&plan.rules) else { continue };
            self.make_alert_events(&raised, &alert, arriving, in_order);
            if rule.alerts {
                alerts.push(alert);
            }
        }
    }

    /// The input has ended: every pending decision is made.
    pub fn finish(&mut self) -> Vec<Alert> {
        self.progress.end();
        self.advance()
    }

    fn emission_order<'e>(&'e self, emission: &'e Emission) -> (Timestamp, &'e str, &'e [Option<String>]) {
        let id = self.plan.rules.correlations.get(emission.rule as usize).map_or("", |rule| rule.card.id.as_str());
        (emission.at, id, &emission.group)
    }

    fn run_level(&mut self, level: usize, watermarks: &[Timestamp], extents: &[Extent]) -> Vec<Emission> {
        let waiting: usize = self.shards.iter().map(Shard::waiting).sum();
        let mut outs: Vec<Vec<Emission>> = self.shards.iter().map(|_| Vec::new()).collect();
        if self.shards.len() == 1 || waiting < WORTH_THREADS {
            for (shard, out) in self.shards.iter_mut().zip(&mut outs) {
                shard.advance(level, watermarks, extents, out);
            }
        } else {
            std::thread::scope(|scope| {
                for (shard, out) in self.shards.iter_mut().zip(&mut outs) {
                    scope.spawn(move || shard.advance(level, watermarks, extents, out));
                }
            });
        }
        outs.into_iter().flatten().collect()
    }

    /// A full reorder buffer raises the watermark of its lane to the time of the oldest quarter (RULES S19).
    fn relieve(&mut self) {
        if self.waiting() <= self.limits.reorder {
            return;
        }
        let lanes = self.plan.lanes.len();
        for lane in 0..lanes {
            let of_lane = self.shards.iter().filter_map(|shard| shard.buffers.get(lane));
            let mut times: Vec<Timestamp> = of_lane.flat_map(super::buffer::Buffer::times).collect();
            if times.len() * lanes <= self.limits.reorder / 2 {
                continue;
            }
            let quarter = times.len() / 4;
            let (_, time, _) = times.select_nth_unstable(quarter);
            let raised = Timestamp(time.0.saturating_add(1));
            self.progress.raise(lane, raised);
            self.counts.reorder_overflows += 1;
        }
    }
}

/// The order of alerts in every output: time, rule id, group, then identity and revision.
#[must_use]
pub fn alert_order(one: &Alert, two: &Alert) -> std::cmp::Ordering {
    let key = |alert: &Alert| (alert.time, alert.rule.id.clone(), alert.group.clone(), alert.id, alert.revision);
    key(one).cmp(&key(two))
}

/// The order of metrics in every output: time, rule id, group.
#[must_use]
pub fn metric_order(one: &Metric, two: &Metric) -> std::cmp::Ordering {
    fn key(metric: &Metric) -> (Timestamp, &str, &[(String, Option<String>)]) {
        (metric.time, &metric.rule.id, &metric.group)
    }
    key(one).cmp(&key(two))
}

/// The event time of an encoded signal.
#[must_use]
pub fn signal_time(bytes: &[u8]) -> Option<Timestamp> {
    SignalRoute::of(bytes).ok().map(|signal| signal.time)
}
