//! S20: correlations that are written as a series.

use clarion::model::Timestamp;

use super::stage::{START, Stage, correlation, errors, named, nothing_changes_the_series, rules};

/// A metric over `a` with these keys.
fn metric(keys: &str) -> String {
    metric_of("name: m", keys)
}

fn metric_of(metric: &str, keys: &str) -> String {
    correlation(keys).replace("correlation:", &format!("metric: {{{metric}}}\ncorrelation:"))
}

fn series(keys: &str) -> Stage {
    rules(&[metric(&format!("rules: [a], timespan: 10s, {keys}"))])
}

#[test]
fn s20_a_count_has_a_value_at_each_multiple_and_one_more_when_it_is_empty() {
    let stage = series("type: event_count, group-by: [k]");
    let outcome = stage.run(&["1 a k=x", "9 a k=x", "12 a k=y", "45 b k=x"]);
    assert_eq!(outcome.series(), ["x@10 2 of 2", "x@20 0 of 0", "y@20 1 of 1", "y@30 0 of 0"]);
    assert!(outcome.alerts().is_empty());
    assert_eq!(outcome.matched(), [("b".to_owned(), 4)], "what a metric counts does not alert by itself");
    assert_eq!(outcome.counts.correlate.metrics, 4);
}

#[test]
fn s20_the_window_holds_its_end_and_not_its_beginning() {
    let stage = series("type: event_count");
    assert_eq!(stage.run(&["10 a", "30 b"]).series(), ["@10 1 of 1", "@20 0 of 0"]);
    assert_eq!(stage.run(&["10.000000001 a", "30 b"]).series(), ["@20 1 of 1", "@30 0 of 0"]);
    let metric = stage.run(&["10 a"]).metrics[0].clone();
    let at = |second: i64| Timestamp(START + second * 1_000_000_000);
    assert_eq!((metric.from, metric.time), (at(0), at(10)));
}

#[test]
fn s20_of_a_finite_input_the_last_value_is_the_one_that_its_last_event_is_part_of() {
    let stage = series("type: event_count, group-by: [k]");
    assert_eq!(stage.run(&["1 a k=x"]).series(), ["x@10 1 of 1"]);
    assert_eq!(stage.run(&["1 a k=x", "10 b"]).series(), ["x@10 1 of 1"]);
    // an event that no rule matches is one of the input
    assert_eq!(stage.run(&["1 a k=x", "11 x"]).series(), ["x@10 1 of 1", "x@20 0 of 0"]);
    assert_eq!(stage.run(&["1 a k=x", "95 x"]).series(), ["x@10 1 of 1", "x@20 0 of 0"]);
}

#[test]
fn s20_every_divides_the_window_and_align_moves_it() {
    let keys = "rules: [a], type: event_count, timespan: 10s";
    let often = rules(&[metric_of("name: m, unit: events, every: 5s", keys)]);
    let outcome = often.run(&["1 a", "6 a", "60 x"]);
    assert_eq!(outcome.series(), ["@5 1 of 1", "@10 2 of 2", "@15 1 of 1", "@20 0 of 0"]);
    assert_eq!(outcome.metrics[0].unit.as_deref(), Some("events"));
    let moved = rules(&[metric_of("name: m, every: 5s", &format!("{keys}, align: 2s"))]);
    assert_eq!(moved.run(&["1 a", "60 x"]).series(), ["@2 1 of 1", "@7 1 of 1", "@12 0 of 0"]);
    let east = rules(&[metric_of("name: m", "rules: [a], type: event_count, timespan: 1d, align: '+02:00'")]);
    assert_eq!(east.run(&["1 a"]).series(), ["@79200 1 of 1"]);
    // what lies between two windows is in neither
    let rare = rules(&[metric_of("name: m, every: 30s", keys)]);
    assert_eq!(rare.run(&["1 a", "29 a", "31 a", "95 x"]).series(), ["@30 1 of 1", "@60 0 of 0"]);
}

#[test]
fn s20_every_type_has_its_value_and_its_empty_one() {
    let events = ["1 a v:=4", "2 a v:=1", "3 a v:=1", "4 a", "60 x"];
    for (keys, value, empty) in [
        ("type: value_count, field: v", "2", "0"),
        ("type: value_sum, field: v", "6", "0"),
        ("type: value_avg, field: v", "2", "none"),
        ("type: value_median, field: v", "1", "none"),
        ("type: value_percentile, percentile: 75, field: v", "2.5", "none"),
        ("type: value_max, field: v", "4", "none"),
        ("type: value_min, field: v", "1", "none"),
        ("type: value_last, field: v", "1", "none"),
    ] {
        let outcome = series(keys).run(&events);
        assert_eq!(outcome.series(), [format!("@10 {value} of 3"), format!("@20 {empty} of 0")], "{keys}");
        assert_eq!(outcome.counts.correlate.values_skipped, 1, "{keys}");
    }
}

