//! Elements of arrays, each as a small event of its own: what a rule's array selector looks at. A row holds the text of a
//! selected array as it stands in the record; whoever filled the row knows how to read it, when somebody asks.

use std::fmt::Debug;
use std::ops::ControlFlow;

use super::row::{Row, Scalar};

/// What a selected field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece<'a> {
    /// The text of an array or of an object.
    Text(&'a str),
    /// A value that lies in no array.
    Scalar(Scalar<'a>),
}

/// Which elements of an array are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// All of them. What is no array counts as an array of one, and null as an empty one.
    Every,
    /// The one at this place, from 0; a negative place counts from the end, the last is -1. Only arrays have places.
    At(i64),
}

impl Chosen {
    /// The place in an array of that many elements.
    #[must_use]
    pub fn place(index: i64, length: usize) -> Option<usize> {
        let length_signed = i64::try_from(length).ok()?;
        let place = if index < 0 { index.checked_add(length_signed)? } else { index };
        usize::try_from(place).ok().filter(|place| *place < length)
    }
}

/// Takes elements until it has seen enough.
pub type EachElement<'e> = &'e mut dyn FnMut(&Row<'_>) -> ControlFlow<()>;

/// Reads the texts of [`Piece`]s.
pub trait ReadElements: Debug + Sync {
    /// Calls `each` with the chosen elements of an array, in order, or with an object as the only one, until it breaks.
    /// `selection` is the place of the selected field in [`FieldTable::selections`](super::FieldTable::selections), whose
    /// table the rows have.
    fn read(&self, selection: usize, text: &str, chosen: Chosen, each: EachElement<'_>) -> ControlFlow<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_either_end() {
        let place = |index| Chosen::place(index, 3);
        assert_eq!([place(0), place(2), place(-1), place(-3)], [Some(0), Some(2), Some(2), Some(0)]);
        assert_eq!([place(3), place(-4), place(i64::MIN), place(i64::MAX)], [None; 4]);
        assert_eq!(Chosen::place(0, 0), None);
    }
}
