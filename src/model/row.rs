//! One event as the rules see it: a row of typed slots that borrow from the record's bytes.
//!
//! A slot holds no value (the field is missing), one (the usual case) or several (the field is an array, or lies in an
//! array of objects; Sigma: a plain field matches when any member does). An object and an empty array have no scalar but
//! are present. Values keep the order of the document.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::element::{Chosen, EachElement, Piece, ReadElements};
use super::{ELEMENT, Slot};

/// A leaf of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is spelled in the record.
    Number(&'a str),
    /// A text with its escapes resolved; borrowed unless there were some.
    Text(Cow<'a, str>),
}

impl Scalar<'_> {
    /// The text that Sigma compares with: booleans are `true` and `false`, numbers as spelled; `None` for null.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Null => None,
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
            Self::Number(text) => Some(text),
            Self::Text(text) => Some(text),
        }
    }

    /// The number that it is, or that its text spells.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Bool(_) => None,
        }
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Held<'r, 'a> {
    /// It is not in the event.
    Nothing,
    /// Exactly one value.
    One(&'r Scalar<'a>),
    /// Several, or an object or an empty array.
    Several,
}

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone)]
struct Cell<'a> {
    scalar: Scalar<'a>,
    next: u32,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    /// The event that has the field; what is of another one is as good as forgotten.
    event: u32,
    first: u32,
    last: u32,
    /// Smaller is preferred: which spelling of the field the values came from.
    preference: u8,
}

/// Of no event.
const EMPTY: Head = Head { event: 0, first: NONE, last: NONE, preference: u8::MAX };

/// The projected fields of one event. Made once per source and cleared per event.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    heads: Vec<Head>,
    cells: Vec<Cell<'a>>,
    /// The number of the event, from 1, among those that the memory has been used for.
    event: u32,
    leaves: Vec<Scalar<'a>>,
    /// Of the fields whose elements are looked at, what they hold, each with its preference. Empty where no rule does so.
    pieces: Vec<(Slot, u8, Piece<'a>)>,
    /// Knows how to read them.
    reader: Option<&'a dyn ReadElements>,
}

impl Default for Row<'_> {
    fn default() -> Self {
        Self::new(0)
    }
}

