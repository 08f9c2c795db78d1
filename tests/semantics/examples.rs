//! The example rules that the semantics are written around.

use super::stage::{Outcome, Stage, stage};

const BASE: &str = "
title: Risk assessment passed
name: risk_assessment_pass
logsource: {product: git, category: risk_assessment}
detection: {s: {outcome: pass}, condition: s}
---
title: Model deployed
name: model_deployment
logsource: {product: mlflow, service: registry}
detection: {s: {event.action: deployed}, condition: s}
---
title: Policy denied
name: opa_deny
logsource: {product: opa}
detection: {s: {result: false}, condition: s}
---
title: Policy allowed
name: opa_allow
logsource: {product: opa}
detection: {s: {result: true}, condition: s}
---
title: Drift
name: drift_alert
logsource: {product: evidently}
detection: {s: {drift: true}, condition: s}
---
title: Complaint
name: complaint_ticket
logsource: {product: jira}
detection: {s: {labels: complaint}, condition: s}
---
title: Human review
name: human_review
logsource: {category: human_decision}
detection: {s: {kind: review}, condition: s}
---
";

fn example(rule: &str) -> Stage {
    stage(&format!("{BASE}{rule}")).logsources_matter().lateness(600)
}

fn run(stage: &Stage, records: &[&str]) -> Outcome {
    stage.run_lines(records.iter().map(|record| (*record).to_owned()))
}

#[test]
fn ex1_a_model_is_deployed_without_an_assessment_in_the_30_days_before() {
    let stage = example(
        "
title: Model deployed without a risk-assessment pass in the preceding 30 days
name: deploy_without_assessment
dialect: clarion/1
level: critical
correlation:
    type: temporal_ordered
    rules: [risk_assessment_pass, model_deployment]
    condition: model_deployment and not risk_assessment_pass
    group-by: [model.name, model.version]
    timespan: 30d
    lateness: 5m
    cold-start: annotate
",
    );
    let pass = |ts: &str, version: u32| {
        format!(
            "{{\"ts\":\"{ts}\",\"logsource\":{{\"product\":\"git\",\"category\":\"risk_assessment\"}},\"outcome\":\"pass\",\"model\":{{\"name\":\"m\",\"version\":{version}}}}}"
        )
    };
    let deployed = |ts: &str, version: u32| {
        format!(
            "{{\"ts\":\"{ts}\",\"logsource\":{{\"product\":\"mlflow\",\"service\":\"registry\"}},\"event\":{{\"action\":\"deployed\"}},\"model\":{{\"name\":\"m\",\"version\":\"{version}\"}}}}"
        )
    };
    let records = [
        pass("2026-01-01T00:00:00Z", 1),
        deployed("2026-01-31T00:00:00Z", 1),
        deployed("2026-01-31T00:00:00.000000001Z", 1),
        deployed("2026-02-01T00:00:00Z", 2),
        // within five minutes of the newest event: not late, and before the deployment of version 3
        deployed("2026-02-02T00:04:00Z", 3),
        pass("2026-02-02T00:00:00Z", 3),
    ];
    let outcome = run(&stage, &records.each_ref().map(String::as_str));
    let found: Vec<(i64, bool)> =
        outcome.last().iter().map(|alert| (alert.evidence[0].coordinates.offset, alert.cold_start)).collect();
    assert_eq!(found, [(3, false), (4, false)]);
    let missing = outcome.last()[1].absence.clone().unwrap();
    assert_eq!(missing.missing, ["Risk assessment passed"]);
    assert_eq!(
        (missing.from.to_string(), missing.until.to_string()),
        ("2026-01-02T00:00:00.000Z".to_owned(), "2026-02-01T00:00:00.000Z".to_owned())
    );
}

