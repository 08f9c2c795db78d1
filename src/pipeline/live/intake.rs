//! What the sources say, on its way into the core: records, ends of partitions, problems, assignments.

use std::sync::mpsc::{Receiver, RecvTimeoutError};

use super::{EVENTS_PER_TURN, Live, LiveError, TURN};
use crate::model::{Span, Timestamp};
use crate::pipeline::Arrival;
use crate::source::kafka::{PartitionId, ProblemKind, RecordBatch, SourceEvent, SourceProblem};
use crate::telemetry::{PartitionLabels, SourceLabel};

impl Live {
    pub(super) fn take_events(&mut self, events: &Receiver<SourceEvent>) -> Result<(), LiveError> {
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
            SourceEvent::Problem(problem) => self.note(&problem),
            SourceEvent::Assigned(partitions) => {
                self.assigned += partitions.len();
                for (id, next) in partitions {
                    self.catch_up.assigned(&id.topic, id.partition);
                    // registered before its first record, so that it holds the watermark until it is known to be quiet
                    self.core.engine().progress().partition(id.source, &id.topic, id.partition);
                    tracing::info!(topic = %id.topic, partition = id.partition, offset = ?next, "partition assigned");
                }
            }
            SourceEvent::Revoked(partitions) => {
                self.assigned = self.assigned.saturating_sub(partitions.len());
                for id in partitions {
                    self.catch_up.revoked(&id.topic, id.partition);
                    self.ends.remove(&(id.topic.to_string(), id.partition));
                    let name = self.source_name(id.source);
                    self.metrics.forget_lag(&PartitionLabels::of(&name, &id.topic, id.partition));
                    self.core.engine().progress().forget(id.source, &id.topic, id.partition);
                    tracing::info!(topic = %id.topic, partition = id.partition, "partition revoked");
                }
            }
        }
    }

    fn note(&mut self, problem: &SourceProblem) {
        match &problem.kind {
            ProblemKind::RecordsLost { partition, .. } => {
                let name = self.source_name(partition.source);
                let lost = problem.lost_records();
                self.metrics.records_lost.get_or_create_owned(&SourceLabel::of(&name)).inc_by(lost);
            }
            // its offsets begin anew, so that what comes is not old
            ProblemKind::LogCutOff { partition, .. } => {
                if let Ok(mut offsets) = self.offsets.lock() {
                    offsets.remove(&(partition.topic.to_string(), partition.partition));
                }
            }
            _ => {}
        }
        tracing::error!(kind = problem.kind.name(), cluster = %problem.cluster, advice = problem.advice, "{}", problem.message);
    }

    fn take_batch(&mut self, batch: &RecordBatch) {
        let key = (batch.topic.to_string(), batch.partition);
        let known = self.offsets.lock().ok().and_then(|offsets| offsets.get(&key).copied());
        let mut next = known.unwrap_or(i64::MIN);
        for record in &batch.records {
            if record.offset < next {
                continue;
            }
            record.as_record(&batch.topic, batch.partition, |lent| {
                self.core.take(batch.source as usize, lent, Arrival::At(record.arrived), &mut self.out);
            });
            next = record.offset + 1;
        }
        self.catch_up.read(&batch.topic, batch.partition, next, batch.high_watermark);
        self.ends.insert(key.clone(), batch.high_watermark);
        if let Ok(mut offsets) = self.offsets.lock() {
            offsets.insert(key, next);
        }
        let name = self.source_name(batch.source);
        let labels = PartitionLabels::of(&name, &batch.topic, batch.partition);
        self.metrics.lag.get_or_create_owned(&labels).set((batch.high_watermark - next).max(0));
    }

    fn end_of_partition(&mut self, id: &PartitionId, at: Timestamp, quiet_since: Timestamp) {
        self.catch_up.at_end(&id.topic, id.partition);
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
}
