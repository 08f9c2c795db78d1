//! The part of the schema about search identifiers and conditions, which detections and filters share.

use serde_json::{Value, json};

/// Every modifier; in editors one that is misspelt is underlined.
const MODIFIERS: &str = "contains|startswith|endswith|all|exists|cased|neq|re|i|m|s|ignorecase|multiline|dotall|lt|lte|gt|gte|cidr|base64|base64offset|utf16|utf16le|utf16be|wide|windash|fieldref|expand|minute|hour|day|week|month|year";

/// Search identifiers with their condition.
pub(super) fn searches(description: &str) -> Value {
    json!({
        "type": "object",
        "description": description,
        "required": ["condition"],
        "minProperties": 2,
        "properties": {"condition": condition(), "timeframe": false},
        "additionalProperties": identifier(),
    })
}

/// A filter: the rules that it is about, and searches.
pub(super) fn filter() -> Value {
    let mut schema = searches("Exceptions: the rules that it applies to match only where its condition holds as well.");
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let rules = json!({
            "description": "Names or ids of rules, or `any` for all of the log source.",
            "oneOf": [{"const": "any"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}],
        });
        properties.insert("rules".to_owned(), rules);
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("required".to_owned(), json!(["rules", "condition"]));
    }
    schema
}

fn condition() -> Value {
    let text = json!({"type": "string", "minLength": 1, "not": {"pattern": "\\|"}});
    json!({
        "description": "Names of search identifiers with and, or, not, parentheses, `1 of`, `all of` and a pattern or `them`. A list is OR.",
        "oneOf": [text, {"type": "array", "minItems": 1, "items": text}],
    })
}

/// A map (all), a list of maps (any), or keywords (any).
fn identifier() -> Value {
    let scalar = json!({"type": ["string", "number", "boolean"]});
    let fields = fields();
    json!({
        "description": "A map: all of its fields. A list of maps: any of them. A list of texts: words anywhere in the event.",
        "oneOf": [
            fields,
            {"type": "array", "minItems": 1, "items": {"oneOf": [fields, scalar]}},
            scalar,
        ],
    })
}

fn fields() -> Value {
    let number = json!({"type": ["number", "string"]});
    json!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": format!("^[^|]*([|]({MODIFIERS}))*$")},
        "patternProperties": {
            "^[^|]+[|]exists$": {"type": "boolean", "description": "Whether the field is there, be it empty or null."},
            "^[^|]+[|](lt|lte|gt|gte)$": {"oneOf": [number, {"type": "array", "minItems": 1, "items": number}]},
            "[|]all([|]|$)": {"type": "array", "minItems": 1},
            // behind a selector a map is about one element
            "^[^|]*\\][^|]*": {
                "description": "Elements of a list: a value, a map of an element's fields, or a list of either. Needs `sigma-version: 3` or `dialect: clarion/1`.",
                "oneOf": [
                    {"type": ["string", "number", "boolean", "null"]},
                    {"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}},
                    {"type": "array", "minItems": 1, "items": {"type": "object", "minProperties": 1}},
                    {"type": "object", "minProperties": 1},
                ],
            },
        },
        "additionalProperties": {
            "oneOf": [
                {"type": ["string", "number", "boolean", "null"]},
                {"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}},
            ],
        },
    })
}
