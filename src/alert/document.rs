//! An alert as one JSON document in the words of ECS 9. Keys come in a fixed order, absent things are absent keys, and
//! nothing in it depends on when or where it is made.

use serde_json::{Map, Value, json};

use super::bounded::Bounded;
use super::evidence::events;
use super::lift::{lift, related};
use super::nest::nest;
use super::object::Object;
use super::sentence::sentence;
use super::threat::threat;
use crate::model::{Alert, AlertStatus, RuleCard};
use crate::rule::risk::entities;

/// The ECS release whose fields are used.
pub(super) const ECS_VERSION: &str = "9.4.0";

/// What a reader of the document may ask for beside the usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DocumentOptions {
    /// The sources are files: `events[].line` is given instead of topic, partition and offset.
    pub lines: bool,
}

/// The document of an alert, as the sinks deliver it. `event.ingested` is not in it: it is when a sink sends.
#[must_use]
pub fn document(alert: &Alert) -> Value {
    document_with(alert, DocumentOptions::default())
}

/// The document of an alert, with options.
#[must_use]
pub fn document_with(alert: &Alert, options: DocumentOptions) -> Value {
    let mut bounded = Bounded::default();
    let rule = &alert.rule;
    // Evidence is made first because it is what may have to be cut; the order of keys is that of the inserts below.
    let lifted = lift(alert, &mut bounded);
    let related = related(alert, &mut bounded);
    let group = group(alert, &mut bounded);
    let events = events(&alert.evidence, options.lines, &mut bounded);

    let mut root = Object::default();
    root.put("@timestamp", alert.time.to_string());
    root.put("ecs", json!({"version": ECS_VERSION}));
    root.put("message", rule.title.as_str());
    root.put("event", event(alert));
    root.put("alert", state(alert, &mut bounded));
    root.put("rule", card(rule));
    root.put_if("group", (!group.is_empty()).then_some(group));
    root.put_if("threat", threat(&rule.tags));
    root.put_list("tags", &rule.tags);
    root.put_if("related", related);
    for (name, value) in lifted {
        root.merge(&name, value);
    }
    root.put(
        "observer",
        json!({
            "vendor": "Clarion",
            "product": "clarion",
            "type": "siem",
            "version": env!("CARGO_PKG_VERSION"),
        }),
    );
    root.put_list("triage", &rule.triage);
    root.put_list("references", &rule.references);
    root.put_list("falsepositives", &rule.falsepositives);
    root.put_if("events", (!events.is_empty()).then_some(events));
    root.0.into()
}

/// ECS `event`: what the alert is to a system that knows nothing of this engine.
fn event(alert: &Alert) -> Value {
    json!({
        "kind": "alert",
        "category": ["intrusion_detection"],
        "type": ["info"],
        "action": action(alert),
        "id": alert.id.to_string(),
        "severity": alert.rule.level.ecs_severity(),
        "risk_score": alert.rule.risk_score.min(100),
        "reason": sentence(alert),
        "module": "clarion",
        "dataset": "clarion.alerts",
        "start": alert.first_seen.to_string(),
        "end": alert.last_seen.to_string(),
    })
}

pub(super) fn action(alert: &Alert) -> &'static str {
    match alert.status {
        AlertStatus::Open if alert.revision <= 1 => "alert-opened",
        AlertStatus::Open => "alert-updated",
        AlertStatus::Closed => "alert-closed",
        AlertStatus::Retracted => "alert-retracted",
    }
}

/// What correlation knows of the alert.
pub(super) fn state(alert: &Alert, bounded: &mut Bounded) -> Map<String, Value> {
    let mut state = Object::default();
    state.put("id", alert.id.to_string());
    state.put("revision", long(alert.revision));
    state.put("status", alert.status.name());
    state.put("count", long(alert.count));
    state.put("suppressed", long(alert.suppressed));
    state.put("first_seen", alert.first_seen.to_string());
    state.put("last_seen", alert.last_seen.to_string());
    state.put_if("value", alert.value.and_then(serde_json::Number::from_f64));
    state.put_if("threshold", alert.threshold.clone());
    state.put("cold_start", alert.cold_start);
    if let Some(absence) = &alert.absence {
        state.put_list("missing", &absence.missing);
        state.put("waited_from", absence.from.to_string());
        state.put("waited_until", absence.until.to_string());
    }
    state.put_if("risk", risk(alert, bounded));
    state.put_if("cause", alert.cause.as_deref().map(|cause| bounded.text(cause)));
    state.put_if("cut_values", (bounded.cut() > 0).then_some(bounded.cut()));
    state.0
}

/// What the alert weighs, and on whom.
fn risk(alert: &Alert, bounded: &mut Bounded) -> Option<Value> {
    let of = |(kind, name): &(String, String)| json!({"type": kind, "value": bounded.text(name)});
    let entities: Vec<Value> = entities(alert).iter().map(of).collect();
    (!entities.is_empty()).then(|| json!({"score": alert.rule.risk_score.min(100), "entities": entities}))
}

