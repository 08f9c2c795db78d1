//! The part of the schema about the tests at the bottom of a rule.

use serde_json::{Value, json};

/// The tests.
pub(super) fn schema() -> Value {
    json!({
        "type": "array",
        "description": "The rule's own tests, which `clarion rules test` runs.",
        "items": {
            "type": "object",
            "required": ["events"],
            "anyOf": [{"required": ["expect"]}, {"required": ["expect-metrics"]}],
            "additionalProperties": false,
            "properties": {
                "name": {"type": "string", "description": "What the case shows."},
                "events": {
                    "type": "array",
                    "description": "In the order of arrival.",
                    "items": {
                        "type": "object",
                        "required": ["at"],
                        "properties": {"at": offset("Event time, counted from the start of the test.")},
                    },
                },
                "end": offset("How far the watermark goes. Without it everything pending is decided."),
                "expect": {
                    "description": "All alerts of this rule, no more and no fewer; or `none`.",
                    "oneOf": [{"const": "none"}, {"type": "array", "items": expected()}],
                },
                "expect-metrics": {
                    "description": "All values of this rule's series, no more and no fewer; or `none`.",
                    "oneOf": [{"const": "none"}, {"type": "array", "items": expected_metric()}],
                },
            },
        },
    })
}

fn expected_metric() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "at": offset("The value's @timestamp."),
            "key": {"type": "object", "description": "Fields of the group and their values; may be a part."},
            "value": {"type": ["number", "null"], "description": "The value; null where there is none."},
        },
    })
}

fn expected() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "at": offset("The alert's @timestamp."),
            "key": {"type": "object", "description": "Fields of the group and their values; may be a part."},
            "rule": {"type": "string", "description": "Another rule of the load."},
            "retracted": {"type": "boolean", "description": "It is raised, and retracted by a late event."},
        },
    })
}

/// `+5m`, `-30s`, `+1d2h`.
fn offset(description: &str) -> Value {
    json!({"type": "string", "pattern": "^[+-]?([0-9]+(ns|us|µs|ms|s|m|h|d|w|M|y))+$", "description": description})
}
