//! The finding as a whole.

use std::sync::Arc;

use super::super::super::arbitrary::{alert, event};
use super::*;
use crate::model::{Absence, AlertStatus, RiskEntity, Span};

fn with_rule(change: impl FnOnce(&mut RuleCard)) -> Alert {
    let mut alert = alert("event_count");
    let mut rule = (*alert.rule).clone();
    change(&mut rule);
    alert.rule = Arc::new(rule);
    alert
}

#[test]
fn an_absence_alert_has_its_documented_shape() {
    let mut alert = alert("temporal_ordered");
    alert.group = vec![("aigov.model.name".into(), Some("credit-risk".into())), ("region".into(), None)];
    alert.last_seen = alert.time.plus(Span::seconds(1));
    alert.absence = Some(Absence {
        missing: vec!["Risk assessment passed".into()],
        from: alert.time.minus(Span::seconds(2_592_000)),
        until: alert.time,
    });
    alert.evidence = vec![event("Model deployed", "2026-11-21T08:00:00.5Z", &[("aigov.model.version", json!("7"))])];
    let document = ocsf_document(&alert);
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "time",
            "category_uid",
            "category_name",
            "class_uid",
            "class_name",
            "activity_id",
            "activity_name",
            "type_uid",
            "type_name",
            "severity_id",
            "severity",
            "status_id",
            "status",
            "status_code",
            "status_detail",
            "is_alert",
            "risk_score",
            "message",
            "count",
            "start_time",
            "end_time",
            "metadata",
            "finding_info",
            "resources",
            "observables",
            "evidences",
            "remediation",
            "unmapped",
        ]
    );
    assert_eq!(document["time"], 1_795_248_000_000_i64);
    assert_eq!(document["end_time"], 1_795_248_001_000_i64);
    assert_eq!((&document["type_uid"], &document["type_name"]), (&json!(200_401), &json!("Detection Finding: Create")));
    assert_eq!(document["message"], sentence(&alert));
    assert_eq!(
        document["metadata"],
        json!({
            "version": "1.8.0",
            "uid": "00000000000000000123456789abcdef-1",
            "sequence": 1,
            "event_code": "alert-opened",
            "log_name": "clarion.alerts",
            "product": {"vendor_name": "Clarion", "name": "Clarion", "version": env!("CARGO_PKG_VERSION")},
        })
    );
    let info = &document["finding_info"];
    assert_eq!((&info["uid"], &info["title"]), (&json!("00000000000000000123456789abcdef"), &json!(alert.rule.title)));
    assert_eq!(info["data_sources"], json!(["events"]));
    assert_eq!(info["related_events"][0]["uid"], "event-1");
    assert_eq!(info["attacks"][0]["technique"]["uid"], "AML.T0010");
    assert_eq!(info["tags"][2], json!({"name": "eu_ai_act", "value": "art9"}));
    assert_eq!(document["resources"][0]["uid"], "credit-risk/7");
    assert_eq!(
        document["remediation"],
        json!({"desc": "1. Ask the owner", "references": ["https://example.com/policy"]})
    );
    assert_eq!(
        document["unmapped"],
        json!({
            "alert": {
                "suppressed": 0,
                "cold_start": false,
                "missing": ["Risk assessment passed"],
                "waited_from": "2026-10-22T08:00:00.000Z",
                "waited_until": "2026-11-21T08:00:00.000Z",
            },
            "rule": {
                "sigma_name": "deploy_without_assessment", "status": "stable", "author": "Governance team",
                "category": "temporal_ordered", "timespan": "10m",
            },
            "group": {"aigov": {"model": {"name": "credit-risk"}}, "region": null},
            "aigov": {"model": {"name": "credit-risk", "version": "7"}},
            "falsepositives": ["Emergency fix"],
        })
    );
}

#[test]
fn each_level_has_its_severity() {
    let severities: Vec<(Value, Value)> = Level::ALL
        .into_iter()
        .map(|level| ocsf_document(&with_rule(|rule| rule.level = level)))
        .map(|document| (document["severity_id"].clone(), document["severity"].clone()))
        .collect();
    let expected = [(1, "Informational"), (2, "Low"), (3, "Medium"), (4, "High"), (5, "Critical")];
    assert_eq!(severities, expected.map(|(id, caption)| (json!(id), json!(caption))));
}

