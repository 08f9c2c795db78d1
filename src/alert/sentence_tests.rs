//! Sentences of every kind of alert, word for word.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::super::arbitrary::{alert, any_alert, event};
use super::*;
use crate::model::{RuleCard, Span, Timestamp};

fn at(clock: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-11-21T{clock}Z")).unwrap()
}

fn with(kind: &str, group: &[(&str, &str)], change: impl FnOnce(&mut Alert)) -> String {
    let mut alert = alert(kind);
    alert.group = group.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))).collect();
    change(&mut alert);
    sentence(&alert)
}

const MODEL: [(&str, &str); 2] = [("aigov.model.name", "credit-risk"), ("aigov.model.version", "7")];
const ENDPOINT: [(&str, &str); 1] = [("aigov.endpoint.id", "loan-api")];

fn absent(from: Timestamp, until: Timestamp) -> Option<Absence> {
    Some(Absence { missing: vec!["Risk assessment passed".into()], from, until })
}

#[test]
fn a_detection_says_what_and_when() {
    let text = with("detection", &MODEL, |alert| {
        alert.rule = Arc::new(RuleCard { title: "Budget exceeded".into(), ..(*alert.rule).clone() });
        alert.evidence = vec![event("Budget exceeded", "2026-11-21T08:00:00Z", &[])];
    });
    assert_eq!(text, "Model credit-risk version 7: Budget exceeded at 2026-11-21 08:00 UTC");
}

#[test]
fn a_count_says_how_many_of_what() {
    let text = with("event_count", &ENDPOINT, |alert| {
        alert.evidence = ["08:00:01", "08:01:00", "08:03:10"]
            .map(|clock| event("OPA denied", &format!("2026-11-21T{clock}Z"), &[]))
            .to_vec();
        (alert.count, alert.value, alert.threshold) = (5, Some(5.0), Some(">= 5".into()));
        (alert.first_seen, alert.last_seen) = (at("08:00:01"), at("08:03:10"));
    });
    assert_eq!(text, "Endpoint loan-api: 5 × OPA denied (>= 5) between 2026-11-21 08:00:01 and 08:03:10 UTC");
}

#[test]
fn a_count_of_nothing_says_in_which_time() {
    let text = with("event_count", &ENDPOINT, |alert| {
        (alert.count, alert.value, alert.threshold) = (0, Some(0.0), Some("< 1".into()));
        alert.rule = Arc::new(RuleCard {
            title: "Endpoint silent".into(),
            timespan: Span::parse("10m").unwrap(),
            ..(*alert.rule).clone()
        });
        alert.evidence.clear();
        alert.time = at("08:10:00");
    });
    assert_eq!(text, "Endpoint loan-api: 0 × Endpoint silent (< 1) in the 10 minutes before 2026-11-21 08:10 UTC");
}

#[test]
fn a_measure_says_what_was_measured() {
    let measured = |kind: &str, value: f64, threshold: &str| {
        with(kind, &ENDPOINT, |alert| {
            alert.evidence = vec![event("OPA denied", "2026-11-21T08:00:01Z", &[])];
            (alert.count, alert.value, alert.threshold) = (9, Some(value), Some(threshold.into()));
            (alert.first_seen, alert.last_seen) = (at("08:00:01"), at("08:03:10"));
        })
    };
    let rest = "in 9 × OPA denied between 2026-11-21 08:00:01 and 08:03:10 UTC";
    for (kind, value, threshold, words) in [
        ("value_count", 7.0, ">= 5", "7 different values (>= 5)"),
        ("value_count", 1.0, ">= 1", "1 different value (>= 1)"),
        ("value_sum", 120.5, "> 100", "a sum of 120.5 (> 100)"),
        ("value_avg", 0.7, "> 0.5", "an average of 0.7 (> 0.5)"),
        ("event_ratio", 0.25, "> 0.2", "a ratio of 0.25 (> 0.2)"),
    ] {
        assert_eq!(measured(kind, value, threshold), format!("Endpoint loan-api: {words} {rest}"));
    }
    assert_eq!(
        measured("event_count", 3.4, ">= 3"),
        "Endpoint loan-api: 3.4 (>= 3) over 9 × OPA denied between 2026-11-21 08:00:01 and 08:03:10 UTC",
        "a count against its own baseline"
    );
}

#[test]
fn things_that_came_together_are_counted() {
    let text = with("temporal", &MODEL, |alert| {
        alert.evidence = vec![
            event("Drift alert", "2026-11-21T08:00:00Z", &[]),
            event("Complaint", "2026-11-21T09:00:00Z", &[]),
            event("Complaint", "2026-11-21T09:30:00Z", &[]),
        ];
        (alert.first_seen, alert.last_seen) = (at("08:00:00"), at("09:30:00"));
    });
    assert_eq!(
        text,
        "Model credit-risk version 7: Drift alert and 2 × Complaint between 2026-11-21 08:00 and 09:30 UTC"
    );
}

#[test]
fn steps_come_in_order() {
    let steps = |count: usize| {
        with("temporal_ordered", &MODEL, |alert| {
            alert.evidence = (0..count)
                .map(|step| event(&format!("Step {step}"), &format!("2026-11-21T08:0{step}:00Z"), &[]))
                .collect();
        })
    };
    assert_eq!(
        steps(2),
        "Model credit-risk version 7: Step 0 at 2026-11-21 08:00 UTC, then Step 1 at 2026-11-21 08:01 UTC"
    );
    assert_eq!(
        steps(6),
        "Model credit-risk version 7: Step 0 at 2026-11-21 08:00 UTC, then 4 more steps, then Step 5 at 2026-11-21 08:05 UTC"
    );
}

