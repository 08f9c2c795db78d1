//! S12: what `on-late: drop`, `apply` and `revise` do with an event that comes behind the watermark.
//!
//! Lateness is five seconds, and `z` matches nothing: it moves the watermark.

use clarion::model::AlertStatus;

use super::stage::{Outcome, Stage, correlation, named, rules};

const COUNT: &str = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 3}";
const UNANSWERED: &str = "type: temporal_ordered, rules: [a, x], condition: a and not x, timespan: 10s";
const UNPREPARED: &str = "type: temporal_ordered, rules: [x, a], condition: a and not x, timespan: 10s";

fn with(on_late: &str, keys: &str) -> Stage {
    rules(&[correlation(&format!("{keys}, on-late: {on_late}"))]).lateness(5)
}

fn revising(keys: &str) -> Stage {
    with("revise", keys)
}

fn statuses(outcome: &Outcome) -> Vec<AlertStatus> {
    outcome.last().iter().map(|alert| alert.status).collect()
}

#[test]
fn s12_drop_is_the_default_and_counts() {
    let stage = with("drop", UNANSWERED);
    let outcome = stage.run(&["1 a", "30 z", "5 x"]);
    assert_eq!(outcome.history(), ["r@11: 1 open 1 1"]);
    assert_eq!((outcome.counts.correlate.late, outcome.faults.len()), (1, 1));
}

#[test]
fn s12_apply_changes_the_state_and_says_nothing_of_the_past() {
    let stage = with("apply", UNANSWERED);
    assert_eq!(stage.run(&["1 a", "30 z", "5 x"]).history(), ["r@11: 1 open 1 1"], "what was said stays");
    // a@8 waits until 18; x@7 is late, and x@9 too
    assert_eq!(stage.run(&["8 a", "15 z", "7 x"]).history(), ["r@18: 1 open 1 1"]);
    assert!(stage.run(&["8 a", "15 z", "9 x"]).history().is_empty(), "what is not decided yet is decided with it");
    // a late completion of the past is not said
    assert!(with("apply", COUNT).run(&["1 a", "2 a", "30 z", "3 a", "40 z"]).history().is_empty());
    let outcome = with("apply", COUNT).run(&["20 a", "21 a", "30 z", "22 a", "31 a"]);
    // only 21, 22 and 31 are within ten seconds
    assert_eq!(outcome.history(), ["r@31: 2 4 5 open 1 3", "r@31: 2 4 5 closed 2 3"]);
}

#[test]
fn s12_apply_an_episode_that_began_unsaid_is_raised_by_the_next_event() {
    let stage = with("apply", COUNT);
    let outcome = stage.run(&["20 a", "21 a", "30 z", "22 a", "29 a", "60 z"]);
    assert_eq!(outcome.history(), ["r@29: 1 2 4 5 open 1 4", "r@29: 1 2 4 5 closed 2 4"]);
}

#[test]
fn s12_apply_an_episode_that_was_said_goes_on_or_ends() {
    let rule = "type: event_count, rules: [a], reset-on: [b], timespan: 10s, condition: {gte: 2}";
    let stage = with("apply", rule);
    let goes_on = stage.run(&["20 a", "21 a", "27 z", "20.5 a", "24 a", "60 z"]);
    assert_eq!(goes_on.history(), ["r@21: 1 2 open 1 2", "r@21: 1 2 closed 2 4"]);
    let ends = stage.run(&["20 a", "21 a", "27 z", "20.5 b", "60 z"]);
    assert_eq!(ends.history(), ["r@21: 1 2 open 1 2", "r@21: 1 2 closed 2 2"]);
}

#[test]
fn s12_revise_an_absence_after_is_retracted_and_names_the_late_event() {
    let stage = revising(UNANSWERED);
    let outcome = stage.run(&["1 a", "30 z", "5 x id=review-7"]);
    assert_eq!(outcome.history(), ["r@11: 1 open 1 1", "r@11: 1 retracted 2 1"]);
    assert_eq!(outcome.only().cause.as_deref(), Some("review-7"));
    assert!(outcome.faults.is_empty(), "it was used, so it is no dead letter");
    assert_eq!((outcome.counts.correlate.late, outcome.counts.correlate.late_taken), (0, 1));
    assert_eq!(outcome.counts.correlate.retracted, 1);
    let unnamed = stage.run(&["1 a", "30 z", "5 x"]);
    assert_eq!(unnamed.only().cause.as_deref(), Some("replay[0]@3"));
    let reason = clarion::alert::sentence(unnamed.only());
    assert!(reason.starts_with("Retracted: ") && reason.ends_with("a late event (replay[0]@3) shows otherwise"));
}

