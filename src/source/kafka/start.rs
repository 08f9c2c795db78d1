//! Where to begin in a partition: at the caller's offset, else as the source says.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::super::Start;
use super::context::ReaderContext;
use super::topics::TopicMap;

/// Asks the caller for the next offset to read of a topic's partition; `None` if it knows nothing of it. Called on the
/// source's own thread whenever the partition is assigned, so it answers from what is durable at that moment.
pub type OffsetLookup = Arc<dyn Fn(&str, i32) -> Option<i64> + Send + Sync>;

const METADATA_TIMEOUT: Duration = Duration::from_secs(10);

/// Chooses offsets. Remembers which partitions were there at the beginning: `start: latest` means to skip the past, not
/// the first records of a topic that is created tomorrow.
pub(super) struct StartChooser {
    lookup: OffsetLookup,
    /// Number of partitions of each topic when the first assignment came.
    at_the_beginning: Option<HashMap<String, i32>>,
}

impl StartChooser {
    pub(super) fn new(lookup: OffsetLookup) -> Self {
        Self { lookup, at_the_beginning: None }
    }

    /// Looks around once, before the first choice.
    pub(super) fn look_around(&mut self, consumer: &BaseConsumer<ReaderContext>, topics: &TopicMap) {
        if self.at_the_beginning.is_some() {
            return;
        }
        let mut counts = HashMap::new();
        if topics.any_starts_latest() {
            match consumer.fetch_metadata(None, METADATA_TIMEOUT) {
                Ok(metadata) => {
                    for topic in metadata.topics() {
                        let count = i32::try_from(topic.partitions().len()).unwrap_or(i32::MAX);
                        counts.insert(topic.name().to_owned(), count);
                    }
                }
                // reading too much is safe, skipping is not: every partition begins at its oldest record
                Err(error) => tracing::warn!(%error, "cannot list topics, start latest becomes earliest"),
            }
        }
        self.at_the_beginning = Some(counts);
    }

    pub(super) fn choose(&self, topic: &str, partition: i32, start: Start) -> Offset {
        if let Some(offset) = (self.lookup)(topic, partition) {
            return Offset::Offset(offset);
        }
        let was_there =
            self.at_the_beginning.as_ref().and_then(|counts| counts.get(topic)).is_some_and(|count| partition < *count);
        match start {
            Start::Latest if was_there => Offset::End,
            Start::Latest | Start::Earliest => Offset::Beginning,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snapshot_wins_and_latest_skips_only_the_past() {
        let lookup: OffsetLookup = Arc::new(|topic, partition| (topic == "a" && partition == 1).then_some(42));
        let mut chooser = StartChooser::new(lookup);
        chooser.at_the_beginning = Some(HashMap::from([("a".to_owned(), 3)]));
        assert_eq!(chooser.choose("a", 1, Start::Latest), Offset::Offset(42));
        assert_eq!(chooser.choose("a", 0, Start::Latest), Offset::End);
        assert_eq!(chooser.choose("a", 3, Start::Latest), Offset::Beginning);
        assert_eq!(chooser.choose("b", 0, Start::Latest), Offset::Beginning);
        assert_eq!(chooser.choose("a", 0, Start::Earliest), Offset::Beginning);
    }
}
