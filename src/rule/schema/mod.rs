//! The JSON Schema of a rule document, for editors: Sigma 2.1.0, what this engine reads of its drafts, and the dialect
//! `clarion/1`. It knows keys, types and words; what needs the whole set of rules (names, cycles, conditions that can never
//! be true) is the loader's. Draft 07, which is what editors' YAML servers read best.

mod correlation;
mod detection;
mod testcase;

use serde_json::{Value, json};

/// The schema as a JSON document.
#[must_use]
pub fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Clarion rule",
        "description": "A Sigma rule, with the keys of the dialect clarion/1. See docs/rules.md.",
        "type": "object",
        "required": ["title"],
        "properties": properties(),
        "allOf": [one_kind(), dialect(), correlation::counting_needs_condition(), correlation::metrics_do_not_alert()],
    })
}

/// The schema as the text of `schemas/rule.json`.
#[must_use]
pub fn text() -> String {
    // a tree of texts and numbers can always be written
    serde_json::to_string_pretty(&schema()).map(|text| text + "\n").unwrap_or_default()
}

fn properties() -> Value {
    let mut all = metadata();
    let own = json!({
        "logsource": logsource(),
        "detection": detection::searches("What the rule looks for: search identifiers, and a condition over their names."),
        "filter": detection::filter(),
        "correlation": correlation::schema(),
        "generate": {"type": "boolean", "description": "Alerts by itself although a correlation refers to it. Default: false."},
        "triage": strings("Custom: what to do when it alerts, step by step."),
        "dialect": {"const": "clarion/1", "description": "The rule uses keys that Sigma does not have."},
        "risk": risk(),
        "metric": metric(),
        "expires": {"type": "string", "description": "Of a filter: from this event time on it does not apply any more."},
        "reason": {"type": "string", "description": "Of a filter: why it is there."},
        "owner": {"type": "string", "description": "Of a filter: whose it is."},
        "tests": testcase::schema(),
        "action": {"enum": ["global", "reset", "repeat"], "description": "Old Sigma: a document that stands for others."},
    });
    if let (Some(all), Value::Object(own)) = (all.as_object_mut(), own) {
        all.extend(own);
    }
    all
}

/// What a rule says of itself.
fn metadata() -> Value {
    json!({
        "title": {"type": "string", "minLength": 1, "maxLength": 256, "description": "A short sentence that names what was found."},
        "id": {"type": "string", "description": "A random UUID: the rule's identity, and part of every alert's."},
        "name": {"type": "string", "maxLength": 256, "description": "A unique name by which correlations refer to the rule."},
        "related": {
            "type": "array",
            "description": "Rules that this one comes from or belongs to.",
            "items": {
                "type": "object",
                "required": ["id", "type"],
                "properties": {
                    "id": {"type": "string"},
                    "type": {"enum": ["derived", "obsolete", "merged", "renamed", "similar"]},
                },
            },
        },
        "taxonomy": {"type": "string", "maxLength": 256, "description": "Where field names are from. Default: sigma."},
        "status": {"enum": ["stable", "test", "experimental", "deprecated", "unsupported"], "description": "How much it has been proven."},
        "description": {"type": "string", "maxLength": 65535, "description": "What the rule looks for, and why."},
        "license": {"type": "string", "description": "An SPDX licence expression."},
        "author": {"type": "string"},
        "references": strings("Where to read on."),
        "date": {"type": "string", "description": "When it was written: YYYY-MM-DD."},
        "modified": {"type": "string", "description": "When it was last changed: YYYY-MM-DD."},
        "fields": strings("Fields that the evidence of an alert shows."),
        "falsepositives": strings("When it is a false alarm."),
        "level": {"enum": ["informational", "low", "medium", "high", "critical"], "description": "How bad it is. Default: medium."},
        "tags": strings("`namespace.value`, such as atlas.aml.t0020 or eu_ai_act.art15."),
        "scope": strings("For whom it is meant."),
        "sigma-version": {"type": ["string", "number"], "description": "Major version of Sigma. Default: 2."},
    })
}

/// A list of texts; one text counts as a list of one.
fn strings(description: &str) -> Value {
    json!({"type": ["array", "string", "null"], "items": {"type": "string"}, "description": description})
}

fn logsource() -> Value {
    let word = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "description": "Which events the rule looks at: every word that is given must be the event's.",
        "anyOf": [{"required": ["category"]}, {"required": ["product"]}, {"required": ["service"]}],
        "properties": {
            "category": word("Kind of event, such as policy_decision."),
            "product": word("Whose log, such as opa."),
            "service": word("Part of the product, such as decision_log."),
            "definition": word("For people: how the log must be set up. Not evaluated."),
        },
    })
}

fn risk() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "description": "Each alert adds this risk to the entities that it is about.",
        "properties": {
            "score": {"type": "integer", "minimum": 0, "maximum": 100, "description": "Default: by level, 0, 10, 30, 60 or 90."},
            "entities": {
                "type": "array",
                "minItems": 1,
                "maxItems": 16,
                "description": "Whom it falls on: each of them gets an alert event.",
                "items": {
                    "type": "object",
                    "required": ["type", "field"],
                    "additionalProperties": false,
                    "properties": {
                        "type": {"type": "string", "minLength": 1, "maxLength": 64, "description": "What it is, such as model or user."},
                        "field": {"type": "string", "minLength": 1, "description": "The field that holds its name."},
                    },
                },
            },
        },
    })
}

fn metric() -> Value {
    json!({
        "type": "object",
        "required": ["name"],
        "additionalProperties": false,
        "description": "The correlation raises no alert: its value is written as a series.",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 256, "description": "What is measured, such as aigov.deployments."},
            "unit": {"type": "string", "maxLength": 256, "description": "What it is counted in."},
            "every": correlation::duration("How often a value is written. Default: the timespan."),
        },
    })
}

/// A document is one kind of rule; those of old collections (`action`) are parts of one.
fn one_kind() -> Value {
    json!({
        "if": {"not": {"required": ["action"]}},
        "then": {"oneOf": [
            {"required": ["detection", "logsource"], "not": {"required": ["correlation"]}},
            {"required": ["correlation"], "not": {"required": ["detection"]}},
            {"required": ["filter"]},
        ]},
    })
}

/// Keys beyond Sigma need `dialect`.
fn dialect() -> Value {
    let required = |key: &&str| json!({"required": [key]});
    let in_correlation: Vec<Value> = super::correlation::DIALECT_KEYS.iter().map(required).collect();
    let mut anywhere: Vec<Value> = ["risk", "metric"].iter().map(required).collect();
    anywhere.push(json!({"properties": {"correlation": {"anyOf": in_correlation}}, "required": ["correlation"]}));
    json!({"if": {"anyOf": anywhere}, "then": {"required": ["dialect"]}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_one_and_has_texts() {
        let schema = schema();
        assert!(jsonschema::draft7::meta::is_valid(&schema));
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(name == "author" || property["description"].as_str().is_some(), "{name} says what it is for");
        }
        let keys = schema["properties"]["correlation"]["properties"].as_object().unwrap();
        for key in super::super::correlation::DIALECT_KEYS {
            assert!(keys.contains_key(key), "{key} is in the schema");
        }
    }
}
