//! S9 values, quotients and heartbeats, S14 to S16: baselines and first-seen values; decisions A13 and A14.

use super::stage::{correlation, errors, rules, stage_with_table};

fn measure(keys: &str) -> super::stage::Stage {
    rules(&[correlation(&format!("rules: [a], timespan: 10s, {keys}"))])
}

#[test]
fn s9_a_sum_is_exact_and_a_value_that_leaves_the_window_leaves_the_sum() {
    let stage = measure("type: value_sum, condition: {field: v, gte: 0.3}");
    assert_eq!(stage.run(&["0 a v:=0.1", "1 a v:=0.2"]).alerts(), ["r@1: 1 2"]);
    assert_eq!(stage.run(&["0 a v:=0.1", "1 a v:=0.2"]).only().value, Some(0.3));
    assert!(stage.run(&["0 a v:=0.1", "11 a v:=0.2"]).alerts().is_empty());
    let whole = measure("type: value_sum, condition: {field: v, gt: 9007199254740993}");
    assert!(whole.run(&["0 a v:=9007199254740992", "1 a v:=1"]).alerts().is_empty());
    assert_eq!(whole.run(&["0 a v:=9007199254740992", "1 a v:=2"]).alerts().len(), 1);
}

#[test]
fn s9_a_sum_over_many_windows_does_not_drift() {
    let stage = measure("type: value_sum, emit: every, condition: {field: v, gte: 0}");
    let events: Vec<String> =
        (0..3000).map(|second| format!("{second} a v:={}", f64::from(second % 7) / 10.0)).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let outcome = stage.run(&events);
    // the last eleven: 2990 to 3000 without 3000
    let expected: i32 = (2989..3000).map(|second| second % 7).sum();
    assert_eq!(outcome.last().last().unwrap().value, Some(f64::from(expected) / 10.0));
}

#[test]
fn s9_a14_texts_that_are_numbers_count_and_what_is_none_is_skipped_and_counted() {
    let stage = measure("type: value_avg, condition: {field: v, gte: 2}");
    let outcome = stage.run(&["0 a v=1", "1 a v=x", "2 a", "3 a v:=3", "4 a v:=null", "5 a v:=true"]);
    assert_eq!(outcome.alerts(), ["r@3: 1 4"]);
    assert_eq!((outcome.only().value, outcome.counts.correlate.values_skipped), (Some(2.0), 4));
    assert_eq!(measure("type: value_sum, condition: {field: v, gte: 5}").run(&["0 a v:=[2,2,1]"]).alerts(), ["r@0: 1"]);
}

#[test]
fn s9_a13_percentiles_interpolate_and_need_to_be_named() {
    let stage = measure("type: value_percentile, percentile: 90, min-count: 10, condition: {field: v, gte: 9.1}");
    let events: Vec<String> = (1..=10).map(|value| format!("{} a v:={value}", f64::from(value) / 10.0)).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    assert_eq!(stage.run(&events).only().value, Some(9.1));
    let median = measure("type: value_median, min-count: 4, condition: {field: v, gte: 2.5}");
    assert_eq!(median.run(&["0 a v:=4", "1 a v:=1", "2 a v:=2", "3 a v:=3"]).only().value, Some(2.5));
    let inside = measure("type: value_percentile, condition: {field: v, percentile: 50, gte: 2}");
    assert_eq!(inside.run(&["0 a v:=2"]).alerts(), ["r@0: 1"]);
    let unnamed = "type: value_percentile, rules: [a], timespan: 1s, condition: {field: v, gte: 2}";
    assert_eq!(errors(&[correlation(unnamed)]), ["missing-percentile"]);
    let beyond = "type: value_percentile, percentile: 101, rules: [a], timespan: 1s, condition: {field: v, gte: 2}";
    assert_eq!(errors(&[correlation(beyond)]), ["bad-percentile"]);
}

#[test]
fn s9_a_ratio_divides_and_knows_nothing_of_too_few() {
    let stage =
        rules(&[correlation("type: event_ratio, rules: [a, b], timespan: 60s, min-count: 4, condition: {gt: 0.25}")]);
    assert_eq!(stage.run(&["0 a b", "1 b", "2 a b", "3 b"]).alerts(), ["r@3: 1 2 3 4"]);
    assert!(stage.run(&["0 a b", "1 a b", "2 a b"]).alerts().is_empty(), "three are too few");
    assert!(stage.run(&["0 a b", "1 b", "2 b", "3 b"]).alerts().is_empty(), "a quarter is not more than a quarter");
    assert!(stage.run(&["0 a", "1 a"]).alerts().is_empty(), "nothing to divide by");
    let three = correlation("type: event_ratio, rules: [a, b, c], timespan: 60s, condition: {gt: 1}");
    assert_eq!(errors(&[three]), ["wrong-number-of-rules"]);
}

