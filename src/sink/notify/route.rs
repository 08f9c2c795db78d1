//! What a route is told, put together how, and how often. The same for all kinds of notification.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::model::{Level, Span};
use crate::sink::Timespan;

/// Most alerts that a route may hold.
const HELD: usize = 100_000;

/// Which alerts go to a route, which news of them, and how they are put together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RouteSettings {
    /// Which alerts; all if it is empty. Every criterion that is there must be met, by any of its values.
    #[serde(rename = "match")]
    pub criteria: Criteria,
    /// Which news of an alert.
    pub tell: Vec<News>,
    /// Alerts with the same values of these go into one message: `rule`, `model`, `level`, `alert` (each by itself), or a
    /// field that rules group by, such as `user.name`. Empty: all alerts together.
    pub group_by: Vec<String>,
    /// How long the first alert of a group waits for others.
    pub group_wait: Delay,
    /// After a message, how long the next one of the same group waits.
    pub group_interval: Delay,
    /// Messages in a span of time, at most. What is above it waits, and is in the next message.
    pub limit: Option<MessageLimit>,
    /// Alerts that the route holds back at most, waiting for others, for the limit or for the receiver. When it is full, it takes
    /// no more, as any sink whose queue is full.
    pub held: usize,
}

impl Default for RouteSettings {
    fn default() -> Self {
        Self {
            criteria: Criteria::default(),
            tell: vec![News::Opened, News::Closed, News::Retracted],
            group_by: vec!["rule".to_owned()],
            group_wait: Delay(Duration::from_secs(30)),
            group_interval: Delay(Duration::from_secs(300)),
            limit: None,
            held: 1000,
        }
    }
}

/// What an alert must be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Criteria {
    /// Levels: `informational`, `low`, `medium`, `high`, `critical`.
    #[schemars(with = "Vec<String>")]
    pub levels: Vec<Level>,
    /// Ids, names or titles of rules.
    pub rules: Vec<String>,
    /// Tags of rules, such as `eu_ai_act.art9`; `atlas.*` is every tag that begins so.
    pub tags: Vec<String>,
    /// Names of models (`aigov.model.name`), from the alert's group or its events.
    pub models: Vec<String>,
}

/// News of an alert: the words of `event.action`, without `alert-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum News {
    /// It is new.
    Opened,
    /// It goes on: more events, another value.
    Updated,
    /// Its episode has ended.
    Closed,
    /// It should not have been raised.
    Retracted,
}

/// So many messages in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageLimit {
    /// Messages at most.
    pub messages: usize,
    /// In any span of this length.
    pub per: Timespan,
}

/// A length of time in the configuration that may be none: `0s`, `30s`, `5m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^[0-9]+(ms|s|m|h|d)$"))]
pub struct Delay(pub Duration);

impl<'de> Deserialize<'de> for Delay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let span = Span::parse(&text).map_err(serde::de::Error::custom)?;
        if span < Span::ZERO {
            return Err(serde::de::Error::custom("a duration such as 0s or 30s"));
        }
        Ok(Self(span.to_std()))
    }
}

impl serde::Serialize for Delay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Timespan(self.0).serialize(serializer)
    }
}

impl RouteSettings {
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let blank = |texts: &[String]| texts.iter().any(|text| text.trim().is_empty());
        let criteria = &self.criteria;
        if [&criteria.rules, &criteria.tags, &criteria.models].into_iter().any(|texts| blank(texts)) {
            return Some(("route.match", "an empty text matches nothing: write a name, or leave it out".to_owned()));
        }
        if self.tell.is_empty() {
            return Some((
                "route.tell",
                "nothing would be told: name some of opened, updated, closed, retracted".to_owned(),
            ));
        }
        if blank(&self.group_by) {
            return Some((
                "route.group_by",
                "name rule, model, level, alert, or a field that rules group by".to_owned(),
            ));
        }
        if self.limit.is_some_and(|limit| limit.messages == 0) {
            return Some((
                "route.limit.messages",
                "at least 1 is needed: with none, nothing would ever be told".to_owned(),
            ));
        }
        if self.held == 0 || self.held > HELD {
            return Some(("route.held", format!("between 1 and {HELD}")));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_reads_with_defaults_and_says_what_is_wrong() {
        let read = |yaml: &str| serde_saphyr::from_str::<RouteSettings>(yaml).map_err(|error| error.to_string());
        assert_eq!(read("{}"), Ok(RouteSettings::default()));
        let route = read("{match: {levels: [high]}, group_wait: 0s, limit: {messages: 20, per: 1h}}").unwrap();
        assert_eq!((route.group_wait.0, route.fault()), (Duration::ZERO, None));
        assert_eq!(route.limit.unwrap().per.0, Duration::from_secs(3600));
        assert!(read("{match: {levels: [severe]}}").unwrap_err().contains("severe"));
        assert!(read("{match: {level: [high]}}").unwrap_err().contains("level"));
        assert!(read("{group_wait: -1s}").is_err() && read("{limit: {messages: 3}}").is_err());
        for (yaml, setting) in [
            ("{match: {rules: ['']}}", "route.match"),
            ("{tell: []}", "route.tell"),
            ("{group_by: [' ']}", "route.group_by"),
            ("{limit: {messages: 0, per: 1h}}", "route.limit.messages"),
            ("{held: 0}", "route.held"),
        ] {
            assert_eq!(read(yaml).unwrap().fault().unwrap().0, setting);
        }
    }
}
