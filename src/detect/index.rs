//! Rules by what an event must contain for them to match (property 6): every value of a field that some rule reads is
//! looked through once, whatever the number of rules, and what is learnt on the way decides the rules that are found.
//! [`Predicate::matches`] is the slow twin, and a property test holds the two together.

use foldhash::HashMap;

use super::anchor::{Anchor, Usage, anchors};
use super::ask::{Asked, Question};
use super::atom::{Atom, Atoms, Place, Truth};
use super::candidates::Mask;
use super::edge::{Edge, Side};
use super::formula::Formula;
use super::grams::Grams;
use super::values::Values;
use crate::model::{Row, Scalar, Slot};
use crate::rule::number::Number;
use crate::rule::predicate::Predicate;

/// The index over all rules.
#[derive(Debug)]
pub(super) struct Index {
    /// By the numbers of the atoms.
    questions: Vec<Question>,
    /// Fields that some rule is found by or decided by.
    fields: Vec<Field>,
    leaves: Grams,
    /// Rules that are found by each atom.
    found_by: Vec<Box<[u32]>>,
    /// Rules without anchors.
    always: Mask,
    formulas: Vec<Formula>,
    /// The field of each atom; none for those of leaves.
    field_of: Vec<Option<u32>>,
}

/// What rules want of one field.
#[derive(Debug)]
struct Field {
    slot: Slot,
    exact: HashMap<Box<[u8]>, u32>,
    /// The lengths of those, one bit each; the highest stands for 63 and more.
    exact_lengths: u64,
    /// By the bits of the number as a double: equal numbers have equal doubles.
    numbers: HashMap<u64, Vec<(Number, u32)>>,
    /// Whether any text is compared with the beginning, the end or the inside of a value.
    has_parts: bool,
    starts: Edge,
    ends: Edge,
    grams: Grams,
    present: Vec<u32>,
}

/// Which parts of the index some rules need.
#[derive(Debug, Default)]
pub(super) struct Scope {
    fields: Vec<u32>,
    leaves: bool,
    /// The atoms that are looked for there, one bit each.
    searched: Vec<u64>,
}

/// Memory that is used again, and what was found with it.
#[derive(Debug, Default)]
pub(super) struct Found {
    mask: Mask,
    truth: Truth,
    values: Values,
}

