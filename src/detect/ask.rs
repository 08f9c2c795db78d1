//! Whether atoms are true of an event. Those that rules are found by were looked for at once; any other is asked for when a
//! rule that was found needs it, and at most once an event.

use super::atom::{Atom, Group, Place, Truth};
use super::values::{Pairs, Values};
use crate::model::{Row, Scalar, Slot};
use crate::rule::number::Number;

/// An atom that can be asked for.
#[derive(Debug)]
pub(super) struct Question {
    /// The field's index among the values; one beyond the fields for leaves.
    field: usize,
    /// None for leaves.
    slot: Option<Slot>,
    wanted: Wanted,
}

#[derive(Debug)]
enum Wanted {
    Text(Place, Box<[u8]>, Pairs),
    Number(Number),
}

impl Question {
    /// The question for an atom of the field of that index.
    pub(super) fn of(atom: &Atom, field: usize) -> Self {
        let text = |place: Place, text: &str| Wanted::Text(place, text.as_bytes().into(), Pairs::of(text.as_bytes()));
        match atom {
            Atom::Text(slot, place, wanted) => Self { field, slot: Some(*slot), wanted: text(*place, wanted) },
            Atom::Number(slot, number) => Self { field, slot: Some(*slot), wanted: Wanted::Number(*number) },
            Atom::Leaf(wanted) => Self { field, slot: None, wanted: text(Place::Anywhere, wanted) },
        }
    }

    fn ask(&self, values: &mut Values, row: &Row<'_>) -> bool {
        let (place, text, pairs) = match (&self.wanted, self.slot) {
            (Wanted::Number(number), Some(slot)) => {
                return row.values(slot).filter_map(Scalar::as_text).any(|text| Number::parse(text) == Some(*number));
            }
            (Wanted::Number(_), None) => return false,
            (Wanted::Text(place, text, pairs), _) => (*place, text, pairs),
        };
        let folded = match self.slot {
            Some(slot) => values.of(self.field, || row.values(slot)),
            None => values.of(self.field, || row.leaves().iter()),
        };
        let mut folded = folded;
        folded.any(|at| match place {
            Place::Whole => values.text(at) == &**text,
            Place::Start => values.text(at).starts_with(text),
            Place::End => values.text(at).ends_with(text),
            Place::Anywhere => values.contains(at, text, pairs),
        })
    }
}

/// An event that rules ask.
pub(super) struct Asked<'e, 'r> {
    pub(super) questions: &'e [Question],
    /// The atoms that were looked for: of these, those that were not found are false.
    pub(super) searched: &'e [u64],
    pub(super) truth: &'e mut Truth,
    pub(super) values: &'e mut Values,
    pub(super) row: &'e Row<'r>,
}

impl Asked<'_, '_> {
    /// Whether all of the atoms are true. What is known is looked at first.
    pub(super) fn all(&mut self, group: &Group) -> bool {
        let mut is_open = false;
        for (word, bits) in group.words() {
            let (is_true, known) = self.word(*word);
            if bits & known & !is_true != 0 {
                return false;
            }
            is_open |= bits & !known != 0;
        }
        !is_open || group.words().iter().all(|(word, bits)| self.open(*word, *bits).all(|atom| self.ask(atom)))
    }

    /// Whether any of the atoms is true.
    pub(super) fn any(&mut self, group: &Group) -> bool {
        let mut is_open = false;
        for (word, bits) in group.words() {
            let (is_true, known) = self.word(*word);
            if bits & is_true != 0 {
                return true;
            }
            is_open |= bits & !known != 0;
        }
        is_open && group.words().iter().any(|(word, bits)| self.open(*word, *bits).any(|atom| self.ask(atom)))
    }

    /// Of the atoms of a word those that are true, and those that are known to be true or not.
    #[inline]
    fn word(&self, word: u32) -> (u64, u64) {
        let (is_true, asked) = self.truth.word(word);
        (is_true, asked | is_true | self.searched.get(word as usize).copied().unwrap_or(0))
    }

    /// Of some atoms of a word those that are not known.
    fn open(&self, word: u32, bits: u64) -> impl Iterator<Item = u32> + use<> {
        let mut rest = bits & !self.word(word).1;
        std::iter::from_fn(move || {
            let bit = (rest != 0).then(|| rest.trailing_zeros())?;
            rest &= rest - 1;
            Some(word * 64 + bit)
        })
    }

    fn ask(&mut self, atom: u32) -> bool {
        let is_true = self.questions.get(atom as usize).is_some_and(|question| question.ask(self.values, self.row));
        self.truth.answer(atom, is_true);
        is_true
    }
}
