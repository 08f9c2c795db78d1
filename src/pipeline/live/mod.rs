//! The machine with the world around it: sources in, sinks out, dead letters, snapshots. One thread runs all of it; the
//! sources and sinks have threads of their own behind bounded channels.

mod catch_up;
mod delivery;
mod details;
mod intake;
mod recent_faults;
mod state;
mod status;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedReceiver;

use super::change::PendingChange;
use super::dead_letters::{DeadLetterError, DeadLetters};
use super::outbox::Outbox;
use super::store::{KeptTable, Snapshot, SnapshotStore, StoreError};
use super::system_alert::SystemAlerts;
use super::tally::Tally;
use super::{Core, CoreCounts, Output};
use crate::correlate::SnapshotError;
use crate::model::{Alert, Span, Timestamp};
use crate::rule::lookup::Lookups;
use crate::sink::{Receipt, SinkHandle};
use crate::source::kafka::{SourceEvent, SourceSet};
use crate::telemetry::{BoundLabel, Metrics};

use catch_up::CatchUp;
use details::Gathered;
pub use details::{PartitionStatus, SinkNumbers, StatusDetails};
pub use recent_faults::{RecentFault, RecentFaults};
pub use status::{LatestStatus, LiveStatus};

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
    tally: Tally,
    system_alerts: SystemAlerts,
    status: Arc<LiveStatus>,
    /// Partitions that are read.
    assigned: usize,
    runtime: Handle,
    out: Output,
    /// What the last snapshot named, which the next one makes the one before.
    kept: Vec<KeptTable>,
    changes: Arc<PendingChange>,
    catch_up: CatchUp,
    /// The end of each topic's partition, as last heard.
    ends: BTreeMap<(String, i32), i64>,
    sink_numbers: Vec<SinkNumbers>,
    gathered: Gathered,
}

/// The parts of [`Live`].
pub struct LiveParts {
    /// The machine, new.
    pub core: Core,
    /// The tables that its rules were compiled with: those of the snapshot, where that has them.
    pub tables: Lookups,
    /// Other rules and tables, as they come.
    pub changes: Arc<PendingChange>,
    /// The newest snapshot, if there is one.
    pub snapshot: Option<Snapshot>,
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
    /// What others may ask while it runs.
    pub status: Arc<LiveStatus>,
    /// The runtime of the sinks.
    pub runtime: Handle,
}

impl Live {
    /// Continues from the newest snapshot, or begins anew.
    ///
    /// # Errors
    /// [`LiveError`] when the state of the snapshot is none, or a first snapshot cannot be written.
    pub fn resume(parts: LiveParts) -> Result<Self, LiveError> {
        let LiveParts { core, tables, changes, snapshot, settings, sinks, receipts, store, .. } = parts;
        let LiveParts { dead_letters, offsets, metrics, status, runtime, .. } = parts;
        let outbox = Outbox::new(sinks.iter().map(SinkHandle::format).collect());
        let names = settings.source_names.clone();
        let mut live = Self {
            core,
            settings,
            sink_numbers: vec![SinkNumbers::default(); sinks.len()],
            sinks,
            receipts,
            outbox,
            store,
            dead_letters,
            offsets,
            tally: Tally::new(Arc::clone(&metrics), names),
            metrics,
            system_alerts: SystemAlerts::default(),
            status,
            assigned: 0,
            runtime,
            out: Output::default(),
            kept: Vec::new(),
            changes,
            catch_up: CatchUp::nothing(),
            ends: BTreeMap::new(),
            gathered: Gathered::default(),
        };
        match snapshot {
            Some(snapshot) => live.restore(snapshot)?,
            None => tracing::info!("no snapshot, beginning at the sources' start"),
        }
        live.begin_with(&tables)?;
        Ok(live)
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
            self.note_status();
            let slowest = self.core.engine().watermarks().into_iter().min().unwrap_or(Timestamp::MIN);
            observe(Watch::Turn { counts: self.core.counts(), slowest });
            if Instant::now() >= snapshot_due {
                self.snapshot_and_change(&sources)?;
                snapshot_due = Instant::now() + self.settings.snapshot_interval;
            }
        }
        self.drain(sources)
    }

    /// Finishes: what has been read is judged as far as the watermark goes, delivered within the deadline, snapshotted.
    fn drain(mut self, sources: SourceSet) -> Result<CoreCounts, LiveError> {
        tracing::info!(owed = self.outbox.len(), "stopping: delivering what is owed");
        let deadline = Instant::now() + self.settings.drain_deadline;
        self.sinks.iter().for_each(SinkHandle::hurry);
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
}
