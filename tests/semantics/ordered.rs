//! S6 sequences and S7 absence; decisions A8, A9, A10 and A20.

use super::stage::{correlation, errors, rules};

fn ordered(keys: &str) -> super::stage::Stage {
    rules(&[correlation(&format!("type: temporal_ordered, timespan: 10s, {keys}"))])
}

fn temporal(keys: &str) -> super::stage::Stage {
    rules(&[correlation(&format!("type: temporal, timespan: 10s, {keys}"))])
}

#[test]
fn s6_steps_in_the_order_of_rules_within_the_timespan() {
    let stage = ordered("rules: [a, b, c]");
    assert_eq!(stage.run(&["0 a", "1 x", "5 b", "10 c"]).alerts(), ["r@10: 1 3 4"]);
    assert!(stage.run(&["0 a", "5 b", "10.000000001 c"]).alerts().is_empty());
    assert!(stage.run(&["0 b", "1 a", "2 c"]).alerts().is_empty());
}

#[test]
fn s6_a10_a_a_b_b_is_one_match_the_second_a_with_the_first_b() {
    assert_eq!(ordered("rules: [a, b]").run(&["1 a", "2 a", "3 b", "4 b"]).alerts(), ["r@3: 2 3"]);
}

#[test]
fn s6_a_chain_that_grows_leaves_its_prefix_and_the_evidence_is_the_latest() {
    assert_eq!(ordered("rules: [a, b, c]").run(&["1 a", "2 b", "3 b", "4 c"]).alerts(), ["r@4: 1 3 4"]);
}

#[test]
fn s6_only_chains_of_the_completed_start_are_consumed() {
    // when c comes, b@2 of the first a is complete; the second a waits on and is completed later
    assert_eq!(
        ordered("rules: [a, b, c]").run(&["1 a", "2 b", "3 a", "4 c", "5 b", "6 c"]).alerts(),
        ["r@4: 1 2 4", "r@6: 3 5 6"]
    );
}

#[test]
fn s6_a9_the_steps_are_distinct_events() {
    assert!(ordered("rules: [a, b]").run(&["1 a b"]).alerts().is_empty());
    assert_eq!(ordered("rules: [a, b]").run(&["1 a b", "2 a b"]).alerts(), ["r@2: 1 2"]);
    assert_eq!(
        ordered("rules: [a, a]").run(&["1 a", "2 a", "3 a"]).alerts(),
        ["r@2: 1 2", "r@3: 2 3"],
        "the 2nd opens a new chain"
    );
}

#[test]
fn s6_the_completing_event_may_open_a_new_chain() {
    assert_eq!(ordered("rules: [a, b]").run(&["1 a", "2 a b", "3 b"]).alerts(), ["r@2: 1 2", "r@3: 2 3"]);
}

#[test]
fn s6_a8_equal_times_go_by_line() {
    assert_eq!(ordered("rules: [a, b]").run(&["1 a", "1 b"]).alerts(), ["r@1: 1 2"]);
    assert!(ordered("rules: [a, b]").run(&["1 b", "1 a"]).alerts().is_empty());
}

#[test]
fn s7_before_is_a_filter_on_the_first_step() {
    let stage = ordered("rules: [x, a], condition: a and not x");
    assert_eq!(stage.run(&["5 a"]).alerts(), ["r@5: 1"]);
    assert!(stage.run(&["0 x", "10 a"]).alerts().is_empty());
    assert_eq!(stage.run(&["0 x", "10.000000001 a"]).alerts(), ["r@10.000000001: 2"]);
    assert_eq!(stage.run(&["1 a", "2 x"]).alerts(), ["r@1: 1"], "what comes after does not matter");
}

#[test]
fn s7_before_a_tie_counts_as_present() {
    let stage = ordered("rules: [x, a], condition: a and not x");
    assert!(stage.run(&["5 a", "5 x"]).alerts().is_empty());
    assert!(stage.run(&["5 x", "5 a"]).alerts().is_empty());
}

#[test]
fn s7_before_an_older_valid_start_stays() {
    let stage = ordered("rules: [x, a, b], condition: a and b and not x");
    assert_eq!(stage.run(&["1 a", "2 x", "3 a", "4 b"]).alerts(), ["r@4: 1 4"]);
}

#[test]
fn s7_before_is_decided_although_the_events_come_out_of_order() {
    let stage = ordered("rules: [x, a], condition: a and not x");
    assert!(stage.run(&["5 a", "3 x"]).alerts().is_empty());
}

#[test]
fn s7_between_nothing_of_it_from_step_to_step_ties_included() {
    let stage = ordered("rules: [a, x, b], condition: a and b and not x");
    assert_eq!(stage.run(&["0 x", "1 a", "3 b", "4 x"]).alerts(), ["r@3: 2 3"]);
    for between in ["1 x", "2 x", "3 x"] {
        assert!(stage.run(&["1 a", between, "3 b"]).alerts().is_empty(), "{between}");
    }
    assert_eq!(stage.run(&["1 a", "2 x", "3 a", "4 b"]).alerts(), ["r@4: 3 4"]);
}

