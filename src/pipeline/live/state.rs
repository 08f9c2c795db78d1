//! What is kept on disk while the machine runs: state, offsets, undelivered alerts and the tables in use, as one unit; and
//! the moment at which other rules and tables come into use.

use std::time::Instant;

use super::catch_up::CatchUp;
use super::{Live, LiveError};
use crate::correlate::Restored;
use crate::pipeline::change::Change;
use crate::pipeline::outbox;
use crate::pipeline::store::{KeptTable, Snapshot};
use crate::rule::lookup::Lookups;
use crate::sink::Health;
use crate::source::kafka::SourceSet;
use crate::telemetry::{ReloadLabel, clock};

impl Live {
    pub(super) fn restore(&mut self, snapshot: Snapshot) -> Result<(), LiveError> {
        if let Restored::Changed { kept, begun, gone, groups } = self.core.engine().restore(&snapshot.engine)? {
            tracing::warn!(
                kept,
                begun,
                gone,
                groups,
                "the rules or sources have changed since the snapshot: what is new begins without history"
            );
        }
        let known = snapshot.offsets.iter().map(|(topic, partition, _)| (topic.clone(), *partition));
        self.catch_up = CatchUp::after(known, Instant::now());
        self.kept = snapshot.tables;
        self.tally.begin(&self.core);
        if let Ok(mut offsets) = self.offsets.lock() {
            offsets
                .extend(snapshot.offsets.iter().map(|(topic, partition, next)| ((topic.clone(), *partition), *next)));
        }
        for (json, names) in snapshot.unacknowledged {
            let Some(content) = outbox::read(&json) else {
                tracing::error!("an alert or a metric of the snapshot cannot be read");
                continue;
            };
            let owed: Vec<usize> = self
                .sinks
                .iter()
                .enumerate()
                .filter(|(_, sink)| names.iter().any(|name| name == sink.name()))
                .map(|(index, _)| index)
                .collect();
            self.outbox.put(content, owed);
        }
        tracing::info!(partitions = snapshot.offsets.len(), owed = self.outbox.len(), "continuing from the snapshot");
        Ok(())
    }

    /// Keeps the tables that are in use before anything is decided by them, so that a restart finds them.
    pub(super) fn begin_with(&mut self, tables: &Lookups) -> Result<(), LiveError> {
        let before = std::mem::replace(&mut self.kept, KeptTable::all(tables));
        self.note_tables(tables, &[]);
        if before == self.kept {
            return Ok(());
        }
        self.store.keep_tables(tables)?;
        self.write()?;
        self.store.forget_tables_except(&[&before, &self.kept]);
        Ok(())
    }

    /// A snapshot, and the machine goes on from it: as it is, or under other rules and tables if some have come. Everything
    /// that was decided before has been handed over.
    pub(super) fn snapshot_and_change(&mut self, sources: &SourceSet) -> Result<(), LiveError> {
        if !self.changes.is_there() || !self.catch_up.is_over(Instant::now()) {
            return self.snapshot(sources);
        }
        let Some(Change { rules, sources: with, tables, what }) = self.changes.take() else {
            return self.snapshot(sources);
        };
        self.store.keep_tables(&tables)?;
        let before = std::mem::replace(&mut self.kept, KeptTable::all(&tables));
        let snapshot = self.snapshot_of_now(sources)?;
        self.store.forget_tables_except(&[&before, &self.kept]);
        match self.core.go_on_with(rules, with, &snapshot.engine)? {
            Restored::Complete => tracing::info!(what, "goes on with what has changed"),
            Restored::Changed { kept, begun, gone, groups } => {
                tracing::info!(what, kept, begun, gone, groups, "goes on with what has changed");
            }
        }
        self.tally.after_change();
        self.note_tables(&tables, &before);
        self.metrics.reloads.get_or_create_owned(&ReloadLabel::of("taken")).inc();
        Ok(())
    }

    fn note_tables(&self, tables: &Lookups, before: &[KeptTable]) {
        for ((name, table), kept) in tables.tables().zip(&self.kept) {
            if !before.contains(kept) {
                self.metrics.set_table_in_use(name, table.values(), clock::now());
                tracing::info!(lookup = name, version = table.version, values = table.values(), "lookup table in use");
            }
        }
    }

    /// State, offsets and what is owed, as one unit; then the groups are told, for those who look at lag.
    pub(super) fn snapshot(&mut self, sources: &SourceSet) -> Result<(), LiveError> {
        self.snapshot_of_now(sources).map(drop)
    }

    fn snapshot_of_now(&mut self, sources: &SourceSet) -> Result<Snapshot, LiveError> {
        let snapshot = self.write()?;
        sources.commit(&snapshot.offsets);
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
        self.tally.watermarks(&mut self.core);
        Ok(snapshot)
    }

    fn write(&mut self) -> Result<Snapshot, LiveError> {
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
        let engine = self.core.engine().snapshot()?;
        let snapshot = Snapshot { engine, offsets, unacknowledged, tables: self.kept.clone() };
        let bytes = self.store.write(&snapshot)?;
        let taken = clock::now();
        self.gathered.snapshot = Some((taken, bytes as u64));
        self.metrics.set_snapshot(taken, bytes as u64);
        tracing::debug!(bytes, owed = self.outbox.len(), "snapshot written");
        Ok(snapshot)
    }
}
