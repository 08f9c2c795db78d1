//! What is looked for in every event of a log source: the literals by which its rules are found, field by field. A value is
//! looked through once, whatever the number of rules, and mostly without a copy of it.

use foldhash::HashMap;

use super::atom::{Atom, Place, Truth};
use super::candidates::{Candidates, Mask};
use super::edge::{Edge, Side};
use super::grams::Grams;
use super::values::Values;
use super::whole::Whole;
use crate::model::{Held, Row, Scalar, Slot};
use crate::rule::number::Number;

/// What rules want of one field.
#[derive(Debug)]
pub(super) struct Field {
    slot: Slot,
    /// Its index among the values.
    index: usize,
    whole: Whole,
    /// By the bits of the number as a double: equal numbers have equal doubles.
    numbers: HashMap<u64, Vec<(Number, u32)>>,
    /// Whether any text is compared with the beginning, the end or the inside of a value.
    has_parts: bool,
    /// Whether nothing but texts is looked for.
    only_texts: bool,
    starts: Edge,
    ends: Edge,
    grams: Grams,
    /// Rules that are found by its presence.
    present: Vec<u32>,
}

/// What is found in an event.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) candidates: Candidates,
    pub(super) truth: Truth,
    pub(super) values: Values,
}

/// The rules that atoms find, and those of them that count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finding<'i> {
    pub(super) found_by: &'i [Box<[u32]>],
    pub(super) mask: &'i Mask,
}

impl Finding<'_> {
    /// Notes an atom and finds its rules.
    #[inline]
    fn learn(self, atom: u32, truth: &mut Truth, candidates: &mut Candidates) {
        if truth.learn(atom) {
            candidates.add_all(self.found_by.get(atom as usize).map_or(&[], |rules| rules), self.mask);
        }
    }
}

impl Field {
    /// The search for some atoms of a field, each with its number, and for its presence.
    pub(super) fn new(slot: Slot, index: usize, atoms: &[(&Atom, u32)], present: Vec<u32>) -> Self {
        let mut field = Self {
            slot,
            index,
            whole: Whole::default(),
            numbers: HashMap::default(),
            has_parts: false,
            only_texts: present.is_empty(),
            starts: Edge::new(Side::Start),
            ends: Edge::new(Side::End),
            grams: Grams::default(),
            present,
        };
        let mut inside = Vec::new();
        for (atom, number) in atoms {
            field.only_texts &= !matches!(atom, Atom::Number(..));
            field.has_parts |= matches!(atom, Atom::Text(_, Place::Start | Place::End | Place::Anywhere, _));
            match atom {
                Atom::Text(_, Place::Whole, text) => field.whole.insert(text, *number),
                Atom::Text(_, Place::Start, text) => field.starts.insert(text, *number),
                Atom::Text(_, Place::End, text) => field.ends.insert(text, *number),
                Atom::Text(_, Place::Anywhere, text) => inside.push((text.as_str(), *number)),
                Atom::Number(_, value) => field.numbers.entry(bits(*value)).or_default().push((*value, *number)),
                Atom::Leaf(_) => {}
            }
        }
        field.grams = Grams::new(&inside);
        field
    }

    /// Looks through the values of the field.
    #[inline]
    pub(super) fn look_up(&self, row: &Row<'_>, found: &mut Found, finding: Finding<'_>) {
        match row.held(self.slot) {
            Held::Nothing => {}
            // mostly one text, of a field of which only texts are looked for
            Held::One(Scalar::Text(text)) if self.only_texts => {
                if self.look_at_text(text, found, finding) {
                    self.look_at_folded(row, found, finding);
                }
            }
            _ => self.look_at_all(row, found, finding),
        }
    }

