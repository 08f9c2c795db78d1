//! Model versions that go to production without a risk-assessment pass in the 30 days before.

use crate::model::{Span, Timestamp};

use super::super::cast::model_named;
use super::super::decision_log::risk_assessment;
use super::super::rhythm::DAY;
use super::super::rule_names::DEPLOYMENT;
use super::super::script::{Script, Story};

struct Case {
    model: &'static str,
    day: i64,
    hour: i64,
    minute: i64,
    /// Assessment of that version this long before, with that outcome.
    assessed: Option<(Span, &'static str)>,
    /// Assessment pass of the version before, an hour ago.
    other_version_passed: bool,
    near_miss: bool,
    story: &'static str,
}

const CASE: Case = Case {
    model: "",
    day: 0,
    hour: 0,
    minute: 0,
    assessed: None,
    other_version_passed: false,
    near_miss: false,
    story: "",
};

const CASES: [Case; 6] = [
    Case { model: "fraud-scorer", day: 1, hour: 10, minute: 30, story: "deployed without any risk assessment", ..CASE },
    Case {
        model: "loan-pricing",
        day: 2,
        hour: 14,
        assessed: Some((Span::seconds(3600), "pass")),
        near_miss: true,
        story: "passed its risk assessment one hour before it was deployed",
        ..CASE
    },
    Case {
        model: "kyc-face-match",
        day: 3,
        hour: 11,
        assessed: Some((Span(29 * DAY.0), "pass")),
        near_miss: true,
        story: "passed its risk assessment 29 days before it was deployed",
        ..CASE
    },
    Case {
        model: "chat-assistant",
        day: 3,
        hour: 15,
        minute: 30,
        other_version_passed: true,
        story: "deployed after a risk assessment of the version before",
        ..CASE
    },
    Case {
        model: "limit-increase",
        day: 4,
        hour: 9,
        minute: 40,
        assessed: Some((Span(31 * DAY.0), "pass")),
        story: "deployed on a risk assessment that is 31 days old",
        ..CASE
    },
    Case {
        model: "document-ocr",
        day: 4,
        hour: 13,
        minute: 15,
        assessed: Some((Span::seconds(7200), "fail")),
        story: "deployed although it failed its risk assessment",
        ..CASE
    },
];

pub(super) fn plant(script: &mut Script) {
    for case in &CASES {
        let deployed = script.at(case.day, case.hour, case.minute).plus(script.seconds(1, 50));
        let version = model_named(case.model).version + 1;
        let assessed_at = case.assessed.map(|(before, _)| deployed.minus(before));
        let created = assessed_at.unwrap_or(deployed).minus(script.seconds(3 * 3600, 9 * 3600));
        script.new_version(created, case.model, version);
        assess(script, case, version, deployed);
        script.alias(deployed, case.model, version, "production");
        script.plant(Story {
            incident: DEPLOYMENT,
            key: vec![("aigov.model.name", case.model.to_owned()), ("aigov.model.version", version.to_string())],
            at: deployed,
            near_miss: case.near_miss,
            story: format!("{} version {version} {}", case.model, case.story),
        });
    }
}

fn assess(script: &mut Script, case: &Case, version: u32, deployed: Timestamp) {
    if let Some((before, outcome)) = case.assessed {
        let score = if outcome == "pass" { 25 } else { 82 };
        let time = deployed.minus(before);
        script.decide(risk_assessment(time, "risk.north@example.com", case.model, version, outcome, score));
    }
    if case.other_version_passed {
        let time = deployed.minus(Span::seconds(3600));
        script.decide(risk_assessment(time, "risk.south@example.com", case.model, version - 1, "pass", 30));
    }
}
