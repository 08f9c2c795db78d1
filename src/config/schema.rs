//! The JSON Schema of the configuration file, made from the written types: published as `schemas/config.json`, and used
//! here to check documents, to type environment variables and to write the reference table.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::written::Written;

/// The schema as published, with a final newline.
#[must_use]
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).unwrap_or_default();
    text.push('\n');
    text
}

/// The schema with every part in its place (no `$ref`) and without the nulls that optional fields bring in: a key is
/// there with a value, or it is not there.
pub(super) fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Written>().to_value();
    without_nulls(&mut schema);
    schema
}

fn without_nulls(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            drop_null_type(map);
            drop_null_alternative(map);
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// `type: [string, null]` becomes `type: string`.
fn drop_null_type(map: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

/// `anyOf: [X, {type: null}]` becomes X.
fn drop_null_alternative(map: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = map.get_mut("anyOf") else { return };
    alternatives.retain(|alternative| alternative.get("type") != Some(&Value::from("null")));
    if let [Value::Object(only)] = alternatives.as_slice() {
        let only = only.clone();
        map.remove("anyOf");
        for (key, value) in only {
            // the description of the field says more than that of its type
            map.entry(key).or_insert(value);
        }
    }
}

/// The schema of a key of an object, also where the object is a choice of one key (`{env: …}` or `{file: …}`).
pub(super) fn child<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    if let Some(found) = schema.get("properties").and_then(|properties| properties.get(key)) {
        return Some(found);
    }
    if let Some(choice) = alternatives(schema).find_map(|choice| choice.get("properties")?.get(key)) {
        return Some(choice);
    }
    schema.get("additionalProperties").filter(|additional| additional.is_object())
}

/// The parts of a `oneOf`; empty for any other schema.
pub(super) fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.get("oneOf").and_then(Value::as_array).into_iter().flatten()
}

/// Whether the schema is a choice of exactly one key, whose value replaces that of another layer as a whole.
pub(super) fn is_choice_of_key(schema: &Value) -> bool {
    alternatives(schema).any(|choice| choice.get("properties").is_some())
}

/// The keys that the schema knows, in the order of the file.
pub(super) fn known_keys(schema: &Value) -> Vec<&str> {
    let own = schema.get("properties");
    let chosen = alternatives(schema).filter_map(|choice| choice.get("properties"));
    own.into_iter().chain(chosen).filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str).collect()
}

/// The words that a text may be, if the schema lists them.
pub(super) fn allowed_words(schema: &Value) -> Vec<&str> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let described = alternatives(schema).flat_map(|choice| {
        let more = choice.get("enum").and_then(Value::as_array).into_iter().flatten();
        choice.get("const").into_iter().chain(more)
    });
    listed.chain(described).filter_map(Value::as_str).collect()
}

/// Whether the schema's `type` is, or lists, `name`.
pub(super) fn has_type(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/config.json");
        let published = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            published == schema_text(),
            "schemas/config.json is stale: `clarion config schema > schemas/config.json`"
        );
    }

    #[test]
    fn no_null_and_no_reference_is_left() {
        let text = schema_text();
        assert!(!text.contains("\"null\"") && !text.contains("$ref"), "{text}");
        assert!(jsonschema::validator_for(&schema()).is_ok());
    }
}