#[test]
fn s12_revise_a_late_event_raises_what_it_makes_true() {
    assert_eq!(revising(UNANSWERED).run(&["0 z", "40 z", "20 a"]).history(), ["r@30: 3 open 1 1"]);
    assert_eq!(
        revising(COUNT).run(&["1 a", "3 a", "30 z", "2 a"]).history(),
        ["r@3: 1 4 2 open 1 3", "r@3: 1 4 2 closed 2 3"]
    );
}

#[test]
fn s12_revise_absence_before_and_between() {
    assert_eq!(
        revising(UNPREPARED).run(&["0 z", "12 a", "40 z", "11 x"]).history(),
        ["r@12: 2 open 1 1", "r@12: 2 retracted 2 1"]
    );
    assert!(revising(UNPREPARED).run(&["0 z", "12 a", "40 z", "12.5 x"]).standing().len() == 1, "after is not before");
    let between = revising("type: temporal_ordered, rules: [a, x, b], condition: a and b and not x, timespan: 10s");
    assert_eq!(statuses(&between.run(&["1 a", "5 b", "40 z", "3 x"])), [AlertStatus::Retracted]);
    assert_eq!(statuses(&between.run(&["1 a", "5 b", "40 z", "6 x"])), [AlertStatus::Open]);
}

#[test]
fn s12_revise_temporal_with_not() {
    let stage = revising("type: temporal, rules: [a, b, x], condition: a and b and not x, timespan: 10s");
    // a@20 and b@25: none of x in [15, 30]
    assert!(stage.run(&["20 a", "25 b", "60 z", "30 x"]).standing().is_empty());
    assert_eq!(stage.run(&["20 a", "25 b", "60 z", "31 x"]).standing(), ["r@30: 1 2"]);
    assert_eq!(stage.run(&["20 a", "60 z", "25 b"]).standing(), ["r@30: 1 3"]);
}

#[test]
fn s12_revise_a_retracted_alert_that_holds_again_is_the_same_alert() {
    let rule = "type: temporal_ordered, rules: [a, x, b], condition: a and b and not x, timespan: 10s";
    // x@3 breaks a@1 b@5; a@4 makes it true again, with the same b
    let outcome = revising(rule).run(&["1 a", "5 b", "40 z", "3 x", "4 a"]);
    assert_eq!(outcome.history(), ["r@5: 1 2 open 1 2", "r@5: 1 2 retracted 2 2", "r@5: 1 2 open 3 2"]);
}

#[test]
fn s12_revise_a_reset_takes_back_the_count() {
    let rule = "type: event_count, rules: [a], reset-on: [b], timespan: 10s, condition: {gte: 2}";
    let outcome = revising(rule).run(&["1 a", "2 a", "40 z", "1.5 b"]);
    assert_eq!(outcome.history(), ["r@2: 1 2 open 1 2", "r@2: 1 2 closed 2 2", "r@2: 1 2 retracted 3 2"]);
}

#[test]
fn s12_revise_an_edge_that_moves_is_the_same_alert_with_another_count() {
    // 2, 3 and 4 were true at 4; with 1 they are at 3, and it is one episode of four
    let outcome = revising(COUNT).run(&["2 a", "3 a", "4 a", "40 z", "1 a"]);
    assert_eq!(outcome.history(), ["r@4: 1 2 3 open 1 3", "r@4: 1 2 3 closed 2 3", "r@4: 1 2 3 closed 3 4"]);
}

#[test]
fn s12_revise_an_episode_that_is_open_goes_on_under_its_identity() {
    let outcome = revising(COUNT).run(&["20 a", "21 a", "22 a", "27.5 z", "19 a", "28 a", "80 z"]);
    assert_eq!(
        outcome.history(),
        ["r@22: 1 2 3 open 1 3", "r@22: 1 2 3 open 2 4", "r@22: 1 2 3 closed 3 5"].map(str::to_owned).to_vec()
    );
}

#[test]
fn s12_revise_a_closed_window_is_judged_again() {
    let stage = revising("type: event_count, rules: [a], timespan: 10s, window: tumbling, condition: {lt: 3}");
    assert_eq!(stage.run(&["1 a", "40 z", "2 a"]).history(), ["r@10: 1 open 1 1", "r@10: 1 open 2 2"]);
    let outcome = stage.run(&["1 a", "40 z", "2 a", "3 a"]);
    assert_eq!(outcome.history(), ["r@10: 1 open 1 1", "r@10: 1 open 2 2", "r@10: 1 retracted 3 2"]);
    assert!(outcome.only().value.is_some_and(|value| (value - 2.0).abs() < 0.1));
}