#[test]
fn each_revision_is_an_event_of_its_own_of_the_same_finding() {
    let alert =
        Alert { revision: 3, status: AlertStatus::Retracted, cause: Some("late-1".into()), ..alert("temporal") };
    let document = ocsf_document(&alert);
    assert_eq!(document["metadata"]["uid"], "00000000000000000123456789abcdef-3");
    assert_eq!(
        (&document["metadata"]["sequence"], &document["metadata"]["event_code"]),
        (&json!(3), &json!("alert-retracted"))
    );
    assert_eq!((&document["type_uid"], &document["activity_name"]), (&json!(200_403), &json!("Close")));
    assert_eq!((&document["status_id"], &document["status_code"]), (&json!(6), &json!("retracted")));
    assert_eq!(document["unmapped"]["alert"]["cause"], "late-1");
}

#[test]
fn what_every_kind_of_rule_knows_is_there() {
    for kind in [
        "detection",
        "event_count",
        "value_count",
        "value_avg",
        "event_ratio",
        "temporal",
        "temporal_ordered",
        "system",
    ] {
        let mut alert = Alert { value: Some(5.0), threshold: Some(">= 5".into()), count: u64::MAX, ..alert(kind) };
        alert.evidence = vec![event("A", "2026-11-21T08:00:00Z", &[("user.name", json!("kim"))])];
        let document = ocsf_document(&alert);
        assert_eq!(document["finding_info"]["analytic"]["category"], kind);
        assert_eq!(document["evidences"][0]["user"]["name"], "kim");
        assert_eq!(
            (&document["unmapped"]["alert"]["value"], &document["unmapped"]["alert"]["threshold"]),
            (&json!(5.0), &json!(">= 5"))
        );
        assert_eq!(document["count"], i64::MAX, "an OCSF long is signed");
    }
}

#[test]
fn risk_falls_on_entities_and_a_rule_that_is_tried_out_says_so() {
    let mut alert = with_rule(|rule| {
        rule.entities = vec![RiskEntity { kind: "model".into(), field: "aigov.model.name".into() }];
        rule.status = Some("experimental".into());
        rule.risk_score = 250;
        rule.triage.clear();
    });
    alert.group = vec![("aigov.model.name".into(), Some("m".into()))];
    let document = ocsf_document(&alert);
    assert_eq!(document["risk_score"], 100);
    assert_eq!(document["unmapped"]["alert"]["risk"]["entities"], json!([{"type": "model", "value": "m"}]));
    assert_eq!(document["finding_info"]["analytic"]["state_id"], 3);
    assert_eq!(document.get("remediation"), None, "nothing is known to do");
    assert_eq!(document["unmapped"]["references"], json!(["https://example.com/policy"]));
}

#[test]
fn hostile_values_are_cut_counted_and_cannot_turn_the_message_around() {
    let mut alert = alert("detection");
    let long = "x".repeat(1 << 20);
    alert.group = vec![("aigov.model.name".into(), Some("a\n\u{202e}b".into())), ("k".into(), Some(long.clone()))];
    alert.evidence = vec![event("A", "2026-11-21T08:00:00Z", &[("user.name", json!(long))])];
    let document = ocsf_document(&alert);
    assert!(document.to_string().len() < 64 * 1024);
    assert_eq!(document["metadata"]["is_truncated"], true);
    // group, lifted and observed, evidence and the user beside it
    assert_eq!(document["unmapped"]["alert"]["cut_values"], 5);
    let message = document["message"].as_str().unwrap();
    assert!(!message.contains('\n') && !message.contains('\u{202e}'), "{message}");
    assert_eq!(document["resources"][0]["name"], "a\n\u{202e}b", "a value stays what it is");
}

#[test]
fn times_are_rounded_down() {
    for (nanos, expected) in [(0, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (i64::MIN, -9_223_372_036_855)] {
        assert_eq!(millis(Timestamp(nanos)), expected);
    }
}
