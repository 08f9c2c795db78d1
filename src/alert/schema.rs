//! Holds documents, their JSON Schema and their Elasticsearch mapping together: what one of them has, all have.

use proptest::prelude::*;
use serde_json::Value;

use super::arbitrary::{alert, any_alert, event};
use super::lift::{Kind, LIFTED};
use super::{DocumentOptions, document, document_with};

const SCHEMA: &str = include_str!("../../schemas/alert.json");
const TEMPLATE: &str = include_str!("../../schemas/elasticsearch/index-template.json");

/// Holds a document against a schema.
pub(super) fn fits(document: &Value, schema: &str) -> Result<(), String> {
    let validator = jsonschema::draft202012::options().build(&serde_json::from_str(schema).unwrap()).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

fn mapping() -> Value {
    let template: Value = serde_json::from_str(TEMPLATE).unwrap();
    template["template"]["mappings"].clone()
}

/// Walks a document along the mapping and returns the first path that is not in it or has another type there.
pub(super) fn unmapped(path: &str, value: &Value, mapping: &Value) -> Option<String> {
    let wrong = |what: &str| Some(format!("{path}: {what}: {value}"));
    match (value, mapping["type"].as_str()) {
        (Value::Array(items), _) => items.iter().find_map(|item| unmapped(path, item, mapping)),
        (Value::Object(members), None) => members.iter().find_map(|(name, member)| {
            let inner = &mapping["properties"][name.as_str()];
            let path = format!("{path}/{name}");
            if inner.is_null() { Some(format!("{path} is not mapped")) } else { unmapped(&path, member, inner) }
        }),
        // indexed as if it were not there, whatever the type
        (Value::Null, Some(_)) => None,
        (Value::Object(members), Some("flattened")) => flat(path, members, 1),
        (_, None) => wrong("an object is expected"),
        (Value::String(_), Some("keyword" | "text")) => None,
        (Value::Number(number), Some("date")) if mapping["format"] == "epoch_millis" => {
            if number.is_i64() {
                None
            } else {
                wrong("no milliseconds")
            }
        }
        (Value::String(text), Some("date")) if mapping["format"].is_null() => {
            if crate::model::Timestamp::parse(text).is_ok() { None } else { wrong("no date") }
        }
        (Value::String(text), Some("ip")) => {
            if text.parse::<std::net::IpAddr>().is_ok() {
                None
            } else {
                wrong("no address")
            }
        }
        (Value::Number(number), Some("long")) => {
            if number.is_i64() {
                None
            } else {
                wrong("no long")
            }
        }
        (Value::Number(_), Some("double")) | (Value::Bool(_), Some("boolean")) => None,
        _ => wrong("another type is mapped"),
    }
}

/// What Elasticsearch demands of a flattened field: at most 20 levels, no NUL in names, terms of at most 32 766 bytes.
fn flat(path: &str, members: &serde_json::Map<String, Value>, depth: usize) -> Option<String> {
    members.iter().find_map(|(name, member)| {
        let path = format!("{path}/{name}");
        if depth > 18 || name.contains('\0') || name.is_empty() || path.len() > 16_000 {
            return Some(format!("{path}: refused"));
        }
        let leaves = if let Value::Array(items) = member { items.as_slice() } else { std::slice::from_ref(member) };
        leaves.iter().find_map(|leaf| match leaf {
            Value::Object(inner) => flat(&path, inner, depth + 1),
            Value::String(text) if text.len() > 8192 => Some(format!("{path}: too long")),
            Value::Array(_) => Some(format!("{path}: list in a list")),
            _ => None,
        })
    })
}

fn check(document: &Value) -> Result<(), String> {
    fits(document, SCHEMA)?;
    unmapped("", document, &mapping()).map_or(Ok(()), Err)
}

/// An alert that has everything that one can have, each lifted field among it.
pub(super) fn full_alert() -> crate::model::Alert {
    let mut alert = alert("temporal_ordered");
    alert.group = vec![("aigov.model.name".into(), Some("m".into())), ("a".into(), None), ("a.b".into(), None)];
    let values: Vec<(&str, Value)> = LIFTED
        .iter()
        .map(|(field, kind)| {
            let value = match kind {
                Kind::Keyword => Value::from("x"),
                Kind::Boolean => Value::from(true),
                Kind::Long => Value::from(3),
                Kind::Double => Value::from(0.5),
            };
            (*field, value)
        })
        .collect();
    alert.evidence = vec![event("A", "2026-11-21T08:00:00Z", &values), event("B", "2026-11-21T08:00:00Z", &[])];
    alert.absence = Some(crate::model::Absence { missing: vec!["C".into()], from: alert.time, until: alert.time });
    let entity = crate::model::RiskEntity { kind: "model".into(), field: "aigov.model.name".into() };
    alert.rule = std::sync::Arc::new(crate::model::RuleCard { entities: vec![entity], ..(*alert.rule).clone() });
    (alert.value, alert.threshold, alert.cause) = (Some(2.0), Some(">= 2".into()), Some("late".into()));
    alert
}

#[test]
fn a_full_document_fits_schema_and_mapping() {
    let alert = full_alert();
    let mut document = document_with(&alert, DocumentOptions { lines: true });
    document["event"]["ingested"] = "2026-11-21T08:00:01.000Z".into();
    check(&document).unwrap();
    for (field, _) in LIFTED {
        assert!(document.pointer(&format!("/{}", field.replace('.', "/"))).is_some(), "{field} is not lifted");
    }
}

#[test]
fn the_schema_refuses_what_no_document_has() {
    let mut document = document(&alert("detection"));
    assert_eq!(check(&document), Ok(()));
    document["alert"]["sevrity"] = 1.into();
    assert!(check(&document).is_err());
    document["alert"].as_object_mut().unwrap().remove("sevrity");
    document["event"]["severity"] = 50.into();
    assert!(check(&document).is_err());
}

#[test]
fn the_template_uses_core_types_and_beats_the_built_in_one() {
    fn types(mapping: &Value, found: &mut Vec<String>) {
        for inner in mapping["properties"].as_object().into_iter().flat_map(serde_json::Map::values) {
            found.extend(inner["type"].as_str().map(str::to_owned));
            types(inner, found);
        }
    }
    let template: Value = serde_json::from_str(TEMPLATE).unwrap();
    assert!(template["priority"].as_u64() > Some(100), "the built-in logs-*-* has 100");
    assert_eq!(template.get("data_stream"), None, "external versions need a plain index");
    let mut found = Vec::new();
    types(&mapping(), &mut found);
    let core = ["keyword", "text", "date", "ip", "long", "double", "boolean", "flattened"];
    assert!(found.len() > 80 && found.iter().all(|name| core.contains(&name.as_str())), "{found:?}");
}

proptest! {
    #[test]
    fn documents_of_random_alerts_fit(alert in any_alert(), lines in any::<bool>()) {
        let document = document_with(&alert, DocumentOptions { lines });
        prop_assert_eq!(check(&document), Ok(()));
    }
}
