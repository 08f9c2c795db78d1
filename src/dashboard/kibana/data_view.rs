//! The data views: one for alerts, one for values of series, with links where a value leads somewhere.

use serde_json::{Value, json};

use super::super::Source;
use super::object;

/// A link that opens one alert, with its evidence, in Discover. Kibana puts its own address and space before it.
const ALERT_LINK: &str = "discover#/?_g=(time:(from:now-1y,to:now))&_a=(columns:!(event.reason,triage,events),index:clarion-alerts,query:(language:kuery,query:'alert.id:{{value}}'))";

/// Both data views.
pub(super) fn objects() -> Vec<Value> {
    Source::ALL.into_iter().map(data_view).collect()
}

fn data_view(source: Source) -> Value {
    let link = |template: &str| json!({"id": "url", "params": {"urlTemplate": template, "labelTemplate": "{{value}}"}});
    let percent = json!({"id": "percent", "params": {"pattern": "0.[0]%"}});
    let formats = match source {
        Source::Alerts => json!({
            "alert.id": link(ALERT_LINK),
            "references": {"id": "url", "params": {}},
            "rule.reference": {"id": "url", "params": {}},
            "threat.technique.reference": {"id": "url", "params": {}},
        }),
        Source::Metrics => json!({"aigov.drift.share": percent}),
    };
    let attributes = json!({
        "title": source.index(),
        "name": source.title(),
        "timeFieldName": Source::TIME,
        "fieldFormatMap": formats.to_string(),
        "fieldAttrs": "{}",
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "fields": "[]",
        "typeMeta": "{}",
    });
    object("index-pattern", "8.0.0", source.data_view(), &attributes, &[])
}
