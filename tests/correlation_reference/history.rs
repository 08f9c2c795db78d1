//! Late events and early rules (RULES S3, S12): a rule that revises ends where events in time would have led it; an early
//! rule says what the same rule says behind the watermark; and neither depends on batches, shards or restarts.

use std::collections::BTreeMap;

use clarion::model::{Alert, AlertStatus};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::Value;

use super::engine::{self, Run};
use super::spec::{Emit, Kind, Risk, Rule};
use super::stream::Event;
use super::{any_rules, cases, disordered, documents, listing, random, straight};

/// The same rules with a key more.
fn with(rules: &[Rule], more: &str) -> Vec<Rule> {
    rules.iter().map(|rule| Rule { more: more.to_owned(), ..rule.clone() }).collect()
}

/// Without what depends on what was said first.
fn plain(rules: Vec<Rule>) -> Vec<Rule> {
    rules.into_iter().map(|rule| Rule { suppress: None, suppress_by: None, cold_start: None, ..rule }).collect()
}

/// The alerts that stand at the end.
fn standing(revisions: Vec<Alert>) -> Vec<Alert> {
    let mut last: BTreeMap<_, Alert> = BTreeMap::new();
    for alert in revisions {
        let known = last.get(&alert.id);
        assert_eq!(alert.revision, known.map_or(0, |known| known.revision) + 1, "revisions count on: {alert:?}");
        if let Some(known) = known {
            assert_eq!(alert.time, known.time, "the time of an alert never changes");
            assert_eq!(alert.evidence, known.evidence, "nor does its evidence");
        }
        last.insert(alert.id, alert);
    }
    last.into_values().filter(|alert| alert.status != AlertStatus::Retracted).collect()
}

/// Rules whose alerts are about the same, and at the same time, whatever comes late.
fn fixed(rules: Vec<Rule>) -> Vec<Rule> {
    let fix = |rule: Rule| {
        let entities = vec![("thing".to_owned(), "k".to_owned())];
        let risk = rule.risk.clone().map(|risk| Risk { entities, ..risk });
        Rule {
            emit: Some(Emit::Every),
            expect: false,
            group_by: vec!["k".to_owned()],
            aliases: Vec::new(),
            risk,
            ..rule
        }
    };
    rules.into_iter().map(|rule| if rule.name == "sum" { rule } else { fix(rule) }).collect()
}

/// Whether an alert hangs on an event that no other can replace.
fn is_exact(rule: &Rule) -> bool {
    matches!(rule.emit(), Emit::Every | Emit::Close) && rule.kind != Kind::TemporalOrdered
}

/// What an alert says, whichever event it hangs on.
fn said(alert: &Alert) -> String {
    let measure = alert.value.map(|value| format!("{value}"));
    let words = (&alert.rule.id, &alert.group, alert.status.name(), alert.count, alert.last_seen, measure);
    format!("{words:?}")
}

/// Without negative numbers, which an early sum does not take.
fn rising(events: Vec<Event>) -> Vec<Event> {
    fn positive(value: Value) -> Value {
        match value {
            Value::Array(all) => Value::Array(all.into_iter().map(positive).collect()),
            other => other.as_f64().filter(|number| *number < 0.0).map_or(other, |number| Value::from(-number)),
        }
    }
    let fields = |event: &Event| event.fields.clone().map(|field| field.map(positive));
    events.into_iter().map(|event| Event { fields: fields(&event), ..event }).collect()
}

fn agree(
    rules: &[Rule],
    words: (&[String], &[String]),
    events: &[Event],
    arrival: &[usize],
) -> Result<(), TestCaseError> {
    let yaml: Vec<String> = rules.iter().map(Rule::yaml).collect();
    let (found, wanted) = words;
    prop_assert!(
        found == wanted,
        "found: \n{}\nwanted: \n{}\n{}\n{}",
        found.join("\n"),
        wanted.join("\n"),
        yaml.join("---\n"),
        listing(events, arrival)
    );
    Ok(())
}

fn converges(rules: &[Rule], events: &[Event], arrival: &[usize], lateness: i64) -> Result<(), TestCaseError> {
    let rules = with(rules, "on-late: revise");
    let set = engine::load(&rules);
    let in_time = Run { lateness: 100, ..Run::default() };
    // no event of `disordered` comes further behind the watermark; what is older is forgotten on the way
    let late = Run { lateness, retention: 12, ..Run::default() };
    let wanted = standing(engine::revisions(&set, events, &straight(events), &in_time));
    let found = standing(engine::revisions(&set, events, arrival, &late));
    let words = |alerts: &[Alert]| {
        let mut words: Vec<String> = alerts.iter().map(said).collect();
        words.sort();
        words
    };
    agree(&rules, (&words(&found), &words(&wanted)), events, arrival)?;
    let exact = |alerts: &[Alert]| {
        let of_exact =
            alerts.iter().filter(|alert| rules.iter().any(|rule| rule.name == alert.rule.id && is_exact(rule)));
        of_exact.map(|alert| alert.id.to_string()).collect::<Vec<_>>()
    };
    if rules.len() == 1 {
        agree(&rules, (&exact(&found), &exact(&wanted)), events, arrival)?;
    }
    Ok(())
}

