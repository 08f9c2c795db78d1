//! Search identifiers: a map (all of its fields), a list of maps (any of them), or a list of keywords (any of them), each
//! compiled to a [`Predicate`] over the slots of a row.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ambiguous;
use super::diagnostic::Diagnostics;
use super::lookup::Lookups;
use super::modifier::{self, Kind, Modifiers};
use super::pattern::{Anchoring, Pattern};
use super::predicate::{Keyword, Predicate, Test};
use super::text::Piece;
use super::value_set::ValueSet;
use super::yaml::{Node, Place, Value};
use crate::model::{FieldTable, Slot};

/// Values without wildcards from which on a list is looked up instead of compared one by one.
const LONG_LIST: usize = 32;

/// A placeholder for which there is no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingTable {
    /// Its name, without the percent signs.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What to do.
    pub help: String,
}

/// What compiling needs, and what it finds out on the way.
pub(super) struct Compiler<'c> {
    pub(super) fields: &'c mut FieldTable,
    pub(super) diagnostics: &'c mut Diagnostics,
    pub(super) lookups: &'c Lookups,
    /// Tables that were used, with their versions.
    pub(super) tables: BTreeMap<String, String>,
    /// Placeholders that stand for nothing.
    pub(super) missing: Vec<MissingTable>,
}

impl<'c> Compiler<'c> {
    pub(super) fn new(fields: &'c mut FieldTable, diagnostics: &'c mut Diagnostics, lookups: &'c Lookups) -> Self {
        Self { fields, diagnostics, lookups, tables: BTreeMap::new(), missing: Vec::new() }
    }

    /// Compiles a search identifier.
    pub(super) fn selection(&mut self, node: &Node) -> Predicate {
        match &node.value {
            Value::Sequence(items) if items.is_empty() => {
                self.diagnostics.error(node.place, "empty-selection", "an empty list matches nothing", None);
                Predicate::Constant(false)
            }
            Value::Sequence(items) => any_of(items.iter().map(|item| self.alternative(item)).collect()),
            _ => self.alternative(node),
        }
    }

    /// A map or a keyword.
    fn alternative(&mut self, node: &Node) -> Predicate {
        match &node.value {
            Value::Mapping(entries) if entries.is_empty() => {
                self.diagnostics.error(node.place, "empty-selection", "an empty map says nothing of the event", None);
                Predicate::Constant(false)
            }
            Value::Mapping(entries) => all_of(entries.iter().map(|(key, value)| self.field_item(key, value)).collect()),
            Value::Scalar { .. } if !node.is_null() => self.keyword(node, &Modifiers::default()),
            Value::Scalar { .. } => {
                let message = "a search identifier needs a map or a list";
                self.diagnostics.error(node.place, "empty-selection", message, None);
                Predicate::Constant(false)
            }
            Value::Sequence(_) => {
                let help = "write its items in the list around it".to_owned();
                self.diagnostics.error(node.place, "wrong-type", "a list within a list of alternatives", Some(help));
                Predicate::Constant(false)
            }
        }
    }

    fn field_item(&mut self, key: &Node, value: &Node) -> Predicate {
        let spelled = key.text().unwrap_or_default();
        ambiguous::lint(key, "a field name", self.diagnostics);
        let mut words = spelled.split('|');
        let name = field_name(words.next().unwrap_or_default());
        let names: Vec<&str> = words.collect();
        let modifiers = match modifier::read(&names) {
            Ok(modifiers) => modifiers,
            Err((code, message, help)) => {
                self.diagnostics.error(key.place, code, message, help);
                return Predicate::Constant(false);
            }
        };
        let values: Vec<&Node> = value.sequence().map_or_else(|| vec![value], |items| items.iter().collect());
        let listed = value.sequence().is_some();
        if values.is_empty() {
            let message = format!("`{spelled}` has an empty list of values");
            self.diagnostics.error(value.place, "empty-selection", message, None);
        }
        if modifiers.all && !listed {
            let help = "give a list, or leave `all` out".to_owned();
            self.diagnostics.error(key.place, "all-needs-list", "`all` needs a list of values", Some(help));
        }
        self.lint_modifiers(key, &values, &modifiers);
        if name.is_empty() {
            return self.keyword_list(key, &values, &modifiers);
        }
        let Some(slot) = self.slot(&name, key.place) else { return Predicate::Constant(false) };
        let groups: Vec<Vec<Test>> =
            values.into_iter().filter_map(|value| self.tests(value, listed, &modifiers)).collect();
        let combined = if modifiers.all {
            all_of(groups.into_iter().map(|tests| any_test(slot, tests)).collect())
        } else {
            any_test(slot, groups.concat())
        };
        if modifiers.negated { Predicate::Not(Box::new(combined)) } else { combined }
    }

