//! S5 group keys; decisions A6 and A7.

use super::stage::{correlation, errors, rules};

fn by(keys: &str) -> super::stage::Stage {
    rules(&[correlation(&format!(
        "type: event_count, rules: [a], group-by: [k], timespan: 60s, condition: {{gte: 2}}{keys}"
    ))])
}

#[test]
fn s5_scalars_of_one_canonical_form_are_one_key() {
    assert_eq!(by("").run(&["1 a k=1", "2 a k:=1"]).alerts(), ["r@2 1: 1 2"]);
    assert_eq!(by("").run(&["1 a k:=1.0", "2 a k=1"]).alerts(), ["r@2 1: 1 2"]);
    assert_eq!(by("").run(&["1 a k:=true", "2 a k=true"]).alerts(), ["r@2 true: 1 2"]);
}

#[test]
fn s5_keys_are_case_sensitive() {
    assert!(by("").run(&["1 a k=X", "2 a k=x"]).alerts().is_empty());
}

#[test]
fn s5_a6_without_its_key_an_event_is_not_correlated_and_counted() {
    let outcome = by("").run(&["1 a", "2 a k:=null", "3 a k:=[]", "4 a k:={}", "5 a k:=[null]"]);
    assert!(outcome.alerts().is_empty());
    assert_eq!(outcome.counts.detect.group_key_missing, 5);
}

#[test]
fn s5_a6_missing_key_group_makes_null_a_value() {
    assert_eq!(by(", missing-key: group").run(&["1 a", "2 a k:=null", "3 a k="]).alerts(), ["r@2 -: 1 2"]);
}

#[test]
fn s5_a7_arrays_fan_out_each_value_once() {
    assert_eq!(by("").run(&["1 a k:=[\"p\",\"q\",\"p\"]", "2 a k=q"]).alerts(), ["r@2 q: 1 2"]);
    assert!(by("").run(&["1 a k:=[\"p\",\"p\"]"]).alerts().is_empty());
}

#[test]
fn s5_a7_at_most_64_groups_for_one_event() {
    let many = |second: u32| {
        let values: Vec<String> = (0..100).map(|value| format!("\"{value}\"")).collect();
        format!("{second} a k:=[{}]", values.join(","))
    };
    let outcome = by("").run(&[&many(1), &many(2)]);
    assert_eq!(outcome.last().len(), 64);
    assert_eq!(outcome.counts.detect.group_key_capped, 72);
}

#[test]
fn s5_without_group_by_there_is_one_group() {
    let stage = rules(&[correlation("type: event_count, rules: [a], timespan: 60s, condition: {gte: 2}")]);
    assert_eq!(stage.run(&["1 a k=1", "2 a k=2"]).alerts(), ["r@2: 1 2"]);
}

#[test]
fn s5_aliases_are_resolved_for_each_rule() {
    let rule = "type: temporal, rules: [a, b], aliases: {key: {a: k, b: nested.id}}, group-by: [key], timespan: 60s";
    let stage = rules(&[correlation(rule)]);
    assert_eq!(stage.run(&["1 a k=1 nested:={\"id\":2}", "2 b k=2 nested:={\"id\":1}"]).alerts(), ["r@2 1: 1 2"]);
}

#[test]
fn s5_one_event_under_one_key_by_two_aliases_is_one_event_also_when_it_has_an_id() {
    let rule = "type: temporal, rules: [a, b], aliases: {key: {a: k, b: j}}, group-by: [key], timespan: 60s";
    let stage = rules(&[correlation(rule)]);
    assert_eq!(stage.run(&["1 a b k=1 j=1 id=one"]).alerts(), ["r@1 1: 1"]);
}

#[test]
fn s5_an_alias_must_name_a_field_for_each_rule() {
    let rule = "type: temporal, rules: [a, b], aliases: {key: {a: k}}, group-by: [key], timespan: 60s";
    assert_eq!(errors(&[correlation(rule)]), ["incomplete-alias"]);
}
