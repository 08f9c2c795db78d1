//! Rules by what an event must contain for them to match (property 6): every value of a field that some rule reads is
//! looked through once, whatever the number of rules, and what is learnt on the way decides the rules that are found.
//! [`Predicate::matches`] is the slow twin, and a property test holds the two together.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};
use foldhash::HashMap;

use super::anchor::{Anchor, Usage, anchors};
use super::atom::{Atom, Atoms, Place, Truth};
use super::candidates::Mask;
use super::formula::Formula;
use crate::model::{Row, Scalar, Slot};
use crate::rule::number::Number;
use crate::rule::pattern::fold;
use crate::rule::predicate::Predicate;

/// Bytes of literals up to which an automaton may be the fast kind, which takes some hundred times their memory.
const FAST_AUTOMATON: usize = 64 * 1024;

/// The index over all rules.
#[derive(Debug)]
pub(super) struct Index {
    /// Number of atoms.
    atoms: usize,
    /// Fields that some rule is found by or decided by.
    fields: Vec<Field>,
    leaves: Parts,
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
    exact: HashMap<Box<str>, u32>,
    /// By the bits of the number as a double: equal numbers have equal doubles.
    numbers: HashMap<u64, Vec<(Number, u32)>>,
    parts: Parts,
    present: Vec<u32>,
}

/// Texts within a value.
#[derive(Debug, Default)]
struct Parts {
    /// Texts of ASCII alone.
    ascii: Option<Searched>,
    /// The others, which no ASCII value contains.
    foreign: Option<Searched>,
}

#[derive(Debug)]
struct Searched {
    automaton: AhoCorasick,
    /// By pattern of the automaton.
    spots: Vec<Spots>,
}

/// The atoms of a text by where it stands in a value.
#[derive(Debug, Clone, Copy, Default)]
struct Spots {
    anywhere: Option<u32>,
    start: Option<u32>,
    end: Option<u32>,
}

/// Which parts of the index some rules need.
#[derive(Debug, Default)]
pub(super) struct Scope {
    fields: Vec<u32>,
    leaves: bool,
}

/// Memory that is used again, and what was found with it.
#[derive(Debug, Default)]
pub(super) struct Found {
    mask: Mask,
    truth: Truth,
    folded: String,
}

impl Found {
    /// The rules that were found.
    pub(super) fn mask(&self) -> &Mask {
        &self.mask
    }
}

/// A field while its atoms are gathered.
#[derive(Default)]
struct Gathered {
    exact: HashMap<Box<str>, u32>,
    numbers: HashMap<u64, Vec<(Number, u32)>>,
    parts: HashMap<String, Spots>,
    present: Vec<u32>,
}

impl Index {
    /// Indexes rules by their place in the iteration. `None` when their literals are too many for automata.
    pub(super) fn new<'p>(predicates: impl Iterator<Item = &'p Predicate>) -> Option<Self> {
        let mut atoms = Atoms::default();
        let formulas: Vec<Formula> = predicates.map(|predicate| Formula::of(predicate, &mut atoms)).collect();
        let mut usage = Usage::default();
        formulas.iter().for_each(|formula| usage.count(formula, &atoms));

        let mut slots: HashMap<Slot, Gathered> = HashMap::default();
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
                    Anchor::Present(slot) => Some(&mut slots.entry(slot).or_default().present),
                };
                if let Some(list) = list.filter(|list| list.last() != Some(&rule)) {
                    list.push(rule);
                }
            }
        }
        let mut leaves: HashMap<String, Spots> = HashMap::default();
        for (number, atom) in (0_u32..).zip(atoms.all()) {
            match atom {
                Atom::Text(slot, place, text) => {
                    let field = slots.entry(*slot).or_default();
                    if *place == Place::Whole {
                        field.exact.insert(text.as_str().into(), number);
                    } else {
                        field.parts.entry(text.clone()).or_default().put(*place, number);
                    }
                }
                Atom::Number(slot, value) => {
                    slots.entry(*slot).or_default().numbers.entry(bits(*value)).or_default().push((*value, number));
                }
                Atom::Leaf(text) => leaves.entry(text.clone()).or_default().put(Place::Anywhere, number),
            }
        }
        let mut fields = Vec::new();
        for (slot, gathered) in slots {
            let parts = Parts::new(gathered.parts).ok()?;
            fields.push(Field {
                slot,
                exact: gathered.exact,
                numbers: gathered.numbers,
                parts,
                present: gathered.present,
            });
        }
        fields.sort_by_key(|field| field.slot);
        let place = |slot: Slot| fields.binary_search_by_key(&slot, |field| field.slot).ok();
        let field_of = atoms.all().iter().map(|atom| match atom {
            Atom::Text(slot, ..) | Atom::Number(slot, _) => place(*slot).and_then(|index| u32::try_from(index).ok()),
            Atom::Leaf(_) => None,
        });
        Some(Self {
            atoms: atoms.all().len(),
            field_of: field_of.collect(),
            fields,
            leaves: Parts::new(leaves).ok()?,
            found_by: found_by.into_iter().map(Vec::into_boxed_slice).collect(),
            always,
            formulas,
        })
    }

    /// What must be looked at to find and decide these rules.
    pub(super) fn scope(&self, rules: &[u32]) -> Scope {
        let mut wanted = vec![false; self.fields.len()];
        let mut leaves = false;
        for formula in rules.iter().filter_map(|rule| self.formulas.get(*rule as usize)) {
            formula.visit_atoms(&mut |atom| match self.field_of.get(atom as usize).copied().flatten() {
                Some(field) => wanted.iter_mut().skip(field as usize).take(1).for_each(|wanted| *wanted = true),
                None => leaves = true,
            });
        }
        for (field, wanted) in self.fields.iter().zip(&mut wanted) {
            *wanted |= field.present.iter().any(|rule| rules.binary_search(rule).is_ok());
        }
        let fields = (0_u32..).zip(wanted).filter_map(|(field, wanted)| wanted.then_some(field)).collect();
        Scope { fields, leaves }
    }

    /// Finds every rule of the scope that can match, and perhaps others.
    pub(super) fn find(&self, scope: &Scope, row: &Row<'_>, found: &mut Found) {
        found.mask.clone_from(&self.always);
        found.truth.reset(self.atoms);
        for field in scope.fields.iter().filter_map(|field| self.fields.get(*field as usize)) {
            if !row.is_present(field.slot) {
                continue;
            }
            found.mask.add_all(&field.present);
            for text in row.values(field.slot).filter_map(Scalar::as_text) {
                field.look_up(text, found, &self.found_by);
            }
        }
        if scope.leaves {
            for text in row.leaves().iter().filter_map(Scalar::as_text) {
                let text = folded(text, &mut found.folded);
                self.leaves.look_up(text, &mut |atom| learn(atom, &mut found.truth, &mut found.mask, &self.found_by));
            }
        }
    }

    /// Whether a rule that was found matches.
    pub(super) fn matches(&self, rule: u32, found: &Found, row: &Row<'_>) -> bool {
        self.formulas.get(rule as usize).is_some_and(|formula| formula.holds(&found.truth, row))
    }
}

