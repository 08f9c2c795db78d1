//! A detection as a tree of parts, each with its words and its compiled form: what it says, and of an event which part holds
//! and which does not. The evaluator of the engine decides every part, so that an explanation cannot differ from it.

use super::words;
use crate::model::{FieldTable, Piece, Row, Scalar, Slot};
use crate::rule::condition::{self, Condition};
use crate::rule::diagnostic::Diagnostics;
use crate::rule::lookup::Lookups;
use crate::rule::predicate::Predicate;
use crate::rule::selection::Compiler;
use crate::rule::yaml::{Node, Value};

/// A part of what a rule looks for.
#[derive(Debug, Clone)]
pub struct Part {
    /// The search identifier that it is, if it is one.
    pub name: Option<String>,
    /// What it says.
    pub words: String,
    /// How it is judged.
    pub rest: Rest,
}

/// How a part is judged.
#[derive(Debug, Clone)]
pub enum Rest {
    /// All of them.
    All(Vec<Part>),
    /// One of them.
    Any(Vec<Part>),
    /// Not it.
    Not(Box<Part>),
    /// A test of the event, with the field that it looks at; a keyword looks at all.
    Test(Box<Predicate>, Option<Slot>),
}

/// A part with what an event makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// How deep it stands, from 0.
    pub depth: usize,
    /// Whether it holds; `None` when there is no event.
    pub holds: Option<bool>,
    /// What it says.
    pub words: String,
    /// What the event has there.
    pub found: Option<String>,
}

impl Part {
    /// Whether the event satisfies it.
    #[must_use]
    pub fn holds(&self, row: &Row<'_>) -> bool {
        match &self.rest {
            Rest::All(parts) => parts.iter().all(|part| part.holds(row)),
            Rest::Any(parts) => parts.iter().any(|part| part.holds(row)),
            Rest::Not(part) => !part.holds(row),
            Rest::Test(predicate, _) => predicate.matches(row),
        }
    }

    /// The tree as lines, with what an event makes of each part.
    #[must_use]
    pub fn lines(&self, row: Option<&Row<'_>>) -> Vec<Judged> {
        let mut lines = Vec::new();
        self.add(row, 0, &mut lines);
        lines
    }

    fn add(&self, row: Option<&Row<'_>>, depth: usize, lines: &mut Vec<Judged>) {
        let words = match &self.name {
            Some(name) => format!("{name}: {}", self.words),
            None => self.words.clone(),
        };
        let found = match (&self.rest, row) {
            (Rest::Test(_, slot), Some(row)) => slot.map(|slot| found(row, slot)),
            _ => None,
        };
        lines.push(Judged { depth, holds: row.map(|row| self.holds(row)), words, found });
        match &self.rest {
            Rest::All(parts) | Rest::Any(parts) => parts.iter().for_each(|part| part.add(row, depth + 1, lines)),
            Rest::Not(part) => part.add(row, depth + 1, lines),
            Rest::Test(..) => {}
        }
    }
}

/// What the event has in a field.
pub(super) fn found(row: &Row<'_>, slot: Slot) -> String {
    if !row.is_present(slot) {
        return "missing".to_owned();
    }
    let values: Vec<String> = row.values(slot).map(shown).collect();
    match values.len() {
        // a list of objects whose elements the rule looks at is shown as it stands there
        0 => row
            .pieces(slot)
            .find_map(|piece| if let Piece::Text(text) = piece { Some(shortened(text)) } else { None })
            .unwrap_or_else(|| "an object or an empty list".to_owned()),
        1..=8 => values.join(", "),
        more => format!("{} and {} more", values.get(..8).unwrap_or_default().join(", "), more - 8),
    }
}

