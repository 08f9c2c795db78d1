//! The part of the schema about correlations.

use serde_json::{Map, Value, json};

use crate::rule::correlation::WITHOUT_EFFECT;

const COUNTING: [&str; 6] =
    ["event_count", "value_count", "value_sum", "value_avg", "value_percentile", "value_median"];
const VALUES: [&str; 8] = [
    "value_count",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
    "value_max",
    "value_min",
    "value_last",
];

/// The keys of a correlation.
pub(super) fn schema() -> Value {
    let mut properties = sigma_keys();
    properties.extend(dialect_keys());
    json!({
        "type": "object",
        "description": "Several events that are an alert together.",
        "required": ["type", "rules", "timespan"],
        "additionalProperties": false,
        "properties": properties,
        "dependencies": {"suppress-by": ["suppress"]},
        "allOf": [
            {
                "if": {"properties": {"window": {"const": "session"}}, "required": ["window"]},
                "then": {"required": ["gap"]},
                "else": {"not": {"required": ["gap"]}},
            },
            {
                "if": {"properties": {"type": {"const": "temporal_ordered"}}},
                "then": {"properties": {"window": {"enum": ["sliding", "session"]}, "emit": {"enum": ["edge", "every", "reset"]}}},
            },
            {
                "if": {"properties": {"type": {"enum": ["temporal", "temporal_ordered"]}}},
                "else": {"properties": {"condition": {"type": "object"}}},
            },
            {
                "if": {"properties": {"type": {"enum": VALUES}}},
                "then": {"anyOf": [
                    {"required": ["field"]},
                    {"properties": {"condition": {"required": ["field"]}}, "required": ["condition"]},
                ]},
            },
            {
                "if": {"properties": {"type": {"const": "weighted_sum"}}},
                "then": {"required": ["weights"]},
                "else": {"not": {"anyOf": [
                    {"required": ["weights"]}, {"required": ["otherwise"]}, {"required": ["base"]}, {"required": ["limits"]},
                ]}},
            },
            {
                "if": {"required": ["half-life"]},
                "then": {"properties": {"type": {"const": "value_sum"}}},
            },
        ],
    })
}

/// What is written as a metric never alerts, and some types are nothing but metrics.
pub(super) fn metrics_do_not_alert() -> Value {
    let refused: Vec<Value> = WITHOUT_EFFECT.iter().map(|key| json!({"required": [key]})).collect();
    json!({
        "if": {"required": ["metric"]},
        "then": {
            "required": ["correlation"],
            "properties": {"correlation": {
                "not": {"anyOf": refused},
                "properties": {"type": {"not": {"enum": ["temporal", "temporal_ordered"]}}},
            }},
        },
        "else": {"properties": {"correlation": {
            "not": {"required": ["half-life"]},
            "properties": {"type": {"not": {"enum": ["value_max", "value_min", "value_last", "weighted_sum"]}}},
        }}},
    })
}

