//! The engine against a slow evaluator that is written from the rules of its semantics (RULES S1b to S16) and from
//! nothing else, over random rules and streams; and the engine against itself: order of arrival, shards, batches,
//! snapshots, shifted time and other rules beside one change nothing; and late events, once taken, lead where events in time do.
//!
//! `CLARION_REFERENCE_CASES=20000` runs more than the quick default.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "correlation_reference/change.rs"]
mod change;
#[path = "correlation_reference/counting.rs"]
mod counting;
#[path = "correlation_reference/engine.rs"]
mod engine;
#[path = "correlation_reference/evaluate.rs"]
mod evaluate;
#[path = "correlation_reference/history.rs"]
mod history;
#[path = "correlation_reference/items.rs"]
mod items;
#[path = "correlation_reference/ordered.rs"]
mod ordered;
#[path = "correlation_reference/random.rs"]
mod random;
#[path = "correlation_reference/random_series.rs"]
mod random_series;
#[path = "correlation_reference/series.rs"]
mod series;
#[path = "correlation_reference/spec.rs"]
mod spec;
#[path = "correlation_reference/stream.rs"]
mod stream;
#[path = "correlation_reference/taken_back.rs"]
mod taken_back;
#[path = "correlation_reference/unordered.rs"]
mod unordered;
#[path = "correlation_reference/values.rs"]
mod values;

use clarion::alert::{document, metric_document};
use clarion::correlate::alert_order;
use clarion::model::Alert;
use engine::Run;
use evaluate::Expected;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use spec::Rule;
use stream::Event;

pub(crate) fn cases() -> ProptestConfig {
    let cases = std::env::var("CLARION_REFERENCE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_global_rejects: 1_000_000,
        max_local_rejects: 100_000_000,
        max_shrink_iters: 1_000,
        ..ProptestConfig::default()
    }
}

/// A stream with an order of arrival that makes some events late.
pub(crate) fn disordered() -> impl Strategy<Value = (Vec<Event>, Vec<usize>, i64)> {
    (random::events(60), 0..12_i64, 0..8_i64).prop_flat_map(|(events, disorder, lateness)| {
        random::arrival(events, disorder).prop_map(move |(events, arrival)| (events, arrival, lateness))
    })
}

fn agree(rules: &[Rule], events: &[Event], arrival: &[usize], lateness: i64) -> Result<(), TestCaseError> {
    let set = engine::load(rules);
    let expected = evaluate::evaluate(rules, events, arrival, lateness);
    let run = Run { lateness, ..Run::default() };
    let found = engine::described(&engine::last(engine::revisions(&set, events, arrival, &run)));
    let yaml: Vec<String> = rules.iter().map(Rule::yaml).collect();
    let only = |these: &[Expected], others: &[Expected]| -> String {
        these.iter().filter(|one| !others.contains(one)).map(|one| format!("\n  {one:?}")).collect()
    };
    prop_assert!(
        found == expected,
        "only the engine: {}\nonly the reference: {}\n{}\n{}",
        only(&found, &expected),
        only(&expected, &found),
        yaml.join("---\n"),
        listing(events, arrival)
    );
    Ok(())
}

