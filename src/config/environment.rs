//! Environment variables over the configuration: `CLARION_STATE__SNAPSHOT_INTERVAL=30s` is `state.snapshot_interval`.
//!
//! Path segments are joined by two underscores; a list entry is its number (`CLARION_SOURCES__0__LATENESS`); a list of
//! words is separated by commas; the name of a librdkafka property has `_` for `.`
//! (`CLARION_KAFKA__OPTIONS__FETCH_MIN_BYTES`). The schema says which type a text becomes. A variable whose first segment
//! is no section is none of ours (an orchestrator sets `CLARION_SERVICE_HOST` by itself) and is left alone.

use serde_json::Value;

use super::problem::{Problem, did_you_mean};
use super::schema::{child, has_type, known_keys};
use super::tree::{Entry, Node, Origin, Tree};

const PREFIX: &str = "CLARION_";

/// Puts the variables that are ours on the document, in order of their names.
pub(super) fn apply(
    document: &mut Node,
    variables: impl IntoIterator<Item = (String, String)>,
    schema: &Value,
    problems: &mut Vec<Problem>,
) {
    let sections = known_keys(schema);
    let mut ours: Vec<(String, String)> = variables
        .into_iter()
        .filter(|(name, _)| {
            let first = name.strip_prefix(PREFIX).map(|rest| rest.split("__").next().unwrap_or(rest).to_lowercase());
            first.is_some_and(|first| sections.contains(&first.as_str()))
        })
        .collect();
    ours.sort();
    for (name, text) in ours {
        let path: Vec<String> = name.strip_prefix(PREFIX).unwrap_or(&name).split("__").map(str::to_lowercase).collect();
        let origin = Origin::Environment(name);
        if let Err(message) = set(document, &path, &text, schema, &origin) {
            problems.push(Problem::new("", Some(&origin), message));
        }
    }
}

fn set(node: &mut Node, path: &[String], text: &str, schema: &Value, origin: &Origin) -> Result<(), String> {
    let Some((segment, rest)) = path.split_first() else {
        *node = Node { value: typed(text, schema, origin)?, origin: origin.clone() };
        return Ok(());
    };
    if let Tree::List(items) = &mut node.value {
        let count = items.len();
        let item = segment.parse::<usize>().ok().and_then(|index| items.get_mut(index));
        let item =
            item.ok_or_else(|| format!("there is no entry `{segment}`: the list has {count}, counted from 0"))?;
        return set(item, rest, text, schema.get("items").unwrap_or(&Value::Null), origin);
    }
    let free_names = schema.get("properties").is_none() && schema.get("additionalProperties").is_some();
    let key = if free_names { segment.replace('_', ".") } else { segment.clone() };
    let Some(key_schema) = child(schema, &key) else {
        let known = known_keys(schema);
        return Err(format!("names no key: `{key}` is unknown{}", did_you_mean(&key, known.iter().copied())));
    };
    if !matches!(node.value, Tree::Map(_)) || super::schema::is_choice_of_key(schema) {
        *node = Node { value: Tree::Map(Vec::new()), origin: origin.clone() };
    }
    let Tree::Map(entries) = &mut node.value else { return Ok(()) };
    if !entries.iter().any(|entry| entry.key == key) {
        let value = Node { value: Tree::Map(Vec::new()), origin: origin.clone() };
        entries.push(Entry { key: key.clone(), key_origin: origin.clone(), value });
    }
    match entries.iter_mut().find(|entry| entry.key == key) {
        Some(entry) => set(&mut entry.value, rest, text, key_schema, origin),
        None => Ok(()),
    }
}

/// The text as the type that the schema asks for. Ranges and words are checked with the rest of the document.
fn typed(text: &str, schema: &Value, origin: &Origin) -> Result<Tree, String> {
    if has_type(schema, "array") {
        let item_schema = schema.get("items").unwrap_or(&Value::Null);
        if !has_type(item_schema, "string") {
            return Err("is a list of maps: set the keys of its entries instead, such as …__0__NAME".to_owned());
        }
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        return Ok(Tree::List(
            words.map(|word| Node { value: Tree::Text(word.to_owned()), origin: origin.clone() }).collect(),
        ));
    }
    if has_type(schema, "string") || !super::schema::allowed_words(schema).is_empty() {
        return Ok(Tree::Text(text.to_owned()));
    }
    if has_type(schema, "integer") {
        return text.parse().map(Tree::Integer).map_err(|_| format!("`{text}` is no whole number"));
    }
    if has_type(schema, "boolean") {
        return text.parse().map(Tree::Bool).map_err(|_| format!("`{text}` is neither true nor false"));
    }
    // never quotes the text: where a map is expected, it may be a secret
    let keys = known_keys(schema).iter().map(|key| format!("…__{}", key.to_uppercase())).collect::<Vec<_>>().join(", ");
    Err(format!("is a map: set one of its keys instead ({keys})"))
}

#[cfg(test)]
mod tests {
    use super::super::schema::schema;
    use super::*;

    fn applied(document: &str, variables: &[(&str, &str)]) -> (Value, Vec<String>) {
        let mut node = Node::parse(document, Some("c")).unwrap();
        let mut problems = Vec::new();
        let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        apply(&mut node, variables, &schema(), &mut problems);
        (node.to_json(), problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn texts_become_what_the_schema_says() {
        let (document, problems) = applied(
            "{sources: [{name: a}], dead_letters: {file: f}}",
            &[
                ("CLARION_RULES", "a, b"),
                ("CLARION_CORRELATE__SHARDS", "4"),
                ("CLARION_LOG__FORMAT", "json"),
                ("CLARION_SOURCES__0__TOPICS", "x"),
                ("CLARION_KAFKA__OPTIONS__FETCH_MIN_BYTES", "7"),
                ("CLARION_KAFKA__SECURITY__SASL__PASSWORD__ENV", "PW"),
                ("CLARION_DEAD_LETTERS__TOPIC", "t"),
            ],
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(
            document,
            serde_json::json!({
                "sources": [{"name": "a", "topics": ["x"]}], "dead_letters": {"topic": "t"},
                "correlate": {"shards": 4},
                "kafka": {"options": {"fetch.min.bytes": "7"}, "security": {"sasl": {"password": {"env": "PW"}}}},
                "log": {"format": "json"}, "rules": ["a", "b"],
            })
        );
    }

    #[test]
    fn mistakes_name_the_variable_and_foreign_variables_are_left_alone() {
        let (_, problems) = applied(
            "{sources: []}",
            &[
                ("CLARION_STATE__DIRECTROY", "x"),
                ("CLARION_CORRELATE__SHARDS", "many"),
                ("CLARION_SOURCES__0__NAME", "x"),
                ("CLARION_SERVICE_HOST", "10.0.0.1"),
                ("CLARION_PORT_9464_TCP", "tcp://10.0.0.1:9464"),
                ("CLARION_KAFKA__SECURITY__SASL__PASSWORD", "hunter2"),
            ],
        );
        let text = problems.join("\n");
        assert_eq!(problems.len(), 4, "{text}");
        assert!(
            text.contains("CLARION_STATE__DIRECTROY: names no key: `directroy` is unknown; did you mean `directory`?")
        );
        assert!(text.contains("CLARION_CORRELATE__SHARDS: `many` is no whole number"));
        assert!(text.contains("there is no entry `0`"));
        assert!(text.contains("…__ENV, …__FILE") && !text.contains("hunter2"), "{text}");
    }
}
