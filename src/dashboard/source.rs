//! The two kinds of documents that the Elasticsearch and Splunk sinks write, with the fields that their shipped index
//! templates map: a dashboard shows nothing else.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

/// A kind of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Alerts, one document each.
    Alerts,
    /// Values of series.
    Metrics,
}

type Fields = BTreeMap<String, String>;

static ALERTS: LazyLock<Fields> =
    LazyLock::new(|| mapped(include_str!("../../schemas/elasticsearch/index-template.json")));
static METRICS: LazyLock<Fields> =
    LazyLock::new(|| mapped(include_str!("../../schemas/elasticsearch/metrics-template.json")));

impl Source {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Alerts, Self::Metrics];

    /// The field with the time of a document.
    pub const TIME: &'static str = "@timestamp";

    /// The name of the indices, with `*`.
    #[must_use]
    pub fn index(self) -> &'static str {
        match self {
            Self::Alerts => "logs-clarion.alerts-*",
            Self::Metrics => "metrics-clarion.governance-*",
        }
    }

    /// What it is called where a person chooses it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Alerts => "Clarion alerts",
            Self::Metrics => "Clarion metrics",
        }
    }

    /// Its id as a data view of Kibana.
    #[must_use]
    pub fn data_view(self) -> &'static str {
        match self {
            Self::Alerts => "clarion-alerts",
            Self::Metrics => "clarion-metrics",
        }
    }

    /// The type of a field in the shipped index template; `None` where it is not mapped.
    #[must_use]
    pub fn field_type(self, field: &str) -> Option<&'static str> {
        let fields: &'static Fields = match self {
            Self::Alerts => &ALERTS,
            Self::Metrics => &METRICS,
        };
        fields.get(field).map(String::as_str)
    }
}

/// Every leaf of a template's mapping, by its dotted name.
fn mapped(template: &str) -> Fields {
    let mut fields = Fields::new();
    let template: Value = serde_json::from_str(template).unwrap_or_default();
    if let Some(mappings) = template.pointer("/template/mappings") {
        collect("", mappings, &mut fields);
    }
    fields
}

fn collect(prefix: &str, node: &Value, fields: &mut Fields) {
    if let Some(kind) = node.get("type").and_then(Value::as_str) {
        fields.insert(prefix.to_owned(), kind.to_owned());
    }
    for (name, child) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        collect(&path, child, fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_templates_say_which_fields_there_are() {
        assert_eq!(Source::Alerts.field_type("rule.level"), Some("keyword"));
        assert_eq!(Source::Alerts.field_type("message"), Some("text"));
        assert_eq!(Source::Metrics.field_type("clarion.metric.value"), Some("double"));
        assert_eq!(Source::Metrics.field_type("@timestamp"), Some("date"));
        assert_eq!(Source::Metrics.field_type("clarion.metric"), None);
        assert_eq!(Source::Alerts.field_type("clarion.metric.value"), None);
    }
}
