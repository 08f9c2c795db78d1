//! Drift of a model together with a spike of complaints about it.

use crate::model::{Span, Timestamp};

use super::super::cast::model_named;
use super::super::rule_names::DRIFT;
use super::super::script::{Script, Story};

/// Complaints within an hour that make a spike.
const SPIKE: usize = 10;

struct Case {
    /// The model that the story is about.
    model: &'static str,
    /// Day, hour and minute of a report with drift.
    drift: Option<(i64, i64, i64)>,
    /// Model, day, hour, minute and number of complaints, within 45 minutes.
    complaints: Option<(&'static str, i64, i64, i64, usize)>,
    near_miss: bool,
    story: &'static str,
}

const CASES: [Case; 6] = [
    Case {
        model: "credit-risk",
        drift: Some((2, 2, 10)),
        complaints: Some(("credit-risk", 2, 6, 40, 12)),
        near_miss: false,
        story: "drifted at night, and twelve customers complained in the morning",
    },
    Case {
        model: "mortgage-affordability",
        drift: Some((4, 2, 15)),
        complaints: Some(("mortgage-affordability", 3, 21, 0, 11)),
        near_miss: false,
        story: "drew eleven complaints in the evening, and the nightly report found drift",
    },
    Case {
        model: "income-verifier",
        drift: Some((5, 2, 5)),
        complaints: None,
        near_miss: true,
        story: "drifted, but nobody complained",
    },
    Case {
        model: "collections-priority",
        drift: None,
        complaints: Some(("collections-priority", 3, 10, 0, 13)),
        near_miss: true,
        story: "drew thirteen complaints, but had not drifted",
    },
    Case {
        model: "churn-propensity",
        drift: Some((6, 2, 5)),
        complaints: Some(("marketing-uplift", 6, 5, 20, 12)),
        near_miss: true,
        story: "drifted, but the twelve complaints were about marketing-uplift",
    },
    Case {
        model: "loan-pricing",
        drift: Some((5, 2, 20)),
        complaints: Some(("loan-pricing", 5, 10, 0, 12)),
        near_miss: true,
        story: "drifted, but the twelve complaints came more than seven hours later",
    },
];

pub(super) fn plant(script: &mut Script) {
    for case in &CASES {
        let drifted = case.drift.map(|(day, hour, minute)| drift(script, case.model, script.at(day, hour, minute)));
        let spike = case.complaints.and_then(|(model, day, hour, minute, count)| {
            let complained = complain(script, model, script.at(day, hour, minute), count);
            complained.get(SPIKE - 1).copied()
        });
        script.plant(Story {
            incident: DRIFT,
            key: vec![("aigov.model.name", case.model.to_owned())],
            at: drifted.max(spike).unwrap_or(script.start),
            near_miss: case.near_miss,
            story: format!("{} {}", case.model, case.story),
        });
    }
}

/// A report with drift instead of the night's usual one.
fn drift(script: &mut Script, model: &'static str, around: Timestamp) -> Timestamp {
    let time = around.plus(script.seconds(0, 59));
    let version = model_named(model).version;
    script.reserve(model, around.minus(Span::seconds(1800)), around.plus(Span::seconds(1800)));
    script.drift_report(time, model, version, true);
    time
}

/// Complaints spread over 45 minutes, and none of the background two hours before and after. Gives their times in order.
fn complain(script: &mut Script, model: &'static str, from: Timestamp, count: usize) -> Vec<Timestamp> {
    let around = Span::seconds(2 * 3600);
    script.reserve(model, from.minus(around), from.plus(Span::seconds(2700)).plus(around));
    let mut times: Vec<Timestamp> = (0..count).map(|_| from.plus(script.seconds(0, 2700))).collect();
    times.sort_unstable();
    for time in &times {
        script.complaint(*time, model);
    }
    times
}
