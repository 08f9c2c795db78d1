//! The machine with the world around it: sources in, sinks out, dead letters, snapshots. One thread runs all of it; the
//! sources and sinks have threads of their own behind bounded channels.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedReceiver;

use super::dead_letters::{DeadLetterError, DeadLetters};
use super::outbox::Outbox;
use super::store::{Snapshot, SnapshotStore, StoreError};
use super::{Arrival, Core, CoreCounts, Output};
use crate::correlate::{Restored, SnapshotError};
use crate::model::{Alert, Coordinates, Fault, FaultStage, Span, Timestamp};
use crate::sink::{Health, Outcome, Receipt, SinkHandle};
use crate::source::kafka::{PartitionId, RecordBatch, SourceEvent, SourceSet};
use crate::telemetry::{
    BoundLabel, BufferLabel, FaultLabels, Metrics, PartitionLabels, RuleAlertLabels, SinkLabel, SourceLabel, clock,
};

/// How long one turn waits for an event.
const TURN: Duration = Duration::from_millis(20);
/// Most source events of one turn, so that alerts and receipts are looked at in between.
const EVENTS_PER_TURN: usize = 32;

/// Why live operation ends.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// Snapshots cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state cannot be written or read.
    #[error(transparent)]
    State(#[from] SnapshotError),
    /// Dead letters cannot be kept.
    #[error(transparent)]
    DeadLetters(#[from] DeadLetterError),
    /// All sources have ended.
    #[error("the sources have ended: see the messages above")]
    SourcesEnded,
}

/// Next offset of each topic's partition, shared with the sources, which ask where to begin.
pub type SharedOffsets = Arc<Mutex<BTreeMap<(String, i32), i64>>>;

/// From the wall clock to the clock that event times are measured by: the same, but for a demonstration in which time
/// runs faster.
pub type ClockMap = Arc<dyn Fn(Timestamp) -> Timestamp + Send + Sync>;

/// What live operation is told.
#[derive(Clone)]
pub struct LiveSettings {
    /// The clock of idle partitions.
    pub clock: ClockMap,
    /// Names of the sources, by index.
    pub source_names: Vec<Arc<str>>,
    /// Idle timeout of each source.
    pub idle_timeouts: Vec<Span>,
    /// Time between snapshots.
    pub snapshot_interval: Duration,
    /// Alerts owed to a sink beyond which sources wait.
    pub outbox_limit: usize,
    /// How long the end may take.
    pub drain_deadline: Duration,
}

/// What a caller sees while it runs.
#[derive(Debug)]
pub enum Watch<'a> {
    /// An alert, or a later revision of one.
    Alert(&'a Alert),
    /// The end of a turn.
    Turn {
        /// What has been counted.
        counts: CoreCounts,
        /// The watermark that is farthest behind.
        slowest: Timestamp,
    },
}

/// Everything that runs.
pub struct Live {
    core: Core,
    settings: LiveSettings,
    sinks: Vec<SinkHandle>,
    receipts: UnboundedReceiver<Receipt>,
    outbox: Outbox,
    store: SnapshotStore,
    dead_letters: DeadLetters,
    offsets: SharedOffsets,
    metrics: Arc<Metrics>,
    runtime: Handle,
    out: Output,
    counted: CoreCounts,
}

/// The parts of [`Live`].
pub struct LiveParts {
    /// The machine, new.
    pub core: Core,
    /// What it is told.
    pub settings: LiveSettings,
    /// Started sinks, in the order of their index.
    pub sinks: Vec<SinkHandle>,
    /// Their receipts.
    pub receipts: UnboundedReceiver<Receipt>,
    /// Where snapshots are.
    pub store: SnapshotStore,
    /// Where faults go.
    pub dead_letters: DeadLetters,
    /// Shared with the sources.
    pub offsets: SharedOffsets,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The runtime of the sinks.
    pub runtime: Handle,
}

impl Live {
    /// Continues from the newest snapshot, or begins anew.
    ///
    /// # Errors
    /// [`LiveError`] when there are snapshots and none can be read.
    pub fn resume(parts: LiveParts) -> Result<Self, LiveError> {
        let LiveParts { core, settings, sinks, receipts, store, dead_letters, offsets, metrics, runtime } = parts;
        let outbox = Outbox::new(sinks.len());
        let mut live = Self {
            core,
            settings,
            sinks,
            receipts,
            outbox,
            store,
            dead_letters,
            offsets,
            metrics,
            runtime,
            out: Output::default(),
            counted: CoreCounts::default(),
        };
        live.restore()?;
        Ok(live)
    }

    fn restore(&mut self) -> Result<(), LiveError> {
        let Some((snapshot, passed_over)) = self.store.read()? else {
            tracing::info!("no snapshot, beginning at the sources' start");
            return Ok(());
        };
        if let Some(reason) = passed_over {
            tracing::error!(reason, "the newest snapshot cannot be read, continuing from the one before");
        }
        if self.core.engine().restore(&snapshot.engine)? == Restored::RulesChanged {
            tracing::warn!("the rules or sources have changed since the snapshot: correlations begin without history");
        }
        self.counted = self.core.counts();
        if let Ok(mut offsets) = self.offsets.lock() {
            offsets
                .extend(snapshot.offsets.iter().map(|(topic, partition, next)| ((topic.clone(), *partition), *next)));
        }
        for (json, names) in snapshot.unacknowledged {
            let Ok(alert) = serde_json::from_str::<Alert>(&json) else {
                tracing::error!("an alert of the snapshot cannot be read");
                continue;
            };
            let owed: Vec<usize> = self
                .sinks
                .iter()
                .enumerate()
                .filter(|(_, sink)| names.iter().any(|name| name == sink.name()))
                .map(|(index, _)| index)
                .collect();
            self.outbox.put(alert, owed);
        }
        tracing::info!(partitions = snapshot.offsets.len(), owed = self.outbox.len(), "continuing from the snapshot");
        Ok(())
    }

    /// Runs until `stop` is set, then drains. `observe` sees every alert when it is raised.
    ///
    /// # Errors
    /// [`LiveError`]; what was snapshotted before is continued from at the next start.
    pub fn run(
        mut self,
        sources: SourceSet,
        events: &Receiver<SourceEvent>,
        stop: &AtomicBool,
        observe: &mut dyn FnMut(Watch<'_>),
    ) -> Result<CoreCounts, LiveError> {
        let mut snapshot_due = Instant::now() + self.settings.snapshot_interval;
        while !stop.load(Ordering::Relaxed) {
            self.deliver()?;
            if self.outbox.len() < self.settings.outbox_limit {
                self.take_events(events)?;
            } else {
                self.metrics.bounds_reached.get_or_create_owned(&BoundLabel::of("outbox")).inc();
                self.wait_for_receipt()?;
            }
            self.core.advance(&mut self.out);
            self.hand_over(observe)?;
            let slowest = self.core.engine().watermarks().into_iter().min().unwrap_or(Timestamp::MIN);
            observe(Watch::Turn { counts: self.core.counts(), slowest });
            if Instant::now() >= snapshot_due {
                self.snapshot(&sources)?;
                snapshot_due = Instant::now() + self.settings.snapshot_interval;
            }
        }
        self.drain(sources)
    }

    /// Finishes: what has been read is judged as far as the watermark goes, delivered within the deadline, snapshotted.
    fn drain(mut self, sources: SourceSet) -> Result<CoreCounts, LiveError> {
        tracing::info!(owed = self.outbox.len(), "stopping: delivering what is owed");
        let deadline = Instant::now() + self.settings.drain_deadline;
        while !self.outbox.is_empty() && Instant::now() < deadline {
            self.deliver()?;
            self.wait_for_receipt()?;
        }
        self.snapshot(&sources)?;
        sources.stop();
        let remaining = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(200));
        for sink in std::mem::take(&mut self.sinks) {
            self.runtime.block_on(sink.close(remaining));
        }
        tracing::info!(owed = self.outbox.len(), "stopped; what is owed is in the snapshot");
        Ok(self.core.counts())
    }

    fn take_events(&mut self, events: &Receiver<SourceEvent>) -> Result<(), LiveError> {
        match events.recv_timeout(TURN) {
            Ok(event) => self.take(event),
            Err(RecvTimeoutError::Timeout) => return Ok(()),
            Err(RecvTimeoutError::Disconnected) => return Err(LiveError::SourcesEnded),
        }
        for event in events.try_iter().take(EVENTS_PER_TURN) {
            self.take(event);
        }
        Ok(())
    }

    fn take(&mut self, event: SourceEvent) {
        match event {
            SourceEvent::Batch(batch) => self.take_batch(&batch),
            SourceEvent::EndOfPartition { partition, at, quiet_since, .. } => {
                self.end_of_partition(&partition, at, quiet_since);
            }
            SourceEvent::Problem(problem) => {
                if problem.lost_records() > 0 {
                    let name = self.source_name(0);
                    self.metrics
                        .records_lost
                        .get_or_create_owned(&SourceLabel::of(&name))
                        .inc_by(problem.lost_records());
                }
                tracing::error!(kind = problem.kind.name(), cluster = %problem.cluster, advice = problem.advice, "{}", problem.message);
            }
            SourceEvent::Assigned(partitions) => {
                for (id, next) in partitions {
                    // registered before its first record, so that it holds the watermark until it is known to be quiet
                    self.core.engine().progress().partition(id.source, &id.topic, id.partition);
                    tracing::info!(topic = %id.topic, partition = id.partition, offset = ?next, "partition assigned");
                }
            }
            SourceEvent::Revoked(partitions) => {
                for id in partitions {
                    self.core.engine().progress().forget(id.source, &id.topic, id.partition);
                    tracing::info!(topic = %id.topic, partition = id.partition, "partition revoked");
                }
            }
        }
    }

    fn take_batch(&mut self, batch: &RecordBatch) {
        let key = (batch.topic.to_string(), batch.partition);
        let known = self.offsets.lock().ok().and_then(|offsets| offsets.get(&key).copied());
        let mut next = known.unwrap_or(i64::MIN);
        let mut taken = 0_u64;
        for record in &batch.records {
            if record.offset < next {
                continue;
            }
            record.as_record(&batch.topic, batch.partition, |lent| {
                self.core.take(batch.source as usize, lent, Arrival::At(record.arrived), &mut self.out);
            });
            next = record.offset + 1;
            taken += 1;
        }
        if let Ok(mut offsets) = self.offsets.lock() {
            offsets.insert(key, next);
        }
        let name = self.source_name(batch.source);
        self.metrics.records_read.get_or_create_owned(&SourceLabel::of(&name)).inc_by(taken);
        let labels = PartitionLabels::of(&name, &batch.topic, batch.partition);
        self.metrics.lag.get_or_create_owned(&labels).set((batch.high_watermark - next).max(0));
    }

    fn end_of_partition(&mut self, id: &PartitionId, at: Timestamp, quiet_since: Timestamp) {
        let timeout = self.settings.idle_timeouts.get(id.source as usize).copied().unwrap_or(Span::seconds(30));
        let (at, quiet_since) = ((self.settings.clock)(at), (self.settings.clock)(quiet_since));
        if at.since(quiet_since) >= timeout {
            let progress = self.core.engine().progress();
            let partition = progress.partition(id.source, &id.topic, id.partition);
            progress.idle(partition, at);
        }
    }

    fn source_name(&self, index: u32) -> String {
        self.settings.source_names.get(index as usize).map_or_else(|| index.to_string(), ToString::to_string)
    }

    /// Gives alerts to the outbox and faults to the dead letters.
    fn hand_over(&mut self, observe: &mut dyn FnMut(Watch<'_>)) -> Result<(), LiveError> {
        let sinks = self.sinks.len();
        for alert in self.out.alerts.drain(..) {
            observe(Watch::Alert(&alert));
            if alert.revision == 1 {
                self.metrics.alerts.get_or_create_owned(&RuleAlertLabels::of(&alert.rule.id, alert.rule.level)).inc();
            }
            self.outbox.put(alert, 0..sinks);
        }
        for fault in std::mem::take(&mut self.out.faults) {
            self.bury(&fault)?;
        }
        self.count();
        Ok(())
    }

    fn bury(&mut self, fault: &Fault) -> Result<(), LiveError> {
        let stage = match fault.stage {
            FaultStage::Decode => "decode",
            FaultStage::Correlate => "correlate",
            FaultStage::Deliver => "deliver",
        };
        self.metrics.faults.get_or_create_owned(&FaultLabels::of(stage, &fault.kind)).inc();
        tracing::warn!(stage, kind = fault.kind, place = %fault.coordinates, reason = fault.reason, "dead letter");
        self.dead_letters.write(fault, clock::now())?;
        Ok(())
    }

    fn count(&mut self) {
        let counts = self.core.counts();
        let (now, before) = (counts.correlate, self.counted.correlate);
        self.metrics.signals.inc_by(now.signals.saturating_sub(before.signals));
        for (bound, reached) in [
            ("groups_per_rule", now.groups_refused.saturating_sub(before.groups_refused)),
            ("entries_per_group", now.entries_dropped.saturating_sub(before.entries_dropped)),
            ("reorder", now.reorder_overflows.saturating_sub(before.reorder_overflows)),
        ] {
            if reached > 0 {
                tracing::error!(
                    bound,
                    reached,
                    "a bound of the correlation state was reached: raise it, or narrow the rule"
                );
                self.metrics.bounds_reached.get_or_create_owned(&BoundLabel::of(bound)).inc_by(reached);
            }
        }
        self.counted = counts;
        let waiting = i64::try_from(self.core.engine().waiting()).unwrap_or(i64::MAX);
        self.metrics.buffered.get_or_create_owned(&BufferLabel::of("reorder")).set(waiting);
        let owed = i64::try_from(self.outbox.len()).unwrap_or(i64::MAX);
        self.metrics.buffered.get_or_create_owned(&BufferLabel::of("outbox")).set(owed);
    }

    /// Moves documents into the sinks' queues, and settles receipts.
    fn deliver(&mut self) -> Result<(), LiveError> {
        while let Ok(receipt) = self.receipts.try_recv() {
            self.settle(&receipt)?;
        }
        for (index, sink) in self.sinks.iter().enumerate() {
            self.outbox.drain(index, |outgoing| sink.try_send(outgoing));
        }
        Ok(())
    }

    fn wait_for_receipt(&mut self) -> Result<(), LiveError> {
        let waited = {
            let receipts = &mut self.receipts;
            self.runtime.block_on(async { tokio::time::timeout(TURN, receipts.recv()).await })
        };
        if let Ok(Some(receipt)) = waited {
            self.settle(&receipt)?;
        }
        Ok(())
    }

    fn settle(&mut self, receipt: &Receipt) -> Result<(), LiveError> {
        let name = self.sinks.get(receipt.sink).map_or_else(String::new, |sink| sink.name().to_owned());
        let label = SinkLabel::of(&name);
        match &receipt.outcome {
            Outcome::Delivered => self.metrics.sink_delivered.get_or_create_owned(&label).inc(),
            Outcome::Rejected { .. } => self.metrics.sink_rejected.get_or_create_owned(&label).inc(),
        };
        let Some(refused) = self.outbox.settle(receipt) else { return Ok(()) };
        let first = refused.document.alert.evidence.first().map(|event| event.coordinates.clone());
        let nowhere = || Coordinates { topic: Arc::from(name.as_str()), partition: 0, offset: 0, sequence: 0 };
        let fault = Fault {
            stage: FaultStage::Deliver,
            kind: "refused_by_sink".to_owned(),
            reason: format!("sink {name} refused alert {} for good: {}", refused.document.id, refused.reason),
            coordinates: first.unwrap_or_else(nowhere),
            raw: refused.document.body.as_bytes().to_vec(),
        };
        self.bury(&fault)
    }

    /// State, offsets and what is owed, as one unit; then the groups are told, for those who look at lag.
    fn snapshot(&mut self, sources: &SourceSet) -> Result<(), LiveError> {
        self.dead_letters.flush()?;
        let offsets: Vec<(String, i32, i64)> = self.offsets.lock().map_or_else(
            |_| Vec::new(),
            |offsets| offsets.iter().map(|((topic, partition), next)| (topic.clone(), *partition, *next)).collect(),
        );
        let name_of = |sink: usize| self.sinks.get(sink).map(|sink| sink.name().to_owned());
        let unacknowledged = self
            .outbox
            .unacknowledged()
            .map(|(json, sinks)| (json, sinks.into_iter().filter_map(name_of).collect()))
            .collect();
        let snapshot = Snapshot { engine: self.core.engine().snapshot()?, offsets, unacknowledged };
        let bytes = self.store.write(&snapshot)?;
        sources.commit(&snapshot.offsets);
        tracing::debug!(bytes, owed = self.outbox.len(), "snapshot written");
        for sink in &self.sinks {
            if let Health::Down { since_message } = sink.health() {
                tracing::warn!(
                    sink = sink.name(),
                    owed = self.outbox.len(),
                    reason = since_message,
                    "sink is down, alerts are kept for it"
                );
            }
        }
        self.watermarks();
        Ok(())
    }

    /// Shows how far each source is, and which one the rules wait for.
    fn watermarks(&mut self) {
        let plan = Arc::clone(self.core.engine().plan());
        let mut slowest: Option<(Timestamp, String)> = None;
        for (index, spec) in plan.sources.iter().enumerate() {
            let of_source = self
                .core
                .engine()
                .progress()
                .partitions()
                .iter()
                .filter(|partition| partition.source as usize == index);
            let Some(reached) = of_source.map(|partition| partition.highest.max(partition.idle)).min().flatten() else {
                continue;
            };
            let watermark = reached.minus(spec.lateness);
            self.metrics.set_watermark(&spec.name, watermark);
            if slowest.as_ref().is_none_or(|(known, _)| watermark < *known) {
                slowest = Some((watermark, spec.name.clone()));
            }
        }
        self.metrics.set_watermark_holder(slowest.as_ref().map(|(_, name)| name.as_str()));
    }
}
