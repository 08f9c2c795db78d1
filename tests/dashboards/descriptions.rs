//! A wrong description is refused with everything that is wrong, and where.

use clarion::dashboard::{DashboardError, SHIPPED, Show, read};

use super::shipped;

/// What is wrong with the shipped description after a change.
fn wrong(from: &str, to: &str) -> Vec<String> {
    assert!(SHIPPED.contains(from), "{from}");
    match read(&SHIPPED.replacen(from, to, 1)) {
        Err(DashboardError::Wrong(problems)) => problems.iter().map(ToString::to_string).collect(),
        other => panic!("{to}: {other:?}"),
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (from, to, place, words) in [
        ("at: {x: 12, y: 5, w: 12", "at: {x: 10, y: 5, w: 12", "overview/highest-risk", "overlaps the panel `posture`"),
        ("at: {x: 36, y: 5, w: 12", "at: {x: 38, y: 5, w: 12", "overview/lowest-completeness", "not on the grid"),
        (
            "field: clarion.metric.value, title: Posture",
            "field: aigov.posture, title: Posture",
            "overview/posture",
            "`aigov.posture`",
        ),
        ("field: clarion.metric.value, title: Posture", "title: Posture", "overview/posture", "needs a field"),
        ("opens: model", "opens: modell", "overview/model-risk-score", "`modell`"),
        ("links: [alert-triage, model", "links: [alerts, model", "overview/about", "links to `alerts`"),
        ("along: {field: aigov.model.name", "along: {field: message", "overview/model-risk-score", "no keyword field"),
        ("recent: 1d", "recent: 1 day", "overview/posture", "`1 day` is no span"),
        ("range: 7d", "range: week", "overview", "`week` is no range"),
        ("id: highest-risk", "id: posture", "overview/posture", "another panel"),
        ("id: alert-triage\n", "id: overview\n", "overview", "another dashboard"),
        (
            "field: aigov.model.name, source: metrics",
            "field: message, source: alerts",
            "overview",
            "needs a keyword field",
        ),
        (
            "{calculate: count, title: Open alerts}",
            "{calculate: count, field: rule.id, title: Open}",
            "overview/open-alerts",
            "takes no field",
        ),
        ("columns: [rule.level,", "columns: [level,", "alert-triage/alerts", "no field `level`"),
    ] {
        let found = wrong(from, to);
        assert!(
            found.iter().any(|line| line.starts_with(&format!("{place}: ")) && line.contains(words)),
            "{to}: {found:#?}"
        );
    }
}

#[test]
fn a_word_that_nobody_knows_is_refused() {
    for (from, to) in [("note:", "notes:"), ("calculate: average", "calculate: last"), ("metric:\n", "gauge:\n")] {
        let error = read(&SHIPPED.replacen(from, to, 1)).unwrap_err();
        assert!(matches!(error, DashboardError::Unreadable(_)), "{to}: {error}");
    }
}

#[test]
fn the_four_dashboards_show_what_they_are_for() {
    let description = shipped();
    let ids: Vec<&str> = description.dashboards.iter().map(|dashboard| dashboard.id.as_str()).collect();
    assert_eq!(ids, ["overview", "alert-triage", "model", "engine-health"]);
    let overview = description.dashboard("overview").unwrap();
    for title in
        ["Model Risk Score", "Real-time Policy Violations", "Drift Metrics Trend", "Decision Audit Trail Completeness"]
    {
        assert!(overview.panels.iter().any(|panel| panel.title == title), "{title}");
    }
    let triage = description.dashboard("alert-triage").unwrap();
    for field in ["aigov.model.name", "rule.name", "rule.level", "threat.technique.id"] {
        assert!(triage.controls.iter().any(|control| control.field == field), "{field}");
    }
    assert!(triage.panels.iter().any(|panel| matches!(panel.show, Show::Documents(_))));
}
