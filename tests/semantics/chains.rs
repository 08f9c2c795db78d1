//! S13 chaining and S14 cold start; decisions A11 and A12.

use super::stage::{correlation, errors, named, rules};

const SPIKE: &str = "type: event_count, rules: [a], group-by: [k], timespan: 10s, condition: {gte: 2}";

#[test]
fn s13_a12_a_hit_enters_at_the_time_of_the_completing_event_with_the_base_events_behind_it() {
    let parent = "type: temporal, rules: [spike, b], group-by: [k], timespan: 60s";
    let stage = rules(&[named("spike", SPIKE), correlation(parent)]);
    assert_eq!(stage.run(&["1 a k=1", "2 a k=1", "5 b k=1", "6 b k=2"]).alerts(), ["r@5 1: 1 2 3"]);
}

#[test]
fn s13_a12_an_absence_enters_at_its_deadline() {
    let child = "type: temporal_ordered, rules: [a, x], condition: a and not x, timespan: 10s";
    let stage =
        rules(&[named("absent", child), correlation("type: temporal_ordered, rules: [b, absent], timespan: 5s")]);
    assert_eq!(stage.run(&["1 a", "8 b"]).alerts(), ["r@11: 1 2"]);
    assert!(stage.run(&["1 a", "5 b"]).alerts().is_empty());
}

#[test]
fn s13_a_hit_comes_after_events_of_its_time() {
    let stage = rules(&[
        named("spike", SPIKE),
        correlation("type: temporal_ordered, rules: [spike, b], group-by: [k], timespan: 60s"),
    ]);
    assert!(stage.run(&["1 a k=1", "2 a k=1", "2 b k=1"]).alerts().is_empty());
    let stage = rules(&[
        named("spike", SPIKE),
        correlation("type: temporal_ordered, rules: [b, spike], group-by: [k], timespan: 60s"),
    ]);
    assert_eq!(stage.run(&["1 a k=1", "2 a k=1", "2 b k=1"]).alerts(), ["r@2 1: 1 2 3"]);
}

#[test]
fn s13_a_child_alerts_by_itself_only_when_it_is_generated() {
    let parent = correlation("type: event_count, rules: [spike], timespan: 60s, condition: {gte: 9}");
    let quiet = rules(&[named("spike", SPIKE), parent.clone()]);
    assert!(quiet.run(&["1 a k=1", "2 a k=1"]).alerts().is_empty());
    let loud = rules(&[named("spike", &format!("{SPIKE}, generate: true")), parent]);
    assert_eq!(loud.run(&["1 a k=1", "2 a k=1"]).alerts(), ["spike@2 1: 1 2"]);
}

#[test]
fn s13_a11_a_parent_groups_by_its_own_key_over_the_values_of_the_events() {
    // the child groups by k, its events carry the users; each user is a group of the parent
    let parent = "type: event_count, rules: [spike], group-by: [user], timespan: 60s, condition: {gte: 1}";
    let stage = rules(&[named("spike", SPIKE), correlation(parent)]);
    assert_eq!(stage.run(&["1 a k=1 user=u", "2 a k=1 user=v"]).alerts(), ["r@2 u: 1 2", "r@2 v: 1 2"]);
}

#[test]
fn s13_parents_get_hits_before_suppress() {
    let child = named("spike", "type: event_count, rules: [a], timespan: 1s, condition: {gte: 1}, suppress: 1h");
    let stage = rules(&[child, correlation("type: event_count, rules: [spike], timespan: 60s, condition: {gte: 3}")]);
    assert_eq!(stage.run(&["0 a", "10 a", "20 a"]).alerts(), ["r@20: 1 2 3"]);
}

#[test]
fn s13_a_cycle_is_refused() {
    let one = named("one", "type: event_count, rules: [two], timespan: 1s, condition: {gte: 1}");
    let two = named("two", "type: event_count, rules: [one], timespan: 1s, condition: {gte: 1}");
    assert_eq!(errors(&[one, two]), ["rule-cycle"]);
}

