//! What each rule costs and finds, as the console shows it.

use clarion::model::RuleWork;

use super::stage::{correlation, named, rules};

fn work(looked_at: u64, matched: u64, groups: u64) -> RuleWork {
    RuleWork { looked_at, matched, groups }
}

#[test]
fn a_rule_is_told_what_it_looked_at_found_and_holds() {
    let streak = correlation("type: event_count, rules: [a], group-by: [k], timespan: 10s, condition: {gte: 2}");
    let above = named("above", "type: event_count, rules: [r], timespan: 1h, condition: {gte: 2}");
    let events = ["1 a k=x", "2 a k=x", "3 a k=y", "4 b", "5 a k=z", "6 a k=z", "7 nothing", "8 a k=x"];
    for shards in [1, 3] {
        let stage = rules(&[streak.clone(), above.clone()]).shards(shards).lateness(0);
        let outcome = stage.run(&events);
        let (detections, correlations) = &outcome.work;
        // the index leads to a rule only where its text is
        assert_eq!(detections.as_slice(), [work(6, 6, 0), work(1, 1, 0), work(0, 0, 0), work(0, 0, 0)]);
        let of = |name: &str| {
            let at = stage.rules().correlations.iter().position(|rule| rule.card.id == name).unwrap();
            correlations[at]
        };
        assert_eq!((of("r").looked_at, of("r").matched), (6, 2), "{shards}");
        assert_eq!((of("above").looked_at, of("above").matched), (2, 1), "{shards}");
    }
}

#[test]
fn groups_are_those_that_are_held_now() {
    let streak = correlation("type: event_count, rules: [a], group-by: [k], timespan: 10s, condition: {gte: 9}");
    let groups = |events: &[&str]| rules(std::slice::from_ref(&streak)).lateness(0).run(events).work.1[0].groups;
    assert_eq!(groups(&["1 a k=x", "2 a k=y", "3 a k=z"]), 0, "the end of the log is the end of all windows");
}

#[test]
fn a_metric_is_told_its_values() {
    let text = "title: m\nname: m\ndialect: clarion/1\nmetric: {name: m, every: 10s}\n\
        correlation: {type: event_count, rules: [a], group-by: [k], timespan: 10s}\n";
    let outcome = rules(&[text.to_owned()]).lateness(0).run(&["1 a k=x", "2 a k=y", "40 b"]);
    assert_eq!(outcome.work.1[0].matched, outcome.metrics.len() as u64);
    assert!(outcome.metrics.len() > 2);
}
