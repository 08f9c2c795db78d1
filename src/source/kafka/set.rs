//! All Kafka sources of a configuration: one consumer for each cluster, one channel for all.

use std::sync::mpsc::{Receiver, sync_channel};

use super::super::{KafkaConnection, TopicSubscription};
use super::event::SourceEvent;
use super::options::KafkaOptions;
use super::reader::{KafkaSource, KafkaSourceError};
use super::start::OffsetLookup;
use super::status::SourceStatus;

/// The running sources. Dropping the set stops them.
pub struct SourceSet {
    sources: Vec<KafkaSource>,
}

impl SourceSet {
    /// Starts one consumer for each group of sources that share a cluster and credentials.
    ///
    /// # Errors
    /// [`KafkaSourceError`] when a consumer cannot be made; those that were started before are stopped again.
    pub fn start(
        wanted: impl IntoIterator<Item = (KafkaConnection, TopicSubscription)>,
        lookup: &OffsetLookup,
        options: &KafkaOptions,
    ) -> Result<(Self, Receiver<SourceEvent>), KafkaSourceError> {
        let (sender, receiver) = sync_channel(options.channel_capacity.max(1));
        let mut sources = Vec::new();
        for (connection, subscriptions) in by_connection(wanted) {
            sources.push(KafkaSource::start(
                &connection,
                subscriptions,
                OffsetLookup::clone(lookup),
                options.clone(),
                sender.clone(),
            )?);
        }
        Ok((Self { sources }, receiver))
    }

    /// Tells the groups up to where each topic's partition is durably done, as (topic, partition, next offset). Only
    /// tools that show lag see it.
    pub fn commit(&self, offsets: &[(String, i32, i64)]) {
        for source in &self.sources {
            source.commit(offsets.to_vec());
        }
    }

    /// The state of each consumer.
    #[must_use]
    pub fn status(&self) -> Vec<SourceStatus> {
        self.sources.iter().map(KafkaSource::status).collect()
    }

    /// Stops all and waits for their threads. Events that the channel still holds can be received afterwards.
    pub fn stop(self) {
        self.sources.into_iter().for_each(KafkaSource::stop);
    }
}

fn by_connection(
    wanted: impl IntoIterator<Item = (KafkaConnection, TopicSubscription)>,
) -> Vec<(KafkaConnection, Vec<TopicSubscription>)> {
    let mut groups: Vec<(KafkaConnection, Vec<TopicSubscription>)> = Vec::new();
    for (connection, subscription) in wanted {
        match groups.iter_mut().find(|(known, _)| known.is_same_as(&connection)) {
            Some((_, subscriptions)) => subscriptions.push(subscription),
            None => groups.push((connection, vec![subscription])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::super::super::Start;
    use super::*;

    #[test]
    fn sources_of_one_cluster_share_a_consumer() {
        let one = |broker: &str, source| {
            let subscription = TopicSubscription { source, name: "s".into(), topics: vec![], start: Start::Earliest };
            (KafkaConnection::plaintext(vec![broker.to_owned()]), subscription)
        };
        let groups = by_connection([one("a:1", 0), one("b:1", 1), one("a:1", 2)]);
        let sources: Vec<Vec<u32>> =
            groups.iter().map(|(_, subscriptions)| subscriptions.iter().map(|one| one.source).collect()).collect();
        assert_eq!(sources, [vec![0, 2], vec![1]]);
    }
}
