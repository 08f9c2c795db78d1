//! Search identifiers: a map (all of its fields), a list of maps (any of them), or a list of keywords (any of them), each
//! compiled to a [`Predicate`] over the slots of a row.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ambiguous;
use super::diagnostic::Diagnostics;
use super::element;
use super::lookup::Lookups;
use super::meta;
use super::modifier::{self, Kind, Modifiers};
use super::pattern::{Anchoring, Pattern};
use super::predicate::{Keyword, Predicate, Test};
use super::selector::{self, ITSELF};
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
    /// Array selectors may stand in the document.
    pub(super) selectors: bool,
    /// Selectors around what is compiled: within an element this is at least one.
    pub(super) depth: usize,
}

impl<'c> Compiler<'c> {
    pub(super) fn new(fields: &'c mut FieldTable, diagnostics: &'c mut Diagnostics, lookups: &'c Lookups) -> Self {
        Self { fields, diagnostics, lookups, tables: BTreeMap::new(), missing: Vec::new(), selectors: true, depth: 0 }
    }

    /// For a document that may have array selectors only when it says that it is written for them (RULES 1.2).
    pub(super) fn of(
        document: &Node,
        fields: &'c mut FieldTable,
        diagnostics: &'c mut Diagnostics,
        lookups: &'c Lookups,
    ) -> Self {
        let text = |key: &str| document.get(key).and_then(Node::text);
        let selectors =
            text("dialect").is_some() || text("sigma-version").and_then(meta::major).is_some_and(|major| major >= 3);
        Self { selectors, ..Self::new(fields, diagnostics, lookups) }
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
            Value::Mapping(entries) => {
                self.lint_separate_elements(entries);
                all_of(entries.iter().map(|(key, value)| self.field_item(key, value)).collect())
            }
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
        let path = match selector::parse(&name) {
            Ok(path) => path,
            Err((message, help)) => {
                if self.may_select(&name, key.place) {
                    self.diagnostics.error(key.place, "bad-array-selector", message, help);
                }
                return Predicate::Constant(false);
            }
        };
        if path.steps.is_empty() {
            return self.values_of(path.last.as_deref().unwrap_or_default(), (key, value), &modifiers);
        }
        if !self.may_select(&name, key.place) {
            return Predicate::Constant(false);
        }
        if path.last.is_none() && element::is_body(value) {
            if !names.is_empty() {
                let message = format!("`{spelled}` has modifiers, and a map, which has its own");
                let help = "put the modifiers behind the fields of the map".to_owned();
                self.diagnostics.error(key.place, "bad-array-selector", message, Some(help));
            }
            return self.selected(&path, (key.place, false), &mut |elements| elements.element(value));
        }
        let (last, negated) = (path.last.as_deref().unwrap_or(ITSELF), modifiers.negated);
        let plain = Modifiers { negated: false, ..modifiers };
        self.selected(&path, (key.place, negated), &mut |elements| elements.values_of(last, (key, value), &plain))
    }

    /// A field (its name is no path with selectors any more) with its values.
    fn values_of(&mut self, name: &str, (key, value): (&Node, &Node), modifiers: &Modifiers) -> Predicate {
        let spelled = key.text().unwrap_or_default();
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
        self.lint_modifiers(key, &values, modifiers);
        if name.is_empty() {
            return self.keyword_list(key, &values, modifiers);
        }
        if name == ITSELF && self.depth > 0 && modifiers.kind == Kind::Reference {
            let message = "an element itself is compared with no field: within it there is none";
            let help = "compare a field of the element, or a field of the event".to_owned();
            self.diagnostics.error(key.place, "bad-array-selector", message, Some(help));
        }
        let slot = self.fields.slot(name);
        let groups: Vec<Vec<Test>> =
            values.into_iter().filter_map(|value| self.tests(value, listed, modifiers)).collect();
        let combined = if modifiers.all {
            all_of(groups.into_iter().map(|tests| any_test(slot, tests)).collect())
        } else {
            any_test(slot, groups.concat())
        };
        if modifiers.negated { Predicate::Not(Box::new(combined)) } else { combined }
    }

    /// The slot of a field that another one is compared with: a plain one.
    pub(super) fn plain_slot(&mut self, name: &str, place: Place) -> Option<Slot> {
        if let Ok(selector::Path { steps, last: Some(field) }) = selector::parse(name)
            && steps.is_empty()
        {
            return Some(self.fields.slot(&field));
        }
        let message = format!("`{name}` selects elements of an array, and `fieldref` compares with a plain field");
        let help = "within an element `fieldref` names another field of the same element".to_owned();
        self.diagnostics.error(place, "bad-array-selector", message, Some(help));
        None
    }

    /// Fields of an element that are asked for one by one: they may be of different elements.
    fn lint_separate_elements(&mut self, entries: &[(Node, Node)]) {
        let array = |key: &Node| {
            let name = field_name(key.text()?.split('|').next()?);
            let end = ["[any].", "[none]."].iter().filter_map(|word| Some(name.find(word)? + word.len() - 1)).min()?;
            name.get(..end).map(str::to_owned)
        };
        let mut seen: Vec<String> = Vec::new();
        for (key, _) in entries {
            let Some(array) = array(key) else { continue };
            if seen.contains(&array) {
                let message = format!("these fields of `{array}` may be of different elements");
                let help = format!("to look at one element write `{array}:` with a map of its fields");
                self.diagnostics.warning(key.place, "separate-elements", message, Some(help));
            }
            seen.push(array);
        }
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
        if self.refuse_keyword(key.place) {
            return Predicate::Constant(false);
        }
        if modifiers.kind != Kind::Text || modifiers.negated {
            let help = "give it a field, or write a text with wildcards".to_owned();
            let message = "this modifier needs a field";
            self.diagnostics.error(key.place, "modifier-without-field", message, Some(help));
            return Predicate::Constant(false);
        }
        let parts: Vec<Predicate> = values.iter().map(|value| self.keyword(value, modifiers)).collect();
        if modifiers.all { all_of(parts) } else { any_of(parts) }
    }

    /// Keywords are looked for in the whole event, which an element is not.
    fn refuse_keyword(&mut self, place: Place) -> bool {
        if self.depth > 0 {
            let message = "a keyword is looked for in the whole event, and this is about an element of an array";
            let help = "name the field; the element itself is `.`, as in `.|contains: text`".to_owned();
            self.diagnostics.error(place, "bad-array-selector", message, Some(help));
        }
        self.depth > 0
    }

    /// A keyword is a part of some leaf value (RULES A19).
    fn keyword(&mut self, node: &Node, modifiers: &Modifiers) -> Predicate {
        if self.refuse_keyword(node.place) {
            return Predicate::Constant(false);
        }
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
