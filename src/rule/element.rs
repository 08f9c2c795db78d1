//! Tests of the elements of an array, each as an event of its own: what array selectors compile to, and how they are compiled.

use std::ops::ControlFlow;

use super::detection::read_searches;
use super::predicate::Predicate;
use super::selection::{Compiler, any_of};
use super::selector::{Path, Selector};
use super::yaml::{Node, Place, Value};
use crate::model::{Chosen, Row, Slot};

/// Most selectors around one another.
const MOST_NESTED: usize = 8;

/// A test of the elements of a field.
#[derive(Debug, Clone)]
pub struct Elements {
    /// The field.
    pub slot: Slot,
    /// The place of the elements' fields in the table's selections.
    pub selection: usize,
    /// Which of them must pass.
    pub selector: Selector,
    /// The test, over the fields of an element.
    pub body: Predicate,
}

impl Elements {
    /// Whether the elements that must pass do.
    pub(super) fn matches(&self, row: &Row<'_>) -> bool {
        let chosen = if let Selector::At(index) = self.selector { Chosen::At(index) } else { Chosen::Every };
        // one that decides ends it: one that passes, or of all one that fails
        let deciding = !matches!(self.selector, Selector::All | Selector::AllOrEmpty);
        let mut is_empty = true;
        let flow = row.elements(self.slot, self.selection, chosen, &mut |element| {
            is_empty = false;
            if self.body.matches(element) == deciding { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let is_decided = flow.is_break();
        match self.selector {
            Selector::Any => is_decided,
            Selector::None | Selector::AllOrEmpty => !is_decided,
            Selector::All => !is_decided && !is_empty,
            Selector::At(_) => is_decided || (is_empty && self.holds_of_nothing()),
        }
    }

    /// Whether the body holds of an element that is not there.
    fn holds_of_nothing(&self) -> bool {
        self.body.matches(&Row::default())
    }

    /// Whether only an event that has the field can pass.
    pub(crate) fn needs_field(&self) -> bool {
        match self.selector {
            Selector::Any | Selector::All => true,
            Selector::AllOrEmpty | Selector::None => false,
            Selector::At(_) => !self.holds_of_nothing(),
        }
    }
}

impl Compiler<'_> {
    /// Whether selectors may stand in this document; an error when not.
    pub(super) fn may_select(&mut self, name: &str, place: Place) -> bool {
        if !self.selectors {
            let message = format!("`{name}` has an array selector, which Sigma 2 does not know");
            let help = "add `sigma-version: 3` or `dialect: clarion/1` at the top level of the document; a bracket that \
                        belongs to the name is written `\\[`";
            self.diagnostics.error(place, "array-selector-undeclared", message, Some(help.to_owned()));
        }
        self.selectors
    }

    /// The test that `body` compiles, over the innermost of the selected elements. A denial (`neq`) is of the value that a
    /// place selects, also when it is not there, and of each element that a quantifier looks at.
    pub(super) fn selected(
        &mut self,
        path: &Path,
        (place, negated): (Place, bool),
        body: &mut dyn FnMut(&mut Compiler<'_>) -> Predicate,
    ) -> Predicate {
        let is_place = |(_, selector): &(String, Selector)| matches!(selector, Selector::At(_));
        let denied = path.steps.iter().rposition(|step| !is_place(step)).map_or(0, |quantifier| quantifier + 1);
        self.step(&path.steps, place, negated.then_some(denied), body)
    }

    fn step(
        &mut self,
        steps: &[(String, Selector)],
        place: Place,
        denied: Option<usize>,
        body: &mut dyn FnMut(&mut Compiler<'_>) -> Predicate,
    ) -> Predicate {
        let inner = match steps.split_first() {
            None => body(self),
            Some(_) if self.depth >= MOST_NESTED => {
                let message = format!("more than {MOST_NESTED} array selectors around one another");
                self.diagnostics.error(place, "bad-array-selector", message, None);
                Predicate::Constant(false)
            }
            Some(((array, selector), further)) => {
                let slot = self.fields.slot(array);
                let selection = self.fields.select(slot);
                let deeper = denied.and_then(|at| at.checked_sub(1));
                let body = self.within(selection, |elements| elements.step(further, place, deeper, body));
                Predicate::Elements(Box::new(Elements { slot, selection, selector: *selector, body }))
            }
        };
        if denied == Some(0) { Predicate::Not(Box::new(inner)) } else { inner }
    }

    /// Compiles over the fields of a selection's elements.
    fn within(&mut self, selection: usize, compile: impl FnOnce(&mut Compiler<'_>) -> Predicate) -> Predicate {
        let Some(fields) = self.fields.elements_mut(selection) else { return Predicate::Constant(false) };
        let mut elements = Compiler {
            fields,
            diagnostics: &mut *self.diagnostics,
            lookups: self.lookups,
            tables: std::mem::take(&mut self.tables),
            missing: std::mem::take(&mut self.missing),
            selectors: self.selectors,
            depth: self.depth + 1,
        };
        let predicate = compile(&mut elements);
        let Compiler { tables, missing, .. } = elements;
        (self.tables, self.missing) = (tables, missing);
        predicate
    }

    /// What an element must be: a map (all of its fields), a list of maps (any of them), or searches with a condition.
    pub(super) fn element(&mut self, node: &Node) -> Predicate {
        match &node.value {
            Value::Mapping(_) if node.get("condition").is_some() => read_searches(node, "an element", &[], self)
                .map_or(Predicate::Constant(false), |searched| searched.predicate),
            Value::Sequence(items) => {
                let mut alternatives = Vec::new();
                for item in items {
                    if item.mapping().is_none() {
                        let message = format!("a list of maps for an element has {} in it", item.kind());
                        let help = "write maps only; the element itself is `.`, as in `.: text`".to_owned();
                        self.diagnostics.error(item.place, "bad-array-selector", message, Some(help));
                    } else {
                        alternatives.push(self.element(item));
                    }
                }
                any_of(alternatives)
            }
            _ => self.selection(node),
        }
    }
}

/// Whether a value says what an element is, and not which text.
pub(super) fn is_body(value: &Node) -> bool {
    match &value.value {
        Value::Mapping(_) => true,
        Value::Sequence(items) => items.iter().any(|item| item.mapping().is_some()),
        Value::Scalar { .. } => false,
    }
}
