//! Which source a topic belongs to: by name first, then by the first pattern that matches.

use std::collections::HashMap;
use std::sync::Arc;

use regex::Regex;

use super::super::{Start, TopicSubscription};

/// The topics of all sources of a cluster.
#[derive(Debug)]
pub(super) struct TopicMap {
    names: HashMap<String, usize>,
    patterns: Vec<(Regex, usize)>,
    subscriptions: Vec<TopicSubscription>,
}

impl TopicMap {
    /// # Errors
    /// The pattern that is no regular expression, with the reason.
    pub(super) fn new(subscriptions: Vec<TopicSubscription>) -> Result<Self, String> {
        let mut names = HashMap::new();
        let mut patterns = Vec::new();
        for (index, subscription) in subscriptions.iter().enumerate() {
            for topic in &subscription.topics {
                if topic.starts_with('^') {
                    let pattern = Regex::new(topic).map_err(|error| format!("topic pattern `{topic}`: {error}"))?;
                    patterns.push((pattern, index));
                } else {
                    names.entry(topic.clone()).or_insert(index);
                }
            }
        }
        Ok(Self { names, patterns, subscriptions })
    }

    /// What to subscribe to. librdkafka reads patterns as POSIX extended expressions, a part of ours; a topic that only
    /// it finds matching is left alone by the rebalance callback.
    pub(super) fn subscription(&self) -> Vec<&str> {
        self.subscriptions.iter().flat_map(|subscription| &subscription.topics).map(String::as_str).collect()
    }

    /// Number of the source that reads the topic, and where it begins.
    pub(super) fn source_of(&self, topic: &str) -> Option<(u32, Start)> {
        let by_pattern = || self.patterns.iter().find(|(pattern, _)| pattern.is_match(topic)).map(|(_, index)| index);
        let index = self.names.get(topic).or_else(by_pattern)?;
        self.subscriptions.get(*index).map(|subscription| (subscription.source, subscription.start))
    }

    /// Whether any source begins behind the newest record.
    pub(super) fn any_starts_latest(&self) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.start == Start::Latest)
    }

    pub(super) fn source_names(&self) -> Vec<(u32, Arc<str>)> {
        self.subscriptions.iter().map(|one| (one.source, Arc::clone(&one.name))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_wins_over_a_pattern_and_the_first_pattern_over_the_next() {
        let subscription = |source, topics: &[&str], start| TopicSubscription {
            source,
            name: Arc::from("s"),
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            start,
        };
        let map = TopicMap::new(vec![
            subscription(7, &["^opa[.].*"], Start::Earliest),
            subscription(8, &["^.*[.]dev$", "opa.special"], Start::Latest),
        ])
        .unwrap();
        assert_eq!(map.source_of("opa.x"), Some((7, Start::Earliest)));
        assert_eq!(map.source_of("opa.dev"), Some((7, Start::Earliest)));
        assert_eq!(map.source_of("opa.special"), Some((8, Start::Latest)));
        assert_eq!(map.source_of("jira.dev"), Some((8, Start::Latest)));
        assert_eq!(map.source_of("jira"), None);
        assert!(TopicMap::new(vec![subscription(1, &["^("], Start::Earliest)]).is_err());
    }
}