#[test]
fn s13_sixteen_levels_and_no_more() {
    let level = |index: usize| {
        let below = if index == 0 { "a".to_owned() } else { format!("level{}", index - 1) };
        named(
            &format!("level{index}"),
            &format!("type: event_count, rules: [{below}], timespan: 1s, condition: {{gte: 1}}"),
        )
    };
    let sixteen: Vec<String> = (0..16).map(level).collect();
    assert_eq!(rules(&sixteen).run(&["1 a"]).alerts(), ["level15@1: 1"]);
    let more: Vec<String> = (0..17).map(level).collect();
    assert_eq!(errors(&more), ["too-deep"]);
}

#[test]
fn s14_a_rule_that_was_changed_begins_behind_what_was_seen_and_cold() {
    let absent = "type: temporal_ordered, rules: [b, a], timespan: 10s, condition: not b and a";
    let changed = |events: &[&str]| -> Vec<(i64, bool)> {
        // the rule before decides at once, the one after it waits for the sources' lateness
        let before = rules(&[correlation(&format!("{absent}, lateness: 0s"))]);
        let outcome = before.changed_at(3, &rules(&[correlation(absent)])).run(events);
        let second = |alert: &&clarion::model::Alert| (alert.time.0 - super::stage::START) / 1_000_000_000;
        outcome.last().iter().map(|alert| (second(alert), alert.cold_start)).collect()
    };
    // nobody knows what it would have seen until second 50
    assert_eq!(changed(&["0 c", "50 c", "52 a", "60 a"]), [(52, true), (60, false)]);
    assert_eq!(changed(&["0 c", "50 c", "45 b", "52 a"]), [(52, true)]);
    // and what is not behind its own watermark counts, although the one before was past it
    assert_eq!(changed(&["0 c", "50 c", "52 b", "90 c", "55 a"]), []);
    assert_eq!(changed(&["0 c", "50 c", "90 c", "55 a"]), [(55, true)]);
}

#[test]
fn s14_a_rule_that_stays_keeps_what_it_knows_when_others_change() {
    let stays = correlation("type: event_count, rules: [a], group-by: [k], timespan: 1h, condition: {gte: 3}");
    let other = named("other", "type: value_count, rules: [b, a], timespan: 1m, condition: {field: z, gte: 2}");
    let before = rules(std::slice::from_ref(&stays));
    let events = ["0 a k=x", "1 a k=x", "2 b z=1", "3 a k=x z=2"];
    let whole = before.run(&events);
    let changed = before.changed_at(3, &rules(&[other, stays])).run(&events);
    let (whole, changed) = (whole.only().clone(), changed.last().into_iter().find(|one| one.rule.id == "r").cloned());
    assert_eq!(changed.map(|alert| (alert.id, alert.count)), Some((whole.id, 3)));
}

#[test]
fn s14_an_absence_says_that_the_rule_was_cold() {
    let rule = "type: temporal_ordered, rules: [x, a], condition: a and not x, timespan: 10s";
    let cold = |keys: &str, events: &[&str]| -> Vec<bool> {
        rules(&[correlation(&format!("{rule}{keys}"))])
            .run(events)
            .last()
            .iter()
            .map(|alert| alert.cold_start)
            .collect()
    };
    assert_eq!(cold("", &["0 b", "9 a", "10 a"]), [true, false]);
    assert_eq!(cold(", cold-start: suppress", &["0 b", "9 a", "10 a"]), [false]);
    assert_eq!(cold(", cold-start: alert", &["0 b", "9 a", "10 a"]), [false, false]);
    let counting = correlation("type: event_count, rules: [a], timespan: 10s, condition: {gte: 1}");
    assert!(!rules(&[counting]).run(&["1 a"]).only().cold_start);
}
