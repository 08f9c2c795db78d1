//! S4 windows, S8 streaks, S9 counting, S10 emission; decisions A2 to A5.

use clarion::model::AlertStatus;

use super::stage::{correlation, errors, rules};

fn count(keys: &str) -> super::stage::Stage {
    rules(&[correlation(&format!("type: event_count, rules: [a], timespan: 10s, {keys}"))])
}

#[test]
fn s4_a2_a_sliding_window_is_closed_at_both_ends() {
    assert_eq!(count("condition: {gte: 2}").run(&["0 a", "10 a"]).alerts(), ["r@10: 1 2"]);
    assert!(count("condition: {gte: 2}").run(&["0 a", "10.000000001 a"]).alerts().is_empty());
}

#[test]
fn s4_a3_a_sliding_window_knows_no_boundaries() {
    assert_eq!(count("condition: {gte: 2}").run(&["9 a", "11 a"]).alerts(), ["r@11: 1 2"]);
    assert!(count("condition: {gte: 2}, window: tumbling").run(&["9 a", "11 a"]).alerts().is_empty());
}

#[test]
fn s4_a_tumbling_window_holds_its_start_and_not_its_end() {
    let stage = count("condition: {gte: 2}, window: tumbling");
    assert_eq!(stage.run(&["10 a", "19.999999999 a"]).alerts(), ["r@19.999999999: 1 2"]);
    assert!(stage.run(&["19.999999999 a", "20 a"]).alerts().is_empty());
}

#[test]
fn s4_align_moves_the_boundaries() {
    let stage = count("condition: {gte: 2}, window: tumbling, align: 3s");
    assert_eq!(stage.run(&["3 a", "12 a"]).alerts(), ["r@12: 1 2"]);
    assert!(stage.run(&["12 a", "13 a"]).alerts().is_empty());
    let day = "type: event_count, rules: [a], timespan: 1d, window: tumbling, align: '+02:00', condition: {gte: 2}";
    // local midnight is 22:00 UTC
    let stage = rules(&[correlation(day)]).lateness(100_000);
    assert!(stage.run(&["79199 a", "79200 a"]).alerts().is_empty());
    assert_eq!(stage.run(&["79200 a", "165599 a"]).alerts(), ["r@165599: 1 2"]);
}

#[test]
fn s4_a_session_goes_on_while_the_gap_is_kept_and_the_timespan_allows() {
    let stage = count("condition: {gte: 3}, window: session, gap: 4s");
    assert_eq!(stage.run(&["0 a", "4 a", "8 a"]).alerts(), ["r@8: 1 2 3"]);
    assert!(stage.run(&["0 a", "4.000000001 a", "8 a"]).alerts().is_empty());
    // 12 s are more than the timespan: the fourth event begins a session of its own
    let close = count("condition: {gte: 1}, window: session, gap: 4s, emit: close");
    assert_eq!(close.run(&["0 a", "4 a", "8 a", "12 a"]).alerts(), ["r@12: 1 2 3", "r@16: 4"]);
}

#[test]
fn s4_a_session_needs_its_gap() {
    let rule = "type: event_count, rules: [a], timespan: 10s, window: session, condition: {gte: 2}";
    assert_eq!(errors(&[correlation(rule)]), ["missing-gap"]);
}

#[test]
fn s4_a_sliding_window_that_is_judged_at_its_close_opens_at_the_first_hit() {
    let stage = count("condition: {lt: 3}");
    assert_eq!(stage.run(&["1 a", "11 a", "12 a", "13 a", "14 a"]).alerts(), ["r@11: 1 2"]);
}

#[test]
fn s8_a_reset_starts_the_streak_anew() {
    let stage =
        rules(&[correlation("type: event_count, rules: [a], reset-on: [b], timespan: 60s, condition: {gte: 3}")]);
    assert_eq!(stage.run(&["1 a", "2 a", "3 a"]).alerts(), ["r@3: 1 2 3"]);
    assert!(stage.run(&["1 a", "2 a", "3 b", "4 a", "5 a"]).alerts().is_empty());
    assert_eq!(stage.run(&["1 a", "2 b", "3 a", "4 a", "5 a"]).alerts(), ["r@5: 3 4 5"]);
}

#[test]
fn s8_a_tie_of_hit_and_reset_goes_by_line() {
    let stage =
        rules(&[correlation("type: event_count, rules: [a], reset-on: [b], timespan: 60s, condition: {gte: 2}")]);
    assert_eq!(stage.run(&["1 a", "2 a", "2 b"]).alerts(), ["r@2: 1 2"]);
    assert!(stage.run(&["1 a", "2 b", "2 a"]).alerts().is_empty());
}

