//! Rules by what an event must contain for them to match (property 6). The few literals that rules are found by are looked
//! for in every event; a rule that was found asks for its others, each at most once an event.
//! [`Predicate::matches`] is the slow twin, and a property test holds the two together.

use foldhash::HashMap;

use super::anchor::{Anchor, Usage, anchors};
use super::ask::{Asked, Question};
use super::atom::{Atom, Atoms};
use super::candidates::Mask;
use super::formula::Formula;
use super::grams::Grams;
use super::search::{Field, Finding, Found, look_up_leaves};
use crate::model::{Row, Slot};
use crate::rule::predicate::Predicate;

/// The index over all rules.
#[derive(Debug)]
pub(super) struct Index {
    atoms: Atoms,
    /// By the numbers of the atoms.
    questions: Vec<Question>,
    /// The fields that atoms or presence are of, ascending: a field's place is its index among the values.
    slots: Vec<Slot>,
    /// Rules that are found by each atom, ascending.
    found_by: Vec<Box<[u32]>>,
    /// Rules that are found by the presence of each of the fields, ascending.
    present: Vec<Vec<u32>>,
    /// Rules without anchors, ascending.
    always: Vec<u32>,
    formulas: Vec<Formula>,
}

/// What is looked for to find some rules.
#[derive(Debug, Default)]
pub(super) struct Scope {
    fields: Vec<Field>,
    leaves: Option<Grams>,
    always: Vec<u32>,
    /// The atoms that are looked for, one bit each.
    searched: Vec<u64>,
    /// Their number.
    size: usize,
}

impl Scope {
    /// The number of literals that are looked for.
    pub(super) fn size(&self) -> usize {
        self.size
    }
}

impl Index {
    /// Indexes rules by their place in the iteration.
    pub(super) fn new<'p>(predicates: impl Iterator<Item = &'p Predicate>) -> Self {
        let mut atoms = Atoms::default();
        let formulas: Vec<Formula> = predicates.map(|predicate| Formula::of(predicate, &mut atoms)).collect();
        let mut usage = Usage::default();
        formulas.iter().for_each(|formula| usage.count(formula, &atoms));

        let mut present: HashMap<Slot, Vec<u32>> = HashMap::default();
        let mut always = Vec::new();
        let mut found_by: Vec<Vec<u32>> = vec![Vec::new(); atoms.all().len()];
        for (rule, formula) in (0_u32..).zip(&formulas) {
            let Some(all) = anchors(formula, &usage, &atoms) else {
                always.push(rule);
                continue;
            };
            for anchor in all {
                let list = match anchor {
                    Anchor::Atom(atom) => found_by.get_mut(atom as usize),
                    Anchor::Present(slot) => Some(present.entry(slot).or_default()),
                };
                if let Some(list) = list.filter(|list| list.last() != Some(&rule)) {
                    list.push(rule);
                }
            }
        }
        let mut slots: Vec<Slot> = present.keys().copied().chain(atoms.all().iter().filter_map(Atom::slot)).collect();
        slots.sort_unstable();
        slots.dedup();
        let place = |atom: &Atom| atom.slot().and_then(|slot| slots.binary_search(&slot).ok()).unwrap_or(slots.len());
        Self {
            questions: atoms.all().iter().map(|atom| Question::of(atom, place(atom))).collect(),
            present: slots.iter().map(|slot| present.remove(slot).unwrap_or_default()).collect(),
            slots,
            found_by: found_by.into_iter().map(Vec::into_boxed_slice).collect(),
            always,
            formulas,
            atoms,
        }
    }

    /// What must be looked for to find these rules, ascending.
    pub(super) fn scope(&self, rules: &[u32]) -> Scope {
        let is_asked = |rule: &u32| rules.binary_search(rule).is_ok();
        let mut by_slot: HashMap<Slot, Vec<(&Atom, u32)>> = HashMap::default();
        let mut leaves = Vec::new();
        let mut searched = vec![0; self.found_by.len().div_ceil(64)];
        let mut size = 0;
        for (number, (atom, by)) in (0_u32..).zip(self.atoms.all().iter().zip(&self.found_by)) {
            if !by.iter().any(is_asked) {
                continue;
            }
            size += 1;
            if let Some(word) = searched.get_mut(number as usize / 64) {
                *word |= 1_u64 << (number % 64);
            }
            match (atom, atom.slot()) {
                (_, Some(slot)) => by_slot.entry(slot).or_default().push((atom, number)),
                (Atom::Leaf(text), _) => leaves.push((text.as_str(), number)),
                _ => {}
            }
        }
        let fields = self.slots.iter().zip(&self.present).enumerate().filter_map(|(index, (slot, present))| {
            let present: Vec<u32> = present.iter().copied().filter(is_asked).collect();
            let atoms = by_slot.remove(slot).unwrap_or_default();
            (!atoms.is_empty() || !present.is_empty()).then(|| Field::new(*slot, index, &atoms, present))
        });
        Scope {
            fields: fields.collect(),
            leaves: (!leaves.is_empty()).then(|| Grams::new(&leaves)),
            always: self.always.iter().copied().filter(is_asked).collect(),
            searched,
            size,
        }
    }

    /// Finds every rule of the scope and the mask that can match, and perhaps others of the mask.
    pub(super) fn find(&self, scope: &Scope, mask: &Mask, row: &Row<'_>, found: &mut Found) {
        found.truth.reset(self.questions.len());
        found.values.reset(self.slots.len() + 1);
        found.candidates.reset(self.formulas.len());
        found.candidates.add_all(&scope.always, mask);
        let finding = Finding { found_by: &self.found_by, mask };
        for field in &scope.fields {
            field.look_up(row, found, finding);
        }
        if let Some(leaves) = &scope.leaves {
            look_up_leaves(leaves, self.slots.len(), row, found, finding);
        }
    }

    /// Whether a rule matches. What the scope looks for has been looked for.
    pub(super) fn matches(&self, rule: u32, scope: &Scope, found: &mut Found, row: &Row<'_>) -> bool {
        let Found { truth, values, .. } = found;
        let mut event = Asked { questions: &self.questions, searched: &scope.searched, truth, values, row };
        self.formulas.get(rule as usize).is_some_and(|formula| formula.holds(&mut event))
    }
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