pub(crate) fn listing(events: &[Event], arrival: &[usize]) -> String {
    let lines: Vec<String> = arrival.iter().map(|index| format!("{:?}", events[*index])).collect();
    lines.join("\n")
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn counting_agrees((events, arrival, lateness) in disordered(), rule in random::counting()) {
        agree(&[rule], &events, &arrival, lateness)?;
    }

    #[test]
    fn measuring_agrees((events, arrival, lateness) in disordered(), rule in random::measuring()) {
        agree(&[rule], &events, &arrival, lateness)?;
    }

    #[test]
    fn remembering_agrees((events, arrival, lateness) in disordered(), rule in random::remembering()) {
        agree(&[rule], &events, &arrival, lateness)?;
    }

    #[test]
    fn temporal_agrees((events, arrival, lateness) in disordered(), rule in random::temporal()) {
        agree(&[rule], &events, &arrival, lateness)?;
    }

    #[test]
    fn temporal_with_not_agrees((events, arrival, lateness) in disordered(), rule in random::absent()) {
        agree(&[rule], &events, &arrival, lateness)?;
    }

    #[test]
    fn sequences_agree((events, arrival, lateness) in disordered(), rule in random::sequences()) {
        agree(&[rule], &events, &arrival, lateness)?;
    }

    #[test]
    fn sequences_with_not_agree((events, arrival, lateness) in disordered(), rule in random::ordered_absent()) {
        agree(&[rule], &events, &arrival, lateness)?;
    }

    #[test]
    fn chained_rules_agree((events, arrival, lateness) in disordered(), rules in random::chained()) {
        agree(&rules, &events, &arrival, lateness)?;
    }

    #[test]
    fn accumulated_risk_agrees((events, arrival, lateness) in disordered(), rules in random::accumulated()) {
        agree(&rules, &events, &arrival, lateness)?;
    }
}

/// Values as doubles, which the reference computes by another way.
fn same(found: &series::Point, expected: &series::Point) -> bool {
    let near = match (found.value, expected.value) {
        // what is written has nine decimals, and may be weighted after that
        (Some(one), Some(other)) => (one - other).abs() < 1e-7,
        (one, other) => one == other,
    };
    near && series::Point { value: None, ..found.clone() } == series::Point { value: None, ..expected.clone() }
}

/// Documents of series, as sinks deliver them.
fn written(rules: &[Rule], events: &[Event], arrival: &[usize], run: &Run) -> Vec<String> {
    let metrics = engine::metrics(&engine::load(rules), events, arrival, run);
    metrics.iter().map(|metric| metric_document(metric).to_string()).collect()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn series_agree((events, arrival, lateness) in disordered(), rules in random_series::all_series()) {
        let (_, expected) = evaluate::evaluate_all(&rules, &events, &arrival, lateness);
        let run = Run { lateness, ..Run::default() };
        let found = engine::points(&engine::metrics(&engine::load(&rules), &events, &arrival, &run));
        let agrees = found.len() == expected.len() && found.iter().zip(&expected).all(|(one, two)| same(one, two));
        let yaml: Vec<String> = rules.iter().map(Rule::yaml).collect();
        prop_assert!(
            agrees,
            "engine: {found:#?}\nreference: {expected:#?}\n{}\n{}",
            yaml.join("---\n"),
            listing(&events, &arrival)
        );
    }

    #[test]
    fn series_are_the_same_in_any_order_of_arrival_and_over_any_shards(
        (events, arrival) in (random::events(60), 0..9_i64)
            .prop_flat_map(|(events, disorder)| random::arrival(events, disorder)),
        rules in random_series::all_series(),
        batches in proptest::collection::vec(1..20_usize, 1..5),
        shards in prop_oneof![Just(1_usize), Just(2), Just(4)],
    ) {
        let rules: Vec<Rule> = rules.into_iter().map(|rule| Rule { lateness: None, ..rule }).collect();
        let one = Run { lateness: 9, ..Run::default() };
        let other = Run { lateness: 9, shards, batches, ..Run::default() };
        prop_assert_eq!(written(&rules, &events, &straight(&events), &one), written(&rules, &events, &arrival, &other));
    }

    #[test]
    fn series_go_on_from_a_restored_snapshot(
        (events, arrival, lateness) in disordered(),
        rules in random_series::all_series(),
        batches in proptest::collection::vec(1..20_usize, 1..5),
        cut in any::<prop::sample::Index>(),
        shards in 1..3_usize,
    ) {
        let one = Run { lateness, batches, shards, ..Run::default() };
        let other = Run { restore_at: Some(cut.index(arrival.len())), ..one.clone() };
        prop_assert_eq!(written(&rules, &events, &arrival, &one), written(&rules, &events, &arrival, &other));
    }
}

