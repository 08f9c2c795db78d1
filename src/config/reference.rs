//! The reference table of `docs/configuration.md`, generated from the schema and the shipped defaults.

use serde_json::Value;

use super::check::join;
use super::load::SHIPPED_DEFAULTS;
use super::schema::{allowed_words, alternatives, has_type, is_choice_of_key, schema};
use super::tree::{Node, Tree};

/// Line before the generated part of the page.
pub const REFERENCE_START: &str = "<!-- generated: configuration keys -->";
/// Line after it.
pub const REFERENCE_END: &str = "<!-- end of the generated part -->";

/// A Markdown table with every key: path, type, default, meaning.
#[must_use]
pub fn reference_table() -> String {
    let mut table = String::from("| key | type | default | meaning |\n|---|---|---|---|\n");
    let defaults = Node::parse(SHIPPED_DEFAULTS, None).ok();
    rows(&schema(), "", defaults.as_ref(), &mut table);
    table
}

/// The page with its generated part replaced; `None` if the page lacks the two marker lines.
#[must_use]
pub fn with_reference_table(page: &str) -> Option<String> {
    let (before, rest) = page.split_once(REFERENCE_START)?;
    let (_, after) = rest.split_once(REFERENCE_END)?;
    Some(format!("{before}{REFERENCE_START}\n{}{REFERENCE_END}{after}", reference_table()))
}

fn rows(schema: &Value, path: &str, default: Option<&Node>, table: &mut String) {
    let mut parts: Vec<(&String, &Value, &Value)> = Vec::new();
    for group in std::iter::once(schema).chain(alternatives(schema)) {
        let properties = group.get("properties").and_then(Value::as_object).into_iter().flatten();
        parts.extend(properties.map(|(key, part)| (key, part, group)));
    }
    for (key, part, group) in parts {
        let path = join(path, key);
        let default = default.and_then(|node| node.get(key));
        // the key of a choice is described with the choice
        let description = part.get("description").or_else(|| group.get("description"));
        let meaning = description.and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
        let shown = default.map(inline).unwrap_or_default();
        table.push_str(&format!("| `{path}` | {} | {shown} | {meaning} |\n", kind(part)));
        match part.get("items").filter(|items| items.get("properties").is_some()) {
            Some(items) => rows(items, &format!("{path}[]"), None, table),
            None => rows(part, &path, default, table),
        }
        if let Some(named) = part.get("additionalProperties").filter(|named| named.get("properties").is_some()) {
            rows(named, &format!("{path}.NAME"), None, table);
        }
    }
}

fn kind(schema: &Value) -> String {
    let words = allowed_words(schema);
    if is_choice_of_key(schema) {
        return "one of its keys".to_owned();
    }
    if !words.is_empty() {
        return words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ");
    }
    if schema.get("format").is_some_and(|format| format == "duration") {
        return "duration".to_owned();
    }
    let range = match (schema.get("minimum"), schema.get("maximum")) {
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (Some(least), None) => format!(", from {least}"),
        _ => String::new(),
    };
    match () {
        () if has_type(schema, "array") => {
            let of_maps = schema.get("items").is_some_and(|items| has_type(items, "object"));
            if of_maps { "list of maps" } else { "list of texts" }.to_owned()
        }
        () if has_type(schema, "object") => "map".to_owned(),
        () if has_type(schema, "integer") => format!("number{range}"),
        () if has_type(schema, "boolean") => "true or false".to_owned(),
        () => "text".to_owned(),
    }
}

fn inline(node: &Node) -> String {
    match &node.value {
        Tree::Text(text) => format!("`{text}`"),
        Tree::Map(_) => String::new(),
        _ => format!("`{}`", node.to_json().to_string().replace('"', "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
        let page = std::fs::read_to_string(path).unwrap();
        let fresh = with_reference_table(&page).unwrap();
        assert!(page == fresh, "docs/configuration.md is stale: `clarion config docs docs/configuration.md`");
    }

    #[test]
    fn every_key_is_in_the_table_with_its_meaning() {
        let table = reference_table();
        for row in [
            "| `sources[].security.sasl.password.env` | text |  | Name of the environment variable that holds it. |",
            "| `state.snapshot_interval` | duration | `10s` |",
            "| `log.format` | `human` `json` | `human` |",
            "| `correlate.shards` | number, 1 to 1024 |  |",
        ] {
            assert!(table.contains(row), "{row} is not in:\n{table}");
        }
        assert!(table.lines().skip(2).all(|row| !row.ends_with("|  |")), "a key without a meaning:\n{table}");
    }
}