#[test]
fn an_absence_says_what_was_missing_and_until_when_it_was_waited_for() {
    let deployed = |from: Timestamp, until: Timestamp| {
        with("temporal_ordered", &MODEL, |alert| {
            alert.evidence = vec![event("Model deployed", "2026-11-21T08:00:00Z", &[])];
            alert.absence = absent(from, until);
        })
    };
    let time = at("08:00:00");
    assert_eq!(
        deployed(time.minus(Span::parse("30d").unwrap()), time),
        "Model credit-risk version 7: Model deployed at 2026-11-21 08:00 UTC; no \"Risk assessment passed\" in the \
         30 days before (waited until 2026-11-21 08:00 UTC)"
    );
    assert_eq!(
        deployed(time, time.plus(Span::parse("24h").unwrap())),
        "Model credit-risk version 7: Model deployed at 2026-11-21 08:00 UTC; no \"Risk assessment passed\" in the \
         day after (waited until 2026-11-22 08:00 UTC)"
    );
    assert_eq!(
        deployed(time.minus(Span::parse("1h").unwrap()), time.plus(Span::parse("1h").unwrap())),
        "Model credit-risk version 7: Model deployed at 2026-11-21 08:00 UTC; no \"Risk assessment passed\" between \
         2026-11-21 07:00 and 09:00 UTC (waited until 2026-11-21 09:00 UTC)",
        "around, as temporal with not"
    );
}

#[test]
fn an_absence_between_two_steps_and_of_two_rules() {
    let text = with("temporal_ordered", &MODEL, |alert| {
        alert.evidence =
            vec![event("Registered", "2026-11-21T08:00:00Z", &[]), event("Deployed", "2026-11-21T09:00:00Z", &[])];
        alert.absence = absent(at("08:00:00"), at("09:00:00"));
        alert.absence.as_mut().unwrap().missing.push("Ethics review".into());
    });
    assert_eq!(
        text,
        "Model credit-risk version 7: Registered at 2026-11-21 08:00 UTC, then Deployed at 2026-11-21 09:00 UTC; \
         no \"Risk assessment passed\" and no \"Ethics review\" in between (waited until 2026-11-21 09:00 UTC)"
    );
}

#[test]
fn a_cold_start_a_retraction_and_suppressed_alerts_are_said() {
    let text = with("temporal_ordered", &MODEL, |alert| {
        alert.rule = Arc::new(RuleCard { timespan: Span::parse("30d").unwrap(), ..(*alert.rule).clone() });
        alert.evidence = vec![event("Model deployed", "2026-11-21T08:00:00Z", &[])];
        (alert.cold_start, alert.suppressed, alert.status) = (true, 2, AlertStatus::Retracted);
        alert.cause = Some("decisions[0]@17".into());
    });
    assert_eq!(
        text,
        "Retracted: Model credit-risk version 7: Model deployed at 2026-11-21 08:00 UTC; less than 30 days of history \
         had been seen, so this may be a false alarm; 2 further alerts suppressed; a late event (decisions[0]@17) shows \
         otherwise"
    );
}

#[test]
fn a_measure_that_is_compared_with_the_past_says_when_there_was_little_of_it() {
    let text = with("event_count", &MODEL, |alert| {
        (alert.count, alert.value, alert.threshold) = (12, Some(4.0), Some(">= 3".into()));
        alert.cold_start = true;
    });
    assert!(text.contains("4 (>= 3) over 12 × "), "{text}");
    assert!(
        text.ends_with("; less history than it is compared with had been seen, so this may be a false alarm"),
        "{text}"
    );
}

#[test]
fn several_models_are_all_named() {
    let text = with("temporal", &[("user.name", "kim")], |alert| {
        alert.evidence = ["a", "b"]
            .map(|model| event("Override", "2026-11-21T08:00:00Z", &[("aigov.model.name", json!(model))]))
            .to_vec();
        (alert.first_seen, alert.last_seen) = (at("08:00:00"), at("08:00:00"));
    });
    assert_eq!(text, "User kim, models a and b: 2 × Override at 2026-11-21 08:00 UTC");
}

#[test]
fn hostile_values_stay_on_one_short_line() {
    let text = with("event_count", &[("model.name", "x\r\nforged line \u{202e}gnirts\u{7}")], |alert| {
        alert.evidence = vec![event(&"t".repeat(1 << 20), "2026-11-21T08:00:00Z", &[])];
        alert.threshold = Some("y".repeat(1 << 20));
    });
    assert!(text.starts_with("Model \"x  forged line \u{fffd}gnirts\u{fffd}\": "), "{text}");
    assert!(text.chars().count() <= SENTENCE);
}

proptest! {
    #[test]
    fn any_alert_gives_one_short_line(alert in any_alert()) {
        let text = sentence(&alert);
        prop_assert!(!text.is_empty());
        prop_assert!(text.chars().count() <= SENTENCE);
        prop_assert!(!text.chars().any(char::is_control));
    }
}
