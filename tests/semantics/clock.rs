//! S1 event time, S1b identity, S2 watermark, S3 order, S12 late events.

use super::stage::{START, correlation, line, rules};

const COUNT_2: &str = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}";

#[test]
fn s1_times_of_every_form_are_one_instant() {
    let seconds = START / 1_000_000_000;
    let forms = [
        "\"2026-01-05T00:00:00Z\"".to_owned(),
        "\"2026-01-05T01:00:00+01:00\"".to_owned(),
        format!("{seconds}"),
        format!("{seconds}000"),
        format!("{seconds}000000"),
        format!("{seconds}000000000"),
    ];
    let lines = forms.iter().map(|ts| format!("{{\"ts\":{ts},\"is_a\":true}}"));
    let stage = rules(&[correlation("type: event_count, rules: [a], timespan: 1s, condition: {gte: 6}")]);
    assert_eq!(stage.run_lines(lines).alerts(), ["r@0: 1 2 3 4 5 6"]);
}

#[test]
fn s1_a_nanosecond_decides_the_order() {
    let stage = rules(&[correlation("type: temporal_ordered, rules: [a, b], timespan: 1s")]);
    assert_eq!(stage.run(&["0.000000002 b", "0.000000001 a"]).alerts(), ["r@0.000000002: 2 1"]);
    assert!(stage.run(&["0.000000001 b", "0.000000002 a"]).alerts().is_empty());
}

#[test]
fn s1_a_nanosecond_beyond_the_timespan_is_outside() {
    let stage = rules(&[correlation(COUNT_2)]);
    assert_eq!(stage.run(&["0.5 a", "10.5 a"]).alerts(), ["r@10.5: 1 2"]);
    assert!(stage.run(&["0.5 a", "10.500000001 a"]).alerts().is_empty());
}

#[test]
fn s1_an_event_of_the_future_gets_the_highest_time_so_far_and_moves_no_watermark() {
    let stage = rules(&[correlation(COUNT_2)]).lateness(5).now(100);
    // line 2 is 300 s and more ahead of now; line 3 would be late had it moved the watermark
    let outcome = stage.run(&["50 a", "500 a", "48 b", "49 a"]);
    assert_eq!(outcome.alerts(), ["r@50: 4 1"]);
    assert_eq!(outcome.only().count, 3, "the event of the future counts at its arrival");
    assert_eq!(outcome.counts.skewed, 1);
    assert_eq!(outcome.counts.correlate.late, 0);
    // exactly five minutes ahead is no future yet
    assert_eq!(rules(&[correlation(COUNT_2)]).now(100).run(&["400 a"]).counts.skewed, 0);
}

#[test]
fn s1_events_of_1970_are_events() {
    let stage = rules(&[correlation(COUNT_2)]);
    let lines = ["{\"ts\":\"1970-01-01T00:00:00Z\",\"is_a\":true}", "{\"ts\":\"1970-01-01T00:00:10Z\",\"is_a\":true}"];
    let outcome = stage.run_lines(lines.iter().map(|line| (*line).to_owned()));
    assert_eq!(outcome.only().time.0, 10_000_000_000);
}

#[test]
fn s1b_a_redelivered_event_counts_once_and_the_first_in_the_log_is_shown() {
    let stage = rules(&[correlation(COUNT_2)]);
    let outcome = stage.run(&["1 a id=one", "1 a id=one", "2 b"]);
    assert!(outcome.alerts().is_empty());
    assert_eq!(outcome.counts.correlate.repeated, 1);
    assert_eq!(stage.run(&["1 a id=one", "2 a id=two", "1 a id=one"]).alerts(), ["r@2: 1 2"]);
}

#[test]
fn s1b_the_same_id_at_another_time_is_another_event() {
    let stage = rules(&[correlation(COUNT_2)]);
    assert_eq!(stage.run(&["1 a id=one", "2 a id=one"]).alerts(), ["r@2: 1 2"]);
}

#[test]
fn s1b_an_alert_keeps_its_identity_when_the_log_is_copied() {
    let stage = rules(&[correlation(COUNT_2)]);
    let once = stage.run(&["1 a id=one", "2 a id=two"]).only().id;
    let moved = stage.run(&["0 b", "1 a id=one", "1 a id=one", "2 a id=two"]).only().id;
    assert_eq!(once, moved);
}

#[test]
fn s2_every_record_moves_the_watermark_whether_a_rule_matches_it_or_not() {
    let stage = rules(&[correlation(COUNT_2)]).lateness(5);
    let outcome = stage.run(&["1 a", "20 nobody=cares", "2 a"]);
    assert!(outcome.alerts().is_empty());
    assert_eq!(outcome.counts.correlate.late, 1);
}

#[test]
fn s2_an_event_at_the_watermark_itself_is_not_late() {
    let stage = rules(&[correlation(COUNT_2)]).lateness(5);
    assert_eq!(stage.run(&["1 a", "10 b", "5 a"]).alerts(), ["r@5: 1 3"]);
    assert!(stage.run(&["1 a", "10 b", "4.999999999 a"]).alerts().is_empty());
}

#[test]
fn s3_arrival_order_does_not_matter_within_the_lateness_and_ties_go_by_line() {
    let stage = rules(&[correlation("type: temporal_ordered, rules: [a, b, c], timespan: 10s")]);
    assert_eq!(stage.run(&["3 c", "1 a", "2 b"]).alerts(), ["r@3: 2 3 1"]);
    assert_eq!(stage.run(&["3 a", "3 b", "3 c"]).alerts(), ["r@3: 1 2 3"]);
    assert!(stage.run(&["3 b", "3 a", "3 c"]).alerts().is_empty());
}

#[test]
fn s3_a_detection_that_nobody_refers_to_alerts_on_each_event() {
    let outcome = rules(&[]).run(&["1 a", "2 b", "3 a b"]);
    let found: Vec<(String, i64)> =
        [("a", 1), ("b", 2), ("a", 3), ("b", 3)].map(|(name, line)| (name.to_owned(), line)).into();
    assert_eq!(outcome.matched(), found);
}

#[test]
fn s12_late_events_are_counted_and_put_aside() {
    let stage = rules(&[correlation(COUNT_2)]).lateness(5);
    let outcome = stage.run(&["100 a", "1 a", "101 a"]);
    assert_eq!(outcome.alerts(), ["r@101: 1 3"]);
    assert_eq!(outcome.counts.correlate.late, 1);
    let fault = outcome.faults.iter().find(|fault| fault.kind == "late").unwrap();
    assert_eq!((fault.coordinates.offset, fault.raw.as_slice()), (2, line("1 a").as_bytes()));
}

#[test]
fn a1_the_clock_is_event_time_however_the_events_are_batched() {
    let stage = rules(&[correlation(COUNT_2)]).now(1_000_000);
    let (near, far) = (stage.run(&["0 a", "9 a"]), stage.run(&["0 a", "11 a"]));
    assert_eq!((near.alerts().len(), far.alerts().len()), (1, 0));
}
