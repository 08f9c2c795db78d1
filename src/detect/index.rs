//! Rules by what an event must contain for them to match (property 6): one look-up for each value of a field that some
//! rule reads, whatever the number of rules. Only ever gives too many rules; [`Predicate::matches`] decides, and a
//! property test holds the two together.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use foldhash::HashMap;

use super::anchor::{Anchor, Usage, anchors};
use super::candidates::Mask;
use crate::model::{Row, Scalar, Slot};
use crate::rule::number::Number;
use crate::rule::pattern::fold;
use crate::rule::predicate::Predicate;

/// Bytes of literals up to which an automaton may be the fast kind, which takes some hundred times their memory.
const FAST_AUTOMATON: usize = 64 * 1024;

/// The index over all rules.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Fields that some anchor names.
    fields: Vec<Field>,
    leaves: Parts,
    /// Rules without anchors.
    always: Mask,
}

/// What rules want of one field.
#[derive(Debug)]
struct Field {
    slot: Slot,
    exact: HashMap<String, Vec<u32>>,
    /// By the bits of the number as a double: equal numbers have equal doubles.
    numbers: HashMap<u64, Vec<u32>>,
    parts: Parts,
    present: Vec<u32>,
}

/// Rules that want one of many texts within a value.
#[derive(Debug, Default)]
struct Parts {
    automaton: Option<AhoCorasick>,
    /// By pattern of the automaton.
    rules: Vec<Vec<u32>>,
}

/// Memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Found {
    mask: Mask,
    folded: String,
}

impl Found {
    /// The rules that were found.
    pub(super) fn mask(&self) -> &Mask {
        &self.mask
    }
}

/// Anchors while they are gathered.
#[derive(Default)]
struct Gathered {
    exact: HashMap<String, Vec<u32>>,
    numbers: HashMap<u64, Vec<u32>>,
    parts: HashMap<String, Vec<u32>>,
    present: Vec<u32>,
}

impl Index {
    /// Indexes rules by their place in the iteration.
    pub(super) fn new<'p>(predicates: impl Iterator<Item = &'p Predicate> + Clone) -> Self {
        let mut usage = Usage::default();
        predicates.clone().for_each(|predicate| usage.count(predicate));
        let (mut always, mut leaves): (Vec<u32>, HashMap<String, Vec<u32>>) = Default::default();
        let mut slots: HashMap<Slot, Gathered> = HashMap::default();
        let mut rules = 0;
        for (rule, predicate) in (0_u32..).zip(predicates) {
            rules = rule as usize + 1;
            let Some(all) = anchors(predicate, &usage) else {
                always.push(rule);
                continue;
            };
            for anchor in all {
                let list = match anchor {
                    Anchor::Exact(slot, text) => slots.entry(slot).or_default().exact.entry(text).or_default(),
                    Anchor::Number(slot, number) => {
                        slots.entry(slot).or_default().numbers.entry(bits(number)).or_default()
                    }
                    // an empty text is in every value
                    Anchor::Part(slot, text) if text.is_empty() => &mut slots.entry(slot).or_default().present,
                    Anchor::Part(slot, text) => slots.entry(slot).or_default().parts.entry(text).or_default(),
                    Anchor::Present(slot) => &mut slots.entry(slot).or_default().present,
                    Anchor::Leaf(text) => leaves.entry(text).or_default(),
                };
                if list.last() != Some(&rule) {
                    list.push(rule);
                }
            }
        }
        let (leaves, failed) = Parts::new(leaves);
        always.extend(failed);
        let mut fields = Vec::new();
        for (slot, gathered) in slots {
            let (parts, mut failed) = Parts::new(gathered.parts);
            let mut present = gathered.present;
            present.append(&mut failed);
            fields.push(Field { slot, exact: gathered.exact, numbers: gathered.numbers, parts, present });
        }
        fields.sort_by_key(|field| field.slot);
        let mut mask = Mask::with_room(rules);
        mask.add_all(&always);
        Self { fields, leaves, always: mask }
    }

    /// Finds every rule that can match, and perhaps others.
    pub(super) fn find(&self, row: &Row<'_>, found: &mut Found) {
        found.mask.clone_from(&self.always);
        for field in &self.fields {
            if !row.is_present(field.slot) {
                continue;
            }
            found.mask.add_all(&field.present);
            for value in row.values(field.slot) {
                field.look_up(value, found);
            }
        }
        if self.leaves.automaton.is_some() {
            for text in row.leaves().iter().filter_map(Scalar::as_text) {
                self.leaves.look_up(folded(text, &mut found.folded), &mut found.mask);
            }
        }
    }
}

impl Field {
    fn look_up(&self, value: &Scalar<'_>, found: &mut Found) {
        let Some(text) = value.as_text() else { return };
        if !self.numbers.is_empty()
            && let Some(rules) = Number::parse(text).and_then(|number| self.numbers.get(&bits(number)))
        {
            found.mask.add_all(rules);
        }
        if self.exact.is_empty() && self.parts.automaton.is_none() {
            return;
        }
        let text = folded(text, &mut found.folded);
        if let Some(rules) = self.exact.get(text) {
            found.mask.add_all(rules);
        }
        self.parts.look_up(text, &mut found.mask);
    }
}

impl Parts {
    /// The parts, or the rules of all of them when they are too many for an automaton.
    fn new(parts: HashMap<String, Vec<u32>>) -> (Self, Vec<u32>) {
        if parts.is_empty() {
            return (Self::default(), Vec::new());
        }
        let mut parts: Vec<(String, Vec<u32>)> = parts.into_iter().collect();
        parts.sort();
        let bytes: usize = parts.iter().map(|(text, _)| text.len()).sum();
        let kind = if bytes <= FAST_AUTOMATON { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let built = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .build(parts.iter().map(|(text, _)| text.as_bytes()));
        let rules: Vec<Vec<u32>> = parts.into_iter().map(|(_, rules)| rules).collect();
        match built {
            Ok(automaton) => (Self { automaton: Some(automaton), rules }, Vec::new()),
            Err(_) => (Self::default(), rules.concat()),
        }
    }

    fn look_up(&self, folded: &str, mask: &mut Mask) {
        let Some(automaton) = &self.automaton else { return };
        for found in automaton.find_overlapping_iter(folded) {
            mask.add_all(self.rules.get(found.pattern().as_usize()).map_or(&[], Vec::as_slice));
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
    (number.as_f64() + 0.0).to_bits()
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
