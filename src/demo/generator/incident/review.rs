//! High-risk denials and their reviews by a person.

use crate::model::Span;

use super::super::cast::endpoint_named;
use super::super::decision_log::review;
use super::super::opa::Decision;
use super::super::rhythm::DAY;
use super::super::rule_names::REVIEW;
use super::super::script::{Script, Story};

struct Case {
    endpoint: &'static str,
    day: i64,
    hour: i64,
    minute: i64,
    /// The review comes so many hours later.
    reviewed_after: Option<i64>,
    near_miss: bool,
    story: &'static str,
}

const CASES: [Case; 3] = [
    Case {
        endpoint: "credit-decision",
        day: 1,
        hour: 15,
        minute: 0,
        reviewed_after: None,
        near_miss: false,
        story: "never reviewed",
    },
    Case {
        endpoint: "limit-increase",
        day: 2,
        hour: 9,
        minute: 0,
        reviewed_after: Some(23),
        near_miss: true,
        story: "reviewed after 23 hours",
    },
    Case {
        endpoint: "mortgage-decision",
        day: 3,
        hour: 10,
        minute: 0,
        reviewed_after: Some(26),
        near_miss: false,
        story: "reviewed only after 26 hours",
    },
];

pub(super) fn plant(script: &mut Script) {
    for case in &CASES {
        let endpoint = endpoint_named(case.endpoint);
        let time = script.at(case.day, case.hour, case.minute).plus(script.seconds(1, 50));
        let around = Span::seconds(15);
        // approvals around it, so that it lengthens no streak of denials of the background
        script.reserve(endpoint.id, time.minus(around), time.plus(around));
        let mut decide = |time, allowed, tier| script.policy_decision(&Decision { time, endpoint, allowed, tier });
        decide(time.minus(around), true, endpoint.usual_tier);
        let (id, denied) = decide(time, false, "high");
        decide(time.plus(around), true, endpoint.usual_tier);
        if let Some(hours) = case.reviewed_after {
            let reviewed = denied.plus(Span::seconds(hours * 3600));
            script.decide(review(reviewed, "review.2@example.com", &id, endpoint, "upheld"));
        }
        script.plant(Story {
            incident: REVIEW,
            key: vec![("aigov.decision.id", id.clone())],
            at: denied.plus(DAY),
            near_miss: case.near_miss,
            story: format!("a high-risk denial of endpoint {} was {}", case.endpoint, case.story),
        });
    }
}
