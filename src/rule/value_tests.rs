//! Values through their modifiers, from the text of a rule to the match of an event (RULES 1.2, 1.3 and the decisions of
//! 1.7 that speak of values).

use std::borrow::Cow;

use crate::model::{Row, Scalar};
use crate::rule::lookup::{Lookups, Table};
use crate::rule::{LoadOptions, RuleSet, load_texts_with};

fn load(detection: &str) -> RuleSet {
    let mut lookups = Lookups::new();
    lookups.insert("admins", Table::parse(b"ada\nb*b\n007\n", "txt").unwrap());
    lookups.insert("nets", Table::parse(b"net,owner\n10.0.0.0/8,ada\n2001:db8::/32,bob\n", "csv").unwrap());
    lookups.insert("nobody", Table::parse(b"", "txt").unwrap());
    let many: String = (0..100).map(|number| format!("host{number}\n")).collect();
    lookups.insert("many", Table::parse(many.as_bytes(), "txt").unwrap());
    let text = format!("title: T\nlogsource: {{category: x}}\ndetection:\n{detection}\n");
    let loaded =
        load_texts_with(vec![("t.yml".into(), text.clone())], &LoadOptions { lookups, ..LoadOptions::default() });
    let findings: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    loaded.set.unwrap_or_else(|| panic!("{text}{}", findings.join("\n")))
}