    /// The slot of a field; array selectors are refused.
    pub(super) fn slot(&mut self, name: &str, place: Place) -> Option<Slot> {
        if name.replace("\\[", "").contains('[') {
            let message = format!("array selectors such as `{name}` are not supported by this version");
            let help = "a plain field name looks at every member of an array".to_owned();
            self.diagnostics.error(place, "unsupported-array-selector", message, Some(help));
            return None;
        }
        Some(self.fields.slot(&name.replace("\\[", "[").replace("\\]", "]")))
    }

    /// Modifiers that cannot do what they are there for.
    fn lint_modifiers(&mut self, key: &Node, values: &[&Node], modifiers: &Modifiers) {
        let texts = || values.iter().filter_map(|value| value.text());
        if modifiers.expands() && !texts().any(|text| text.contains('%')) {
            let message = "`expand` has no placeholder to expand";
            let help = "write one as `%name%`, or leave `expand` out".to_owned();
            self.diagnostics.warning(key.place, "key-without-effect", message, Some(help));
        }
        let anywhere = Anchoring { open_start: true, open_end: true };
        let offset = modifiers.steps.contains(&modifier::Step::Base64Offset);
        if offset && modifiers.anchoring != anywhere {
            let message = "`base64offset` gives parts of encoded data, which no field is as a whole";
            self.diagnostics.warning(key.place, "never-whole", message, Some("add `contains`".to_owned()));
        }
    }

    fn keyword_list(&mut self, key: &Node, values: &[&Node], modifiers: &Modifiers) -> Predicate {
        if modifiers.kind != Kind::Text || modifiers.negated {
            let help = "give it a field, or write a text with wildcards".to_owned();
            let message = "this modifier needs a field";
            self.diagnostics.error(key.place, "modifier-without-field", message, Some(help));
            return Predicate::Constant(false);
        }
        let parts: Vec<Predicate> = values.iter().map(|value| self.keyword(value, modifiers)).collect();
        if modifiers.all { all_of(parts) } else { any_of(parts) }
    }

    /// A keyword is a part of some leaf value (RULES A19).
    fn keyword(&mut self, node: &Node, modifiers: &Modifiers) -> Predicate {
        let Some(text) = node.text().filter(|_| !node.is_null()) else {
            let message = format!("a keyword is a text, not {}", node.kind());
            self.diagnostics.error(node.place, "wrong-type", message, None);
            return Predicate::Constant(false);
        };
        ambiguous::lint(node, "a keyword", self.diagnostics);
        if text.is_empty() {
            let help = "take it out, or write what the event contains".to_owned();
            self.diagnostics.error(node.place, "empty-keyword", "an empty keyword is in every event", Some(help));
            return Predicate::Constant(false);
        }
        self.fields.want_leaves();
        let Some(values) = self.texts(node, text, modifiers) else { return Predicate::Constant(false) };
        let anywhere = Anchoring { open_start: true, open_end: true };
        let keywords = values.into_iter().map(|pieces| {
            let literal = match pieces.as_slice() {
                [Piece::Literal(literal)] if !modifiers.cased => Some(super::pattern::fold(literal)),
                _ => None,
            };
            Predicate::Keyword(Keyword { pattern: Pattern::of(pieces, anywhere, modifiers.cased), literal })
        });
        any_of(keywords.collect())
    }
}

/// A field name without white space (RULES 1.2).
pub(super) fn field_name(text: &str) -> String {
    text.chars().filter(|symbol| !symbol.is_whitespace()).collect()
}

/// The conjunction of parts.
pub(super) fn all_of(mut parts: Vec<Predicate>) -> Predicate {
    if parts.len() == 1 { parts.swap_remove(0) } else { Predicate::And(parts) }
}

/// The disjunction of parts.
pub(super) fn any_of(mut parts: Vec<Predicate>) -> Predicate {
    if parts.len() == 1 { parts.swap_remove(0) } else { Predicate::Or(parts) }
}

/// Any of these tests of one field; a long list of values is looked up.
fn any_test(slot: Slot, tests: Vec<Test>) -> Predicate {
    let is_value = |test: &Test| matches!(test, Test::Text(pattern, _) if pattern.literal().is_some());
    if tests.iter().filter(|test| is_value(test)).count() < LONG_LIST {
        return any_of(tests.into_iter().map(|test| Predicate::Field(slot, test)).collect());
    }
    let (values, others): (Vec<Test>, Vec<Test>) = tests.into_iter().partition(is_value);
    let values: Vec<_> = values
        .into_iter()
        .filter_map(|test| if let Test::Text(pattern, number) = test { Some((pattern, number)) } else { None })
        .collect();
    let set = Test::OneOf(Arc::new(ValueSet::new(&values)));
    any_of(others.into_iter().chain([set]).map(|test| Predicate::Field(slot, test)).collect())
}