#[test]
fn s9_a_low_average_is_judged_at_the_close() {
    let stage = measure("type: value_avg, condition: {field: v, lt: 2}");
    assert_eq!(stage.run(&["0 a v:=1", "4 a v:=2", "50 b"]).alerts(), ["r@10: 1 2"]);
    assert!(stage.run(&["0 a v:=1", "4 a v:=3", "50 b"]).alerts().is_empty());
}

#[test]
fn s9_silence_of_a_group_that_was_seen_is_found_up_to_the_end_of_the_input() {
    let stage = rules(&[correlation(
        "type: event_count, rules: [a], group-by: [k], timespan: 10s, window: tumbling, expect: seen, condition: {lt: 1}",
    )]);
    let outcome = stage.run(&["1 a k=x", "12 a k=y", "35 b"]);
    assert_eq!(outcome.alerts(), ["r@20 x: ", "r@30 x: ", "r@30 y: ", "r@40 x: ", "r@40 y: "]);
    assert_eq!((outcome.last()[0].count, outcome.last()[0].value), (0, Some(0.0)));
    // before its first event a group is not expected, and y was there in its own window
}

#[test]
fn s9_a_window_with_events_is_judged_like_any_other() {
    let stage = rules(&[correlation(
        "type: value_sum, rules: [a], timespan: 10s, window: tumbling, expect: seen, condition: {field: v, lte: 3}",
    )]);
    assert_eq!(stage.run(&["1 a v:=3", "11 a v:=4", "31 a v:=-5"]).alerts(), ["r@10: 1", "r@30: ", "r@40: 3"]);
}

#[test]
fn s9_a_table_says_whose_silence_is_one_from_the_first_window_of_the_source_on() {
    let text = format!(
        "title: a\nname: a\nlogsource: {{category: test}}\ndetection: {{s: {{is_a: true}}, condition: s}}\n---\n{}",
        correlation(
            "type: event_count, rules: [a], group-by: [k], timespan: 10s, window: tumbling, expect: '%ks%', condition: {lt: 1}"
        )
    );
    let stage = |shards| stage_with_table(&text, "ks", "x\ny\n").shards(shards).lateness(3);
    // z is not in the table; an event on the edge belongs to the window that it begins; 9 comes late, but in time
    let events = ["12 a k=z", "9 a k=x", "20 a k=y", "25 q"];
    for shards in [1, 3] {
        let outcome = stage(shards).run(&events);
        assert_eq!(outcome.alerts(), ["r@10 y: ", "r@20 x: ", "r@20 y: ", "r@30 x: "], "{shards}");
    }
    for cut in 1..=events.len() {
        let restored = stage(2).cut(i64::try_from(cut).unwrap()).run(&events);
        assert_eq!(restored.alerts(), stage(2).run(&events).alerts(), "{cut}");
    }
    assert_eq!(stage(1).run(&["5 q"]).alerts(), ["r@10 x: ", "r@10 y: "]);
    assert!(stage(1).run(&[]).alerts().is_empty(), "nothing says that time passes");
}

#[test]
fn s3_an_early_sum_takes_no_negative_numbers() {
    let keys = "type: value_sum, condition: {field: v, gte: 3}";
    let events = ["0 a v:=2", "1 a v:=-1", "2 a v:=1", "3 a v:=[-5,1]"];
    let early = measure(&format!("early: true, {keys}")).run(&events);
    assert_eq!(early.alerts(), ["r@2: 1 3"]);
    assert_eq!((early.only().count, early.counts.correlate.values_skipped), (3, 1));
    assert!(measure(keys).run(&events).alerts().is_empty());
    let expecting = correlation(
        "type: event_count, rules: [a], timespan: 1m, early: true, expect: seen, window: tumbling, condition: {gte: 1}",
    );
    assert_eq!(errors(&[expecting]), ["early-not-monotone"]);
}