#[test]
fn s8_an_event_that_is_both_resets_and_then_counts_one() {
    let stage =
        rules(&[correlation("type: event_count, rules: [a], reset-on: [b], timespan: 60s, condition: {gte: 2}")]);
    assert_eq!(stage.run(&["1 a", "2 a b", "3 a"]).alerts(), ["r@3: 2 3"]);
}

#[test]
fn s8_it_is_armed_again_after_a_reset_and_hits_fall_out_after_the_timespan() {
    let stage =
        rules(&[correlation("type: event_count, rules: [a], reset-on: [b], timespan: 5s, condition: {gte: 2}")]);
    assert_eq!(stage.run(&["1 a", "2 a", "3 b", "4 a", "5 a"]).alerts(), ["r@2: 1 2", "r@5: 4 5"]);
    assert!(stage.run(&["1 a", "7 a", "13 a"]).alerts().is_empty());
}

#[test]
fn s8_a_reset_makes_a_sequence_forget_its_chain() {
    let stage = rules(&[correlation("type: temporal_ordered, rules: [a, b], reset-on: [c], timespan: 60s")]);
    assert!(stage.run(&["1 a", "2 c", "3 b"]).alerts().is_empty());
}

#[test]
fn s8_a_reset_leaves_the_boundaries_of_fixed_windows() {
    let stage = rules(&[correlation(
        "type: event_count, rules: [a], reset-on: [b], timespan: 10s, window: tumbling, emit: close, condition: {gte: 1}",
    )]);
    assert_eq!(stage.run(&["1 a", "2 b", "3 a", "11 c"]).alerts(), ["r@10: 3"]);
}

#[test]
fn s9_tuples_are_distinct_and_an_event_without_a_field_is_no_event_of_the_rule() {
    let rule = "type: value_count, rules: [a], timespan: 60s, condition: {field: [v, w], gte: 2}";
    let stage = rules(&[correlation(rule)]);
    assert!(stage.run(&["1 a v=1 w=1", "2 a v=1 w=1", "3 a v=2"]).alerts().is_empty());
    assert_eq!(stage.run(&["1 a v=1 w=1", "2 a v=2", "3 a v=1 w=2"]).alerts(), ["r@3: 1 3"]);
    assert_eq!(stage.run(&["1 a v:=[1,2] w=1"]).alerts(), ["r@1: 1"], "an array has several values");
}

#[test]
fn s9_numbers_and_texts_of_one_form_are_one_value() {
    let stage = rules(&[correlation("type: value_count, rules: [a], timespan: 60s, condition: {field: v, gte: 2}")]);
    assert!(stage.run(&["1 a v=1", "2 a v:=1", "3 a v:=1.0"]).alerts().is_empty());
}

#[test]
fn s9_an_empty_window_is_never_judged() {
    let stage =
        rules(&[correlation("type: event_count, rules: [a], reset-on: [b], timespan: 10s, condition: {lt: 5}")]);
    assert!(stage.run(&["1 b", "50 c"]).alerts().is_empty());
    assert!(stage.run(&["1 a", "2 b", "50 c"]).alerts().is_empty());
}

#[test]
fn s9_at_the_end_of_the_input_the_window_of_the_last_event_is_closed() {
    assert_eq!(count("condition: {lt: 5}, window: tumbling").run(&["1 a", "12 a"]).alerts(), ["r@10: 1", "r@20: 2"]);
}

#[test]
fn s10_a4_one_alert_an_episode_and_one_closing_update() {
    let outcome = count("condition: {gte: 2}").run(&["0 a", "1 a", "2 a", "3 a", "50 b"]);
    let alert = outcome.only();
    assert_eq!((alert.status, alert.revision, alert.count), (AlertStatus::Closed, 2, 4));
    assert_eq!(alert.evidence.len(), 2, "the evidence is what made the condition true");
    assert_eq!((alert.time.0 - super::stage::START, alert.last_seen.0 - alert.time.0), (1_000_000_000, 2_000_000_000));
    let first = outcome.revisions.iter().find(|alert| alert.revision == 1 && alert.rule.id == "r").unwrap();
    assert_eq!((first.status, first.count, first.id), (AlertStatus::Open, 2, alert.id));
}

