//! The slow twin of the decoder for plain JSON: `serde_json` builds a tree, and every field is looked up in it by the
//! definition. The differential test and the fuzz target hold the scanner to it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, dead_code, reason = "test code")]

use std::cmp::Reverse;
use std::sync::Arc;

use clarion::decode::{Decoder, DecoderSettings, Format};
use clarion::model::{FieldTable, Record, Scalar, Slot, Timestamp};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A number literal that JSON does not have is written as a text that begins with this, for the twin's parser.
pub(crate) const NUMBER_MARK: char = '\u{e000}';

/// A document as a tree, members in order and duplicates kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    /// `NaN` and the like.
    Literal(String),
    Text(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TreeVisitor;
        impl<'de> Visitor<'de> for TreeVisitor {
            type Value = Tree;
            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree::Number(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree::Number(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
                Ok(Tree::Number(serde_json::Number::from_f64(value).unwrap()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
                Ok(match value.strip_prefix(NUMBER_MARK) {
                    Some(literal) => Tree::Literal(literal.to_owned()),
                    None => Tree::Text(value.to_owned()),
                })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Tree, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = sequence.next_element()? {
                    elements.push(element);
                }
                Ok(Tree::Array(elements))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Tree::Object(members))
            }
        }
        deserializer.deserialize_any(TreeVisitor)
    }
}

/// What a field holds: whether it is there, and its scalars in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Held {
    pub present: bool,
    pub scalars: Vec<Tree>,
}

/// What a decoder makes of one event: its fields, leaves, time and id, or the kind of its fault.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Event { fields: Vec<Held>, leaves: Vec<Tree>, time: Option<Timestamp>, id: Option<String>, sequence: u32 },
    Fault { kind: String, sequence: u32 },
}

/// A decoder with the fields that are asked for.
pub(crate) struct Scanner {
    slots: Vec<Slot>,
    decoder: Decoder,
}

impl Scanner {
    pub(crate) fn new(names: &[&str], leaves: bool, format: Format) -> Self {
        let mut fields = FieldTable::new();
        let slots = names.iter().map(|name| fields.slot(name)).collect();
        if leaves {
            fields.want_leaves();
        }
        let settings = DecoderSettings { format, max_depth: 127, ..DecoderSettings::default() };
        let decoder = Decoder::new(&settings, &fields);
        Self { slots, decoder }
    }

    /// What the decoder makes of a record.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Vec<Outcome> {
        let topic: Arc<str> = Arc::from("events");
        let record =
            Record { topic: &topic, partition: 0, offset: 0, timestamp: None, headers: &[], value: Some(bytes) };
        let mut outcomes = Vec::new();
        // Twice: what an event leaves behind in the decoder's memory must not show in the next.
        self.decoder.decode(&record, &mut |_| {});
        self.decoder.decode(&record, &mut |event| {
            outcomes.push(match event {
                Err(fault) => Outcome::Fault { kind: fault.kind, sequence: fault.coordinates.sequence },
                Ok((row, meta)) => Outcome::Event {
                    fields: self
                        .slots
                        .iter()
                        .map(|slot| Held {
                            present: row.is_present(*slot),
                            scalars: row.values(*slot).map(tree_of).collect(),
                        })
                        .collect(),
                    leaves: row.leaves().iter().map(tree_of).collect(),
                    time: meta.time,
                    id: meta.id.as_ref().map(ToString::to_string),
                    sequence: meta.sequence,
                },
            });
        });
        outcomes
    }
}

/// The same as the decoder makes of it.
pub(crate) fn fast(bytes: &[u8], names: &[&str], leaves: bool, format: Format) -> Vec<Outcome> {
    Scanner::new(names, leaves, format).read(bytes)
}

fn tree_of(scalar: &Scalar<'_>) -> Tree {
    match scalar {
        Scalar::Null => Tree::Null,
        Scalar::Bool(value) => Tree::Bool(*value),
        Scalar::Text(text) => Tree::Text(text.to_string()),
        Scalar::Number(spelled) => match serde_json::from_str(spelled) {
            Ok(number) => Tree::Number(number),
            Err(_) => Tree::Literal((*spelled).to_owned()),
        },
    }
}