impl<'a> Row<'a> {
    /// An empty row for that many slots.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self {
            heads: vec![EMPTY; slots],
            cells: Vec::with_capacity(slots),
            event: 1,
            leaves: Vec::new(),
            pieces: Vec::new(),
            reader: None,
        }
    }

    /// What is known of a field that the event has.
    #[inline]
    fn head(&self, slot: Slot) -> Option<&Head> {
        self.heads.get(slot.index()).filter(|head| head.event == self.event)
    }

    /// Whether the field is in the event at all, be it null, an object or an empty array.
    #[must_use]
    pub fn is_present(&self, slot: Slot) -> bool {
        self.head(slot).is_some()
    }

    /// The field's scalar values in the order of the document.
    pub fn values(&self, slot: Slot) -> impl Iterator<Item = &Scalar<'a>> {
        let mut at = self.head(slot).map_or(NONE, |head| head.first);
        std::iter::from_fn(move || {
            let cell = self.cells.get(at as usize)?;
            at = cell.next;
            Some(&cell.scalar)
        })
    }

    /// What the field holds, with one look.
    #[inline]
    pub(crate) fn held(&self, slot: Slot) -> Held<'_, 'a> {
        match self.head(slot) {
            None => Held::Nothing,
            Some(head) if head.first != head.last => Held::Several,
            Some(head) => self.cells.get(head.first as usize).map_or(Held::Several, |cell| Held::One(&cell.scalar)),
        }
    }

    /// The field's first scalar value.
    #[must_use]
    pub fn first(&self, slot: Slot) -> Option<&Scalar<'a>> {
        self.values(slot).next()
    }

    /// The field's first value that is not null, as text.
    #[must_use]
    pub fn text(&self, slot: Slot) -> Option<&str> {
        self.values(slot).find_map(Scalar::as_text)
    }

    /// Every leaf value of the event, if the field table asked for them.
    #[must_use]
    pub fn leaves(&self) -> &[Scalar<'a>] {
        &self.leaves
    }

    /// Adds a value to a slot. `preference` tells which spelling of the field it came from: a smaller one replaces what a
    /// larger one put there, an equal one adds to it (an array), a larger one is ignored.
    #[inline(always)]
    pub fn push(&mut self, slot: Slot, preference: u8, scalar: Scalar<'a>) {
        match self.heads.get_mut(slot.index()) {
            // mostly it is the first
            Some(head) if head.event != self.event => {
                let at = self.cells.len() as u32;
                *head = Head { event: self.event, first: at, last: at, preference };
                self.cells.push(Cell { scalar, next: NONE });
            }
            _ => self.add(slot, preference, scalar),
        }
    }

    /// Adds a value to a slot that has been claimed.
    #[inline(never)]
    fn add(&mut self, slot: Slot, preference: u8, scalar: Scalar<'a>) {
        let at = self.cells.len() as u32;
        let Some(head) = self.claim(slot, preference) else { return };
        let previous = head.last;
        head.last = at;
        if head.first == NONE {
            head.first = at;
        }
        if let Some(cell) = self.cells.get_mut(previous as usize) {
            cell.next = at;
        }
        self.cells.push(Cell { scalar, next: NONE });
    }

    /// The field as it stands in the record, where somebody looks at its elements: the preferred spelling's, several when
    /// it lies in an array of objects.
    pub fn pieces(&self, slot: Slot) -> impl Iterator<Item = &Piece<'a>> {
        let preference = self.head(slot).map_or(u8::MAX, |head| head.preference);
        let is_asked = move |piece: &&(Slot, u8, Piece<'a>)| piece.0 == slot && piece.1 == preference;
        self.pieces.iter().filter(is_asked).map(|(_, _, piece)| piece)
    }

    /// Calls `each` with the chosen elements of a field, as rows of their own, until it breaks. Of a field that was not read
    /// from the record as it is (it was derived, or comes from a table), the values are the elements.
    pub fn elements(&self, slot: Slot, selection: usize, chosen: Chosen, each: EachElement<'_>) -> ControlFlow<()> {
        let mut pieces = self.pieces(slot).peekable();
        if pieces.peek().is_none() {
            return self.values_as_elements(slot, chosen, each);
        }
        pieces.try_for_each(|piece| match (piece, self.reader) {
            (Piece::Text(text), Some(reader)) => reader.read(selection, text, chosen, &mut *each),
            (Piece::Scalar(scalar), _) if chosen == Chosen::Every && *scalar != Scalar::Null => {
                each(&Row::of_element(scalar.clone()))
            }
            _ => ControlFlow::Continue(()),
        })
    }

    fn values_as_elements(&self, slot: Slot, chosen: Chosen, each: EachElement<'_>) -> ControlFlow<()> {
        let elements = || self.values(slot).filter(|value| **value != Scalar::Null);
        let mut each = |scalar: &Scalar<'a>| each(&Row::of_element(scalar.clone()));
        match chosen {
            Chosen::Every => elements().try_for_each(each),
            Chosen::At(index) => {
                let place = Chosen::place(index, elements().count());
                place.and_then(|place| elements().nth(place)).map_or(ControlFlow::Continue(()), &mut each)
            }
        }
    }

    /// An element that is a value.
    fn of_element(scalar: Scalar<'a>) -> Self {
        let mut row = Self::new(1);
        // it is no array, whatever is asked of it
        row.push_piece(ELEMENT, 0, Piece::Scalar(scalar.clone()));
        row.push(ELEMENT, 0, scalar);
        row
    }

    /// Keeps a field of which elements are looked at as it stands in the record.
    pub fn push_piece(&mut self, slot: Slot, preference: u8, piece: Piece<'a>) {
        self.pieces.push((slot, preference, piece));
    }

    /// Says who can read the pieces.
    pub fn read_elements_with(&mut self, reader: &'a dyn ReadElements) {
        self.reader = Some(reader);
    }

    /// Takes away what a slot holds.
    pub fn forget(&mut self, slot: Slot) {
        self.pieces.retain(|(of, _, _)| *of != slot);
        if let Some(head) = self.heads.get_mut(slot.index()) {
            *head = EMPTY;
        }
    }

    /// Notes that the field is there although it has no scalar value: an object or an empty array.
    pub fn mark_present(&mut self, slot: Slot, preference: u8) {
        self.claim(slot, preference);
    }

    /// Adds a leaf value for keyword searches.
    pub fn push_leaf(&mut self, scalar: Scalar<'a>) {
        self.leaves.push(scalar);
    }

    fn claim(&mut self, slot: Slot, preference: u8) -> Option<&mut Head> {
        let head = self.heads.get_mut(slot.index())?;
        if head.event != self.event || head.preference > preference {
            *head = Head { event: self.event, preference, ..EMPTY };
        }
        (head.preference == preference).then_some(head)
    }

    /// Forgets everything and keeps the memory, for an event that borrows from another buffer.
    #[must_use]
    pub fn recycle<'b>(mut self) -> Row<'b> {
        self.event = self.event.wrapping_add(1);
        if self.event == 0 {
            // numbers come again: what was of an event of this number is not of the next one
            self.heads.fill(EMPTY);
            self.event = 1;
        }
        self.cells.clear();
        self.leaves.clear();
        self.pieces.clear();
        // Empty vectors hold no borrow; collecting from an empty iterator of the same layout reuses the allocation.
        Row {
            heads: self.heads,
            cells: self.cells.into_iter().map(|_| Cell { scalar: Scalar::Null, next: NONE }).collect(),
            event: self.event,
            leaves: self.leaves.into_iter().map(|_| Scalar::Null).collect(),
            pieces: self.pieces.into_iter().map(|_| (Slot(0), 0, Piece::Text(""))).collect(),
            reader: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(row: &Row<'_>, slot: Slot) -> Vec<String> {
        row.values(slot).map(|value| value.as_text().unwrap_or("null").to_owned()).collect()
    }

    #[test]
    fn values_interleave_and_keep_their_order() {
        let (a, b) = (Slot(0), Slot(1));
        let mut row = Row::new(2);
        row.push(a, 0, Scalar::Number("1"));
        row.push(b, 0, Scalar::Bool(true));
        row.push(a, 0, Scalar::Text("x".into()));
        assert_eq!(texts(&row, a), ["1", "x"]);
        assert_eq!(texts(&row, b), ["true"]);
        assert_eq!((row.held(a), row.held(b)), (Held::Several, Held::One(&Scalar::Bool(true))));
    }

    #[test]
    fn the_preferred_spelling_wins_whatever_comes_first() {
        let slot = Slot(0);
        let mut row = Row::new(1);
        row.push(slot, 2, Scalar::Text("nested".into()));
        row.push(slot, 0, Scalar::Text("literal".into()));
        row.push(slot, 1, Scalar::Text("other".into()));
        assert_eq!(texts(&row, slot), ["literal"]);
    }

    #[test]
    fn presence_is_not_a_value() {
        let slot = Slot(0);
        let mut row = Row::new(1);
        assert!(!row.is_present(slot));
        row.mark_present(slot, 0);
        assert!(row.is_present(slot));
        assert_eq!((row.first(slot), row.held(slot)), (None, Held::Several));
        let row: Row<'_> = row.recycle();
        assert!(!row.is_present(slot));
    }

    #[test]
    fn nothing_of_an_event_comes_again_when_numbers_do() {
        let (slot, other) = (Slot(0), Slot(1));
        let mut row = Row::new(2);
        row.push(slot, 0, Scalar::Bool(true));
        row.event = u32::MAX;
        row.push(other, 0, Scalar::Bool(true));
        let mut row: Row<'_> = row.recycle();
        assert_eq!((row.is_present(slot), row.is_present(other), row.event), (false, false, 1));
        row.push(slot, 3, Scalar::Null);
        assert_eq!(texts(&row, slot), ["null"]);
    }
}
