//! Policy denials of one endpoint in a row.

use crate::model::Span;

use super::super::cast::endpoint_named;
use super::super::opa::Decision;
use super::super::rule_names::STREAK;
use super::super::script::{Script, Story};

struct Case {
    endpoint: &'static str,
    day: i64,
    hour: i64,
    minute: i64,
    /// `d` is a denial, `a` an approval.
    pattern: &'static str,
    /// Seconds from one to the next.
    every: i64,
    near_miss: bool,
    story: &'static str,
}

const CASES: [Case; 4] = [
    Case {
        endpoint: "fraud-screen",
        day: 1,
        hour: 11,
        minute: 5,
        pattern: "dddddd",
        every: 40,
        near_miss: false,
        story: "six denials in a row within four minutes",
    },
    Case {
        endpoint: "chat",
        day: 2,
        hour: 10,
        minute: 15,
        pattern: "ddddadddd",
        every: 35,
        near_miss: true,
        story: "four denials, an approval, four denials",
    },
    Case {
        endpoint: "document-intake",
        day: 4,
        hour: 16,
        minute: 20,
        pattern: "ddddd",
        every: 118,
        near_miss: false,
        story: "five denials in a row within eight minutes",
    },
    Case {
        endpoint: "campaigns",
        day: 4,
        hour: 14,
        minute: 0,
        pattern: "ddddd",
        every: 210,
        near_miss: true,
        story: "five denials in a row, but over fourteen minutes",
    },
];

pub(super) fn plant(script: &mut Script) {
    for case in &CASES {
        let endpoint = endpoint_named(case.endpoint);
        let first = script.at(case.day, case.hour, case.minute);
        let count = i64::try_from(case.pattern.len()).unwrap_or(0);
        let last = first.plus(Span::seconds(case.every * (count - 1)));
        // an approval on either side, so that denials of the background are no part of it
        let (before, after) = (first.minus(Span::seconds(20)), last.plus(Span::seconds(20)));
        script.reserve(endpoint.id, before, after);
        let mut decide =
            |time, allowed| script.policy_decision(&Decision { time, endpoint, allowed, tier: endpoint.usual_tier }).1;
        decide(before, true);
        let mut fifth = last;
        let mut denials = 0;
        for (index, step) in (0_i64..).zip(case.pattern.chars()) {
            let decided = decide(first.plus(Span::seconds(case.every * index)), step == 'a');
            denials += i32::from(step == 'd');
            if denials == 5 && step == 'd' {
                fifth = decided;
            }
        }
        decide(after, true);
        script.plant(Story {
            incident: STREAK,
            key: vec![("aigov.endpoint.id", case.endpoint.to_owned())],
            at: fifth,
            near_miss: case.near_miss,
            story: format!("endpoint {}: {}", case.endpoint, case.story),
        });
    }
}