/// A count needs a threshold, unless it is written as a metric.
pub(super) fn counting_needs_condition() -> Value {
    json!({
        "if": {
            "properties": {"correlation": {"properties": {"type": {"enum": COUNTING}}, "required": ["type"]}},
            "required": ["correlation"],
            "not": {"required": ["metric"]},
        },
        "then": {"properties": {"correlation": {"required": ["condition"]}}},
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn sigma_keys() -> Map<String, Value> {
    object(json!({
        "type": {
            "description": "What is done with the events.",
            "enum": [
                "event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg",
                "value_percentile", "value_median", "event_ratio", "value_max", "value_min", "value_last",
                "weighted_sum",
            ],
        },
        "rules": names("Names or ids of the rules whose events are correlated. In temporal_ordered their order counts."),
        "group-by": names("Events belong together when they have the same values of these fields or aliases."),
        "timespan": duration("Events belong together when they lie within it."),
        "condition": condition(),
        "aliases": {
            "type": "object",
            "description": "One name for a thing that each rule calls differently: alias, rule, field.",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "generate": {"type": "boolean", "description": "Alerts by itself although another correlation refers to it."},
        "field": names("The field whose values are looked at."),
        "percentile": {"type": "number", "minimum": 0, "maximum": 100, "description": "Which percentile."},
    }))
}

fn dialect_keys() -> Map<String, Value> {
    object(json!({
        "reset-on": names("Rules whose events make the group forget its count, window or chains."),
        "window": words("sliding: the timespan before each event; tumbling: fixed windows; session: events at most `gap` apart.", &["sliding", "tumbling", "session"]),
        "gap": duration("The longest pause within a session."),
        "align": {"type": "string", "description": "Where tumbling windows begin, or where a metric has its values: UTC, an offset such as +02:00, or a duration."},
        "emit": words("edge: when it becomes true; every: at every event for which it is; reset: when it becomes true, and then anew; close: once when the window closes.", &["edge", "every", "reset", "close"]),
        "suppress": duration("No new alert of the group for so long."),
        "suppress-by": names("Some of the group-by fields: suppress for them instead of the group."),
        "early": {"type": "boolean", "description": "Evaluate on arrival instead of behind the watermark."},
        "lateness": duration("How late an event may be, instead of the sources' own."),
        "on-late": words("What an event behind the watermark does.", &["drop", "apply", "revise"]),
        "missing-key": words("An event without a group-by field is not correlated, or null is a group.", &["drop", "group"]),
        "min-count": {"type": "integer", "minimum": 1, "description": "Fewer events than this give no value, and so no alert."},
        "baseline": baseline(),
        "unseen-for": duration("Only values count that the group has not had for so long."),
        "expect": {"type": "string", "description": "Keys that are expected, so that zero can be seen: '%list%' or seen."},
        "half-life": duration("Of a value_sum that is a metric: after so long a value counts for half."),
        "weights": numbers("Of weighted_sum: what the newest value of each rule is multiplied by."),
        "otherwise": numbers("Of weighted_sum: what counts for a rule that has no value in the timespan."),
        "base": {"type": "number", "description": "Of weighted_sum: what is added to the sum."},
        "limits": {
            "type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"},
            "description": "Of weighted_sum: the least and the greatest value.",
        },
        "cold-start": words("Alerts before the rule has run for its timespan.", &["annotate", "suppress", "alert"]),
    }))
}

fn baseline() -> Value {
    json!({
        "type": "object",
        "description": "Compares the window with those before it; the thresholds are then in the measure.",
        "required": ["history", "measure"],
        "additionalProperties": false,
        "properties": {
            "history": duration("How far back."),
            "season": words("Compare with the same hour only.", &["none", "hour_of_day", "hour_of_week"]),
            "stat": words("What the windows before are reduced to.", &["mean", "median"]),
            "measure": words("How the window is compared.", &["ratio", "delta", "zscore", "mad"]),
            "min-samples": {"type": "integer", "minimum": 1, "description": "Fewer windows than this give no value."},
        },
    })
}

fn condition() -> Value {
    let operator = json!({"type": "number"});
    let one_of: Vec<Value> =
        ["gt", "gte", "lt", "lte", "eq", "neq"].iter().map(|name| json!({"required": [name]})).collect();
    json!({
        "description": "A threshold or a range; for temporal types also a text with and, or, not over the names in `rules`.",
        "oneOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "additionalProperties": false,
                "anyOf": one_of,
                "properties": {
                    "gt": operator, "gte": operator, "lt": operator, "lte": operator, "eq": operator, "neq": operator,
                    "field": names("The field whose values are looked at; a list: combinations."),
                    "percentile": {"type": "number", "minimum": 0, "maximum": 100},
                },
            },
        ],
    })
}

fn names(description: &str) -> Value {
    json!({
        "description": description,
        "oneOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}],
    })
}

fn numbers(description: &str) -> Value {
    json!({"type": "object", "description": description, "additionalProperties": {"type": "number"}})
}

fn words(description: &str, allowed: &[&str]) -> Value {
    json!({"enum": allowed, "description": description})
}

/// A whole number and a unit.
pub(super) fn duration(description: &str) -> Value {
    json!({"type": "string", "pattern": "^[0-9]+(ns|us|µs|ms|s|m|h|d|w|M|y)$", "description": description})
}