/// What the definition makes of it; `None` where `serde_json` cannot represent what the text says (numbers beyond a
/// double), so that there is nothing to compare with.
pub(crate) fn slow(bytes: &[u8], names: &[&str], leaves: bool) -> Option<Vec<Outcome>> {
    let fault = |kind: &str, sequence| Outcome::Fault { kind: kind.to_owned(), sequence };
    if std::str::from_utf8(bytes).is_err() {
        return Some(vec![fault("not_utf8", 0)]);
    }
    let tree = match serde_json::from_slice::<Tree>(bytes) {
        Ok(tree) => tree,
        Err(error) => {
            let words = error.to_string();
            if words.contains("out of range") {
                return None;
            }
            return Some(vec![fault(if words.contains("recursion limit") { "too_deep" } else { "broken" }, 0)]);
        }
    };
    let event = |tree: &Tree, sequence| {
        if !matches!(tree, Tree::Object(_)) {
            return fault("wrong_schema", sequence);
        }
        if has_duplicate(tree, &mut Vec::new(), names) {
            return fault("duplicate_key", sequence);
        }
        let times = ["@timestamp", "timestamp", "time", "ts", "event.created"];
        Outcome::Event {
            fields: names.iter().map(|name| held(tree, name)).collect(),
            leaves: if leaves { scalars_of(tree) } else { Vec::new() },
            time: times.into_iter().find_map(|name| Timestamp::parse(&text_of(&first(tree, name)?)?).ok()),
            id: ["event.id", "id"].into_iter().find_map(|name| match first(tree, name)? {
                Tree::Bool(_) => None,
                other => text_of(&other).filter(|text| !text.is_empty()),
            }),
            sequence,
        }
    };
    Some(match &tree {
        Tree::Array(members) => members.iter().zip(0..).map(|(member, sequence)| event(member, sequence)).collect(),
        other => vec![event(other, 0)],
    })
}

/// Number spellings are lost in the tree; small integers have only one.
fn text_of(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Text(text) | Tree::Literal(text) => Some(text.clone()),
        Tree::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// How a name was cut into keys: lengths in parts. The longer key earlier is preferred.
type Cut = Vec<Reverse<usize>>;

fn find(tree: &Tree, parts: &[&str], cut: &mut Cut, found: &mut Vec<(Cut, Tree)>) {
    if parts.is_empty() {
        found.push((cut.clone(), tree.clone()));
        return;
    }
    match tree {
        Tree::Array(elements) => elements.iter().for_each(|element| find(element, parts, cut, found)),
        Tree::Object(members) => {
            for (key, value) in members {
                for length in 1..=parts.len() {
                    if *key == parts[..length].join(".") {
                        cut.push(Reverse(length));
                        find(value, &parts[length..], cut, found);
                        cut.pop();
                    }
                }
            }
        }
        _ => {}
    }
}

/// What lies at the field, from the preferred way of cutting its name.
fn found(tree: &Tree, name: &str) -> Vec<Tree> {
    let mut all = Vec::new();
    find(tree, &name.split('.').collect::<Vec<_>>(), &mut Vec::new(), &mut all);
    let Some(best) = all.iter().map(|(cut, _)| cut.clone()).min() else { return Vec::new() };
    all.into_iter().filter(|(cut, _)| *cut == best).map(|(_, tree)| tree).collect()
}

fn first(tree: &Tree, name: &str) -> Option<Tree> {
    found(tree, name).into_iter().next()
}

fn held(tree: &Tree, name: &str) -> Held {
    fn add(tree: Tree, scalars: &mut Vec<Tree>) {
        match tree {
            Tree::Array(elements) => elements.into_iter().for_each(|element| add(element, scalars)),
            Tree::Object(_) => {}
            scalar => scalars.push(scalar),
        }
    }
    let found = found(tree, name);
    let mut held = Held { present: !found.is_empty(), scalars: Vec::new() };
    found.into_iter().for_each(|tree| add(tree, &mut held.scalars));
    held
}

fn scalars_of(tree: &Tree) -> Vec<Tree> {
    match tree {
        Tree::Array(elements) => elements.iter().flat_map(scalars_of).collect(),
        Tree::Object(members) => members.iter().flat_map(|(_, value)| scalars_of(value)).collect(),
        scalar => vec![scalar.clone()],
    }
}

/// Whether some object has a key twice which leads on to something that is read.
fn has_duplicate(tree: &Tree, path: &mut Vec<String>, names: &[&str]) -> bool {
    match tree {
        Tree::Array(elements) => elements.iter().any(|element| has_duplicate(element, path, names)),
        Tree::Object(members) => members.iter().enumerate().any(|(at, (key, value))| {
            path.push(key.clone());
            let leads_on = leads_on(path, names);
            let twice = leads_on && members[..at].iter().any(|(other, _)| other == key);
            let within = leads_on && has_duplicate(value, path, names);
            path.pop();
            twice || within
        }),
        _ => false,
    }
}

fn leads_on(path: &[String], names: &[&str]) -> bool {
    let joined = path.join(".");
    let dotted = ["@timestamp", "timestamp", "time", "ts", "event.created", "event.id", "id", "event.dataset"];
    let exact: [&[&str]; 7] = [
        &["logsource"],
        &["logsource", "category"],
        &["logsource", "product"],
        &["logsource", "service"],
        &["specversion"],
        &["headers"],
        &["body"],
    ];
    exact.iter().any(|keys| path.iter().map(String::as_str).eq(keys.iter().copied()))
        || names
            .iter()
            .chain(&dotted)
            .any(|name| name.strip_prefix(joined.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}
