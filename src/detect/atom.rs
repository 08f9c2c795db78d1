//! Literals that rules compare values with. Each is looked for once in an event, however many rules name it.

use foldhash::HashMap;

use crate::model::Slot;
use crate::rule::number::Number;

/// Where in a value a text must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Whole,
    Start,
    End,
    Anywhere,
}

/// Something that is true of an event or not. Texts are folded.
#[derive(Debug, Clone)]
pub(super) enum Atom {
    /// Some value of the field has this text at this place.
    Text(Slot, Place, String),
    /// Some value of the field is this number.
    Number(Slot, Number),
    /// Some leaf contains this text.
    Leaf(String),
}

impl Atom {
    /// The field that it is of.
    pub(super) fn slot(&self) -> Option<Slot> {
        match self {
            Self::Text(slot, ..) | Self::Number(slot, _) => Some(*slot),
            Self::Leaf(_) => None,
        }
    }
}

/// The same as [`Atom`], comparable.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Name {
    Text(Slot, Place, String),
    Number(Slot, String),
    Leaf(String),
}

/// All atoms of all rules, numbered.
#[derive(Debug, Default)]
pub(super) struct Atoms {
    all: Vec<Atom>,
    numbers: HashMap<Name, u32>,
}

impl Atoms {
    /// The number of an atom; a new one when it is new.
    pub(super) fn number(&mut self, atom: Atom) -> u32 {
        let name = match &atom {
            Atom::Text(slot, place, text) => Name::Text(*slot, *place, text.clone()),
            Atom::Number(slot, number) => Name::Number(*slot, number.canonical()),
            Atom::Leaf(text) => Name::Leaf(text.clone()),
        };
        let fresh = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(name).or_insert(fresh);
        if number == fresh {
            self.all.push(atom);
        }
        number
    }

    /// In the order of their numbers.
    pub(super) fn all(&self) -> &[Atom] {
        &self.all
    }

    pub(super) fn get(&self, number: u32) -> Option<&Atom> {
        self.all.get(number as usize)
    }
}

/// What is known of the atoms of an event.
#[derive(Debug, Default)]
pub(super) struct Truth {
    /// Those that are true.
    words: Vec<u64>,
    /// Those that were asked for one by one.
    asked: Vec<u64>,
    /// Both, so that forgetting them costs no more than finding them.
    listed: Vec<u32>,
}

impl Truth {
    /// Forgets everything and makes room for that many atoms.
    #[inline]
    pub(super) fn reset(&mut self, atoms: usize) {
        if !self.listed.is_empty() || self.words.len() != atoms.div_ceil(64) {
            self.clear(atoms);
        }
    }

    #[inline(never)]
    fn clear(&mut self, atoms: usize) {
        for atom in self.listed.drain(..) {
            for words in [&mut self.words, &mut self.asked] {
                if let Some(word) = words.get_mut(atom as usize / 64) {
                    *word = 0;
                }
            }
        }
        self.words.resize(atoms.div_ceil(64), 0);
        self.asked.resize(atoms.div_ceil(64), 0);
    }

    /// Notes that an atom is true; false when that was known.
    #[inline]
    pub(super) fn learn(&mut self, atom: u32) -> bool {
        let Some(word) = self.words.get_mut(atom as usize / 64) else { return false };
        let bit = 1 << (atom % 64);
        if *word & bit != 0 {
            return false;
        }
        *word |= bit;
        self.listed.push(atom);
        true
    }

    /// Notes that an atom was asked for, and what came of it.
    #[inline]
    pub(super) fn answer(&mut self, atom: u32, is_true: bool) {
        let (place, bit) = (atom as usize / 64, 1 << (atom % 64));
        if let (Some(word), Some(asked)) = (self.words.get_mut(place), self.asked.get_mut(place)) {
            *asked |= bit;
            *word |= if is_true { bit } else { 0 };
            self.listed.push(atom);
        }
    }

    /// Of the atoms of a word those that are true, and those that were asked for.
    #[inline]
    pub(super) fn word(&self, word: u32) -> (u64, u64) {
        let of = |words: &[u64]| words.get(word as usize).copied().unwrap_or(0);
        (of(&self.words), of(&self.asked))
    }
}

/// Atoms as words of a bit set: those of one rule have numbers that lie close together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Group(Vec<(u32, u64)>);

impl Group {
    pub(super) fn add(&mut self, atom: u32) {
        let (place, bit) = (atom / 64, 1 << (atom % 64));
        match self.0.iter_mut().find(|(word, _)| *word == place) {
            Some((_, bits)) => *bits |= bit,
            None => self.0.push((place, bit)),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        other.atoms().for_each(|atom| self.add(atom));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|(_, bits)| bits.count_ones() as usize).sum()
    }

    /// Words with their bits.
    pub(super) fn words(&self) -> &[(u32, u64)] {
        &self.0
    }

    pub(super) fn atoms(&self) -> impl Iterator<Item = u32> + '_ {
        self.0
            .iter()
            .flat_map(|(word, bits)| (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit))
    }
}
