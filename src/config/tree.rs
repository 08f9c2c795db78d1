//! A YAML document as a tree of values, each of which knows where it was written. The layers are merged and checked in
//! this form, so that every message can name file, line and column, and `show` can say where a value came from.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::problem::Problem;

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// In the defaults that are shipped with the program.
    Default,
    /// In the configuration file.
    File {
        name: Arc<str>,
        /// Counted from 1.
        line: u64,
        /// In characters, counted from 1.
        column: u64,
    },
    /// In an environment variable of that name.
    Environment(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default"),
            Self::File { name, line, column } => write!(out, "{name}:{line}:{column}"),
            Self::Environment(name) => out.write_str(name),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Tree,
    pub(super) origin: Origin,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_origin: Origin,
    pub(super) value: Node,
}

impl Node {
    /// Reads a document. `file` is its name in messages; without one it is the shipped defaults. An empty document is
    /// an empty map.
    pub(super) fn parse(text: &str, file: Option<&str>) -> Result<Self, Problem> {
        let name: Option<Arc<str>> = file.map(Arc::from);
        let place = |line, column| match &name {
            Some(name) => Origin::File { name: Arc::clone(name), line, column },
            None => Origin::Default,
        };
        // YAML 1.2: `y` and `on` are texts. No snippets: a message must not quote a line that may hold a secret typed in the wrong place
        let options = serde_saphyr::options! { with_snippet: false, strict_booleans: true };
        let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let error = error.without_snippet();
            let origin = error.location().map(|at| place(at.line(), at.column()));
            Problem::new("", origin.as_ref(), format!("this is no valid YAML: {}", first_line(&error.to_string())))
        })?;
        let mut node = raw.place_with(&place);
        if node.value == Tree::Null {
            node.value = Tree::Map(Vec::new());
        }
        Ok(node)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Tree::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The value at a path as messages write it, such as `sources[0].topics[1]`, or at its nearest ancestor.
    pub(super) fn nearest(&self, path: &str) -> &Self {
        let mut node = self;
        for segment in path.split(['.', '[', ']']).filter(|segment| !segment.is_empty()) {
            let child = match &node.value {
                Tree::List(items) => segment.parse::<usize>().ok().and_then(|index| items.get(index)),
                _ => node.get(segment),
            };
            match child {
                Some(child) => node = child,
                None => return node,
            }
        }
        node
    }

    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Tree::Null => serde_json::Value::Null,
            Tree::Bool(truth) => (*truth).into(),
            Tree::Integer(number) => (*number).into(),
            Tree::Float(number) => (*number).into(),
            Tree::Text(text) => text.as_str().into(),
            Tree::List(items) => items.iter().map(Self::to_json).collect(),
            Tree::Map(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The tree as it is deserialised, before line numbers become origins.
enum Raw {
    Scalar(Tree),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

trait PlaceWith {
    fn place_with(self, place: &dyn Fn(u64, u64) -> Origin) -> Node;
}

impl PlaceWith for Spanned<Raw> {
    fn place_with(self, place: &dyn Fn(u64, u64) -> Origin) -> Node {
        let origin = place(self.referenced.line(), self.referenced.column());
        let value = match self.value {
            Raw::Scalar(scalar) => scalar,
            Raw::List(items) => Tree::List(items.into_iter().map(|item| item.place_with(place)).collect()),
            Raw::Map(entries) => Tree::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| Entry {
                        key_origin: place(key.referenced.line(), key.referenced.column()),
                        key: key.value,
                        value: value.place_with(place),
                    })
                    .collect(),
            ),
        };
        Node { value, origin }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Tree::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Tree::Null))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Tree::Bool(truth)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Tree::Integer(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        // beyond i64 no key of the configuration has a use; the bounds of the schema refuse it
        Ok(Raw::Scalar(i64::try_from(number).map_or(Tree::Float(number as f64), Tree::Integer)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Tree::Float(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Tree::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_line_and_column() {
        let node = Node::parse("state:\n  directory: /var/lib\nrules:\n  - a\n  - b\n", Some("c.yaml")).unwrap();
        let place = |path: &str| node.nearest(path).origin.to_string();
        assert_eq!(place("state.directory"), "c.yaml:2:14");
        assert_eq!(place("rules[1]"), "c.yaml:5:5");
        let Tree::Map(entries) = &node.value else { panic!("a map") };
        assert_eq!(entries[1].key_origin.to_string(), "c.yaml:3:1");
    }

    #[test]
    fn scalars_keep_their_type() {
        let node = Node::parse("{a: 1, b: true, c: '1', d: 1.5, e: null, f: 30s, g: on}", None).unwrap();
        assert_eq!(
            node.to_json(),
            serde_json::json!({"a": 1, "b": true, "c": "1", "d": 1.5, "e": null, "f": "30s", "g": "on"})
        );
    }

    #[test]
    fn broken_yaml_names_its_place_and_quotes_nothing() {
        let problem = Node::parse("kafka: {password: hunter2\nrules: ]", Some("c.yaml")).unwrap_err();
        assert!(problem.to_string().starts_with("c.yaml:2:"), "{problem}");
        assert!(!problem.to_string().contains("hunter2"), "{problem}");
        let twice = Node::parse("rules: [a]\nrules: [b]\n", Some("c.yaml")).unwrap_err();
        assert!(twice.to_string().contains("c.yaml:2:1"), "{twice}");
    }

    #[test]
    fn an_empty_document_is_an_empty_map() {
        assert_eq!(Node::parse("# nothing\n", Some("c")).unwrap().value, Tree::Map(Vec::new()));
    }
}
