//! Builds a source, and checks that sources do not get in each other's way.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;

use crate::decode::Format;
use crate::model::LogSource;
use crate::source::Start;

use super::super::built::SourceConfig;
use super::super::written::{LogSourceSection, SourceSection, StartAt};
use super::Builder;

impl Builder<'_> {
    pub(super) fn source(&mut self, path: &str, source: SourceSection) -> SourceConfig {
        let key = |name: &str| format!("{path}.{name}");
        if source.kind.is_none() {
            self.refuse(&key("type"), "is missing: write `type: kafka`");
        }
        let name: String = self.required(&key("name"), source.name);
        let topics = self.required(&key("topics"), source.topics);
        if topics.is_empty() && !self.problems.iter().any(|problem| problem.path == key("topics")) {
            self.refuse(&key("topics"), "is empty: name a topic, or a pattern such as ^opa[.].*");
        }
        for (index, topic) in topics.iter().enumerate() {
            if let Some(reason) = topic_problem(topic) {
                self.refuse(&format!("{path}.topics[{index}]"), reason);
            }
        }
        SourceConfig {
            name: Arc::from(name.as_str()),
            format: source.format.unwrap_or(Format::Auto),
            lateness: self.duration(&key("lateness"), source.lateness),
            idle_timeout: self.positive(&key("idle_timeout"), source.idle_timeout),
            max_future_skew: self.duration(&key("max_future_skew"), source.max_future_skew),
            time_fields: source.time_fields.unwrap_or_default(),
            id_fields: source.id_fields.unwrap_or_default(),
            logsource: source.logsource.and_then(log_source),
            enrich: self.enrich(&key("enrich"), source.enrich.unwrap_or_default()),
            topics,
            start: match source.start {
                Some(StartAt::Latest) => Start::Latest,
                Some(StartAt::Earliest) | None => Start::Earliest,
            },
            connection: self.connection(path, source.brokers, source.security, source.options),
        }
    }

    /// Names are unique, and no topic of a cluster is read by two sources.
    pub(super) fn check_sources_together(&mut self, sources: &[SourceConfig]) {
        let mut names = BTreeMap::new();
        let mut topics = BTreeMap::new();
        for (index, source) in sources.iter().enumerate() {
            if let Some(first) = names.insert(source.name.as_ref(), index).filter(|_| !source.name.is_empty()) {
                let message = format!("`{}` is also the name of sources[{first}]: give each its own", source.name);
                self.refuse(&format!("sources[{index}].name"), message);
            }
            for (place, topic) in source.topics.iter().enumerate() {
                if let Some(first) = topics.insert((source.connection.brokers.clone(), topic), index) {
                    let message = format!("`{topic}` is already read by sources[{first}]: leave it to one of them");
                    self.refuse(&format!("sources[{index}].topics[{place}]"), message);
                }
            }
        }
    }
}

/// What is wrong with a topic name or pattern, if anything. Kafka's rule for names: 1 to 249 of letters, digits, `.`,
/// `_` and `-`, neither `.` nor `..`.
pub(super) fn topic_problem(topic: &str) -> Option<String> {
    if topic.starts_with('^') {
        let classes =
            topic.as_bytes().windows(2).any(|pair| matches!(pair, [b'\\', letter] if letter.is_ascii_alphanumeric()));
        if classes {
            return Some(format!(
                "`{topic}` has a `\\` class, which Kafka's client does not know: write [0-9] for \\d"
            ));
        }
        let error = Regex::new(topic).err()?;
        let reason = error.to_string().lines().last().unwrap_or_default().to_owned();
        return Some(format!("`{topic}` is no regular expression: {reason}"));
    }
    let allowed = |symbol: char| symbol.is_ascii_alphanumeric() || "._-".contains(symbol);
    let fine = (1..=249).contains(&topic.len()) && topic.chars().all(allowed) && topic != "." && topic != "..";
    (!fine).then(|| format!("`{topic}` is no topic name: letters, digits, `.`, `_` and `-`; a pattern begins with ^"))
}

fn log_source(section: LogSourceSection) -> Option<LogSource<'static>> {
    let LogSourceSection { category, product, service } = section;
    if category.is_none() && product.is_none() && service.is_none() {
        return None;
    }
    Some(LogSource {
        category: category.map(Into::into),
        product: product.map(Into::into),
        service: service.map(Into::into),
    })
}
