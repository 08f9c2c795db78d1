//! What is kept on disk while the machine runs: state, offsets and undelivered alerts, as one unit.

use super::{Live, LiveError};
use crate::correlate::Restored;
use crate::pipeline::outbox;
use crate::pipeline::store::Snapshot;
use crate::sink::Health;
use crate::source::kafka::SourceSet;

impl Live {
    pub(super) fn restore(&mut self) -> Result<(), LiveError> {
        let Some((snapshot, passed_over)) = self.store.read()? else {
            tracing::info!("no snapshot, beginning at the sources' start");
            return Ok(());
        };
        if let Some(reason) = passed_over {
            tracing::error!(reason, "the newest snapshot cannot be read, continuing from the one before");
        }
        if let Restored::Changed { kept, begun, gone, groups } = self.core.engine().restore(&snapshot.engine)? {
            tracing::warn!(
                kept,
                begun,
                gone,
                groups,
                "the rules or sources have changed since the snapshot: what is new begins without history"
            );
        }
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

    /// State, offsets and what is owed, as one unit; then the groups are told, for those who look at lag.
    pub(super) fn snapshot(&mut self, sources: &SourceSet) -> Result<(), LiveError> {
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
        self.tally.watermarks(&mut self.core);
        Ok(())
    }
}
