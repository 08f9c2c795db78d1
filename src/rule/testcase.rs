//! The `tests:` at the bottom of a rule file (RULES 2.1): events in order of arrival with relative times, and the alerts
//! that must come of them.

use serde_json::{Map, Value as Json};

use super::diagnostic::Diagnostics;
use super::keys::Keys;
use super::yaml::{Node, Place, Value};
use crate::model::Span;

/// One test case.
#[derive(Debug, Clone)]
pub struct TestCase {
    /// What it shows.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Events in order of arrival: offset from the start of the test, and the record.
    pub events: Vec<(Span, Map<String, Json>)>,
    /// How far the watermark goes after the last event; `None` is to infinity.
    pub end: Option<Span>,
    /// The alerts that must come, all of them.
    pub expect: Vec<Expected>,
    /// The values of its series that must come, all of them; `None` does not look at them.
    pub metrics: Option<Vec<ExpectedMetric>>,
}

/// A value of a series that must come (RULES S20).
#[derive(Debug, Clone)]
pub struct ExpectedMetric {
    /// Its time from the start of the test.
    pub at: Option<Span>,
    /// Group values.
    pub key: Map<String, Json>,
    /// The value, `Some(None)` where there must be none.
    pub value: Option<Option<f64>>,
}

/// An alert that must come.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Rule name, id or title; `None` is the rule above the tests.
    pub rule: Option<String>,
    /// Alert time from the start of the test.
    pub at: Option<Span>,
    /// Group values.
    pub key: Map<String, Json>,
    /// A late event retracts it.
    pub retracted: bool,
    /// Where it stands.
    pub place: Place,
}

/// Reads the `tests` of a document.
pub(super) fn read(document: &Node, diagnostics: &mut Diagnostics) -> Vec<TestCase> {
    let Some(node) = document.get("tests") else { return Vec::new() };
    let Some(items) = node.sequence() else {
        diagnostics.error(node.place, "wrong-type", format!("`tests` must be a list, not {}", node.kind()), None);
        return Vec::new();
    };
    items.iter().filter_map(|item| read_case(item, diagnostics)).collect()
}

fn read_case(node: &Node, diagnostics: &mut Diagnostics) -> Option<TestCase> {
    let mut keys = Keys::of(node, "a test", diagnostics)?;
    keys.refuse_unknown("a test", &["name", "events", "end", "expect", "expect-metrics"]);
    let name = keys.text("name").unwrap_or("unnamed").to_owned();
    let end = keys.get("end").and_then(|end| offset(end, keys.diagnostics));
    let mut events = Vec::new();
    let listed = keys.get("events");
    if let Some(wrong) = listed.filter(|events| events.sequence().is_none()) {
        keys.wrong(wrong.place, "events", "a list of events", wrong.kind());
    }
    for event in listed.and_then(Node::sequence).unwrap_or_default() {
        let Some(at) = event.get("at") else {
            keys.diagnostics.error(event.place, "missing-time", "an event of a test needs `at`, such as +5m", None);
            continue;
        };
        let Some(at) = offset(at, keys.diagnostics) else { continue };
        if let Json::Object(mut fields) = to_json(event) {
            fields.shift_remove("at");
            events.push((at, fields));
        }
    }
    let metrics = keys.get("expect-metrics").and_then(|node| read_list(node, "expect-metrics", &mut keys, read_metric));
    let Some(expect) = keys.get("expect") else {
        if keys.get("expect-metrics").is_some() {
            return Some(TestCase { name, place: node.place, events, end, expect: Vec::new(), metrics });
        }
        let help = "write `expect: none` or a list".to_owned();
        keys.diagnostics.error(node.place, "missing-expect", "a test needs `expect`", Some(help));
        return None;
    };
    let expect = read_list(expect, "expect", &mut keys, read_expected)?;
    Some(TestCase { name, place: node.place, events, end, expect, metrics })
}

