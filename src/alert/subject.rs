//! Whom an alert is about: the model, endpoint or person at the beginning of its sentence.

use super::lift::texts;
use super::words::list;
use crate::model::{Alert, harmless};
use crate::rule::alert_events::{ENTITY_TYPE, ENTITY_VALUE};

/// Characters of one value in a sentence.
const VALUE: usize = 80;
/// Values named before "and 3 more".
const NAMED: usize = 3;

/// `Model credit-risk version 7`, `Endpoint loan-api, user kim`, `Models a, b and c`; empty if nothing is known. The group
/// comes first; models and endpoints that only the evidence names follow.
pub(super) fn subject(alert: &Alert) -> String {
    let mut parts = Vec::new();
    let group: Vec<(&str, Option<&str>)> =
        alert.group.iter().map(|(name, value)| (short(name), value.as_deref())).collect();
    let entity_type = group.iter().find(|(name, _)| *name == ENTITY_TYPE).and_then(|(_, value)| *value);
    let has_entity = entity_type.is_some() && group.iter().any(|(name, _)| *name == ENTITY_VALUE);
    for (at, (name, value)) in group.iter().enumerate() {
        if has_entity && *name == ENTITY_TYPE {
            continue; // said together with its name
        }
        if let (true, Some(kind), Some(value)) = (has_entity && *name == ENTITY_VALUE, entity_type, value) {
            parts.push(format!("{} {}", harmless(kind, VALUE), shown(value)));
            continue;
        }
        if let Some(owner) = name.strip_suffix(".version")
            && group.iter().any(|(other, _)| *other == owner || other.strip_suffix(".name") == Some(owner))
        {
            continue; // said together with the name
        }
        let mut part = one(name, *value);
        let owner = name.strip_suffix(".name").unwrap_or(name);
        let is_version = |other: &str| other.strip_suffix(".version") == Some(owner);
        if let Some((_, Some(version))) = group.iter().skip(at + 1).chain(&group).find(|(other, _)| is_version(other)) {
            part.push_str(&format!(" version {}", shown(version)));
        }
        parts.push(part);
    }
    for (noun, field) in [("model", "aigov.model.name"), ("endpoint", "aigov.endpoint.id")] {
        if !parts.iter().any(|part| part.starts_with(noun)) {
            parts.extend(from_evidence(alert, noun, field));
        }
    }
    capitalised(&parts.join(", "))
}

/// The distinct values of a field in the evidence.
fn from_evidence(alert: &Alert, noun: &str, field: &str) -> Option<String> {
    let values: Vec<String> = texts(alert, field).iter().map(|value| shown(value)).collect();
    match values.as_slice() {
        [] => None,
        [only] => {
            let versions = if noun == "model" { texts(alert, "aigov.model.version") } else { Vec::new() };
            Some(match versions.as_slice() {
                [version] => format!("{noun} {only} version {}", shown(version)),
                _ => format!("{noun} {only}"),
            })
        }
        several => Some(format!("{noun}s {}", list(several, NAMED))),
    }
}

fn one(name: &str, value: Option<&str>) -> String {
    let noun = name.strip_suffix(".name").or_else(|| name.strip_suffix(".id")).unwrap_or(name);
    let noun = harmless(noun, VALUE).replace(['.', '_'], " ");
    value.map_or_else(|| format!("unknown {noun}"), |value| format!("{noun} {}", shown(value)))
}

/// Fields of the domain go by their last two words.
fn short(name: &str) -> &str {
    name.strip_prefix("aigov.").unwrap_or(name)
}

/// A value: plain words as they are, anything else in quotation marks, so that it cannot pass for the sentence itself.
fn shown(value: &str) -> String {
    let text = harmless(value, VALUE);
    let plain = |symbol: char| symbol.is_alphanumeric() || "-_./@:+#".contains(symbol);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("\"{}\"", text.replace('"', "'")) }
}

fn capitalised(text: &str) -> String {
    let mut symbols = text.chars();
    symbols.next().map_or_else(String::new, |first| first.to_uppercase().chain(symbols).collect())
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{alert, event};
    use super::*;
    use serde_json::json;

    fn of(group: &[(&str, Option<&str>)]) -> String {
        let mut alert = alert("event_count");
        alert.group = group.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        subject(&alert)
    }

    #[test]
    fn groups_are_named_by_what_they_are() {
        assert_eq!(of(&[("aigov.model.name", Some("m")), ("aigov.model.version", Some("7"))]), "Model m version 7");
        assert_eq!(of(&[("model.version", Some("7")), ("model.name", Some("m"))]), "Model m version 7");
        assert_eq!(of(&[("endpoint.id", Some("loan-api")), ("user.name", Some("kim"))]), "Endpoint loan-api, user kim");
        assert_eq!(of(&[("region", Some("eu-west"))]), "Region eu-west");
        assert_eq!(of(&[("aigov.model.version", Some("7"))]), "Model version 7");
        assert_eq!(of(&[("user.name", None)]), "Unknown user");
        let entity = [("alert.risk.entity.type", Some("model")), ("alert.risk.entity.value", Some("credit-risk"))];
        assert_eq!(of(&entity), "Model credit-risk");
        assert_eq!(of(&entity[1..]), "Alert risk entity value credit-risk");
        assert_eq!(of(&[]), "");
    }

    #[test]
    fn several_models_of_the_evidence_are_listed() {
        let mut alert = alert("temporal");
        alert.group = vec![("user.name".into(), Some("kim".into()))];
        alert.evidence = ["a", "b", "a", "c", "d"]
            .map(|model| event("E", "2026-11-21T08:00:00Z", &[("aigov.model.name", json!(model))]))
            .to_vec();
        assert_eq!(subject(&alert), "User kim, models a, b and 2 more");
        alert.group.clear();
        assert_eq!(subject(&alert), "Models a, b and 2 more");
    }

    #[test]
    fn one_model_of_the_evidence_comes_with_its_version() {
        let mut alert = alert("detection");
        let fields = [("aigov.model.name", json!("m")), ("aigov.model.version", json!("7"))];
        alert.evidence = vec![event("E", "2026-11-21T08:00:00Z", &fields)];
        assert_eq!(subject(&alert), "Model m version 7");
    }

    #[test]
    fn values_from_outside_cannot_pass_for_the_sentence() {
        assert_eq!(of(&[("model.name", Some("x: all is well"))]), "Model \"x: all is well\"");
        assert_eq!(of(&[("model.name", Some("a\"b\n\u{202e}c"))]), "Model \"a'b \u{fffd}c\"");
        assert_eq!(of(&[("model.name", Some(""))]), "Model \"\"");
        assert!(of(&[("model.name", Some(&"x".repeat(1 << 20)))]).len() < 100);
    }
}
