//! A value of a series as one JSON document in the words of ECS 9 (RULES S20). A pure function of the value, as the
//! document of an alert is of the alert.

use serde_json::{Map, Value, json};

use super::bounded::Bounded;
use super::document::ECS_VERSION;
use super::lift::lift_group;
use super::nest::nest;
use crate::model::Metric;

/// The document of a value, as the sinks deliver it. `event.ingested` is not in it: it is when a sink sends.
#[must_use]
pub fn metric_document(metric: &Metric) -> Value {
    let mut bounded = Bounded::default();
    let lifted = lift_group(&metric.group, &mut bounded);
    let group = metric.group.iter().map(|(name, value)| {
        let name = bounded.name(name);
        (name, value.as_deref().map_or(Value::Null, |text| bounded.text(text).into()))
    });
    let group = nest(group.collect());
    let (from, until) = (metric.from.to_string(), metric.time.to_string());
    let mut written = Map::new();
    written.insert("name".to_owned(), metric.name.as_str().into());
    if let Some(unit) = &metric.unit {
        written.insert("unit".to_owned(), unit.as_str().into());
    }
    written.insert(
        "value".to_owned(),
        metric.value.and_then(serde_json::Number::from_f64).map_or(Value::Null, Value::from),
    );
    written.insert("samples".to_owned(), i64::try_from(metric.samples).unwrap_or(i64::MAX).into());
    written.insert("window".to_owned(), json!({"start": from, "end": until}));
    let mut document = json!({
        "@timestamp": until,
        "ecs": {"version": ECS_VERSION},
        "message": metric.rule.title,
        "event": {
            "kind": "metric",
            "id": metric.id.to_string(),
            "module": "clarion",
            "dataset": "clarion.metrics",
            "start": from,
            "end": until,
        },
        "clarion": {"metric": written},
        "rule": {
            "id": metric.rule.id,
            "name": metric.rule.title,
            "ruleset": "clarion",
            "category": metric.rule.kind,
            "timespan": metric.rule.timespan.to_string(),
        },
    });
    if let Some(document) = document.as_object_mut() {
        if !group.is_empty() {
            document.insert("group".to_owned(), group.into());
        }
        document.extend(lifted.into_iter().filter(|(name, _)| name != "event"));
        let observer =
            json!({"vendor": "Clarion", "product": "clarion", "type": "siem", "version": env!("CARGO_PKG_VERSION")});
        document.insert("observer".to_owned(), observer);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::alert;
    use super::super::schema::{fits, unmapped};
    use super::*;
    use crate::model::{AlertId, Span, Timestamp};
    use proptest::prelude::*;

    const SCHEMA: &str = include_str!("../../schemas/metric.json");
    const TEMPLATE: &str = include_str!("../../schemas/elasticsearch/metrics-template.json");

    fn metric() -> Metric {
        let time = Timestamp::parse("2026-11-21T08:00:00Z").unwrap();
        Metric {
            id: AlertId(255),
            time,
            rule: alert("event_ratio").rule,
            name: "aigov.denial_rate".into(),
            unit: Some("1".into()),
            group: vec![("aigov.endpoint.id".into(), Some("loan-api".into())), ("region".into(), None)],
            value: Some(0.25),
            samples: 8,
            from: time.minus(Span::seconds(3600)),
        }
    }

    fn check(document: &Value) -> Result<(), String> {
        let template: Value = serde_json::from_str(TEMPLATE).unwrap();
        fits(document, SCHEMA)?;
        unmapped("", document, &template["template"]["mappings"]).map_or(Ok(()), Err)
    }

    #[test]
    fn s20_a_value_has_its_documented_shape() {
        let mut document = metric_document(&metric());
        assert_eq!(document["@timestamp"], "2026-11-21T08:00:00.000Z");
        assert_eq!(
            document["clarion"]["metric"],
            json!({
                "name": "aigov.denial_rate", "unit": "1", "value": 0.25, "samples": 8,
                "window": {"start": "2026-11-21T07:00:00.000Z", "end": "2026-11-21T08:00:00.000Z"},
            })
        );
        assert_eq!(document["group"], json!({"aigov": {"endpoint": {"id": "loan-api"}}, "region": null}));
        assert_eq!(document["aigov"], json!({"endpoint": {"id": "loan-api"}}));
        document["event"]["ingested"] = "2026-11-21T08:00:01.000Z".into();
        check(&document).unwrap();
    }

    #[test]
    fn s20_what_has_no_value_is_null_and_what_has_no_group_has_none() {
        let document = metric_document(&Metric { value: None, unit: None, group: Vec::new(), ..metric() });
        assert_eq!(document["clarion"]["metric"]["value"], Value::Null);
        assert_eq!(document.get("group"), None);
        check(&document).unwrap();
        let endless = metric_document(&Metric { value: Some(f64::INFINITY), ..metric() });
        assert_eq!(endless["clarion"]["metric"]["value"], Value::Null);
    }

    proptest! {
        #[test]
        fn s20_documents_of_random_groups_fit(
            group in proptest::collection::vec((any::<String>(), proptest::option::of(any::<String>())), 0..4),
            name in "[a-z._]{1,20}",
            value in proptest::option::of(any::<f64>()),
        ) {
            let document = metric_document(&Metric { group, name, value, ..metric() });
            prop_assert_eq!(check(&document), Ok(()));
        }
    }
}