/// ECS `rule`, and Sigma's words that ECS has no field for.
pub(super) fn card(rule: &RuleCard) -> Map<String, Value> {
    let mut card = Object::default();
    card.put("id", rule.id.as_str());
    card.put("name", rule.title.as_str());
    card.put_if("sigma_name", rule.name.clone());
    card.put_if("description", rule.description.clone());
    card.put("level", rule.level.name());
    card.put_if("status", rule.status.clone());
    card.put_if("author", rule.author.clone());
    card.put_if("reference", rule.references.first().cloned());
    card.put("ruleset", "clarion");
    card.put("category", rule.kind.as_str());
    let lookups = rule.lookups.iter().map(|table| json!({"name": table.name, "version": table.version}));
    card.put_if("lookups", (!rule.lookups.is_empty()).then(|| lookups.collect::<Vec<Value>>()));
    card.put_if("timespan", (rule.timespan.0 > 0).then(|| rule.timespan.to_string()));
    card.0
}

/// The group-by fields as nested objects; a value that was missing is null.
pub(super) fn group(alert: &Alert, bounded: &mut Bounded) -> Map<String, Value> {
    let value = |value: &Option<String>, bounded: &mut Bounded| match value {
        Some(text) => Value::from(bounded.text(text)),
        None => Value::Null,
    };
    nest(alert.group.iter().map(|(name, text)| (bounded.name(name), value(text, bounded))).collect())
}

/// Elasticsearch's `long` is signed; a larger number would have the document refused.
pub(super) fn long(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{alert, any_alert, event};
    use super::*;
    use crate::model::{Absence, Timestamp};
    use proptest::prelude::*;

    #[test]
    fn an_absence_alert_has_its_documented_shape() {
        let mut alert = alert("temporal_ordered");
        alert.group = vec![("aigov.model.name".into(), Some("credit-risk".into())), ("region".into(), None)];
        alert.absence = Some(Absence {
            missing: vec!["Risk assessment passed".into()],
            from: Timestamp::parse("2026-10-22T08:00:00Z").unwrap(),
            until: Timestamp::parse("2026-11-21T08:00:00Z").unwrap(),
        });
        alert.evidence =
            vec![event("Model deployed", "2026-11-21T08:00:00.5Z", &[("aigov.model.version", json!("7"))])];
        let document = document(&alert);
        let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            [
                "@timestamp",
                "ecs",
                "message",
                "event",
                "alert",
                "rule",
                "group",
                "threat",
                "tags",
                "aigov",
                "observer",
                "triage",
                "references",
                "falsepositives",
                "events"
            ]
        );
        assert_eq!(document["group"], json!({"aigov": {"model": {"name": "credit-risk"}}, "region": null}));
        assert_eq!(document["aigov"], json!({"model": {"name": "credit-risk", "version": "7"}}));
        assert_eq!(document["alert"]["missing"], json!(["Risk assessment passed"]));
        assert_eq!(document["alert"]["waited_until"], "2026-11-21T08:00:00.000Z");
        assert_eq!(document["event"]["severity"], 99);
        assert_eq!(document["message"], document["rule"]["name"]);
        assert_eq!(document["events"][0]["time"], "2026-11-21T08:00:00.500Z");
        assert_eq!(document["events"][0]["fields"], json!({"aigov": {"model": {"version": "7"}}}));
        assert_eq!(document["events"][0].get("line"), None);
        let with_lines = document_with(&alert, DocumentOptions { lines: true });
        assert_eq!(with_lines["events"][0]["line"], document["events"][0]["offset"]);
        assert_eq!(with_lines["events"][0].get("topic"), None);
    }

    #[test]
    fn absent_things_are_absent_keys() {
        let mut alert = alert("detection");
        alert.value = Some(f64::NAN);
        alert.rule = std::sync::Arc::new(RuleCard {
            name: None,
            description: None,
            status: None,
            author: None,
            tags: Vec::new(),
            references: Vec::new(),
            falsepositives: Vec::new(),
            triage: Vec::new(),
            timespan: crate::model::Span::ZERO,
            ..(*alert.rule).clone()
        });
        let document = document(&alert);
        for path in ["/group", "/threat", "/tags", "/related", "/aigov", "/triage", "/events", "/alert/value"] {
            assert_eq!(document.pointer(path), None, "{path}");
        }
        for path in ["/alert/missing", "/alert/cause", "/alert/cut_values", "/rule/author", "/rule/timespan"] {
            assert_eq!(document.pointer(path), None, "{path}");
        }
    }

    #[test]
    fn evidence_fields_with_ecs_names_join_the_alerts_own_event() {
        let mut alert = alert("detection");
        alert.evidence = vec![event("A", "2026-11-21T08:00:00Z", &[("event.outcome", json!("failure"))])];
        let document = document(&alert);
        assert_eq!(document["event"]["outcome"], "failure");
        assert_eq!(document["event"]["kind"], "alert");
    }

    #[test]
    fn long_values_are_cut_and_counted() {
        let mut alert = alert("detection");
        let long = "x".repeat(1 << 20);
        alert.group = vec![("user.name".into(), Some(long.clone()))];
        alert.evidence = vec![event("A", "2026-11-21T08:00:00Z", &[("message", json!(long))])];
        let document = document(&alert);
        assert!(document.to_string().len() < 64 * 1024);
        // once each as lifted field, related user, group and evidence
        assert_eq!(document["alert"]["cut_values"], 4);
        assert!(document["group"]["user"]["name"].as_str().unwrap().ends_with("(cut, 1048576 bytes)"));
    }

    proptest! {
        #[test]
        fn the_same_alert_gives_the_same_bytes(alert in any_alert()) {
            prop_assert_eq!(document(&alert).to_string(), document(&alert.clone()).to_string());
        }
    }
}
