//! The slow twin of array selectors: random selectors over random documents, judged by the definition over a tree of
//! `serde_json`, and by the engine over rows.

use std::sync::Arc;

use clarion::decode::{Decoder, DecoderSettings, Format};
use clarion::model::Record;
use clarion::rule::load_texts;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A field item: lists from the outside with their selectors, the field within, and what is said of it.
#[derive(Debug, Clone)]
struct Item {
    steps: Vec<(&'static str, &'static str)>,
    last: Option<&'static str>,
    says: Says,
}

#[derive(Debug, Clone)]
enum Says {
    Is(&'static str),
    IsNot(&'static str),
    Exists(bool),
    Null,
    /// Maps of which any may hold; one is written as itself.
    Maps(Vec<Vec<Item>>),
}

impl Item {
    fn key(&self) -> String {
        let mut key = String::new();
        for (list, selector) in &self.steps {
            if *list != "." || key.is_empty() {
                key.push_str(if key.is_empty() { "" } else { "." });
                key.push_str(list);
            }
            key.push_str(&format!("[{selector}]"));
        }
        if let Some(last) = self.last {
            key.push_str(if key.is_empty() { "" } else { "." });
            key.push_str(last);
        }
        key.push_str(match self.says {
            Says::IsNot(_) => "|neq",
            Says::Exists(_) => "|exists",
            _ => "",
        });
        key
    }

    fn value(&self) -> Value {
        match &self.says {
            Says::Is(text) | Says::IsNot(text) => json!(text),
            Says::Exists(wanted) => json!(wanted),
            Says::Null => Value::Null,
            Says::Maps(maps) if maps.len() == 1 => written(&maps[0]),
            Says::Maps(maps) => maps.iter().map(|map| written(map)).collect(),
        }
    }

    /// Whether it holds of an element (or the event), which may be missing.
    fn holds(&self, of: Option<&Value>) -> bool {
        let (last, denied) = (self.last.unwrap_or("."), matches!(self.says, Says::IsNot(_)));
        walk(of, &self.steps, denied, &|element| match &self.says {
            Says::Is(text) | Says::IsNot(text) => {
                scalars(&reach(element, last)).iter().any(|value| shown(value).is_some_and(|shown| shown == *text))
            }
            Says::Exists(wanted) => reach(element, last).is_empty() != *wanted,
            Says::Null => {
                let found = reach(element, last);
                found.is_empty() || scalars(&found).iter().any(Value::is_null)
            }
            Says::Maps(maps) => maps.iter().any(|map| map.iter().all(|item| item.holds(element))),
        })
    }
}

fn written(map: &[Item]) -> Value {
    Value::Object(map.iter().map(|item| (item.key(), item.value())).collect())
}

type Test<'t> = &'t dyn Fn(Option<&Value>) -> bool;

fn walk(of: Option<&Value>, steps: &[(&str, &str)], denied: bool, test: Test<'_>) -> bool {
    let only_places = steps.iter().all(|(_, selector)| selector.parse::<i64>().is_ok());
    if denied && only_places {
        return !walk(of, steps, false, test);
    }
    let Some(((list, selector), further)) = steps.split_first() else { return test(of) };
    let found = reach(of, list);
    let passes = |element: Option<&Value>| walk(element, further, denied, test);
    if let Ok(place) = selector.parse::<i64>() {
        let at = |list: &Vec<Value>| {
            let place = if place < 0 { place + list.len() as i64 } else { place };
            usize::try_from(place).ok().and_then(|place| list.get(place)).cloned()
        };
        let chosen: Vec<Value> = found.iter().filter_map(|value| at(value.as_array()?)).collect();
        return if chosen.is_empty() { passes(None) } else { chosen.iter().any(|element| passes(Some(element))) };
    }
    let mut elements = Vec::new();
    for value in found {
        match value {
            Value::Null => {}
            Value::Array(list) => elements.extend(list),
            one => elements.push(one),
        }
    }
    match *selector {
        "any" => elements.iter().any(|element| passes(Some(element))),
        "all" => !elements.is_empty() && elements.iter().all(|element| passes(Some(element))),
        "all_or_empty" => elements.iter().all(|element| passes(Some(element))),
        _ => !elements.iter().any(|element| passes(Some(element))),
    }
}

/// What lies at a name: at its preferred spelling that is there, across lists.
fn reach(of: Option<&Value>, name: &str) -> Vec<Value> {
    let Some(of) = of else { return Vec::new() };
    if name == "." {
        return vec![of.clone()];
    }
    let spellings: Vec<Vec<&str>> = match name.split_once('.') {
        None => vec![vec![name]],
        Some((first, second)) => vec![vec![name], vec![first, second]],
    };
    spellings.iter().map(|keys| at(of, keys)).find(|found| !found.is_empty()).unwrap_or_default()
}

fn at(of: &Value, keys: &[&str]) -> Vec<Value> {
    let Some((key, further)) = keys.split_first() else { return vec![of.clone()] };
    match of {
        Value::Array(list) => list.iter().flat_map(|element| at(element, keys)).collect(),
        Value::Object(map) => map.get(*key).map(|value| at(value, further)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The scalars that these are, or that lie directly in lists.
fn scalars(values: &[Value]) -> Vec<Value> {
    let of = |value: &Value| match value {
        Value::Array(list) => scalars(list),
        Value::Object(_) => Vec::new(),
        scalar => vec![scalar.clone()],
    };
    values.iter().flat_map(of).collect()
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("a"), 4 => Just("b"), 1 => Just("a.b"), 1 => Just("b.a")]
}

fn selector() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("any"),
        Just("all"),
        Just("all_or_empty"),
        Just("none"),
        Just("0"),
        Just("1"),
        Just("-1"),
        Just("-2")
    ]
}

fn item(says: impl Strategy<Value = Says>) -> impl Strategy<Value = Item> {
    (proptest::collection::vec((name(), any::<bool>(), selector()), 0..3), proptest::option::of(name()), says).prop_map(
        |(steps, last, says)| {
            let mut steps: Vec<(&str, &str)> = steps
                .into_iter()
                .enumerate()
                // a list within a list has no name
                .map(|(place, (name, inner, selector))| (if inner && place > 0 { "." } else { name }, selector))
                .collect();
            let is_map = matches!(says, Says::Maps(_));
            if is_map && steps.is_empty() {
                steps.push(("a", "any"));
            }
            let last = if is_map {
                None
            } else if steps.is_empty() {
                last.or(Some("a"))
            } else {
                last
            };
            Item { steps, last, says }
        },
    )
}

fn simple() -> impl Strategy<Value = Says> {
    let text = || prop_oneof![Just("x"), Just("y"), Just("1"), Just("true")];
    prop_oneof![
        3 => text().prop_map(Says::Is),
        1 => text().prop_map(Says::IsNot),
        1 => any::<bool>().prop_map(Says::Exists),
        1 => Just(Says::Null),
    ]
}

fn items() -> impl Strategy<Value = Item> {
    item(simple()).prop_recursive(3, 12, 2, |inner| {
        let maps = proptest::collection::vec(proptest::collection::vec(inner, 1..3), 1..3);
        item(prop_oneof![maps.prop_map(|maps| Says::Maps(maps.into_iter().map(once_each).collect())), simple()])
    })
}

/// A key stands once in a map.
fn once_each(map: Vec<Item>) -> Vec<Item> {
    let mut kept: Vec<Item> = Vec::new();
    for item in map {
        if kept.iter().all(|known| known.key() != item.key()) {
            kept.push(item);
        }
    }
    kept
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => prop_oneof![Just("x"), Just("y"), Just("z\n")].prop_map(|text| json!(text)),
        1 => Just(json!(1)),
        1 => Just(json!(true)),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map(prop_oneof![Just("a"), Just("b"), Just("a.b")], inner, 0..3)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]
    #[test]
    fn selectors_do_what_their_definition_says(
        map in proptest::collection::vec(items(), 1..3),
        documents in proptest::collection::vec(
            proptest::collection::btree_map(prop_oneof![Just("a"), Just("b"), Just("a.b")], value(), 0..3), 1..4),
    ) {
        let map = once_each(map);
        let rule = json!({
            "title": "t", "sigma-version": 3, "logsource": {"category": "c"},
            "detection": {"s": written(&map), "condition": "s"},
        });
        let loaded = load_texts(vec![("t.yml".into(), rule.to_string())]);
        let errors: Vec<_> = loaded.diagnostics.iter().filter(|one| one.severity == clarion::rule::Severity::Error).collect();
        prop_assert!(errors.is_empty(), "{errors:?} {rule}");
        let set = loaded.set.unwrap();
        let settings = DecoderSettings { format: Format::Json, ..DecoderSettings::default() };
        let mut decoder = Decoder::new(&settings, &set.fields);
        let topic: Arc<str> = "t".into();
        for document in documents {
            let document = json!(document);
            let expected = map.iter().all(|item| item.holds(Some(&document)));
            let text = document.to_string();
            let record =
                Record { topic: &topic, partition: 0, offset: 0, timestamp: None, headers: &[], value: Some(text.as_bytes()) };
            let mut found = None;
            decoder.decode(&record, &mut |event| found = Some(set.detections[0].predicate.matches(event.unwrap().0)));
            prop_assert_eq!(found, Some(expected), "{} on {}", rule, text);
        }
    }
}
