//! `clarion rules new`: every kind is well, tested, valid for the schema, and never written over anything.

use clarion::rule::schema;
use serde_json::Value;

use super::Workplace;

const KINDS: [&str; 9] = [
    "detection",
    "event-count",
    "value-count",
    "streak",
    "temporal",
    "temporal-ordered",
    "absence-before",
    "absence-between",
    "absence-after",
];

#[test]
fn every_kind_is_well_and_passes_its_tests() {
    let place = Workplace::new();
    for kind in KINDS {
        let name = format!("my_{}", kind.replace('-', "_"));
        let done = place.rules(&["new", kind, &name]);
        assert!(done.code == Some(0) && done.out.contains(&format!("rules/{name}.yml")), "{kind}: {}", done.err);
    }
    // all of them together: no name or id twice
    let checked = place.rules(&["check", "--deny-warnings"]);
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    assert!(!checked.err.contains("note:"), "the schema beside them is hidden: {}", checked.err);
    let tested = place.rules(&["test"]);
    assert!(tested.code == Some(0) && tested.out.contains(" 0 failed"), "{}{}", tested.out, tested.err);
    let listed: Value = serde_json::from_str(&place.rules(&["list", "--json"]).out).unwrap();
    assert!(listed.as_array().unwrap().len() > KINDS.len());
    let validator = jsonschema::draft7::new(&schema::schema()).unwrap();
    for kind in KINDS {
        let text = place.read(&format!("rules/my_{}.yml", kind.replace('-', "_")));
        assert!(text.starts_with("# yaml-language-server: $schema=.clarion-rule.schema.json\ntitle: My "), "{text}");
        let documents: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        for document in &documents {
            assert!(
                validator.is_valid(document),
                "{kind}: {:?}",
                validator.iter_errors(document).map(|error| error.to_string()).collect::<Vec<_>>()
            );
        }
    }
    assert_eq!(place.read("rules/.clarion-rule.schema.json"), schema::text());
}

#[test]
fn nothing_is_overwritten() {
    let place = Workplace::with(&[("rules/mine.yml", "title: Mine\n")]);
    let done = place.rules(&["new", "detection", "mine"]);
    assert!(done.code == Some(1) && done.err.contains("is there already"), "{}", done.err);
    assert_eq!(place.read("rules/mine.yml"), "title: Mine\n");
}

#[test]
fn names_titles_and_the_schema_of_a_project() {
    let place = Workplace::with(&[("schemas/rule.json", "{}")]);
    for name in ["Bad", "../up", "a b", "", "1a"] {
        assert_eq!(place.rules(&["new", "detection", name]).code, Some(2), "{name}");
    }
    let title = "Model: trained on #1 data";
    let done = place.rules(&["new", "streak", "trained", "--folder", "rules/own", "--title", title]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    let text = place.read("rules/own/trained.yml");
    assert!(text.starts_with("# yaml-language-server: $schema=../../schemas/rule.json\n"), "{text}");
    assert!(text.contains("title: \"Model: trained on #1 data\"\n"), "{text}");
    assert_eq!(place.rules(&["test", "rules/own"]).code, Some(0));
    assert_eq!(place.rules(&["new", "detection", "quoted", "--title", "say \"x\""]).code, Some(1));
}