#[test]
fn s20_extremes_follow_the_window_and_the_last_is_that_of_event_time() {
    let of = |kind: &str| {
        rules(&[metric_of("name: m, every: 5s", &format!("rules: [a], timespan: 10s, type: {kind}, field: v"))])
    };
    // the arrival of the first two is not their order
    let events = ["2 a v:=9", "1 a v:=3", "7 a v:=5", "60 x"];
    assert_eq!(of("value_max").run(&events).series(), ["@5 9 of 2", "@10 9 of 3", "@15 5 of 1", "@20 none of 0"]);
    assert_eq!(of("value_min").run(&events).series(), ["@5 3 of 2", "@10 3 of 3", "@15 5 of 1", "@20 none of 0"]);
    assert_eq!(of("value_last").run(&events).series(), ["@5 9 of 2", "@10 5 of 3", "@15 5 of 1", "@20 none of 0"]);
}

#[test]
fn s20_a_ratio_with_too_few_events_has_no_value_and_says_how_many_there_are() {
    let stage = rules(&[metric("rules: [a, b], type: event_ratio, timespan: 10s, min-count: 2")]);
    let outcome = stage.run(&["1 a b", "2 b", "3 b", "4 b", "11 a b", "60 x"]);
    assert_eq!(outcome.series(), ["@10 0.25 of 4", "@20 none of 1", "@30 none of 0"]);
}

#[test]
fn s20_identity_is_of_rule_group_and_time() {
    let stage = series("type: event_count, group-by: [k]");
    let ids = |events: &[&str]| -> Vec<u128> { stage.run(events).metrics.iter().map(|metric| metric.id.0).collect() };
    let first = ids(&["1 a k=x", "2 a k=y", "60 x"]);
    let again = ids(&["3 a k=x", "4 a k=y", "5 a k=y", "60 x"]);
    assert_eq!(first, again);
    let mut distinct = first.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!((first.len(), distinct.len()), (4, 4));
    let other =
        rules(&[metric_of("name: m, every: 10s", "rules: [a], timespan: 10s, type: event_count, group-by: [k]")]);
    assert_ne!(other.run(&["1 a k=x"]).metrics[0].id.0, first[0], "another meaning");
}

#[test]
fn s20_order_shards_and_a_restart_change_nothing() {
    let keys = "rules: [a], timespan: 20s, type: value_median, field: v, group-by: [k]";
    let stage = || rules(&[metric_of("name: m, every: 5s", keys)]).lateness(30);
    let event = |second: usize| format!("{second} a k={} v:={}", second % 5, (second * 7) % 13);
    let events: Vec<String> = (0..100).map(event).collect();
    nothing_changes_the_series(stage, &events, 100, [2, 30, 77]);
}

#[test]
fn s20_a_metric_goes_on_when_other_rules_change_and_begins_anew_when_it_changes() {
    let own = || metric("rules: [a], timespan: 20s, type: value_last, field: v");
    let other = named("other", "rules: [b], timespan: 5s, type: value_count, condition: {field: w, gte: 1}");
    let events = ["1 a v:=3", "15 a v:=4", "21 a v:=5", "90 x"];
    let expected = ["@20 4 of 2", "@40 5 of 1", "@60 none of 0"];
    assert_eq!(rules(&[own()]).lateness(30).run(&events).series(), expected);
    let grown = rules(&[other, own()]);
    assert_eq!(rules(&[own()]).lateness(30).changed_at(3, &grown).run(&events).series(), expected);
    let renamed = rules(&[own().replace("name: m", "name: n")]);
    let outcome = rules(&[own()]).lateness(0).changed_at(3, &renamed).run(&events);
    assert_eq!(outcome.series(), ["@40 5 of 1", "@60 none of 0"]);
}

#[test]
fn s20_late_events_are_dropped_and_counted() {
    let stage = series("type: event_count").lateness(0);
    let outcome = stage.run(&["5 a", "12 a", "6 a", "60 x"]);
    assert_eq!(outcome.series(), ["@10 1 of 1", "@20 1 of 1", "@30 0 of 0"]);
    assert_eq!(outcome.counts.correlate.late, 1);
}

