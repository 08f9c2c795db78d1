//! S18: lookup tables, and filters with an end.

use crate::stage::{correlation, rules, stage, stage_with_table};

const EXPIRING: &str = "
title: Freeze is over for m
id: f1
dialect: clarion/1
logsource: {category: test}
expires: '2026-01-05T00:01:00Z'
reason: CAB-4711
owner: owner@example.com
filter: {rules: [a], selection: {model: m}, condition: not selection}
";

#[test]
fn s18_a_filter_takes_back_matches_of_base_detections_and_so_of_correlations() {
    let count = correlation("type: event_count, rules: [a], group-by: [k], timespan: 1h, condition: {gte: 2}");
    let outcome = rules(&[count, EXPIRING.to_owned()]).run(&[
        "1 a k=x model=m",
        "2 a k=x model=n",
        "3 a k=x model=n",
        "4 b model=m",
    ]);
    assert_eq!(outcome.alerts(), ["r@3 x: 2 3"]);
    assert_eq!(outcome.filtered, [("f1".to_owned(), 1)]);
    assert_eq!(outcome.counts.detect.filtered, 1);
}

#[test]
fn s18_expires_uses_event_time() {
    let stage = stage(&format!(
        "title: a\nname: a\nlogsource: {{category: test}}\ndetection: {{s: {{is_a: true}}, condition: s}}\n---{EXPIRING}"
    ));
    // the last one arrives after the end, but happened before it
    let outcome = stage.run(&["59 a model=m", "60 a model=m", "61 a model=m", "59.9 a model=m"]);
    let lines: Vec<i64> = outcome.matched().into_iter().map(|(_, line)| line).collect();
    assert_eq!(lines, [2, 3], "at its end it does not apply any more");
    assert_eq!(outcome.filtered, [("f1".to_owned(), 2)]);
}

#[test]
fn s18_every_filter_counts_what_it_takes_back() {
    let filter = |id: &str, rules: &str, model: &str| {
        format!(
            "title: {id}\nid: {id}\nlogsource: {{category: test}}\nfilter: {{rules: {rules}, selection: {{model: {model}}}, condition: not selection}}\n"
        )
    };
    let all = [
        filter("one", "any", "m"),
        filter("two", "[a, b]", "m"),
        filter("three", "[c]", "m"),
        filter("four", "[a]", "n"),
    ];
    let outcome = rules(&all).run(&["1 a model=m", "2 b model=m", "3 x model=m", "4 a model=n", "5 a model=o"]);
    let counts: Vec<(&str, u64)> = outcome.filtered.iter().map(|(id, count)| (id.as_str(), *count)).collect();
    assert_eq!(counts, [("one", 3), ("two", 2), ("three", 0), ("four", 1)]);
    assert_eq!(outcome.counts.detect.filtered, 4, "matches, each once");
    assert_eq!(outcome.matched().len(), 1);
}

#[test]
fn s18_a_filter_keeps_to_its_log_source() {
    let filter = |logsource: &str| {
        format!(
            "title: f\nlogsource: {logsource}\nfilter: {{rules: any, selection: {{model: m}}, condition: not selection}}\n"
        )
    };
    for (logsource, applies) in [
        ("{category: test}", true),
        ("{category: TEST}", true),
        ("{category: other}", false),
        ("{category: test, product: p}", false),
    ] {
        let outcome = rules(&[filter(logsource)]).run(&["1 a model=m"]);
        assert_eq!(outcome.matched().is_empty(), applies, "{logsource}");
    }
}

#[test]
fn s18_a_filter_does_not_change_the_identity_of_what_it_lets_through() {
    let count = || correlation("type: event_count, rules: [a], timespan: 1h, condition: {gte: 2}");
    let events = ["1 a", "2 a", "3 b"];
    let (with, without) = (rules(&[count(), EXPIRING.to_owned()]).run(&events), rules(&[count()]).run(&events));
    assert_eq!(with.only().id, without.only().id);
}

const LOOKED_UP: &str = "
title: Owner
name: owner
logsource: {category: test}
detection: {s: {user|expand: '%owners%'}, condition: s}
---
title: Two owners
name: r
correlation: {type: value_count, rules: [owner], timespan: 1h, condition: {field: user, gte: 2}}
";

#[test]
fn s18_alerts_carry_the_version_of_their_tables() {
    let stage = stage_with_table(LOOKED_UP, "owners", "ada\nbob\n");
    let outcome = stage.run(&["1 user=ada", "2 user=eve", "3 user=BOB"]);
    let lookups = &outcome.only().rule.lookups;
    assert_eq!((lookups[0].name.as_str(), lookups[0].version.len()), ("owners", 64));
    // another version of the table is another version in the alert, and the same alert
    let later = stage_with_table(LOOKED_UP, "owners", "ada\nbob\neve\n").run(&["1 user=ada", "3 user=bob"]);
    assert_ne!(later.only().rule.lookups, *lookups);
}

#[test]
fn s18_a_new_version_of_a_table_holds_from_where_it_comes_into_use_and_the_state_goes_on() {
    let before = || stage_with_table(LOOKED_UP, "owners", "ada\n");
    let after = stage_with_table(LOOKED_UP, "owners", "bob\n");
    let events = ["1 user=ada", "2 user=bob", "3 user=bob", "4 user=ada"];
    // bob counts from line 3 on, with what ada has done before
    let switched = before().switched_at(3, &after).run(&events);
    assert_eq!(switched.alerts(), ["r@3: 1 3"]);
    assert_eq!(switched.only().rule.lookups, after.rules().correlations[0].card.lookups);
    let restarted = before().changed_at(3, &after).run(&events);
    assert_eq!(format!("{:?}", switched.revisions), format!("{:?}", restarted.revisions));
    // the same alert as if the table had always said so
    let always = stage_with_table(LOOKED_UP, "owners", "ada\nbob\n").run(&["1 user=ada", "1 nothing", "3 user=bob"]);
    assert_eq!(switched.only().id, always.only().id);
}

#[test]
fn s18_a_rule_without_its_table_is_inactive_and_so_is_what_refers_to_it() {
    let stage = stage(LOOKED_UP);
    let inactive: Vec<(&str, &str)> =
        stage.rules().inactive.iter().map(|rule| (rule.card.title.as_str(), rule.reason.as_str())).collect();
    assert_eq!(
        inactive,
        [
            ("Owner", "no lookup table has the name of its placeholder `%owners%`"),
            ("Two owners", "it refers to `owner`, which is inactive"),
        ]
    );
    let outcome = stage.run(&["1 user=ada", "2 user=%owners%"]);
    assert!(outcome.revisions.is_empty());
}

#[test]
fn s18_a_filter_without_its_table_lets_everything_through() {
    let filter =
        "title: f\nlogsource: {category: test}\nfilter: {rules: [a], s: {user|expand: '%nobody%'}, condition: not s}\n";
    let stage = rules(&[filter.to_owned()]);
    assert_eq!(stage.run(&["1 a user=ada"]).matched().len(), 1);
    assert_eq!(stage.rules().inactive.len(), 1);
}