/// Whether the rule matches an event of these fields.
fn matches(detection: &str, fields: &[(&str, Scalar<'static>)]) -> bool {
    let set = load(detection);
    let mut row = Row::new(set.fields.len());
    for (name, value) in fields {
        row.push_leaf(value.clone());
        if let Some(slot) = set.fields.find(name) {
            row.push(slot, 0, value.clone());
        }
    }
    set.detections[0].predicate.matches(&row)
}

/// Whether one item matches a value of its field `f`.
fn item(item: &str, value: Scalar<'static>) -> bool {
    matches(&format!("    selection:\n        {item}\n    condition: selection"), &[("f", value)])
}

fn text(text: &str) -> Scalar<'static> {
    Scalar::Text(Cow::Owned(text.to_owned()))
}

#[test]
fn a15_null_is_missing_or_null_and_empty_is_present() {
    let empty = "    selection: {f: ''}\n    condition: selection";
    assert!(matches(empty, &[("f", text(""))]) && !matches(empty, &[]) && !matches(empty, &[("f", Scalar::Null)]));
    let null = "    selection: {f: null}\n    condition: selection";
    assert!(matches(null, &[]) && matches(null, &[("f", Scalar::Null)]) && !matches(null, &[("f", text(""))]));
    let there = "    selection: {f|exists: true}\n    condition: selection";
    assert!(matches(there, &[("f", Scalar::Null)]) && matches(there, &[("f", text(""))]) && !matches(there, &[]));
    let some = "    selection: {f|neq: null}\n    condition: selection";
    assert!(matches(some, &[("f", text(""))]) && !matches(some, &[]) && !matches(some, &[("f", Scalar::Null)]));
}

#[test]
fn a16_negations_are_true_of_a_missing_field() {
    for detection in [
        "    selection: {f|neq: a}\n    condition: selection",
        "    selection: {f|neq: [a, b]}\n    condition: selection",
        "    selection: {f: a}\n    condition: not selection",
        "    selection: {f|contains|all|neq: [a, b]}\n    condition: selection",
    ] {
        assert!(matches(detection, &[]) && matches(detection, &[("f", text("c"))]), "{detection}");
        assert!(!matches(detection, &[("f", text("a")), ("f", text("b"))]), "{detection}");
    }
}

#[test]
fn a17_numbers_and_booleans_are_equal_to_their_texts() {
    assert!(item("f: 5", Scalar::Number("5.0")) && item("f: '5'", Scalar::Number("5")) && item("f: 5", text("5")));
    assert!(item("f: 0x17", text("0x17")) && item("f: 0x17", Scalar::Number("23")), "both spellings");
    assert!(
        item("f: true", Scalar::Bool(true)) && item("f: true", text("TRUE")) && item("f: 'true'", Scalar::Bool(true))
    );
    assert!(!item("f: 1", Scalar::Bool(true)) && !item("f: true", Scalar::Number("1")));
    assert!(item("f: [a, 7]", Scalar::Number("7.0")) && !item("f|contains: 7", Scalar::Number("8")));
}

#[test]
fn a19_keywords_are_parts_of_leaves() {
    let keywords = "    words: ['segfault at', 4688]\n    condition: words";
    assert!(
        matches(keywords, &[("other", text("a SEGFAULT AT 0"))])
            && matches(keywords, &[("n", Scalar::Number("14688"))])
    );
    assert!(!matches(keywords, &[("segfault at", text("x"))]), "keys are not searched");
    let all = "    words:\n        '|all': [one, two]\n    condition: words";
    assert!(matches(all, &[("a", text("One")), ("b", text("two"))]) && !matches(all, &[("a", text("one"))]));
    let encoded = "    words:\n        '|base64offset|contains': [secret word]\n    condition: words";
    assert!(matches(encoded, &[("a", text("x eHNlY3JldCB3b3Jk"))]), "xsecret word");
    assert!(!matches("    words:\n        '|cased': [Word]\n    condition: words", &[("a", text("word"))]));
}

#[test]
fn a22_a_plain_scalar_that_is_compared_as_text_keeps_its_spelling() {
    assert!(item("f|contains: 00000429", text("x00000429x")) && !item("f|contains: 00000429", text("x429x")));
    assert!(item("f: on", text("ON")) && !item("f: on", Scalar::Bool(true)));
    assert!(item("f|startswith: 1.10", text("1.10.3")) && !item("f|startswith: 1.10", text("1.1.3")));
}

#[test]
fn encodings_find_what_is_encoded() {
    assert!(item("f|base64: cmd /c", text("Y21kIC9j")) && !item("f|base64: cmd /c", text("cmd /c")));
    assert!(item(
        "f|utf16le|base64offset|contains: Net.WebClient",
        text("powershell -e JABjAD0ATgBlAHQALgBXAGUAYgBDAGwAaQBlAG4AdAA=")
    ));
    assert!(item("f|wide|base64: cmd", text("YwBtAGQA")) && item("f|utf16be|base64: cmd", text("AGMAbQBk")));
    assert!(item("f|utf16|base64: cmd", text("//5jAG0AZAA=")));
    assert!(item("f|windash|base64: -x", text("L3g=")), "every spelling of the dash is encoded");
    assert!(
        item("f|base64offset|contains|all: [foo bar, bar foo]", text("eGZvbyBiYXIgZm9vIGZvbyBiYXI=")),
        "any offset of each"
    );
    assert!(!item("f|base64|cased: cmd /c", text("y21kic9j")));
}

#[test]
fn dashes_are_any_dash() {
    for value in ["x -enc y", "x /ENC y", "x –enc y", "x —enc y", "x ―enc y"] {
        assert!(item("f|contains|windash: ' -enc '", text(value)), "{value}");
        assert!(item("f|windash|contains|all: [' -enc ', x]", text(value)), "{value}");
    }
    assert!(!item("f|contains|windash: ' -enc '", text("x +enc y")));
}

#[test]
fn parts_of_dates_compare() {
    let night = text("2026-01-05T23:30:00Z");
    assert!(
        item("f|hour: 23", night.clone())
            && item("f|hour|gte: 22", night.clone())
            && !item("f|hour|lt: 22", night.clone())
    );
    assert!(
        item("f|month: [1, 12]", night.clone()) && item("f|year|neq: 2025", night.clone()) && item("f|week: 2", night)
    );
    assert!(!item("f|day: 5", text("never")) && item("f|day: 5", Scalar::Number("1767571200")));
}

#[test]
fn networks_hold_addresses() {
    assert!(item("f|cidr: 10.0.0.0/8", text("10.1.2.3")) && !item("f|cidr: 10.0.0.0/8", text("11.1.2.3")));
    assert!(item("f|cidr: ['10.0.0.0/8', '2001:db8::/32']", text("2001:db8::1")));
    assert!(item("f|cidr|neq: 10.0.0.0/8", text("11.1.2.3")) && item("f|cidr|neq: 10.0.0.0/8", text("host")));
}

#[test]
fn references_compare_fields() {
    let same = "    selection: {a|fieldref: b}\n    condition: selection";
    assert!(matches(same, &[("a", text("X")), ("b", text("x"))]) && !matches(same, &[("a", text("x"))]));
    let other = "    selection: {a|fieldref|neq: b}\n    condition: selection";
    assert!(matches(other, &[("a", text("x")), ("b", text("y"))]) && matches(other, &[]));
    let start = "    selection: {a|fieldref|startswith: [b, c]}\n    condition: selection";
    assert!(matches(start, &[("a", text("xyz")), ("c", text("xy"))]));
}

#[test]
fn placeholders_are_the_values_of_their_table() {
    assert!(item("f|expand: '%admins%'", text("ADA")) && !item("f|expand: '%admins%'", text("bxb")), "no wildcards");
    assert!(item("f|expand: '%admins%'", text("b*b")) && item("f|expand: '%admins%'", Scalar::Number("7")));
    assert!(item("f|expand|contains: '\\%admins%\\'", text("x%admins%\\")), "an escaped percent sign");
    assert!(item("f|contains|expand: 'corp\\\\%admins%'", text("at CORP\\ada now")));
    assert!(item("f|cidr|expand: '%nets%'", text("10.2.3.4")) && item("f|expand: '%nets.owner%'", text("bob")));
    assert!(item("f|re|expand: '^(x|%admins%)$'", text("b*b")) && !item("f|re|expand: '^%admins%$'", text("bbb")));
    assert!(!item("f|expand: '%nobody%'", text("")) && !item("f|re|expand: '%nobody%'", text("")));
    assert!(item("f|expand|base64: '%admins%'", text("YWRh")));
    assert!(item("f|expand: '%many%'", text("HOST42")) && !item("f|expand: '%many%'", text("host100")), "a long list");
    assert!(item("f: '%admins%'", text("%admins%")), "only `expand` knows placeholders");
    let all = "    selection: {f|contains|expand|all: ['%admins%', '-%many%-']}\n    condition: selection";
    assert!(matches(all, &[("f", text("ada-host7-"))]) && !matches(all, &[("f", text("ada"))]), "one of each table");
}

#[test]
fn the_versions_of_tables_go_to_the_card() {
    let set = load(
        "    selection: {f|expand: ['%nets.owner%', '%admins%'], g|cidr|expand: '%nets%'}\n    condition: selection",
    );
    let lookups: Vec<(&str, usize)> =
        set.detections[0].card.lookups.iter().map(|table| (table.name.as_str(), table.version.len())).collect();
    assert_eq!(lookups, [("admins", 64), ("nets", 64)]);
}

#[test]
fn escapes_and_wildcards_are_those_of_the_specification() {
    assert!(
        item(r"f: 'C:\\*'", text(r"C:\x"))
            && item(r"f: 'C:\\\*'", text(r"C:\*"))
            && !item(r"f: 'C:\\\*'", text(r"C:\x"))
    );
    assert!(item(r"f: '\*'", text("*")) && !item(r"f: '\*'", text("x")) && item("f: a?c", text("abc")));
    assert!(item(r"f|re: '^a\*$'", text("a*")) && item(r"f|endswith: '\cmd.exe'", text(r"C:\CMD.EXE")));
}
