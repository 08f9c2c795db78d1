//! Offsets that the broker no longer has, or never had: found, counted, told loudly, and left behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use crate::telemetry::clock;

use super::super::event::{PartitionId, ProblemKind, SourceProblem};
use super::super::trouble::explain;
use super::{Reader, SharedConsumer};

const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Where a partition begins and ends.
struct Range {
    topic: Arc<str>,
    partition: i32,
    begin: i64,
    end: i64,
}

impl Reader {
    /// librdkafka has said that some partition's offset is out of range, but not which one: asks the brokers, and goes
    /// on at the earliest record of those that are.
    pub(super) fn rescue_offsets(&mut self, consumer: &SharedConsumer) {
        if self.out_of_range.is_none_or(|due| Instant::now() < due) {
            return;
        }
        match self.ranges(consumer) {
            Ok(ranges) => {
                self.out_of_range = None;
                for range in ranges {
                    self.rescue(consumer, &range);
                }
            }
            Err(error) => {
                self.out_of_range = Some(Instant::now() + TRY_AGAIN_AFTER);
                let message = format!("cannot ask where partitions begin and end: {error}");
                self.tell(explain(&self.cluster, &error, &message));
            }
        }
    }

    fn ranges(&self, consumer: &SharedConsumer) -> Result<Vec<Range>, KafkaError> {
        let keys: Vec<(Arc<str>, i32)> = self.board().positions.keys().cloned().collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let ask = |what: Offset| {
            let mut question = TopicPartitionList::with_capacity(keys.len());
            for (topic, partition) in &keys {
                question.add_partition_offset(topic, *partition, what)?;
            }
            consumer.offsets_for_times(question, ANSWER_TIMEOUT)
        };
        let (begins, ends) = (ask(Offset::Beginning)?, ask(Offset::End)?);
        let number = |list: &TopicPartitionList, topic: &str, partition| match list.find_partition(topic, partition) {
            Some(element) => element.error().map(|()| element.offset()),
            None => Ok(Offset::Invalid),
        };
        let mut ranges = Vec::new();
        for (topic, partition) in keys {
            let begin = number(&begins, &topic, partition)?;
            let end = number(&ends, &topic, partition)?;
            if let (Offset::Offset(begin), Offset::Offset(end)) = (begin, end) {
                ranges.push(Range { topic, partition, begin, end });
            }
        }
        Ok(ranges)
    }

    fn rescue(&mut self, consumer: &SharedConsumer, range: &Range) {
        let Range { topic, partition, begin, end } = range;
        let key = (Arc::clone(topic), *partition);
        let Some((source, next)) = self.board().positions.get(&key).and_then(|one| Some((one.source, one.next?)))
        else {
            return;
        };
        if (*begin..=*end).contains(&next) {
            return;
        }
        // what was taken before goes out before the gap is told
        self.hand_over();
        if let Err(error) = begin_again(consumer, topic, *partition, *begin) {
            self.out_of_range = Some(Instant::now() + TRY_AGAIN_AFTER);
            let message = format!("cannot go on at the earliest record of {topic}[{partition}]: {error}");
            self.tell(explain(&self.cluster, &error, &message));
            return;
        }
        let id = PartitionId { source, topic: Arc::clone(topic), partition: *partition };
        self.board().assign(&id, Some(*begin), clock::now());
        let (kind, message) = if next < *begin {
            let message =
                format!("{id} has no records {next} to {}: they were deleted before they were read", begin - 1);
            (ProblemKind::RecordsLost { partition: id, from: next, to: *begin }, message)
        } else {
            let message = format!("{id} ends at {end}, before the offset {next} to continue at");
            (ProblemKind::LogCutOff { partition: id, expected: next, end: *end }, message)
        };
        let advice = match kind {
            ProblemKind::RecordsLost { .. } => "reading goes on at the earliest; lengthen the topic's retention",
            _ => "reading goes on at the earliest; if the topic was created anew, remove its part of the snapshot",
        };
        self.tell(SourceProblem { kind, cluster: Arc::clone(&self.cluster), message, advice });
    }
}

/// Takes the partition out and in again. A partition whose offset is out of range has stopped fetching, so that
/// librdkafka refuses to seek in it.
fn begin_again(consumer: &SharedConsumer, topic: &str, partition: i32, offset: i64) -> Result<(), KafkaError> {
    let mut one = TopicPartitionList::new();
    one.add_partition_offset(topic, partition, Offset::Offset(offset))?;
    consumer.incremental_unassign(&one)?;
    consumer.incremental_assign(&one)
}