#[test]
fn s20_s13_a_metric_reads_hits_of_correlations() {
    let child =
        named("pair", "type: event_count, rules: [a], timespan: 5s, group-by: [k], emit: reset, condition: {gte: 2}");
    let parent = metric("rules: [pair], timespan: 10s, type: event_count, group-by: [k]");
    let outcome = rules(&[child.clone(), parent.clone()]).run(&["1 a k=x", "2 a k=x", "3 a k=x", "4 a k=x", "60 x"]);
    assert_eq!(outcome.series(), ["x@10 2 of 2", "x@20 0 of 0"]);
    assert!(outcome.alerts().is_empty(), "what is referred to alerts with `generate` only");
    let speaking = child.replace("type:", "generate: true, type:");
    assert_eq!(rules(&[speaking, parent]).run(&["1 a k=x", "2 a k=x"]).alerts().len(), 1);
    // completeness: reviewed decisions as a share of all
    let both = named("both", "type: temporal, rules: [a, b], timespan: 5s, group-by: [k], generate: true");
    let share = metric("rules: [both, a], timespan: 10s, type: event_ratio");
    let outcome = rules(&[both, share]).run(&["1 a k=x", "2 b k=x", "3 a k=y", "60 x"]);
    assert_eq!(outcome.series(), ["@10 0.5 of 3", "@20 none of 0"]);
}

#[test]
fn s20_a_group_without_its_key_is_one_only_if_wanted() {
    let events = ["1 a", "2 a k=x"];
    assert_eq!(series("type: event_count, group-by: [k]").run(&events).series(), ["x@10 1 of 1"]);
    let grouped = series("type: event_count, group-by: [k], missing-key: group").run(&events).series();
    assert_eq!(grouped, ["-@10 1 of 1", "x@10 1 of 1"]);
}

#[test]
fn s20_what_would_do_nothing_is_refused() {
    for keys in [
        "type: event_count, condition: {gte: 1}",
        "type: event_count, window: tumbling",
        "type: event_count, emit: close",
        "type: event_count, suppress: 1h",
        "type: event_count, on-late: revise",
        "type: event_count, baseline: {history: 1h, measure: ratio}",
        "type: event_count, generate: true",
        "type: event_count, reset-on: [b]",
        "type: temporal",
    ] {
        let found = errors(&[metric(&format!("rules: [a], timespan: 10s, {keys}"))]);
        assert_eq!(found, ["key-without-effect"], "{keys}");
    }
    let plain = "rules: [a], timespan: 10s, type: event_count";
    assert_eq!(errors(&[metric_of("unit: x", plain)]), ["missing-metric-name"]);
    assert_eq!(errors(&[metric_of("name: m, every: 0s", plain)]), ["bad-every"]);
    assert_eq!(errors(&[metric_of("name: m, every: 1ns", plain)]), ["bad-every"]);
    assert_eq!(errors(&[metric_of("name: m, each: 1m", plain)]), ["unknown-key"]);
    assert_eq!(errors(&[metric("rules: [a], timespan: 10s, type: value_max")]), ["missing-field"]);
    assert_eq!(errors(&[correlation("rules: [a], timespan: 10s, type: value_last, field: v")]), ["metric-only"]);
    assert_eq!(errors(&[metric(plain).replace("dialect: clarion/1\n", "")]), ["dialect-not-declared"]);
    let above = named("above", "rules: [r], timespan: 10s, type: event_count, condition: {gte: 1}");
    assert_eq!(errors(&[metric(plain), above]), ["unknown-rule"]);
}

#[test]
fn s20_a_value_every_second_of_a_long_window_costs_its_documents_and_no_more() {
    let stage = rules(&[metric_of("name: m, every: 1s", "rules: [a], timespan: 1h, type: value_sum, field: v")]);
    let events: Vec<String> = (1..3000).map(|second| format!("{second} a v:=0.1")).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).chain(["9000 x"]).collect();
    let outcome = stage.run(&events);
    assert_eq!(outcome.metrics.len(), 2999 + 3600);
    let values: Vec<Option<f64>> = outcome.metrics.iter().map(|metric| metric.value).collect();
    assert_eq!((values[9], values[2998], values.last()), (Some(1.0), Some(299.9), Some(&Some(0.0))));
}