/// Any rules, alone or chained, or with one that hears of the alerts of others.
pub(crate) fn any_rules() -> BoxedStrategy<Vec<Rule>> {
    prop_oneof![2 => random::any_rule().prop_map(|rule| vec![rule]), 2 => random::chained(), 2 => random::accumulated()]
        .boxed()
}

/// Documents, as sinks deliver them.
pub(crate) fn documents(alerts: &[Alert]) -> Vec<String> {
    let mut sorted: Vec<&Alert> = alerts.iter().collect();
    sorted.sort_by(|one, two| alert_order(one, two));
    sorted.iter().map(|alert| document(alert).to_string()).collect()
}

/// The stream in the order of its lines, without ids: what all other ways of running it are held against.
pub(crate) fn straight(events: &[Event]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|index| (events[*index].second, events[*index].line));
    order
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_order_of_arrival_gives_the_same_documents(
        (events, arrival) in (random::events(60), 0..9_i64)
            .prop_flat_map(|(events, disorder)| random::arrival(events, disorder)),
        rules in any_rules(),
        batches in proptest::collection::vec(1..20_usize, 1..5),
        shards in prop_oneof![Just(1_usize), Just(2), Just(4)],
    ) {
        // a rule's own lateness could be less than the disorder
        let rules: Vec<Rule> = rules.into_iter().map(|rule| Rule { lateness: None, ..rule }).collect();
        let set = engine::load(&rules);
        let one = Run { lateness: 9, ..Run::default() };
        let other = Run { lateness: 9, shards, batches, ..Run::default() };
        let first = engine::revisions(&set, &events, &straight(&events), &one);
        let second = engine::revisions(&set, &events, &arrival, &other);
        prop_assert_eq!(documents(&first), documents(&second));
    }

    #[test]
    fn batches_and_shards_change_nothing_even_of_late_events(
        (events, arrival, lateness) in disordered(),
        rules in any_rules(),
        batches in proptest::collection::vec(1..20_usize, 1..5),
        shards in prop_oneof![Just(1_usize), Just(2), Just(4)],
    ) {
        let set = engine::load(&rules);
        let one = Run { lateness, batches: vec![1000], ..Run::default() };
        let other = Run { lateness, shards, batches, ..Run::default() };
        let first = engine::revisions(&set, &events, &arrival, &one);
        let second = engine::revisions(&set, &events, &arrival, &other);
        prop_assert_eq!(documents(&first), documents(&second));
    }

    #[test]
    fn a_restored_snapshot_goes_on_as_if_nothing_had_been(
        (events, arrival, lateness) in disordered(),
        rules in any_rules(),
        batches in proptest::collection::vec(1..20_usize, 1..5),
        cut in any::<prop::sample::Index>(),
        shards in 1..3_usize,
    ) {
        let set = engine::load(&rules);
        let one = Run { lateness, batches, shards, ..Run::default() };
        let other = Run { restore_at: Some(cut.index(arrival.len())), ..one.clone() };
        let first = engine::revisions(&set, &events, &arrival, &one);
        let second = engine::revisions(&set, &events, &arrival, &other);
        prop_assert_eq!(documents(&first), documents(&second));
    }

    #[test]
    fn shifted_events_shift_the_alerts(
        (events, arrival, lateness) in disordered(),
        rules in any_rules(),
        windows in -40_i64..40,
    ) {
        // fixed windows shift with the events only by whole windows
        let shift = windows * 360_360;
        let set = engine::load(&rules);
        let run = Run { lateness, ..Run::default() };
        let first = engine::revisions(&set, &events, &arrival, &run);
        let second = engine::revisions(&set, &events, &arrival, &Run { shift, ..run });
        let nanos = shift * stream::SECOND;
        let moved: Vec<Expected> = engine::described(&engine::last(first))
            .into_iter()
            .map(|alert| Expected { time: alert.time + nanos, last_seen: alert.last_seen + nanos, ..alert })
            .collect();
        prop_assert_eq!(moved, engine::described(&engine::last(second)));
    }
}