#[test]
fn s12_revise_chained_rules_follow() {
    let child = named("unanswered", &format!("{UNANSWERED}, on-late: revise, generate: true"));
    let parent = |on_late: &str| {
        named(
            "many",
            &format!(
                "type: event_count, rules: [unanswered], timespan: 60s, condition: {{gte: 2}}, on-late: {on_late}"
            ),
        )
    };
    let events = ["1 a", "2 a", "40 z", "2.5 x"];
    let follows = rules(&[child.clone(), parent("revise")]).lateness(5).run(&events);
    assert!(follows.standing().is_empty(), "{:?}", follows.history());
    let last = follows.last();
    assert_eq!(last.len(), 3);
    assert!(last.iter().all(|alert| alert.cause.as_deref() == Some("replay[0]@4")));
    let stays = rules(&[child.clone(), parent("drop")]).lateness(5).run(&events);
    assert_eq!(stays.standing(), ["many@12: 1 2"]);
    // a hit that comes too late for its parent is counted
    let late = ["1 a", "40 z", "2 a"];
    assert_eq!(
        rules(&[child.clone(), parent("revise")]).lateness(5).run(&late).standing(),
        ["unanswered@11: 1", "many@12: 1 3", "unanswered@12: 3"]
    );
    let dropped = rules(&[child, parent("drop")]).lateness(5).run(&late);
    assert_eq!((dropped.standing().len(), dropped.counts.correlate.late), (2, 1));
}

#[test]
fn s12_revise_a_rule_beside_one_that_drops() {
    let one = named("one", &format!("{COUNT}, on-late: revise"));
    let other = named("other", COUNT);
    let outcome = rules(&[one, other]).lateness(5).run(&["1 a", "2 a", "40 z", "3 a"]);
    assert_eq!(outcome.standing(), ["one@3: 1 2 4"]);
    assert_eq!((outcome.counts.correlate.late, outcome.counts.correlate.late_taken), (1, 1));
}

#[test]
fn s12_revise_suppress_counts_again_when_the_alert_before_it_is_retracted() {
    let stage = revising(&format!("{UNANSWERED}, group-by: [k], suppress: 60s, suppress-by: []"));
    let outcome = stage.run(&["1 a k=1", "2 a k=2", "3 a k=3", "40 z", "5 x k=1"]);
    assert_eq!(outcome.standing(), ["r@12 2: 2"], "{:?}", outcome.history());
    let standing = outcome.last().into_iter().find(|alert| alert.status == AlertStatus::Open).unwrap();
    assert_eq!((standing.suppressed, standing.revision), (1, 1));
    let behind = stage.run(&["1 a k=1", "2 a k=2", "3 a k=3", "40 z", "5 x k=2"]);
    assert_eq!((behind.standing().len(), behind.last()[0].suppressed), (1, 1));
}

#[test]
fn s12_revise_reaches_as_far_back_as_the_retention() {
    let stage = revising(UNANSWERED).retention(30);
    let outcome = stage.run(&["1 a", "36 z", "5.999 x"]);
    assert!(outcome.standing().is_empty());
    let outcome = stage.run(&["10 a", "46 z", "10.999 x"]);
    assert_eq!(outcome.standing(), ["r@20: 1"], "41 - 30 is 11");
    assert_eq!((outcome.counts.correlate.late, outcome.faults.len()), (1, 1));
    assert!(stage.run(&["10 a", "46 z", "11 x"]).standing().is_empty());
}

#[test]
fn s12_revise_a_late_copy_is_the_same_event() {
    let stage = revising("type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}");
    let outcome = stage.run(&["1 a id=one", "40 z", "1 a id=one"]);
    assert!(outcome.history().is_empty());
    assert_eq!(outcome.counts.correlate.repeated, 1);
}

#[test]
fn s12_revise_goes_on_after_a_restart() {
    let events = ["1 a", "2 a", "40 z", "3 x", "50 a", "51 z", "90 z", "52 x"];
    let stage = revising(UNANSWERED);
    let whole = stage.run(&events).history();
    assert_eq!(whole.len(), 6, "{whole:?}");
    for line in 1..=8 {
        let mut cut = revising(UNANSWERED).cut(line).run(&events).history();
        let mut all = whole.clone();
        cut.sort();
        all.sort();
        assert_eq!(cut, all, "before line {line}");
    }
}

#[test]
fn s12_revise_an_event_that_is_late_but_not_decided_is_no_correction() {
    let stage = revising(UNANSWERED);
    assert!(stage.run(&["10 a", "22 z", "16 x"]).history().is_empty(), "the watermark is at 17, the deadline at 20");
}