#[test]
fn s7_a20_after_is_known_at_the_deadline_the_rest_of_the_timespan() {
    let stage = ordered("rules: [a, x], condition: a and not x");
    assert_eq!(stage.run(&["1 a"]).alerts(), ["r@11: 1"]);
    for after in ["1 x", "5 x", "11 x"] {
        assert!(stage.run(&["1 a", after]).alerts().is_empty(), "{after}");
    }
    assert_eq!(stage.run(&["0.999999999 x", "1 a", "11.000000001 x"]).alerts(), ["r@11: 2"]);
}

#[test]
fn s7_after_a_sequence_the_timespan_counts_from_its_first_step() {
    let stage = ordered("rules: [a, b, x], condition: a and b and not x");
    assert_eq!(stage.run(&["1 a", "4 b", "11.5 x"]).alerts(), ["r@11: 1 2"]);
    assert!(stage.run(&["1 a", "4 b", "11 x"]).alerts().is_empty());
    assert_eq!(stage.run(&["1 a", "2 x", "4 b"]).alerts(), ["r@11: 1 3"], "between is not after");
}

#[test]
fn s7_before_and_after_together_must_both_hold() {
    let stage = ordered("rules: [x, a, b], condition: a and not x and not b");
    assert_eq!(stage.run(&["1 a"]).alerts(), ["r@11: 1"]);
    assert!(stage.run(&["0 x", "1 a"]).alerts().is_empty());
    assert!(stage.run(&["1 a", "2 b"]).alerts().is_empty());
}

#[test]
fn s7_each_unanswered_event_is_an_alert_of_its_own() {
    let stage = ordered("rules: [a, x], condition: a and not x");
    assert_eq!(stage.run(&["1 a", "2 a"]).alerts(), ["r@11: 1", "r@12: 2"]);
}

#[test]
fn s7_alternatives_are_judged_by_themselves_and_one_event_makes_one_alert() {
    let stage = ordered("rules: [a, b, x], condition: (a or b) and not x");
    assert_eq!(stage.run(&["1 a", "2 b", "11.5 x"]).alerts(), ["r@11: 1"]);
    assert_eq!(stage.run(&["1 a b"]).alerts(), ["r@11: 1"]);
}

#[test]
fn s7_temporal_with_not_looks_a_timespan_to_both_sides() {
    let stage = temporal("rules: [a, b, x], condition: a and b and not x");
    // a@20 and b@25: none of x in [15, 30]
    assert_eq!(stage.run(&["14 x", "20 a", "25 b", "31 x"]).alerts(), ["r@30: 2 3"]);
    assert!(stage.run(&["15 x", "20 a", "25 b"]).alerts().is_empty());
    assert!(stage.run(&["20 a", "25 b", "30 x"]).alerts().is_empty());
    assert_eq!(stage.run(&["20 b", "25 a"]).alerts(), ["r@30: 1 2"], "in any order");
}

#[test]
fn s8_a_reset_takes_back_only_what_was_not_decided_before_it() {
    let stage = rules(&[correlation(
        "type: temporal, rules: [a, x, c, b], reset-on: [c], timespan: 5s,
         condition: (a and c and not b) or (a and not x)",
    )]);
    // at 31 the first alternative is decided; that of 27, for which the edge waits, is taken back at 32
    assert_eq!(stage.run(&["25 b", "26 c", "27 a", "31 a", "32 c"]).alerts(), ["r@31: 2 4"]);
    assert!(stage.run(&["25 b", "26 c", "27 a", "31 a", "31 c"]).alerts().is_empty());
}

#[test]
fn s7_only_negative_conditions_are_refused() {
    assert_eq!(
        errors(&[correlation("type: temporal, rules: [a, b], timespan: 1s, condition: not a and not b")]),
        ["only-negative"]
    );
}

#[test]
fn a9_unordered_one_event_may_satisfy_several_rules() {
    assert_eq!(temporal("rules: [a, b]").run(&["1 a b"]).alerts(), ["r@1: 1"]);
}

#[test]
fn a9_k_of_n_counts_different_rules() {
    let stage = temporal("rules: [a, b, c], condition: {gte: 2}");
    assert!(stage.run(&["1 a", "2 a", "3 a"]).alerts().is_empty());
    assert_eq!(stage.run(&["1 a", "2 a", "3 c"]).alerts(), ["r@3: 1 2 3"]);
}

#[test]
fn a20_combinations_that_cannot_be_right_are_refused() {
    let negated = "type: temporal, rules: [a, x], timespan: 10s, condition: a and not x";
    for keys in ["window: tumbling", "window: session, gap: 2s", "emit: close"] {
        assert_eq!(errors(&[correlation(&format!("{negated}, {keys}"))]), ["key-without-effect"], "{keys}");
    }
    let ordered = "type: temporal_ordered, rules: [a, x], timespan: 10s, condition: a and not x";
    for keys in ["window: tumbling", "window: session, gap: 2s", "emit: close"] {
        assert_eq!(errors(&[correlation(&format!("{ordered}, {keys}"))]), ["key-without-effect"], "{keys}");
    }
}