impl Found {
    /// The rules that were found.
    pub(super) fn mask(&self) -> &Mask {
        &self.mask
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
        let mut always = Mask::with_room(formulas.len());
        let mut found_by: Vec<Vec<u32>> = vec![Vec::new(); atoms.all().len()];
        for (rule, formula) in (0_u32..).zip(&formulas) {
            let Some(all) = anchors(formula, &usage, &atoms) else {
                always.add_all(&[rule]);
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
        let (fields, leaves) =
            fields(&atoms, present, &|atom| found_by.get(atom as usize).is_some_and(|by| !by.is_empty()));
        let place = |slot: Slot| fields.binary_search_by_key(&slot, |field| field.slot).ok();
        let field_of: Vec<Option<u32>> = atoms
            .all()
            .iter()
            .map(|atom| atom.slot().and_then(place).and_then(|index| u32::try_from(index).ok()))
            .collect();
        let question = |(atom, field): (&Atom, &Option<u32>)| {
            Question::of(atom, field.map_or(fields.len(), |field| field as usize))
        };
        Self {
            questions: atoms.all().iter().zip(&field_of).map(question).collect(),
            field_of,
            fields,
            leaves,
            found_by: found_by.into_iter().map(Vec::into_boxed_slice).collect(),
            always,
            formulas,
        }
    }

    /// What must be looked at to find these rules. Ascending.
    pub(super) fn scope(&self, rules: &[u32]) -> Scope {
        let is_wanted = |by: &[u32]| by.iter().any(|rule| rules.binary_search(rule).is_ok());
        let mut wanted: Vec<bool> = self.fields.iter().map(|field| is_wanted(&field.present)).collect();
        let mut leaves = false;
        for (_, field) in self.found_by.iter().zip(&self.field_of).filter(|(by, _)| is_wanted(by)) {
            match field {
                Some(field) => wanted.iter_mut().skip(*field as usize).take(1).for_each(|wanted| *wanted = true),
                None => leaves = true,
            }
        }
        let mut searched = vec![0; self.found_by.len().div_ceil(64)];
        for (atom, (by, field)) in self.found_by.iter().zip(&self.field_of).enumerate() {
            let is_looked_at = field.map_or(leaves, |field| wanted.get(field as usize) == Some(&true));
            if let Some(word) = searched.get_mut(atom / 64).filter(|_| is_looked_at && !by.is_empty()) {
                *word |= 1_u64 << (atom % 64);
            }
        }
        let fields = (0_u32..).zip(wanted).filter_map(|(field, wanted)| wanted.then_some(field)).collect();
        Scope { fields, leaves, searched }
    }

    /// Finds every rule of the scope that can match, and perhaps others.
    pub(super) fn find(&self, scope: &Scope, row: &Row<'_>, found: &mut Found) {
        found.mask.clone_from(&self.always);
        found.truth.reset(self.questions.len());
        found.values.reset(self.fields.len() + 1);
        let indexed = scope.fields.iter().filter_map(|index| Some((*index, self.fields.get(*index as usize)?)));
        for (index, field) in indexed {
            if row.is_present(field.slot) {
                found.mask.add_all(&field.present);
                field.look_up(index as usize, row, found, &self.found_by);
            }
        }
        if scope.leaves {
            let Found { mask, truth, values } = found;
            for place in values.of(self.fields.len(), || row.leaves().iter()) {
                self.leaves.look_up(values.text(place), &mut |atom| learn(atom, truth, mask, &self.found_by));
            }
        }
    }

    /// Whether a rule that was found matches.
    pub(super) fn matches(&self, rule: u32, scope: &Scope, found: &mut Found, row: &Row<'_>) -> bool {
        let Found { truth, values, .. } = found;
        let mut event = Asked { questions: &self.questions, searched: &scope.searched, truth, values, row };
        self.formulas.get(rule as usize).is_some_and(|formula| formula.holds(&mut event))
    }
}

/// What is looked for in each field, and in the leaves: the atoms by which rules are found.
fn fields(atoms: &Atoms, mut present: HashMap<Slot, Vec<u32>>, is_anchor: &dyn Fn(u32) -> bool) -> (Vec<Field>, Grams) {
    let mut slots: Vec<Slot> = present.keys().copied().collect();
    slots.extend(atoms.all().iter().filter_map(Atom::slot));
    slots.sort_unstable();
    slots.dedup();
    let mut fields: Vec<Field> =
        slots.into_iter().map(|slot| Field::new(slot, present.remove(&slot).unwrap_or_default())).collect();
    let (mut inside, mut leaves): (HashMap<Slot, Vec<(&str, u32)>>, Vec<(&str, u32)>) = Default::default();
    for (number, atom) in (0_u32..).zip(atoms.all()).filter(|(number, _)| is_anchor(*number)) {
        let Some(slot) = atom.slot() else {
            if let Atom::Leaf(text) = atom {
                leaves.push((text, number));
            }
            continue;
        };
        let Ok(index) = fields.binary_search_by_key(&slot, |field| field.slot) else { continue };
        let Some(field) = fields.get_mut(index) else { continue };
        field.has_parts |= matches!(atom, Atom::Text(_, Place::Start | Place::End | Place::Anywhere, _));
        match atom {
            Atom::Text(_, Place::Whole, text) => {
                field.exact_lengths |= 1 << text.len().min(63);
                field.exact.insert(text.as_bytes().into(), number);
            }
            Atom::Text(_, Place::Start, text) => field.starts.insert(text, number),
            Atom::Text(_, Place::End, text) => field.ends.insert(text, number),
            Atom::Text(_, Place::Anywhere, text) => inside.entry(slot).or_default().push((text, number)),
            Atom::Number(_, value) => field.numbers.entry(bits(*value)).or_default().push((*value, number)),
            Atom::Leaf(_) => {}
        }
    }
    for field in &mut fields {
        field.grams = Grams::new(inside.get(&field.slot).map_or(&[], Vec::as_slice));
    }
    (fields, Grams::new(&leaves))
}

/// Notes an atom and finds its rules.
#[inline]
fn learn(atom: u32, truth: &mut Truth, mask: &mut Mask, found_by: &[Box<[u32]>]) {
    if truth.learn(atom) {
        mask.add_all(found_by.get(atom as usize).map_or(&[], |rules| rules));
    }
}

impl Field {
    fn new(slot: Slot, present: Vec<u32>) -> Self {
        Self {
            slot,
            exact: HashMap::default(),
            exact_lengths: 0,
            numbers: HashMap::default(),
            has_parts: false,
            starts: Edge::new(Side::Start),
            ends: Edge::new(Side::End),
            grams: Grams::default(),
            present,
        }
    }

    fn look_up(&self, index: usize, row: &Row<'_>, found: &mut Found, found_by: &[Box<[u32]>]) {
        let Found { mask, truth, values } = found;
        if !self.numbers.is_empty() {
            for number in row.values(self.slot).filter_map(Scalar::as_text).filter_map(Number::parse) {
                for (known, atom) in self.numbers.get(&bits(number)).into_iter().flatten() {
                    if *known == number {
                        learn(*atom, truth, mask, found_by);
                    }
                }
            }
        }
        // most values have a length that no exact text has
        let may_be_exact = |text: &str| self.has_exact(text.len()) || !text.is_ascii();
        if !self.has_parts && !row.values(self.slot).filter_map(Scalar::as_text).any(may_be_exact) {
            return;
        }
        for place in values.of(index, || row.values(self.slot)) {
            let text = values.text(place);
            if self.has_exact(text.len())
                && let Some(atom) = self.exact.get(text)
            {
                learn(*atom, truth, mask, found_by);
            }
            if self.has_parts {
                let mut learn = |atom| learn(atom, truth, mask, found_by);
                self.starts.look_up(text, &mut learn);
                self.ends.look_up(text, &mut learn);
                self.grams.look_up(text, &mut learn);
            }
        }
    }

    #[inline]
    fn has_exact(&self, length: usize) -> bool {
        self.exact_lengths >> length.min(63) & 1 == 1
    }
}

fn bits(number: Number) -> u64 {
    // minus zero is zero
    let float = match number {
        Number::Integer(integer) => i64::try_from(integer).map_or(integer as f64, |integer| integer as f64),
        Number::Float(float) => float,
    };
    (float + 0.0).to_bits()
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
