//! S20: sums that fade, alerts that are taken back from a series, and metrics over the values of metrics.

use super::stage::{Outcome, Stage, correlation, errors, nothing_changes_the_series, rules};

/// A metric of that name, with a value every ten seconds.
fn metric(name: &str, keys: &str) -> String {
    format!(
        "title: {name}\nname: {name}\ndialect: clarion/1\nmetric: {{name: {name}, every: 10s}}\ncorrelation: {{{keys}}}\n"
    )
}

/// The values of one rule.
fn of(outcome: &Outcome, rule: &str) -> Vec<String> {
    let metrics = outcome.metrics.iter().filter(|metric| metric.rule.id == rule).cloned().collect();
    let (work, filtered) = (<_>::default(), Vec::new());
    Outcome { metrics, revisions: Vec::new(), faults: Vec::new(), filtered, work, ..*outcome }.series()
}

fn fading(more: &str) -> Stage {
    rules(&[metric("r", &format!("type: value_sum, rules: [a], field: v, timespan: 40s, half-life: 10s{more}"))])
}

#[test]
fn s20_half_of_a_value_is_left_after_its_half_life() {
    let outcome = fading("").run(&["10 a v:=4", "95 x"]);
    assert_eq!(outcome.series(), ["@10 4 of 1", "@20 2 of 1", "@30 1 of 1", "@40 0.5 of 1", "@50 0 of 0"]);
    // it fades from its own time on, not from that of the value before
    assert_eq!(fading("").run(&["5 a v:=4"]).series(), ["@10 2.828427125 of 1"]);
    let both = fading("").run(&["10 a v:=4", "20 a v:=3", "21 x"]);
    assert_eq!(both.series(), ["@10 4 of 1", "@20 5 of 2", "@30 2.5 of 2"]);
}

#[test]
fn s20_what_fades_is_the_same_in_any_order_over_shards_and_a_restart() {
    let event = |second: usize| format!("{second} a k={} v:={}", second % 3, ((second * 7) % 13) as f64 / 10.0 - 0.4);
    let events: Vec<String> = (0..120).map(event).collect();
    let stage = || fading(", group-by: [k]").lateness(30);
    nothing_changes_the_series(stage, &events, 30, [2, 41, 99]);
}

/// An `a` that no `x` follows within ten seconds, which weighs 60.
fn unanswered() -> String {
    let keys =
        "type: temporal_ordered, rules: [a, x], condition: a and not x, group-by: [m], timespan: 10s, on-late: revise";
    correlation(keys)
        .replace("correlation:", "risk: {score: 60, entities: [{type: model, field: m}]}\ncorrelation:")
        .replace("title: r\nname: r", "title: each\nname: each")
}

#[test]
fn s20_s17_an_alert_that_is_retracted_leaves_a_series_as_if_it_had_not_been() {
    // raised at 11; at the watermark 25 it turns out to have been answered
    let events = ["1 a m=x", "30 z", "5 x m=x", "90 z"];
    for (keys, before) in [
        ("type: value_sum, field: alert.risk.score", "60"),
        ("type: event_count", "1"),
        ("type: value_sum, field: alert.risk.score, half-life: 9s", "30"),
    ] {
        let sum = metric("sum", &format!("{keys}, rules: [any_alert], timespan: 40s"));
        let outcome = rules(&[unanswered(), sum]).lateness(5).run(&events);
        // what was said stays, and nothing is left that would leave the window later than it came
        assert_eq!(outcome.series(), [format!("@20 {before} of 1"), "@30 0 of 0".to_owned()], "{keys}");
    }
    let last = metric("sum", "type: value_max, field: alert.risk.score, rules: [any_alert], timespan: 40s");
    let outcome = rules(&[unanswered(), last]).lateness(5).run(&["1 a m=x", "2 a m=y", "30 z", "5 x m=x", "31 z"]);
    assert_eq!(outcome.series(), ["@20 60 of 2", "@30 60 of 1", "@40 60 of 1"]);
}

const OWN: &str = "type: value_last, rules: [a], field: v, group-by: [k], timespan: 10s";
const ALIKE: &str = "type: event_count, rules: [b], timespan: 10s";

fn weighted(more: &str) -> Stage {
    let keys = format!("type: weighted_sum, rules: [own, alike], group-by: [k], timespan: 10s, {more}");
    rules(&[metric("own", OWN), metric("alike", ALIKE), metric("r", &keys)])
}

#[test]
fn s20_a_weighted_sum_adds_up_the_newest_values() {
    let events = ["1 a k=x v:=3", "2 a k=y v:=4", "3 b", "11 a k=x v:=3", "55 z"];
    let outcome = weighted("weights: {own: 2, alike: -1}, base: 1").run(&events);
    // what has no `k` counts for every `k`, and a group that has no value of its own is gone
    assert_eq!(of(&outcome, "r"), ["x@10 6 of 2", "y@10 8 of 2", "x@20 7 of 2", "y@20 none of 0", "x@30 none of 0"]);
    assert_eq!(of(&outcome, "alike"), ["@10 1 of 1", "@20 0 of 0"]);
    let limited = weighted("weights: {own: 2, alike: -1}, base: 1, limits: [0, 6.5]").run(&events);
    assert_eq!(of(&limited, "r")[..3], ["x@10 6 of 2", "y@10 6.5 of 2", "x@20 6.5 of 2"]);
}