    /// Looks through the values of a field that is there, whatever they are.
    #[inline(never)]
    fn look_at_all(&self, row: &Row<'_>, found: &mut Found, finding: Finding<'_>) {
        found.candidates.add_all(&self.present, finding.mask);
        let mut is_folded = false;
        for text in row.values(self.slot).filter_map(Scalar::as_text) {
            if !self.numbers.is_empty()
                && let Some(number) = Number::parse(text)
            {
                for (known, atom) in self.numbers.get(&bits(number)).into_iter().flatten() {
                    if *known == number {
                        finding.learn(*atom, &mut found.truth, &mut found.candidates);
                    }
                }
            }
            is_folded |= self.look_at_text(text, found, finding);
        }
        if is_folded {
            self.look_at_folded(row, found, finding);
        }
    }

    /// Looks for whole texts in folded values, and for all texts in values that are not ASCII.
    #[inline(never)]
    fn look_at_folded(&self, row: &Row<'_>, found: &mut Found, finding: Finding<'_>) {
        let Found { candidates, truth, values } = found;
        let places = values.of(self.index, || row.values(self.slot));
        for (place, spelled) in places.zip(row.values(self.slot).filter_map(Scalar::as_text)) {
            let text = values.text(place);
            if let Some(atom) = self.whole.find(text) {
                finding.learn(atom, truth, candidates);
            }
            if self.has_parts && !spelled.is_ascii() {
                self.parts_of_folded(text, truth, candidates, finding);
            }
        }
    }

    /// Looks at a value as it is spelled. Says whether it must be folded for more: folding changes the case of ASCII letters
    /// only, the parts are compared without regard to that, and most values are no whole text by their length or their ends.
    #[inline(always)]
    fn look_at_text(&self, text: &str, found: &mut Found, finding: Finding<'_>) -> bool {
        if !is_ascii(text.as_bytes()) {
            return true;
        }
        if self.has_parts {
            self.parts(text.as_bytes(), &mut found.truth, &mut found.candidates, finding);
        }
        self.whole.may_be(text.as_bytes())
    }

    #[inline(never)]
    fn parts_of_folded(&self, text: &[u8], truth: &mut Truth, candidates: &mut Candidates, finding: Finding<'_>) {
        self.parts(text, truth, candidates, finding);
    }

    /// Looks for the texts that stand somewhere in a value.
    #[inline(always)]
    fn parts(&self, text: &[u8], truth: &mut Truth, candidates: &mut Candidates, finding: Finding<'_>) {
        let mut learn = |atom| finding.learn(atom, truth, candidates);
        self.starts.look_up(text, &mut learn);
        self.ends.look_up(text, &mut learn);
        self.grams.look_up(text, &mut learn);
    }
}

/// Whether all bytes are ASCII; quick for a few of them, which most values have: their first and their last bytes are all.
#[inline]
fn is_ascii(bytes: &[u8]) -> bool {
    const HIGHEST: u128 = 0x8080_8080_8080_8080_8080_8080_8080_8080;
    if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>())
        && bytes.len() <= 32
    {
        return (u128::from_le_bytes(*first) | u128::from_le_bytes(*last)) & HIGHEST == 0;
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
        && bytes.len() <= 16
    {
        return (u64::from_le_bytes(*first) | u64::from_le_bytes(*last)) & HIGHEST as u64 == 0;
    }
    if let (Some(last), true) = (bytes.last_chunk::<16>(), bytes.len() <= 256) {
        let chunks = bytes.as_chunks::<16>().0.iter().chain([last]);
        return chunks.fold(0, |all, chunk| all | u128::from_le_bytes(*chunk)) & HIGHEST == 0;
    }
    bytes.is_ascii()
}

/// Looks through the leaves of an event, whose index among the values is given.
pub(super) fn look_up_leaves(grams: &Grams, index: usize, row: &Row<'_>, found: &mut Found, finding: Finding<'_>) {
    let Found { candidates, truth, values } = found;
    for place in values.of(index, || row.leaves().iter()) {
        grams.look_up(values.text(place), &mut |atom| finding.learn(atom, truth, candidates));
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_value_is_ascii_when_all_bytes_are(start in "[a-z]{0,140}", middle in "[a-zä]{0,1}", end in "[a-z]{0,140}") {
            let value = start + &middle + &end;
            prop_assert_eq!(is_ascii(value.as_bytes()), value.is_ascii());
        }
    }
}
