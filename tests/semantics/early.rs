//! S3: what `early: true` says on arrival, and what it leaves to the watermark.

use super::stage::{Stage, correlation, errors, named, rules};

const COUNT: &str = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}, early: true";

fn early() -> Stage {
    rules(&[correlation(COUNT)]).lateness(60)
}

#[test]
fn s3_early_the_alert_comes_with_the_event_and_its_end_with_the_watermark() {
    let outcome = early().run(&["1 a", "2 a", "3 a", "100 z"]);
    assert_eq!(outcome.history(), ["r@2: 1 2 open 1 2", "r@2: 1 2 closed 2 3"]);
    // the records are not advanced in between, and still the alert is that of its arrival
    let outcome = early().run(&["1 a", "2 a", "0.5 a"]);
    assert_eq!(outcome.history(), ["r@2: 1 2 open 1 2", "r@2: 1 2 closed 2 3"]);
}

#[test]
fn s3_early_out_of_order_events_are_put_into_their_place() {
    assert_eq!(early().run(&["1 a", "20 a", "10 a"]).history()[0], "r@10: 1 3 open 1 2");
    let sequence = rules(&[correlation("type: temporal_ordered, rules: [a, b], timespan: 10s, early: true")]);
    assert_eq!(sequence.run(&["5 b", "4 a"]).history(), ["r@5: 2 1 open 1 2"]);
    assert!(sequence.run(&["4 b", "5 a"]).history().is_empty());
}

#[test]
fn s3_early_an_episode_that_an_earlier_event_makes_longer_is_not_said_again() {
    let outcome = early().run(&["5 a", "10 a", "4 a", "3 a", "15 a", "200 z"]);
    assert_eq!(outcome.history(), ["r@10: 1 2 open 1 2", "r@10: 1 2 closed 2 5"]);
}

#[test]
fn s3_early_two_episodes_that_become_one_end_both() {
    let outcome = early().run(&["1 a", "2 a", "21 a", "22 a", "11 a", "200 z"]);
    assert_eq!(outcome.standing().len(), 2);
    assert!(outcome.last().iter().all(|alert| alert.status.name() == "closed"), "{:?}", outcome.history());
}

#[test]
fn s3_early_rules_hand_up_at_once() {
    let child = named("spike", COUNT);
    let parent = |early: &str| named("parent", &format!("type: temporal, rules: [spike, b], timespan: 60s{early}"));
    let both = rules(&[child.clone(), parent(", early: true")]).lateness(60);
    assert_eq!(both.run(&["3 b", "2 a", "1 a"]).history(), ["parent@3: 3 2 1 open 1 3", "parent@3: 3 2 1 closed 2 3"]);
    let waiting = rules(&[child, parent("")]).lateness(60);
    assert_eq!(waiting.run(&["3 b", "2 a", "1 a"]).history()[0], "parent@3: 3 2 1 open 1 3");
    let slow = named("spike", "type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}");
    assert_eq!(errors(&[slow, parent(", early: true")]), ["early-waits"]);
}

#[test]
fn s3_early_late_events_are_dropped_or_taken() {
    let dropping = rules(&[correlation(COUNT)]).lateness(5);
    let outcome = dropping.run(&["1 a", "30 z", "2 a"]);
    assert_eq!((outcome.history().len(), outcome.counts.correlate.late), (0, 1));
    let taking = rules(&[correlation(&format!("{COUNT}, on-late: revise"))]).lateness(5);
    assert_eq!(taking.run(&["1 a", "30 z", "2 a"]).history(), ["r@2: 1 3 open 1 2", "r@2: 1 3 closed 2 2"]);
    let longer = taking.run(&["1 a", "2 a", "30 z", "3 a"]);
    assert_eq!(longer.history(), ["r@2: 1 2 open 1 2", "r@2: 1 2 closed 2 2", "r@2: 1 2 closed 3 3"]);
}

#[test]
fn s3_early_copies_count_once() {
    let outcome = early().run(&["1 a id=one", "1 a id=one", "20 z"]);
    assert!(outcome.history().is_empty());
    assert_eq!(outcome.counts.correlate.repeated, 1);
}

#[test]
fn s3_an_early_alert_is_said_once_though_earlier_events_took_its_place() {
    // 6 and 9 are the pair, as which 10 is known; 10 is one again when those lie before the horizon and 9.7 comes
    let stage = rules(&[correlation(&format!("{COUNT}, emit: reset"))]).lateness(5);
    assert_eq!(stage.run(&["9 a", "10 a", "6 a", "14.5 z", "9.7 a"]).history(), ["r@10: 1 2 open 1 2"]);
}

#[test]
fn s3_early_every_and_reset_and_suppress() {
    let every = rules(&[correlation(&format!("{COUNT}, emit: every"))]);
    assert_eq!(every.run(&["1 a", "3 a", "2 a"]).standing(), ["r@2: 1 3", "r@3: 1 2"]);
    let reset = rules(&[correlation(&format!("{COUNT}, emit: reset"))]);
    assert_eq!(reset.run(&["1 a", "3 a", "2 a", "4 a"]).standing(), ["r@3: 1 2", "r@4: 2 4"]);
    let suppressed = rules(&[correlation(&format!("{COUNT}, emit: every, suppress: 60s"))]).run(&["1 a", "3 a", "2 a"]);
    assert_eq!((suppressed.standing(), suppressed.only().suppressed), (vec!["r@3: 1 2".to_owned()], 1));
}
