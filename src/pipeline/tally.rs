//! Carries what the core has counted into the program's metrics, and says when a bound was reached.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Core, CoreCounts, SourceCounts};
use crate::model::Timestamp;
use crate::sink::SinkHandle;
use crate::telemetry::{BoundLabel, BufferLabel, FilterLabel, Metrics, SinkLabel, SourceLabel};

/// What has been carried over.
pub(super) struct Tally {
    metrics: Arc<Metrics>,
    sources: Vec<Arc<str>>,
    known: CoreCounts,
    known_sources: Vec<SourceCounts>,
    known_retries: Vec<u64>,
    known_notifications: Vec<[u64; 3]>,
    known_filtered: Vec<u64>,
}

/// A bound of the state that was reached, and how often since the last time it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BoundReached {
    /// The key under `correlate` in the configuration.
    pub(super) bound: &'static str,
    /// Times.
    pub(super) times: u64,
}

impl Tally {
    pub(super) fn new(metrics: Arc<Metrics>, sources: Vec<Arc<str>>) -> Self {
        Self {
            metrics,
            sources,
            known: CoreCounts::default(),
            known_sources: Vec::new(),
            known_retries: Vec::new(),
            known_notifications: Vec::new(),
            known_filtered: Vec::new(),
        }
    }

    /// Takes what a snapshot brought as carried over: metrics count since the start of the process.
    pub(super) fn begin(&mut self, core: &Core) {
        self.known = core.counts();
    }

    /// The machine has other rules: their filters begin to count anew. What the ones before have counted has been carried over.
    pub(super) fn after_change(&mut self) {
        self.known_filtered.clear();
    }

    /// Carries over what is new. Gives the bounds that were reached.
    pub(super) fn carry(&mut self, core: &mut Core, sinks: &[SinkHandle], owed: usize) -> Vec<BoundReached> {
        self.carry_sources(core.source_counts());
        self.carry_filters(core);
        let counts = core.counts();
        let (now, before) = (counts.correlate, self.known.correlate);
        let metrics = &self.metrics;
        metrics.signals.inc_by(now.signals.saturating_sub(before.signals));
        metrics.repeated_events.inc_by(now.repeated.saturating_sub(before.repeated));
        let missing = counts.detect.group_key_missing.saturating_sub(self.known.detect.group_key_missing);
        metrics.group_key_missing.inc_by(missing);
        metrics.values_skipped.inc_by(now.values_skipped.saturating_sub(before.values_skipped));
        let bounds = [
            ("groups_per_rule", now.groups_refused.saturating_sub(before.groups_refused)),
            ("entries_per_group", now.entries_dropped.saturating_sub(before.entries_dropped)),
            ("told_alerts", now.told_forgotten.saturating_sub(before.told_forgotten)),
            ("reorder_limit", now.reorder_overflows.saturating_sub(before.reorder_overflows)),
        ];
        self.known = counts;
        metrics.set_buffered(&BufferLabel::of("reorder"), core.engine().waiting());
        metrics.set_buffered(&BufferLabel::of("outbox"), owed);
        self.carry_retries(sinks);
        self.carry_notifications(sinks);
        bounds
            .into_iter()
            .filter(|(_, times)| *times > 0)
            .map(|(bound, times)| {
                self.metrics.bounds_reached.get_or_create_owned(&BoundLabel::of(bound)).inc_by(times);
                BoundReached { bound, times }
            })
            .collect()
    }

    fn carry_sources(&mut self, now: &[SourceCounts]) {
        self.known_sources.resize(now.len(), SourceCounts::default());
        for ((counts, before), name) in now.iter().zip(&mut self.known_sources).zip(&self.sources) {
            if counts == before {
                continue;
            }
            let label = SourceLabel::of(name);
            let metrics = &self.metrics;
            metrics.records_read.get_or_create_owned(&label).inc_by(counts.records.saturating_sub(before.records));
            metrics.events_decoded.get_or_create_owned(&label).inc_by(counts.events.saturating_sub(before.events));
            metrics.skewed_events.get_or_create_owned(&label).inc_by(counts.skewed.saturating_sub(before.skewed));
            metrics.late_events.get_or_create_owned(&label).inc_by(counts.late.saturating_sub(before.late));
            *before = *counts;
        }
    }

    fn carry_filters(&mut self, core: &mut Core) {
        let inactive = core.engine().plan().rules.inactive.len();
        self.metrics.inactive_rules.set(i64::try_from(inactive).unwrap_or(i64::MAX));
        for (index, (filter, now)) in core.filtered().enumerate() {
            if self.known_filtered.len() <= index {
                self.known_filtered.push(0);
            }
            let Some(before) = self.known_filtered.get_mut(index).filter(|before| now > **before) else { continue };
            let label = FilterLabel::of(&filter.id);
            self.metrics.filtered_matches.get_or_create_owned(&label).inc_by(now - *before);
            *before = now;
        }
    }

    fn carry_retries(&mut self, sinks: &[SinkHandle]) {
        self.known_retries.resize(sinks.len(), 0);
        for (sink, before) in sinks.iter().zip(&mut self.known_retries) {
            let now = sink.retries();
            if now > *before {
                self.metrics.sink_retries.get_or_create_owned(&SinkLabel::of(sink.name())).inc_by(now - *before);
                *before = now;
            }
        }
    }

    fn carry_notifications(&mut self, sinks: &[SinkHandle]) {
        self.known_notifications.resize(sinks.len(), [0; 3]);
        for (sink, before) in sinks.iter().zip(&mut self.known_notifications) {
            let Some(counts) = sink.notifications() else { continue };
            let label = SinkLabel::of(sink.name());
            let waiting = counts.waiting.load(Ordering::Relaxed);
            let gauge = self.metrics.notifications_waiting.get_or_create_owned(&label);
            gauge.set(i64::try_from(waiting).unwrap_or(i64::MAX));
            let now = [&counts.messages, &counts.held_back, &counts.template_failures]
                .map(|count| count.load(Ordering::Relaxed));
            let metrics = &self.metrics;
            let carried = [&metrics.notifications, &metrics.notifications_held_back, &metrics.template_failures];
            for ((now, before), metric) in now.into_iter().zip(before).zip(carried) {
                metric.get_or_create_owned(&label).inc_by(now.saturating_sub(*before));
                *before = now;
            }
        }
    }

    /// Shows how far each source is, and which one the rules wait for.
    pub(super) fn watermarks(&self, core: &mut Core) {
        let plan = Arc::clone(core.engine().plan());
        let mut slowest: Option<(Timestamp, &str)> = None;
        for (index, spec) in plan.sources.iter().enumerate() {
            let partitions = core.engine().progress().partitions();
            let of_source = partitions.iter().filter(|partition| partition.source as usize == index);
            let Some(reached) = of_source.map(|partition| partition.highest.max(partition.idle)).min().flatten() else {
                continue;
            };
            let watermark = reached.minus(spec.lateness);
            self.metrics.set_watermark(&spec.name, watermark);
            if slowest.is_none_or(|(known, _)| watermark < known) {
                slowest = Some((watermark, spec.name.as_str()));
            }
        }
        self.metrics.set_watermark_holder(slowest.map(|(_, name)| name));
    }
}