/// Notes an atom and finds its rules.
#[inline]
fn learn(atom: u32, truth: &mut Truth, mask: &mut Mask, found_by: &[Box<[u32]>]) {
    if truth.learn(atom) {
        mask.add_all(found_by.get(atom as usize).map_or(&[], |rules| rules));
    }
}

impl Field {
    fn look_up(&self, text: &str, found: &mut Found, found_by: &[Box<[u32]>]) {
        let (truth, mask) = (&mut found.truth, &mut found.mask);
        if !self.numbers.is_empty()
            && let Some(number) = Number::parse(text)
        {
            for (known, atom) in self.numbers.get(&bits(number)).into_iter().flatten() {
                if *known == number {
                    learn(*atom, truth, mask, found_by);
                }
            }
        }
        if self.exact.is_empty() && self.parts.is_empty() {
            return;
        }
        let text = folded(text, &mut found.folded);
        if let Some(atom) = self.exact.get(text) {
            learn(*atom, truth, mask, found_by);
        }
        self.parts.look_up(text, &mut |atom| learn(atom, truth, mask, found_by));
    }
}

impl Spots {
    fn put(&mut self, place: Place, atom: u32) {
        match place {
            Place::Start => self.start = Some(atom),
            Place::End => self.end = Some(atom),
            Place::Anywhere | Place::Whole => self.anywhere = Some(atom),
        }
    }
}

impl Parts {
    fn new(parts: HashMap<String, Spots>) -> Result<Self, BuildError> {
        let mut parts: Vec<(String, Spots)> = parts.into_iter().collect();
        parts.sort_by(|(one, _), (two, _)| one.cmp(two));
        let (ascii, foreign) = parts.into_iter().partition(|(text, _)| text.is_ascii());
        Ok(Self { ascii: Searched::new(ascii)?, foreign: Searched::new(foreign)? })
    }

    fn is_empty(&self) -> bool {
        self.ascii.is_none() && self.foreign.is_none()
    }

    #[inline]
    fn look_up(&self, folded: &str, learn: &mut impl FnMut(u32)) {
        if let Some(searched) = &self.ascii {
            searched.look_up(folded, learn);
        }
        if let Some(searched) = self.foreign.as_ref().filter(|_| !folded.is_ascii()) {
            searched.look_up(folded, learn);
        }
    }
}

impl Searched {
    fn new(parts: Vec<(String, Spots)>) -> Result<Option<Self>, BuildError> {
        if parts.is_empty() {
            return Ok(None);
        }
        let bytes: usize = parts.iter().map(|(text, _)| text.len()).sum();
        let kind = if bytes <= FAST_AUTOMATON { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .build(parts.iter().map(|(text, _)| text.as_bytes()))?;
        Ok(Some(Self { automaton, spots: parts.into_iter().map(|(_, spots)| spots).collect() }))
    }

    #[inline]
    fn look_up(&self, folded: &str, learn: &mut impl FnMut(u32)) {
        for found in self.automaton.find_overlapping_iter(folded) {
            let Some(spots) = self.spots.get(found.pattern().as_usize()) else { continue };
            if let Some(atom) = spots.anywhere {
                learn(atom);
            }
            if let Some(atom) = spots.start.filter(|_| found.start() == 0) {
                learn(atom);
            }
            if let Some(atom) = spots.end.filter(|_| found.end() == folded.len()) {
                learn(atom);
            }
        }
    }
}

/// The text as patterns are compared with it.
fn folded<'f>(text: &str, memory: &'f mut String) -> &'f str {
    memory.clear();
    memory.push_str(text);
    if text.is_ascii() {
        memory.make_ascii_lowercase();
    } else {
        *memory = fold(text);
    }
    memory
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
