//! Sizes at which something quadratic would be felt.

use std::time::{Duration, Instant};

use super::stage::{START, Stage, correlation, rules};

fn record(millisecond: i64, fields: &str) -> String {
    format!("{{\"ts\":{},\"is_a\":true,{fields}}}", START / 1_000_000 + millisecond)
}

/// Unoptimised and beside other tests this takes a few seconds; what is quadratic takes minutes.
fn quickly<T>(what: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = what();
    assert!(begin.elapsed() < Duration::from_secs(40), "{:?}", begin.elapsed());
    result
}

fn run(stage: &Stage, records: impl Iterator<Item = String>) -> super::stage::Outcome {
    quickly(|| stage.run_lines(records))
}

#[test]
fn s9_forty_thousand_distinct_values_in_one_group() {
    let stage = rules(&[correlation("type: value_count, rules: [a], timespan: 1h, condition: {field: v, gte: 40000}")]);
    let outcome = run(&stage, (0..40_000).map(|index| record(index, &format!("\"v\":\"value {index}\""))));
    assert_eq!(outcome.only().value, Some(40_000.0));
}

#[test]
fn s9_forty_thousand_values_have_a_median_at_each_of_them() {
    let keys = "type: value_median, rules: [a], timespan: 1h, min-count: 40000, condition: {field: v, gt: 0}";
    let stage = rules(&[correlation(keys)]);
    let outcome = run(&stage, (0..40_000_i64).map(|index| record(index, &format!("\"v\":{}", index * 7919 % 40_000))));
    assert_eq!(outcome.only().value, Some(19_999.5));
    let stage = rules(&[correlation("type: value_sum, rules: [a], timespan: 1h, condition: {field: v, gte: 8000}")]);
    let outcome = run(&stage, (0..80_000).map(|index| record(index, "\"v\":0.1")));
    assert_eq!(outcome.only().time.0, START + 79_999_000_000);
}

#[test]
fn s5_three_hundred_thousand_groups() {
    let stage =
        rules(&[correlation("type: event_count, rules: [a], group-by: [k], timespan: 1h, condition: {gte: 2}")])
            .shards(2);
    let outcome = run(&stage, (0..300_000).map(|index| record(index, &format!("\"k\":{}", index % 299_999))));
    assert_eq!(outcome.only().group, [("k".to_owned(), Some("0".to_owned()))]);
    assert_eq!(outcome.counts.correlate.groups_refused, 0);
}

#[test]
fn s4_two_hundred_thousand_events_in_one_window() {
    // the newest 100,000 are kept, the others are counted as dropped
    let stage = rules(&[correlation("type: event_count, rules: [a], timespan: 1h, condition: {gte: 100000}")]);
    let outcome = run(&stage, (0..200_000).map(|index| record(index, "\"k\":1")));
    assert_eq!((outcome.only().count, outcome.counts.correlate.entries_dropped), (200_000, 100_000));
}

#[test]
fn s13_threads_change_nothing() {
    let child = super::stage::named(
        "child",
        "type: event_count, rules: [a], group-by: [k], timespan: 3s, condition: {gte: 3}, emit: reset, generate: true",
    );
    let parent =
        correlation("type: value_count, rules: [child], timespan: 10s, condition: {field: k, gte: 5}, emit: reset");
    let documents = |shards: usize| {
        let stage = rules(&[child.clone(), parent.clone()]).shards(shards);
        let outcome = run(&stage, (0..20_000).map(|index| record(index * 7, &format!("\"k\":{}", index * 31 % 97))));
        outcome.last().iter().map(|alert| clarion::alert::document(alert).to_string()).collect::<Vec<_>>()
    };
    let one = documents(1);
    assert!(one.len() > 100);
    assert_eq!(one, documents(4));
}
