//! What is needed before rules can be compiled: the newest snapshot, and a version of every lookup table. The snapshot's
//! versions come first, so that what is read again is decided by the tables that it was decided by; a table that no snapshot
//! knows is waited for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::AppError;
use super::reload::note_update;
use crate::config::Config;
use crate::lookup::{FetchError, Update, Watchers};
use crate::pipeline::{KeptTable, Snapshot, SnapshotStore};
use crate::rule::lookup::{Lookups, Table};
use crate::telemetry::Metrics;

/// How often it is looked whether to stop.
const TURN: Duration = Duration::from_millis(100);

/// A run that can begin.
pub struct Opened {
    pub(super) runtime: Runtime,
    pub(super) store: SnapshotStore,
    pub(super) snapshot: Option<Snapshot>,
    pub(super) tables: Lookups,
    pub(super) watchers: Watched,
    pub(super) metrics: Arc<Metrics>,
}

/// The tasks that watch tables, and what they have found already beside the tables that are in use.
pub(super) struct Watched {
    pub(super) tasks: Watchers,
    pub(super) newer: BTreeMap<String, Arc<Table>>,
}

impl Opened {
    /// The tables to compile the rules with.
    #[must_use]
    pub fn tables(&self) -> &Lookups {
        &self.tables
    }
}

/// Reads the newest snapshot, begins to watch the lookup tables and waits until there is a version of each. `None` when `stop`
/// is set before.
///
/// # Errors
/// [`AppError`] when the state cannot be used, or a table that the snapshot does not have.
pub fn open(config: &Config, stop: &AtomicBool) -> Result<Option<Opened>, AppError> {
    let store = SnapshotStore::open(&config.state.directory)?;
    let snapshot = store.read()?.map(|(snapshot, passed_over)| {
        if let Some(reason) = passed_over {
            tracing::error!(reason, "the newest snapshot cannot be read, continuing from the one before");
        }
        snapshot
    });
    let kept = snapshot.iter().flat_map(|snapshot| &snapshot.tables);
    let kept: Vec<KeptTable> = kept.filter(|kept| config.lookups.contains_key(&kept.name)).cloned().collect();
    let mut tables = store.tables(&kept)?;
    let runtime = Runtime::new().map_err(AppError::Runtime)?;
    let metrics = Arc::new(Metrics::new());
    let tasks = Watchers::start(&config.lookups, runtime.handle())?;
    let mut newer = BTreeMap::new();
    while tables.tables().count() < config.lookups.len() {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match tasks.updates().recv_timeout(TURN) {
            Ok(update) => begin_with(update, &mut tables, &mut newer, &metrics)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                let name = config.lookups.keys().find(|name| tables.get(name).is_none()).cloned().unwrap_or_default();
                return Err(AppError::Lookup { name, reason: "nobody reads it any more".to_owned() });
            }
        }
    }
    Ok(Some(Opened { runtime, store, snapshot, tables, watchers: Watched { tasks, newer }, metrics }))
}

fn begin_with(
    update: Update,
    tables: &mut Lookups,
    newer: &mut BTreeMap<String, Arc<Table>>,
    metrics: &Metrics,
) -> Result<(), AppError> {
    note_update(&update, tables, metrics);
    let Update { name, found } = update;
    match found {
        Ok(Some(table)) if tables.get(&name).is_some() => {
            newer.insert(name, table);
        }
        Ok(Some(table)) => tables.insert(&name, table),
        Err(FetchError::Unusable(reason)) if tables.get(&name).is_none() => {
            return Err(AppError::Lookup { name, reason });
        }
        Ok(None) | Err(_) => {}
    }
    Ok(())
}
