//! The JSON Schema of rule files: every shipped rule and every example is valid, typical mistakes are not.

use clarion::rule::{codes, schema};
use serde_json::Value;

use super::source_tree::{files, root};

/// The documents of a file, as an editor's YAML server reads them.
fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn complaints(text: &str) -> Vec<String> {
    let validator = jsonschema::draft7::new(&schema::schema()).unwrap();
    documents(text)
        .iter()
        .flat_map(|document| {
            validator
                .iter_errors(document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn shipped_rules_are_valid() {
    let rules: Vec<_> = files("rules").into_iter().filter(|file| file.path.ends_with(".yml")).collect();
    assert!(rules.len() >= 15);
    for file in rules {
        let found = complaints(&file.text);
        assert!(found.is_empty(), "{}: {found:?}", file.path);
        let line = file.text.lines().next().unwrap();
        let path = line
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap_or_else(|| panic!("{}: no modeline", file.path));
        let target = root().join(&file.path).parent().unwrap().join(path);
        assert!(target.is_file(), "{}: {path} leads nowhere", file.path);
    }
}

#[test]
fn examples_of_the_guide_are_valid() {
    let guide = std::fs::read_to_string(root().join("docs/rules.md")).unwrap();
    let mut seen = 0;
    for part in guide.split("<!-- rules -->\n```yaml\n").skip(1) {
        let text = part.split("\n```").next().unwrap();
        let found = complaints(text);
        assert!(found.is_empty(), "{found:?}\n{text}");
        seen += 1;
    }
    assert!(seen >= 5);
    for code in codes::all() {
        if let Some(good) = code.good {
            let found = complaints(&good.file());
            assert!(found.is_empty(), "{}: {found:?}", code.code);
        }
    }
}

/// Mistakes that can be seen without knowing the other rules: an editor underlines them.
#[test]
fn typical_mistakes_are_not() {
    for code in [
        "no-rule",
        "two-rules",
        "missing-title",
        "title-too-long",
        "wrong-type",
        "unknown-value",
        "unknown-key",
        "unknown-dialect",
        "dialect-not-declared",
        "missing-logsource",
        "empty-selection",
        "null-in-list",
        "unknown-modifier",
        "all-needs-list",
        "missing-condition",
        "old-aggregation",
        "missing-type",
        "missing-timespan",
        "missing-rules",
        "missing-field",
        "missing-operator",
        "bad-duration",
        "missing-gap",
        "missing-time",
        "missing-expect",
    ] {
        let bad = codes::find(code).unwrap().bad.unwrap();
        assert!(!complaints(&bad.file()).is_empty(), "the schema accepts the bad example of {code}");
    }
    let denials = super::DENIALS;
    for (good, bad) in [
        ("level: high", "level: hihg"),
        ("status: test", "status: tested"),
        ("type: event_count", "type: event_cuont"),
        ("rules: [denied]", "rules: []"),
        ("condition: {gte: 2}", "condition: {gte: two}"),
        ("condition: {gte: 2}", "condition: {gtee: 2}"),
        ("condition: {gte: 2}", "condition: denied"),
        ("timespan: 10m", "timespan: 10"),
        ("timespan: 10m", "timespan: 10m\n    window: hopping"),
        ("timespan: 10m", "timespan: 10m\n    suppress: 1h"),
        ("tags: [eu_ai_act.art15]", "tags: {a: b}"),
        ("expect: none", "expect: nothing"),
        ("      expect: none", "      expected: none"),
        ("{at: +0s, logsource", "{logsource"),
        ("title: Two denials of one user", "titel: Two denials of one user"),
    ] {
        assert!(complaints(denials).is_empty(), "{:?}", complaints(denials));
        let text = denials.replace(good, bad);
        assert_ne!(text, denials, "{good} is in the rule");
        assert!(!complaints(&text).is_empty(), "the schema accepts `{bad}`");
    }
}