#[test]
fn s20_a_part_that_is_unknown_counts_as_is_said_or_makes_the_sum_unknown() {
    let events = ["1 a k=x v:=3", "5 z"];
    let of_stage = |more: &str| of(&weighted(more).run(&events), "r");
    assert_eq!(of_stage("weights: {own: 2, alike: -1}, base: 1"), ["x@10 none of 1"]);
    assert_eq!(of_stage("weights: {own: 2, alike: -1}, base: 1, otherwise: {alike: 5}"), ["x@10 2 of 1"]);
    // a rule of weight 0 says which groups there are
    let present = metric("present", "type: event_count, rules: [c], group-by: [k], timespan: 10s");
    let keys = "type: weighted_sum, rules: [own, present], group-by: [k], timespan: 10s, weights: {own: 1, present: 0}, otherwise: {own: 100, present: 0}";
    let outcome = rules(&[metric("own", OWN), present, metric("r", keys)]).run(&["1 c k=x", "2 a k=y v:=7", "5 z"]);
    assert_eq!(of(&outcome, "r"), ["x@10 100 of 1", "y@10 7 of 1"]);
}

#[test]
fn s20_s13_a_metric_measures_the_values_of_metrics() {
    let events = ["1 a k=x v:=3", "2 a k=y v:=5", "12 a k=x v:=1", "15 z"];
    for (keys, first, second) in [
        ("type: value_avg, field: metric.value", "4 of 2", "1 of 1"),
        ("type: value_max, field: metric.value", "5 of 2", "1 of 1"),
        ("type: event_count", "2 of 2", "1 of 1"),
    ] {
        let above = metric("r", &format!("{keys}, rules: [own], timespan: 10s"));
        let outcome = rules(&[metric("own", OWN), above]).run(&events);
        assert_eq!(of(&outcome, "r"), [format!("@10 {first}"), format!("@20 {second}")], "{keys}");
    }
    let above = metric("r", "type: value_sum, field: metric.value, rules: [own], group-by: [k], timespan: 20s");
    let outcome = rules(&[metric("own", OWN), above]).run(&events);
    assert_eq!(of(&outcome, "r"), ["x@10 3 of 1", "y@10 5 of 1", "x@20 4 of 2", "y@20 5 of 1"]);
}

#[test]
fn s20_metrics_of_metrics_are_the_same_in_any_order_over_shards_and_a_restart() {
    let event = |second: usize| match second % 4 {
        0 => format!("{second} b"),
        _ => format!("{second} a k={} v:={}", second % 5, second % 13),
    };
    let events: Vec<String> = (0..120).map(event).collect();
    let stage = || {
        let sum =
            "type: weighted_sum, rules: [own, alike], group-by: [k], timespan: 10s, weights: {own: 0.1, alike: 0.7}";
        let mean = "type: value_avg, rules: [r], field: metric.value, timespan: 10s";
        rules(&[metric("own", OWN), metric("alike", ALIKE), metric("r", sum), metric("mean", mean)]).lateness(30)
    };
    nothing_changes_the_series(stage, &events, 100, [2, 41, 99]);
}

#[test]
fn s20_what_does_not_add_up_is_refused() {
    let sum = |keys: &str| metric("r", &format!("type: value_sum, rules: [a], timespan: 1h, field: v, {keys}"));
    assert_eq!(errors(&[sum("half-life: 1h")]), Vec::<&str>::new());
    assert_eq!(errors(&[sum("half-life: 0s")]), ["bad-duration"]);
    assert_eq!(errors(&[sum("half-life: 1h").replace("value_sum", "value_avg")]), ["key-without-effect"]);
    let alert = correlation("type: value_sum, rules: [a], timespan: 1h, condition: {field: v, gte: 1}, half-life: 1h");
    assert_eq!(errors(&[alert]), ["key-without-effect"]);
    assert_eq!(errors(&[sum("weights: {a: 1}")]), ["key-without-effect"]);
    let with = |keys: &str| {
        let keys = format!("type: weighted_sum, group-by: [k], timespan: 10s, {keys}");
        errors(&[metric("own", OWN), metric("alike", ALIKE), metric("r", &keys)])
    };
    assert_eq!(with("rules: [own, alike], weights: {own: 1, alike: 1}"), Vec::<&str>::new());
    for keys in [
        "rules: [own, alike], weights: {own: 1}",
        "rules: [own], weights: {own: 1, other: 1}",
        "rules: [own], weights: {own: 1}, otherwise: {other: 1}",
        "rules: [own], weights: {own: 1}, limits: [5, 1]",
        "rules: [own], weights: {own: 1}, limits: 5",
        "rules: [own, a], weights: {own: 1, a: 1}",
        "rules: [alike], weights: {alike: 1}",
    ] {
        assert_eq!(with(keys), ["bad-weights"], "{keys}");
    }
    assert_eq!(with("rules: [own], weights: {own: high}"), ["wrong-type"]);
    assert_eq!(with("rules: [own], weights: {own: 1}, field: v"), ["key-without-effect"]);
    let loud = correlation("type: weighted_sum, rules: [own], weights: {own: 1}, timespan: 10s");
    assert_eq!(errors(&[metric("own", OWN), loud]), ["metric-only"]);
    let other = metric("other", "type: event_count, rules: [a], group-by: [j], timespan: 10s");
    let both = metric(
        "r",
        "type: weighted_sum, rules: [own, other], group-by: [k, j], timespan: 10s, weights: {own: 1, other: 1}",
    );
    assert!(errors(&[metric("own", OWN), other, both]).iter().all(|code| *code == "bad-weights"));
}