#[test]
fn s12_a_late_value_moves_a_median_and_takes_an_alert_back() {
    let stage = measure("type: value_median, on-late: revise, min-count: 2, condition: {field: v, gte: 5}").lateness(1);
    let outcome = stage.run(&["0 a v:=4", "2 a v:=6", "9 q", "1 a v:=1"]);
    let said: Vec<_> = outcome.revisions.iter().map(|alert| (alert.status.name(), alert.value)).collect();
    assert_eq!(said, [("open", Some(5.0)), ("retracted", Some(5.0))]);
}

#[test]
fn s15_the_threshold_says_what_the_value_is_compared_with() {
    let stage =
        measure("type: event_count, baseline: {history: 10s, measure: ratio, min-samples: 1}, condition: {gte: 2}");
    let alert = stage.run(&["1 a", "11 a", "11.5 a"]);
    let threshold = alert.only().threshold.clone();
    assert_eq!(threshold.as_deref(), Some(">= 2 times the usual"));
}

#[test]
fn s9_expect_needs_a_window_that_closes() {
    let keys = |more: &str| correlation(&format!("type: event_count, rules: [a], timespan: 10s, expect: seen, {more}"));
    assert_eq!(errors(&[keys("condition: {lt: 1}")]), ["key-without-effect"]);
    assert_eq!(errors(&[keys("condition: {lt: 1}, window: tumbling, emit: edge")]), ["key-without-effect"]);
    assert_eq!(errors(&[keys("condition: {lt: 1}, window: tumbling")]), Vec::<&str>::new());
}

#[test]
fn s15_a_surge_is_measured_by_the_buckets_before() {
    let stage = measure(
        "type: event_count, min-count: 6, baseline: {history: 30s, measure: ratio, min-samples: 2}, condition: {gte: 3}",
    );
    // two a bucket, then six
    let events = ["1 a", "2 a", "11 a", "12 a", "21 a", "22 a", "31 a", "32 a", "33 a", "34 a", "35 a", "36 a"];
    let outcome = stage.run(&events);
    assert_eq!(outcome.only().time.0 - super::stage::START, 36_000_000_000);
    assert_eq!(outcome.only().value, Some(3.0));
    assert!(stage.run(&events[..10]).alerts().is_empty());
}

#[test]
fn s15_a_silent_bucket_is_a_sample_of_zero_once_the_group_was_seen() {
    let stage =
        measure("type: event_count, baseline: {history: 10s, measure: delta, min-samples: 1}, condition: {gte: 2}");
    // the window before: 1, then none for long
    assert_eq!(stage.run(&["1 a", "95 a", "96 a"]).alerts(), ["r@96: 2 3"]);
    assert!(stage.run(&["1 a", "2 a"]).alerts().is_empty(), "there is no bucket before");
}

#[test]
fn s15_deviations_are_over_the_population() {
    let keys = |measure: &str| {
        measure_of(&format!(
            "type: event_count, window: tumbling, emit: close, baseline: {{history: 40s, stat: median, measure: {measure}, min-samples: 4}}, condition: {{gte: 0}}"
        ))
    };
    // buckets of 1, 3, 5, 9; then 11
    let mut events = Vec::new();
    for (bucket, count) in [1, 3, 5, 9, 11].into_iter().enumerate() {
        events.extend((0..count).map(|place| format!("{}.{place:02} a", bucket * 10)));
    }
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let value = |measure: &str| keys(measure).run(&events).only().value.unwrap();
    let deviation = (35.0_f64 / 4.0).sqrt();
    assert!((value("zscore") - (11.0 - 4.5) / deviation).abs() < 1e-9);
    assert!((value("mad") - 0.6745 * (11.0 - 4.0) / 2.0).abs() < 1e-9);
    assert!((value("ratio") - 11.0 / 4.0).abs() < 1e-9);
    assert!((value("delta") - 7.0).abs() < 1e-9);
}

fn measure_of(keys: &str) -> super::stage::Stage {
    measure(keys).lateness(5)
}

#[test]
fn s15_a_season_compares_with_the_same_hour() {
    let stage = rules(&[correlation(
        "type: event_count, rules: [a], timespan: 1h, baseline: {history: 3d, season: hour_of_day, measure: ratio, min-samples: 2}, condition: {gte: 3}",
    )]);
    // at eight 4 each day, at nine one; on the third day at eight 4 are usual, at nine 3 are not
    let (day, hour) = (86_400, 3_600);
    let mut events = Vec::new();
    for (at, count) in [
        (8 * hour, 4),
        (9 * hour, 1),
        (day + 8 * hour, 4),
        (day + 9 * hour, 1),
        (2 * day + 8 * hour, 4),
        (2 * day + 9 * hour + 1800, 3),
    ] {
        events.extend((0..count).map(|place| format!("{} a", at + place)));
    }
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let outcome = stage.run(&events);
    assert_eq!(outcome.only().time.0 - super::stage::START, (2 * day + 9 * hour + 1802) * 1_000_000_000);
    assert_eq!(outcome.only().value, Some(3.0));
}

