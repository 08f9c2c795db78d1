//! Layers of configuration: what is typed later goes over what was there, and sources inherit.

use serde_json::Value;

use super::schema::{child, is_choice_of_key};
use super::tree::{Entry, Node, Tree};

/// Puts `over` on `base`: maps key by key, everything else as a whole.
pub(super) fn overlay(base: &Node, over: &Node, schema: &Value) -> Node {
    let (Tree::Map(below), Tree::Map(above)) = (&base.value, &over.value) else { return over.clone() };
    if is_choice_of_key(schema) {
        return over.clone();
    }
    let mut merged = below.clone();
    for entry in above {
        let key_schema = child(schema, &entry.key).unwrap_or(&Value::Null);
        match merged.iter_mut().find(|existing| existing.key == entry.key) {
            Some(existing) => {
                existing.value = overlay(&existing.value, &entry.value, key_schema);
                existing.key_origin = entry.key_origin.clone();
            }
            None => merged.push(entry.clone()),
        }
    }
    Node { value: Tree::Map(merged), origin: over.origin.clone() }
}

/// Gives every source what it does not say itself: from `source_defaults`, and, unless it names brokers of its own,
/// from `kafka`, and the same to a lookup table in a topic. A source with its own `security` takes nothing of the other, so that credentials never go astray.
pub(super) fn inherit(document: &mut Node) {
    let defaults = entries_of(document.get("source_defaults"));
    let kafka = entries_of(document.get("kafka"));
    let Tree::Map(sections) = &mut document.value else { return };
    let lookups = sections.iter_mut().find(|entry| entry.key == "lookups").map(|entry| &mut entry.value.value);
    if let Some(Tree::Map(lookups)) = lookups {
        let topics = lookups.iter_mut().filter_map(|lookup| match &mut lookup.value.value {
            Tree::Map(keys) => keys.iter_mut().find(|entry| entry.key == "kafka"),
            _ => None,
        });
        topics.for_each(|topic| complete(&mut topic.value, &[], &kafka));
    }
    let Some(Node { value: Tree::List(sources), .. }) =
        sections.iter_mut().find(|entry| entry.key == "sources").map(|entry| &mut entry.value)
    else {
        return;
    };
    sources.iter_mut().for_each(|source| complete(source, &defaults, &kafka));
}

/// Gives a reader of Kafka what it does not say itself.
fn complete(reader: &mut Node, defaults: &[Entry], kafka: &[Entry]) {
    let Tree::Map(own) = &mut reader.value else { return };
    let own_brokers = own.iter().any(|entry| entry.key == "brokers");
    let inherited = if own_brokers { &[] } else { kafka };
    for entry in defaults.iter().chain(inherited) {
        match own.iter_mut().find(|existing| existing.key == entry.key) {
            None => own.push(entry.clone()),
            Some(existing) if entry.key == "options" => add_missing(&mut existing.value, &entry.value),
            Some(_) => {}
        }
    }
}

fn entries_of(section: Option<&Node>) -> Vec<Entry> {
    match section {
        Some(Node { value: Tree::Map(entries), .. }) => entries.clone(),
        _ => Vec::new(),
    }
}

fn add_missing(own: &mut Node, inherited: &Node) {
    let (Tree::Map(own), Tree::Map(inherited)) = (&mut own.value, &inherited.value) else { return };
    for entry in inherited {
        if !own.iter().any(|existing| existing.key == entry.key) {
            own.push(entry.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::schema;
    use super::*;

    fn layered(base: &str, over: &str) -> Value {
        let parse = |text| Node::parse(text, Some("c")).unwrap();
        let mut merged = overlay(&parse(base), &parse(over), &schema());
        inherit(&mut merged);
        merged.to_json()
    }

    #[test]
    fn maps_merge_lists_and_choices_replace() {
        let merged = layered(
            "{rules: [a, b], state: {directory: x, snapshot_interval: 1s}, dead_letters: {file: f}}",
            "{rules: [c], state: {directory: y}, dead_letters: {topic: t}}",
        );
        assert_eq!(
            merged,
            serde_json::json!({
                "rules": ["c"], "state": {"directory": "y", "snapshot_interval": "1s"}, "dead_letters": {"topic": "t"},
            })
        );
    }

    #[test]
    fn sources_inherit_but_credentials_do_not_follow_other_brokers() {
        let merged = layered(
            "{source_defaults: {lateness: 1m, format: auto}}",
            "{kafka: {brokers: [k:1], security: {protocol: ssl}, options: {a: 1, b: 2}}, \
              sources: [{name: x, options: {b: 3}}, {name: y, brokers: [z:1], lateness: 2m}]}",
        );
        assert_eq!(
            merged["sources"][0],
            serde_json::json!({"name": "x", "options": {"b": 3, "a": 1}, "lateness": "1m", "format": "auto",
                "brokers": ["k:1"], "security": {"protocol": "ssl"}})
        );
        assert_eq!(
            merged["sources"][1],
            serde_json::json!({"name": "y", "brokers": ["z:1"], "lateness": "2m", "format": "auto"})
        );
    }
}