/// `none`, or a list.
fn read_list<T>(
    node: &Node,
    key: &str,
    keys: &mut Keys<'_, '_>,
    read: impl Fn(&Node, &mut Diagnostics) -> Option<T>,
) -> Option<Vec<T>> {
    if node.text() == Some("none") {
        return Some(Vec::new());
    }
    let Some(items) = node.sequence() else {
        let what = if key == "expect" { "`none` or a list of alerts" } else { "`none` or a list of values" };
        keys.wrong(node.place, key, what, node.kind());
        return None;
    };
    Some(items.iter().filter_map(|item| read(item, keys.diagnostics)).collect())
}

fn read_metric(node: &Node, diagnostics: &mut Diagnostics) -> Option<ExpectedMetric> {
    let mut keys = Keys::of(node, "an expected value", diagnostics)?;
    keys.refuse_unknown("an expected value", &["at", "key", "value"]);
    let at = keys.get("at").and_then(|at| offset(at, keys.diagnostics));
    let value = keys.get("value").and_then(|value| {
        if value.is_null() {
            return Some(None);
        }
        let number = value.text().and_then(super::number::Number::parse_yaml);
        if number.is_none() {
            keys.wrong(value.place, "value", "a number or null", value.kind());
        }
        number.map(|number| Some(number.as_f64()))
    });
    Some(ExpectedMetric { at, key: read_key(&keys), value })
}

fn read_key(keys: &Keys<'_, '_>) -> Map<String, Json> {
    match keys.get("key").map(to_json) {
        Some(Json::Object(key)) => key,
        _ => Map::new(),
    }
}

fn read_expected(node: &Node, diagnostics: &mut Diagnostics) -> Option<Expected> {
    let mut keys = Keys::of(node, "an expected alert", diagnostics)?;
    keys.refuse_unknown("an expected alert", &["rule", "at", "key", "retracted"]);
    let at = keys.get("at").and_then(|at| offset(at, keys.diagnostics));
    let key = read_key(&keys);
    let retracted = keys.boolean("retracted").unwrap_or(false);
    Some(Expected { rule: keys.text("rule").map(str::to_owned), at, key, retracted, place: node.place })
}

/// `+5m`, `-30s`, or a sum such as `+1d2h`.
fn offset(node: &Node, diagnostics: &mut Diagnostics) -> Option<Span> {
    let text = node.text().unwrap_or_default();
    let (sign, rest) = match text.as_bytes().first() {
        Some(b'-') => (-1, text.trim_start_matches('-')),
        _ => (1, text.trim_start_matches('+')),
    };
    let mut total = 0_i64;
    let mut part = String::new();
    let mut in_unit = false;
    let mut parts = Vec::new();
    for symbol in rest.chars() {
        if symbol.is_ascii_digit() && in_unit {
            parts.push(std::mem::take(&mut part));
        }
        in_unit = !symbol.is_ascii_digit();
        part.push(symbol);
    }
    parts.push(part);
    for part in parts {
        match Span::parse(&part) {
            Ok(span) => total = total.saturating_add(span.0),
            Err(error) => {
                diagnostics.error(node.place, "bad-duration", error.to_string(), None);
                return None;
            }
        }
    }
    Some(Span(total.saturating_mul(sign)))
}

/// A YAML node as JSON, by the YAML 1.2 core schema.
fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Sequence(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Mapping(entries) => Json::Object(
            entries.iter().map(|(key, value)| (key.text().unwrap_or_default().to_owned(), to_json(value))).collect(),
        ),
        Value::Scalar { .. } if node.is_null() => Json::Null,
        Value::Scalar { text, plain } => {
            if let Some(boolean) = node.boolean() {
                return Json::Bool(boolean);
            }
            if *plain
                && super::number::Number::parse(text).is_some()
                && let Ok(number) = serde_json::from_str::<serde_json::Number>(text)
            {
                return Json::Number(number);
            }
            Json::String(text.clone())
        }
    }
}