#[test]
fn s10_it_is_armed_again_when_the_condition_was_false_at_an_event() {
    let stage = count("condition: {gte: 2}");
    assert_eq!(stage.run(&["0 a", "5 a", "20 a", "21 a"]).alerts(), ["r@5: 1 2", "r@21: 3 4"]);
    // at every event it stays true: one episode
    assert_eq!(stage.run(&["0 a", "8 a", "16 a", "24 a"]).alerts(), ["r@8: 1 2"]);
}

#[test]
fn s10_silence_longer_than_the_timespan_ends_the_episode() {
    let stage = count("condition: {gte: 1}");
    assert_eq!(stage.run(&["0 a", "10 a"]).alerts(), ["r@0: 1"]);
    assert_eq!(stage.run(&["0 a", "10.000000001 a"]).alerts().len(), 2);
}

#[test]
fn s10_every_alerts_on_each_event_and_reset_after_each_n() {
    let events = ["0 a", "1 a", "2 a", "3 a", "4 a"];
    let every = count("condition: {gte: 2}, emit: every");
    assert_eq!(every.run(&events).alerts(), ["r@1: 1 2", "r@2: 1 2 3", "r@3: 1 2 3 4", "r@4: 1 2 3 4 5"]);
    let reset = count("condition: {gte: 2}, emit: reset");
    assert_eq!(reset.run(&events).alerts(), ["r@1: 1 2", "r@3: 3 4"]);
}

#[test]
fn s10_suppress_holds_new_alerts_back_and_counts_them_in_the_one_that_is_open() {
    let outcome = count("condition: {gte: 1}, emit: every, suppress: 5s").run(&["0 a", "1 a", "4.999999999 a", "5 a"]);
    assert_eq!(outcome.alerts(), ["r@0: 1", "r@5: 1 2 3 4"]);
    assert_eq!(outcome.last()[0].suppressed, 2);
}

#[test]
fn s10_suppress_by_goes_across_groups() {
    let rule = "type: event_count, rules: [a], group-by: [k, j], timespan: 1s, condition: {gte: 1}, suppress: 60s, suppress-by: [k]";
    let outcome = rules(&[correlation(rule)]).run(&["0 a k=1 j=1", "5 a k=1 j=2", "6 a k=2 j=1"]);
    assert_eq!(outcome.alerts(), ["r@0 1/1: 1", "r@6 2/1: 3"]);
    assert_eq!(outcome.last()[0].suppressed, 1);
}

#[test]
fn s10_a5_conditions_that_are_true_too_early_are_judged_at_the_close() {
    for (condition, alerts) in
        [("lt: 3", 1), ("lte: 2", 1), ("eq: 2", 1), ("neq: 2", 0), ("gte: 2, lte: 3", 1), ("gt: 2, lt: 9", 0)]
    {
        let outcome = count(&format!("condition: {{{condition}}}")).run(&["0 a", "5 a", "60 b"]);
        assert_eq!(outcome.last().len(), alerts, "{condition}");
        assert!(outcome.last().iter().all(|alert| alert.time.0 - super::stage::START == 10_000_000_000));
    }
}

#[test]
fn s11_evidence_is_the_newest_64_and_the_count_is_full() {
    let events: Vec<String> = (0..100).map(|second| format!("{} a", f64::from(second) / 100.0)).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let outcome = count("condition: {gte: 100}").run(&events);
    let alert = outcome.only();
    assert_eq!((alert.count, alert.evidence.len(), alert.evidence[0].coordinates.offset), (100, 64, 37));
}

#[test]
fn s11_the_id_depends_on_rule_group_and_anchor_only() {
    let stage = count("condition: {gte: 2}, group-by: [k]");
    let id = |events: &[&str]| stage.run(events).only().id;
    assert_eq!(
        id(&["1 a k=1 id=p", "2 a k=1 id=q"]),
        id(&["0 a k=2 id=o", "1 a k=1 id=p", "2 a k=1 id=q", "9 a k=1 id=z"])
    );
    assert_ne!(id(&["1 a k=1 id=p", "2 a k=1 id=q"]), id(&["1 a k=2 id=p", "2 a k=2 id=q"]));
    let other =
        count("condition: {gte: 2}, group-by: [k], suppress: 5s").run(&["1 a k=1 id=p", "2 a k=1 id=q"]).only().id;
    assert_ne!(id(&["1 a k=1 id=p", "2 a k=1 id=q"]), other, "a rule of another meaning");
}