/// Batches, shards and a restart change nothing.
fn same_as_in_one_batch(rules: &[Rule], events: &[Event], arrival: &[usize], other: &Run) -> Result<(), TestCaseError> {
    let set = engine::load(rules);
    let one = Run { lateness: other.lateness, retention: other.retention, batches: vec![1000], ..Run::default() };
    let first = engine::revisions(&set, events, arrival, &one);
    let second = engine::revisions(&set, events, arrival, other);
    agree(rules, (&documents(&second), &documents(&first)), events, arrival)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn counting_that_revises_converges((events, arrival, lateness) in disordered(), rule in random::counting()) {
        converges(&plain(vec![rule]), &events, &arrival, lateness)?;
    }

    #[test]
    fn measuring_that_revises_converges((events, arrival, lateness) in disordered(), rule in random::measuring()) {
        converges(&plain(vec![rule]), &events, &arrival, lateness)?;
    }

    #[test]
    fn remembering_that_revises_converges((events, arrival, lateness) in disordered(), rule in random::remembering()) {
        converges(&plain(vec![rule]), &events, &arrival, lateness)?;
    }

    #[test]
    fn temporal_that_revises_converges((events, arrival, lateness) in disordered(), rule in random::temporal()) {
        converges(&plain(vec![rule]), &events, &arrival, lateness)?;
    }

    #[test]
    fn temporal_with_not_that_revises_converges((events, arrival, lateness) in disordered(), rule in random::absent()) {
        converges(&plain(vec![rule]), &events, &arrival, lateness)?;
    }

    #[test]
    fn sequences_that_revise_converge((events, arrival, lateness) in disordered(), rule in random::sequences()) {
        converges(&plain(vec![rule]), &events, &arrival, lateness)?;
    }

    #[test]
    fn sequences_with_not_that_revise_converge(
        (events, arrival, lateness) in disordered(),
        rule in random::ordered_absent(),
    ) {
        converges(&plain(vec![rule]), &events, &arrival, lateness)?;
    }

    #[test]
    fn chained_rules_that_revise_converge((events, arrival, lateness) in disordered(), rules in random::chained()) {
        converges(&plain(rules), &events, &arrival, lateness)?;
    }

    #[test]
    fn accumulated_risk_that_revises_converges(
        (events, arrival, lateness) in disordered(),
        rules in random::accumulated().prop_map(fixed).prop_filter("exact", |rules| {
            rules.iter().all(|rule| rule.name == "sum" || is_exact(rule))
        }),
    ) {
        let rules = with(&plain(rules), "on-late: revise");
        let set = engine::load(&rules);
        let in_time = Run { lateness: 100, ..Run::default() };
        let late = Run { lateness, retention: 12, ..Run::default() };
        let words = |run: &Run, arrival: &[usize]| {
            let alerts = standing(engine::revisions(&set, &events, arrival, run));
            // the evidence of an alert stays, so that of those above may be less than it would have been
            let word = |alert: &Alert| format!("{:?} {:?} {:?} {:?}", alert.rule.id, alert.group, alert.last_seen, alert.value);
            let mut words: Vec<String> = alerts.iter().map(word).collect();
            words.sort();
            words
        };
        let (found, wanted) = (words(&late, &arrival), words(&in_time, &straight(&events)));
        agree(&rules, (&found, &wanted), &events, &arrival)?;
    }

    /// Where the rule that adds up takes nothing that is late, and hears of retractions at the watermark.
    #[test]
    fn accumulated_risk_is_the_same_in_any_batches(
        (events, arrival, lateness) in disordered(),
        rules in random::accumulated(),
        on_late in prop_oneof![Just("revise"), Just("apply"), Just("drop")],
        early in any::<bool>(),
        batches in proptest::collection::vec(1..20_usize, 1..5),
        shards in prop_oneof![Just(1_usize), Just(2), Just(4)],
        cut in any::<prop::sample::Index>(),
        retention in prop_oneof![Just(86_400_i64), 0..10_i64],
    ) {
        let early = early && rules.iter().all(|rule| rule.name == "sum" || random::may_be_early(rule));
        let on_late = format!("on-late: {on_late}{}", if early { "\n    early: true" } else { "" });
        let rules: Vec<Rule> = rules
            .into_iter()
            .map(|rule| if rule.name == "sum" { rule } else { Rule { more: on_late.clone(), ..rule } })
            .collect();
        let other = Run { lateness, retention, shards, batches, restore_at: Some(cut.index(arrival.len())), ..Run::default() };
        same_as_in_one_batch(&rules, &events, &arrival, &other)?;
    }

    #[test]
    fn batches_shards_and_restarts_change_nothing_of_late_and_early_rules(
        (events, arrival, lateness) in disordered(),
        rules in any_rules(),
        on_late in prop_oneof![Just("revise"), Just("apply")],
        early in any::<bool>(),
        batches in proptest::collection::vec(1..20_usize, 1..5),
        shards in prop_oneof![Just(1_usize), Just(2), Just(4)],
        cut in any::<prop::sample::Index>(),
        retention in prop_oneof![Just(86_400_i64), 0..10_i64],
    ) {
        // nothing is early that hears of alerts
        let early = early && rules.iter().all(|rule| rule.risk.is_none() && random::may_be_early(rule));
        let rules = with(&rules, if early { "early: true" } else { "" });
        let rules: Vec<Rule> = rules
            .into_iter()
            .map(|rule| Rule { more: format!("{}\n    on-late: {on_late}", rule.more).trim().to_owned(), ..rule })
            .collect();
        let other = Run { lateness, retention, shards, batches, restore_at: Some(cut.index(arrival.len())), ..Run::default() };
        same_as_in_one_batch(&rules, &events, &arrival, &other)?;
    }

    #[test]
    fn an_early_rule_says_the_same_of_events_in_order(
        events in random::events(60).prop_map(rising),
        // a hit comes behind events of its time, of which some have not arrived with it
        rule in random::any_rule().prop_filter("monotone", random::may_be_early),
        lateness in 0..12_i64,
    ) {
        // across groups, what is suppressed behind what goes by arrival
        let rules = vec![Rule { suppress_by: None, ..rule }];
        let run = Run { lateness, ..Run::default() };
        let wanted = engine::revisions(&engine::load(&rules), &events, &straight(&events), &run);
        let early = with(&rules, "early: true");
        let found = engine::revisions(&engine::load(&early), &events, &straight(&events), &run);
        let words = |alerts: Vec<Alert>| {
            let mut words: Vec<String> = engine::last(alerts).iter().map(|alert| format!("{:?} {}", alert.time, said(alert))).collect();
            words.sort();
            words
        };
        agree(&early, (&words(found), &words(wanted)), &events, &straight(&events))?;
    }

    #[test]
    fn an_early_rule_misses_nothing_of_events_out_of_order(
        (events, arrival) in (random::events(60).prop_map(rising), 0..9_i64)
            .prop_flat_map(|(events, disorder)| random::arrival(events, disorder)),
        rule in random::any_rule().prop_filter("monotone", random::may_be_early),
    ) {
        let rules = plain(vec![Rule { lateness: None, ..rule }]);
        let run = Run { lateness: 9, ..Run::default() };
        let wanted = engine::last(engine::revisions(&engine::load(&rules), &events, &straight(&events), &run));
        let early = with(&rules, "early: true");
        let found = engine::last(engine::revisions(&engine::load(&early), &events, &arrival, &run));
        let touched = |alert: &Alert| {
            let lines = alert.evidence.iter().map(|event| event.coordinates.offset);
            lines.collect::<std::collections::HashSet<_>>()
        };
        for alert in &wanted {
            let stands_for = |other: &&Alert| {
                let (one, two) = (touched(alert), touched(other));
                let within = alert.time <= other.time && other.time <= alert.last_seen;
                // it goes on under its identity when its events are replaced one after the other
                let overlaps = alert.first_seen <= other.time && other.first_seen <= alert.time;
                other.group == alert.group && (other.id == alert.id || within || overlaps || one.intersection(&two).next().is_some())
            };
            prop_assert!(
                found.iter().any(|other| stands_for(&other)),
                "missed: {alert:?}\n{}\n{}",
                early[0].yaml(),
                listing(&events, &arrival)
            );
        }
        let open = found.iter().filter(|alert| alert.status == AlertStatus::Open).count();
        let episodes = early[0].emit() == Emit::Edge && early[0].kind != Kind::TemporalOrdered;
        prop_assert!(!episodes || open == 0, "every episode ends: {}\n{}", early[0].yaml(), listing(&events, &arrival));
    }
}
