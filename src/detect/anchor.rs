//! What an event must contain for a formula to hold of it: the atoms and fields by which rules are found. A necessary
//! condition, never a sufficient one.

use foldhash::HashMap;

use super::atom::{Atom, Atoms, Group};
use super::formula::Formula;
use crate::model::Slot;
use crate::rule::predicate::{Predicate, Test};

/// Something that an event must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The atom is true.
    Atom(u32),
    /// The field is there.
    Present(Slot),
}

/// Texts below this length are rather not looked for inside of values.
const SHORT: usize = 6;

/// How many rules name each literal, at whichever end of a value.
#[derive(Debug, Default)]
pub(super) struct Usage<'a>(HashMap<&'a str, u64>);

impl<'a> Usage<'a> {
    /// Counts the literals of a rule, also those that it is not found by.
    pub(super) fn count(&mut self, formula: &Formula, atoms: &'a Atoms) {
        formula.visit_atoms(&mut |number| {
            if let Some(Atom::Text(_, _, text) | Atom::Leaf(text)) = atoms.get(number) {
                *self.0.entry(text).or_default() += 1;
            }
        });
    }

    /// How many events are expected to have an anchor, on a scale of its own: a literal that many rules name is a common
    /// one (the names of shells, say), and a long one is rare.
    fn cost(&self, anchor: Anchor, atoms: &Atoms) -> u64 {
        let (length, text) = match anchor {
            Anchor::Present(_) => return 1_000_000,
            Anchor::Atom(number) => match atoms.get(number) {
                Some(Atom::Text(_, super::atom::Place::Whole, text)) => (text.len() + 4, Some(text)),
                Some(Atom::Text(_, _, text) | Atom::Leaf(text)) => (text.len(), Some(text)),
                Some(Atom::Number(..)) | None => (4, None),
            },
        };
        let rules = text.and_then(|text| self.0.get(text.as_str())).copied().unwrap_or(1);
        // a short text is looked for at every position of a value, and is in many
        let is_short = matches!(anchor, Anchor::Atom(number) if matches!(
            atoms.get(number),
            Some(Atom::Text(_, super::atom::Place::Anywhere, text) | Atom::Leaf(text)) if text.len() < SHORT
        ));
        1000 * rules * if is_short { 4 } else { 1 } / (length.min(16) as u64 + 1)
    }

    fn total(&self, all: &[Anchor], atoms: &Atoms) -> u64 {
        all.iter().map(|anchor| self.cost(*anchor, atoms)).sum()
    }
}

/// The anchors of which an event has at least one whenever the formula holds of it; `None` when there are no such.
pub(super) fn anchors(formula: &Formula, usage: &Usage<'_>, atoms: &Atoms) -> Option<Vec<Anchor>> {
    match formula {
        Formula::Constant(false) => Some(Vec::new()),
        Formula::Constant(true) | Formula::Not(_) => None,
        Formula::All(group, parts) => {
            let single = group.atoms().map(|atom| vec![Anchor::Atom(atom)]);
            let others = parts.iter().filter_map(|part| anchors(part, usage, atoms));
            single.chain(others).min_by_key(|all| usage.total(all, atoms))
        }
        Formula::Any(group, parts) => {
            let mut all = listed(group);
            for part in parts {
                all.extend(anchors(part, usage, atoms)?);
            }
            Some(all)
        }
        Formula::Plain(Predicate::Field(slot, test)) => match test {
            // of a reference both fields must be there; the one that is tested is enough to find it
            Test::Text(..)
            | Test::OneOf(_)
            | Test::Regex(_)
            | Test::Compare(..)
            | Test::Date(..)
            | Test::Network(_)
            | Test::Reference(_)
            | Test::Exists(true) => Some(vec![Anchor::Present(*slot)]),
            Test::Exists(false) | Test::Null => None,
        },
        Formula::Plain(Predicate::Elements(elements)) if elements.needs_field() => {
            Some(vec![Anchor::Present(elements.slot)])
        }
        Formula::Plain(_) => None,
    }
}

fn listed(group: &Group) -> Vec<Anchor> {
    group.atoms().map(Anchor::Atom).collect()
}