#[test]
fn s14_s15_a_baseline_is_cold_until_its_history_has_passed() {
    let keys = |cold: &str| {
        measure(&format!(
            "type: event_count, cold-start: {cold}, baseline: {{history: 20s, measure: delta, min-samples: 1}}, condition: {{gte: 2}}"
        ))
    };
    let early = ["0 a", "11 a", "12 a", "13 a"];
    assert!(keys("annotate").run(&early).only().cold_start);
    assert!(keys("suppress").run(&early).alerts().is_empty());
    assert!(!keys("alert").run(&early).only().cold_start);
    assert!(!keys("annotate").run(&["0 a", "31 a", "32 a"]).only().cold_start);
}

#[test]
fn s15_a_baseline_needs_a_history_of_whole_timespans() {
    let keys = |baseline: &str| {
        correlation(&format!(
            "type: event_count, rules: [a], timespan: 1m, baseline: {baseline}, condition: {{gte: 2}}"
        ))
    };
    assert_eq!(errors(&[keys("{history: 30s, measure: ratio}")]), ["bad-history"]);
    assert_eq!(errors(&[keys("{measure: ratio}")]), ["missing-history"]);
    assert_eq!(errors(&[keys("{history: 1h}")]), ["missing-measure"]);
    assert_eq!(errors(&[keys("{history: 1h, measure: ratio, min-sample: 3}")]), ["unknown-key"]);
}

#[test]
fn s16_only_values_that_were_not_seen_for_a_while_count() {
    let stage = rules(&[correlation(
        "type: value_count, rules: [a], group-by: [k], timespan: 10s, unseen-for: 60s, condition: {field: v, gte: 1}",
    )]);
    // seen at 0 and at 50: at 105 it is known, at 170 it is new again
    let outcome = stage.run(&["0 a k=x v=1", "50 a k=x v=1", "105 a k=x v=1", "105 a k=y v=1", "170 a k=x v=1"]);
    assert_eq!(outcome.alerts(), ["r@0 x: 1", "r@105 y: 4", "r@170 x: 5"]);
    assert_eq!(outcome.last().iter().map(|alert| alert.cold_start).collect::<Vec<_>>(), [true, false, false]);
    // exactly so long ago is not longer ago
    assert_eq!(stage.run(&["0 a k=x v=1", "60 a k=x v=1"]).alerts().len(), 1);
    assert_eq!(stage.run(&["0 a k=x v=1", "60.000000001 a k=x v=1"]).alerts().len(), 2);
}

#[test]
fn s16_a_reset_does_not_make_values_new() {
    let stage = rules(&[correlation(
        "type: value_count, rules: [a], reset-on: [b], timespan: 10s, unseen-for: 60s, condition: {field: v, gte: 1}",
    )]);
    assert_eq!(stage.run(&["0 a v=1", "1 b", "2 a v=1", "3 a v=2"]).alerts(), ["r@0: 1", "r@3: 4"]);
}

#[test]
fn s16_events_of_one_moment_look_back_equally_far() {
    // seen exactly so long ago, it is known to the second event of the moment as to the first
    let stage = rules(&[correlation(
        "type: value_count, rules: [a], reset-on: [b], timespan: 10s, window: tumbling, unseen-for: 2s,
         condition: {field: v, gte: 2}",
    )]);
    assert!(stage.run(&["30 a v=2", "32 b", "32 a v=7", "32 a v=2"]).alerts().is_empty());
    assert_eq!(stage.run(&["30 a v=2", "33 b", "33 a v=7", "33 a v=2"]).alerts(), ["r@33: 3 4"]);
}

#[test]
fn s3_what_compares_cannot_be_early() {
    for keys in [
        "type: value_avg, condition: {field: v, gte: 1}",
        "type: value_count, unseen-for: 1h, condition: {field: v, gte: 1}",
        "type: event_count, baseline: {history: 1h, measure: ratio}, condition: {gte: 1}",
    ] {
        let rule = correlation(&format!("rules: [a], timespan: 1s, early: true, {keys}"));
        assert_eq!(errors(&[rule]), ["early-not-monotone"], "{keys}");
    }
}