fn shown(value: &Scalar<'_>) -> String {
    match value {
        Scalar::Text(text) => format!("{:?}", shortened(text)),
        other => other.as_text().unwrap_or("null").to_owned(),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}

/// The parts of search identifiers with their condition.
pub(super) fn of_searches(searches: &Node, fields: &mut FieldTable, lookups: &Lookups) -> Option<Part> {
    let mut compiler = Compiling { fields, lookups };
    let mut names = Vec::new();
    let mut parts = Vec::new();
    for (key, value) in searches.mapping()? {
        let name = key.text().unwrap_or_default();
        if !matches!(name, "condition" | "timeframe" | "rules") {
            names.push(name.to_owned());
            parts.push(Part { name: Some(name.to_owned()), ..compiler.identifier(value) });
        }
    }
    let condition = searches.get("condition")?;
    let texts = condition.sequence().map_or_else(|| vec![condition], |items| items.iter().collect());
    let mut alternatives = Vec::new();
    for text in texts {
        let condition = condition::parse(text.text()?, &names).ok()?;
        alternatives.push(of_condition(&condition, &parts));
    }
    Some(one_or(alternatives, Rest::Any, "one of these conditions holds"))
}

fn of_condition(condition: &Condition, parts: &[Part]) -> Part {
    let all = |conditions: &[Condition]| conditions.iter().map(|one| of_condition(one, parts)).collect();
    match condition {
        Condition::Is(index) => parts.get(*index).cloned().unwrap_or_else(|| constant(false)),
        Condition::And(conditions) => {
            Part { name: None, words: "all of:".to_owned(), rest: Rest::All(all(conditions)) }
        }
        Condition::Or(conditions) => Part { name: None, words: "one of:".to_owned(), rest: Rest::Any(all(conditions)) },
        Condition::Not(condition) => {
            let part = of_condition(condition, parts);
            Part { name: None, words: "not:".to_owned(), rest: Rest::Not(Box::new(part)) }
        }
    }
}

fn constant(value: bool) -> Part {
    let words = if value { "always" } else { "never" };
    Part { name: None, words: words.to_owned(), rest: Rest::Test(Box::new(Predicate::Constant(value)), None) }
}

fn one_or(mut parts: Vec<Part>, join: fn(Vec<Part>) -> Rest, words: &str) -> Part {
    if parts.len() == 1 {
        return parts.swap_remove(0);
    }
    Part { name: None, words: words.to_owned(), rest: join(parts) }
}

/// What compiling needs.
struct Compiling<'c> {
    fields: &'c mut FieldTable,
    lookups: &'c Lookups,
}

impl Compiling<'_> {
    /// A map (all), a list of maps (any), or keywords (any).
    fn identifier(&mut self, node: &Node) -> Part {
        match &node.value {
            Value::Mapping(entries) => {
                let parts = entries.iter().map(|(key, value)| self.item(key, value)).collect();
                one_or(parts, Rest::All, "all of:")
            }
            Value::Sequence(items) => {
                let parts = items.iter().map(|item| self.identifier(item)).collect();
                one_or(parts, Rest::Any, "one of:")
            }
            Value::Scalar { .. } => {
                let rest = Rest::Test(Box::new(self.compile(node)), None);
                Part { name: None, words: words::keyword(node), rest }
            }
        }
    }

    /// One field with its values. Of a list of which all must hold, each is a part of its own.
    fn item(&mut self, key: &Node, value: &Node) -> Part {
        let spelled = key.text().unwrap_or_default();
        let has = |word: &str| spelled.split('|').skip(1).any(|modifier| modifier == word);
        // of a list that is denied as a whole no value is a part of its own
        if let Some(items) = value.sequence().filter(|items| has("all") && !has("neq") && items.len() > 1) {
            let parts = items
                .iter()
                .map(|item_value| {
                    let one = Node { place: value.place, value: Value::Sequence(vec![item_value.clone()]) };
                    self.test(key, &one)
                })
                .collect();
            return Part { name: None, words: words::field_item(spelled, value), rest: Rest::All(parts) };
        }
        self.test(key, value)
    }

    fn test(&mut self, key: &Node, value: &Node) -> Part {
        let map = Node { place: key.place, value: Value::Mapping(vec![(key.clone(), value.clone())]) };
        let predicate = self.compile(&map);
        let mut slot = None;
        predicate.visit_slots(&mut |read| slot = slot.or(Some(read)));
        let words = words::field_item(key.text().unwrap_or_default(), value);
        Part { name: None, words, rest: Rest::Test(Box::new(predicate), slot) }
    }

    /// Compiles a search identifier as the engine does.
    fn compile(&mut self, search: &Node) -> Predicate {
        let mut diagnostics = Diagnostics::new("".into());
        Compiler::new(self.fields, &mut diagnostics, self.lookups).selection(search)
    }
}
