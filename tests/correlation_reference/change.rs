//! A restart with other rules: what stays goes on as if nothing had been, wherever it stands among the others now.

use clarion::correlate::Restored;
use clarion::model::Alert;
use proptest::prelude::*;

use super::engine::{self, Run};
use super::spec::Rule;
use super::{cases, disordered, listing, random};

/// What a rule has said, revision by revision.
fn said(alerts: Vec<Alert>, rule: &str) -> Vec<String> {
    let of_rule = alerts.into_iter().filter(|alert| alert.rule.id == rule);
    let words = of_rule.map(|alert| {
        let lines: Vec<i64> = alert.evidence.iter().map(|event| event.coordinates.offset).collect();
        let facts = (alert.id, alert.revision, alert.status, alert.time.0, alert.count, alert.last_seen.0);
        format!("{facts:?} {:?} {lines:?} {:?} {}", alert.group, alert.value, alert.suppressed)
    });
    words.collect()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn to_change_while_it_runs_is_to_stop_and_start_anew(
        (events, arrival, lateness) in disordered(),
        (kept, gone, new) in (random::any_rule(), random::any_rule(), random::any_rule()),
        batches in proptest::collection::vec(1..20_usize, 1..5),
        cut in any::<prop::sample::Index>(),
        shards in 1..3_usize,
    ) {
        let named = |name: &str, rule: Rule| Rule { name: name.to_owned(), ..rule };
        let before = engine::load(&[named("gone", gone), named("kept", kept.clone())]);
        let after = engine::load_reversed(&[named("new", new), named("kept", kept)]);
        let expected = Restored::Changed { kept: 1, begun: 1, gone: 1, groups: 0 };
        let cut = cut.index(arrival.len());
        let other = Run { lateness, batches, shards, restore_at: Some(cut), then: Some((after, expected)), ..Run::default() };
        let anew = engine::output(&before, &events, &arrival, &other);
        let on = engine::output(&before, &events, &arrival, &Run { in_process: true, ..other });
        prop_assert_eq!(format!("{:?}", on.alerts), format!("{:?}", anew.alerts), "cut at {}", cut);
        prop_assert_eq!(on.metrics, anew.metrics, "cut at {}", cut);
    }

    #[test]
    fn a_rule_that_stays_goes_on_when_others_come_and_go(
        (events, arrival, lateness) in disordered(),
        (kept, gone, new) in (random::any_rule(), random::any_rule(), random::any_rule()),
        more in prop_oneof![Just(""), Just("on-late: apply"), Just("on-late: revise")],
        batches in proptest::collection::vec(1..20_usize, 1..5),
        cut in any::<prop::sample::Index>(),
        shards in 1..3_usize,
    ) {
        let named = |name: &str, rule: Rule| Rule { name: name.to_owned(), ..rule };
        let kept = Rule { more: more.to_owned(), ..named("kept", kept) };
        let alone = engine::load(std::slice::from_ref(&kept));
        let before = engine::load(&[named("gone", gone), kept.clone()]);
        let after = engine::load_reversed(&[named("new", new), kept.clone()]);
        let one = Run { lateness, batches, shards, ..Run::default() };
        let cut = cut.index(arrival.len());
        let other = Run { restore_at: Some(cut), then: Some((after, Restored::Changed { kept: 1, begun: 1, gone: 1, groups: 0 })), ..one.clone() };
        let first = said(engine::revisions(&alone, &events, &arrival, &one), "kept");
        let second = said(engine::revisions(&before, &events, &arrival, &other), "kept");
        prop_assert_eq!(&second, &first, "cut at {}: {}\n{}", cut, kept.yaml(), listing(&events, &arrival));
    }
}
