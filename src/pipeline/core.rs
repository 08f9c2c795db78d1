//! Decode, detect and correlate as one synchronous machine: records in, alerts and faults out. Live operation, replay and
//! rule tests run this same code (property 7).

use std::sync::Arc;

use super::counts::{CoreCounts, SourceCounts};
use crate::correlate::{Engine, Limits, Restored, SnapshotError, alert_order};
use crate::decode::{Decoder, DecoderSettings};
use crate::detect::{ArrivalClock, Detected, Detector, EventContext, resolve_time};
use crate::model::{Alert, Fault, FaultStage, Metric, Record, RuleWork, Span, TimeSource, Timestamp};
use crate::rule::plan::{Plan, SourceSpec};
use crate::rule::{FilterRule, RuleSet};

/// A source as the core sees it.
#[derive(Debug, Clone)]
pub struct CoreSource {
    /// Its name, lateness and log sources.
    pub spec: SourceSpec,
    /// How its records are read.
    pub decoder: DecoderSettings,
    /// How far ahead of now an event may be.
    pub max_future_skew: Span,
}

/// When a record arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Now.
    At(Timestamp),
    /// Nothing arrives: now is when the replay began, and the time of arrival is the highest event time so far.
    Replay {
        /// When it began.
        now: Timestamp,
    },
}

/// What came of records.
#[derive(Debug, Default)]
pub struct Output {
    /// Alerts, in the order of time, rule id and group within one call of [`Core::advance`].
    pub alerts: Vec<Alert>,
    /// Values of series, in the same order.
    pub metrics: Vec<Metric>,
    /// Dead letters.
    pub faults: Vec<Fault>,
}

/// The machine.
#[derive(Debug)]
pub struct Core {
    sources: Vec<CoreSource>,
    decoders: Vec<Decoder>,
    detector: Detector,
    detected: Detected,
    engine: Engine,
    /// Highest event time of any record, the skewed ones left out.
    highest: Option<Timestamp>,
    counts: CoreCounts,
    by_source: Vec<SourceCounts>,
    any_logsource: bool,
}

impl Core {
    /// Builds the machine for these rules over these sources. With `any_logsource` every rule is tried on every event.
    #[must_use]
    pub fn new(rules: RuleSet, sources: Vec<CoreSource>, limits: Limits, shards: usize, any_logsource: bool) -> Self {
        let specs = sources.iter().map(|source| source.spec.clone()).collect();
        let plan = Arc::new(Plan::new(Arc::new(rules), specs));
        Self {
            by_source: vec![SourceCounts::default(); sources.len()],
            decoders: sources.iter().map(|source| Decoder::new(&source.decoder, &plan.rules.fields)).collect(),
            sources,
            detector: Detector::new(Arc::clone(&plan), any_logsource),
            detected: Detected::default(),
            engine: Engine::new(plan, limits, shards),
            highest: None,
            counts: CoreCounts::default(),
            any_logsource,
        }
    }

    /// Goes on under other rules, or under the same with other tables, over the same sources, from `state`: what [`Engine::snapshot`] has just given. It
    /// is as if the machine had been stopped and another one, with these rules, had been started from that state: what is left
    /// out is only what nothing is decided by, which is counted on. With an error everything is as it was.
    ///
    /// # Errors
    /// [`SnapshotError`] when the state is none of an engine of this version.
    pub fn go_on_with(
        &mut self,
        rules: RuleSet,
        sources: Vec<CoreSource>,
        state: &[u8],
    ) -> Result<Restored, SnapshotError> {
        let (limits, shards) = (self.engine.limits(), self.engine.shards());
        let mut next = Self::new(rules, sources, limits, shards, self.any_logsource);
        let restored = next.engine.restore(state)?;
        next.highest = self.highest;
        next.counts = self.counts;
        next.by_source = std::mem::take(&mut self.by_source);
        *self = next;
        Ok(restored)
    }

    /// The sources.
    #[must_use]
    pub fn sources(&self) -> &[CoreSource] {
        &self.sources
    }

    /// The correlate stage, for progress, snapshots and displays.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Every filter with the number of matches that it has taken back (RULES S18).
    pub fn filtered(&self) -> impl Iterator<Item = (&FilterRule, u64)> {
        let of_alerts = self.engine.filtered().iter().copied().chain(std::iter::repeat(0));
        let counts = self.detector.filtered().iter().zip(of_alerts).map(|(events, alerts)| events + alerts);
        self.detector.filters().iter().zip(counts)
    }