#[test]
fn ex2_five_policy_violations_in_a_row() {
    let stage = example(
        "
title: Five consecutive policy violations from one endpoint
dialect: clarion/1
level: high
correlation:
    type: event_count
    rules: [opa_deny]
    reset-on: [opa_allow]
    group-by: [endpoint.id]
    timespan: 10m
    condition: {gte: 5}
",
    );
    let decision = |minute: u32, allowed: bool| {
        format!(
            "{{\"ts\":\"2026-01-05T00:{minute:02}:00Z\",\"logsource\":{{\"product\":\"opa\"}},\"result\":{allowed},\"endpoint\":{{\"id\":\"e\"}}}}"
        )
    };
    let alerts = |decisions: &[(u32, bool)]| {
        let records: Vec<String> = decisions.iter().map(|(minute, allowed)| decision(*minute, *allowed)).collect();
        run(&stage, &records.iter().map(String::as_str).collect::<Vec<_>>()).last().len()
    };
    assert_eq!(alerts(&[(0, false), (1, false), (2, false), (3, false), (10, false)]), 1);
    assert_eq!(alerts(&[(0, false), (1, false), (2, false), (3, false), (11, false)]), 0);
    assert_eq!(alerts(&[(0, false), (1, false), (2, true), (3, false), (4, false), (5, false)]), 0);
}

#[test]
fn ex4_drift_with_a_spike_of_complaints_about_the_same_model() {
    let stage = example(
        "
title: Complaint spike
name: complaint_spike
correlation:
    type: event_count
    rules: [complaint_ticket]
    group-by: [model.name]
    timespan: 1h
    condition: {gte: 3}
---
title: Drift alert correlated with a complaint spike for the same model
level: high
correlation:
    type: temporal
    rules: [drift_alert, complaint_spike]
    group-by: [model.name]
    timespan: 6h
",
    );
    let records = [
        "{\"ts\":\"2026-01-05T00:00:00Z\",\"logsource\":{\"product\":\"evidently\"},\"drift\":true,\"model\":{\"name\":\"m\"}}",
        "{\"ts\":\"2026-01-05T05:00:00Z\",\"logsource\":{\"product\":\"jira\"},\"labels\":[\"complaint\",\"p1\"],\"model\":{\"name\":\"m\"}}",
        "{\"ts\":\"2026-01-05T05:10:00Z\",\"logsource\":{\"product\":\"jira\"},\"labels\":[\"complaint\"],\"model\":{\"name\":\"m\"}}",
        "{\"ts\":\"2026-01-05T05:20:00Z\",\"logsource\":{\"product\":\"jira\"},\"labels\":[\"complaint\"],\"model\":{\"name\":\"other\"}}",
        "{\"ts\":\"2026-01-05T06:00:00Z\",\"logsource\":{\"product\":\"jira\"},\"labels\":[\"complaint\"],\"model\":{\"name\":\"m\"}}",
    ];
    let outcome = run(&stage, &records);
    let alert = outcome.only();
    assert_eq!(alert.time.to_string(), "2026-01-05T06:00:00.000Z");
    assert_eq!(alert.evidence.iter().map(|event| event.coordinates.offset).collect::<Vec<_>>(), [1, 2, 3, 5]);
}

#[test]
fn ex5_a_decision_is_not_reviewed_within_24_hours() {
    let stage = example(
        "
title: High-risk decision not human-reviewed within 24 hours
dialect: clarion/1
level: high
correlation:
    type: temporal_ordered
    rules: [opa_deny, human_review]
    condition: opa_deny and not human_review
    aliases: {decision: {opa_deny: decision_id, human_review: reviewed.decision_id}}
    group-by: [decision]
    timespan: 24h
    on-late: revise
",
    );
    let records = [
        "{\"ts\":\"2026-01-05T00:00:00Z\",\"logsource\":{\"product\":\"opa\"},\"result\":false,\"decision_id\":\"one\"}",
        "{\"ts\":\"2026-01-05T00:00:00Z\",\"logsource\":{\"product\":\"opa\"},\"result\":false,\"decision_id\":\"two\"}",
        "{\"ts\":\"2026-01-06T00:00:00Z\",\"logsource\":{\"category\":\"human_decision\"},\"kind\":\"review\",\"reviewed\":{\"decision_id\":\"one\"}}",
        "{\"ts\":\"2026-01-06T00:00:01Z\",\"logsource\":{\"category\":\"human_decision\"},\"kind\":\"review\",\"reviewed\":{\"decision_id\":\"two\"}}",
    ];
    let outcome = run(&stage, &records);
    let alert = outcome.only();
    assert_eq!(alert.group, [("decision".to_owned(), Some("two".to_owned()))]);
    assert_eq!(alert.time.to_string(), "2026-01-06T00:00:00.000Z");
}