    /// What each rule has cost and found: the detections and the correlations, each in the order of the rules.
    #[must_use]
    pub fn work(&self) -> (Vec<RuleWork>, Vec<RuleWork>) {
        (self.detector.work().to_vec(), self.engine.work())
    }

    /// What has been counted.
    #[must_use]
    pub fn counts(&self) -> CoreCounts {
        CoreCounts { correlate: self.engine.counts(), ..self.counts }
    }

    /// What has been counted of each source, by index. Sums over all sources are in [`Self::counts`].
    #[must_use]
    pub fn source_counts(&self) -> &[SourceCounts] {
        &self.by_source
    }

    /// Takes a record of a source: its events are detected, and wait for their watermark.
    pub fn take(&mut self, source: usize, record: &Record<'_>, arrival: Arrival, out: &mut Output) {
        let (Some(decoder), Some(settings), Some(own)) =
            (self.decoders.get_mut(source), self.sources.get(source), self.by_source.get_mut(source))
        else {
            return;
        };
        let (detector, detected, engine) = (&mut self.detector, &mut self.detected, &mut self.engine);
        let (highest, counts) = (&mut self.highest, &mut self.counts);
        let index = u32::try_from(source).unwrap_or(u32::MAX);
        let partition = engine.progress().partition(index, record.topic, record.partition);
        counts.records += 1;
        own.records += 1;
        decoder.decode(record, &mut |event| {
            let (row, meta) = match event {
                Ok(event) => event,
                Err(fault) => {
                    counts.faults += 1;
                    out.faults.push(fault);
                    return;
                }
            };
            counts.events += 1;
            own.events += 1;
            let clock = match arrival {
                Arrival::At(now) => ArrivalClock { now, arrival: now },
                Arrival::Replay { now } => ArrivalClock { now, arrival: highest.unwrap_or(now) },
            };
            let (time, time_source) = resolve_time(meta.time, record.timestamp, clock, settings.max_future_skew);
            let moves = match time_source {
                TimeSource::Event | TimeSource::Kafka => true,
                TimeSource::Arrival => matches!(arrival, Arrival::At(_)),
                TimeSource::Skewed => false,
            };
            counts.skewed += u64::from(time_source == TimeSource::Skewed);
            own.skewed += u64::from(time_source == TimeSource::Skewed);
            let context = EventContext {
                source: index,
                topic: record.topic,
                partition: record.partition,
                offset: record.offset,
                sequence: meta.sequence,
                time,
                time_source,
                id: meta.id.as_deref(),
            };
            detected.clear();
            detector.detect(row, &meta.logsource, &context, detected);
            out.alerts.append(&mut detected.alerts);
            let mut late = None;
            for (key, channel, bytes) in detected.signals() {
                late = engine.push(key, channel, time, bytes).err().or(late);
            }
            if let Some(late) = late {
                own.late += 1;
                let coordinates = crate::model::Coordinates { sequence: meta.sequence, ..record.coordinates() };
                let reason = format!(
                    "event of {time} came behind the watermark {}: it is counted and not correlated",
                    late.watermark
                );
                let raw = record.value.unwrap_or_default().to_vec();
                out.faults.push(Fault {
                    stage: FaultStage::Correlate,
                    kind: "late".to_owned(),
                    reason,
                    coordinates,
                    raw,
                });
            }
            if moves {
                *highest = (*highest).max(Some(time));
                engine.progress().observe(partition, time);
            }
            counts.detect.matched += detected.counts.matched;
            counts.detect.filtered += detected.counts.filtered;
            counts.detect.signals += detected.counts.signals;
            counts.detect.group_key_missing += detected.counts.group_key_missing;
            counts.detect.group_key_capped += detected.counts.group_key_capped;
        });
    }

    /// Judges everything behind the watermarks.
    pub fn advance(&mut self, out: &mut Output) {
        out.alerts.extend(self.engine.advance());
        out.metrics.extend(self.engine.take_metrics());
    }

    /// The input has ended: judges everything.
    pub fn finish(&mut self, out: &mut Output) {
        out.alerts.extend(self.engine.finish());
        out.alerts.sort_by(alert_order);
        out.metrics.extend(self.engine.take_metrics());
    }
}
