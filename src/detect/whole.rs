//! Texts that are a whole value. Nearly all other values are told from them without a copy: by their length, their beginning
//! and their end.

use foldhash::HashMap;

use super::edge::{KEY, Side, filter_bit, outermost};

/// Texts as patterns are compared, folded, each with its atom.
#[derive(Debug, Default)]
pub(super) struct Whole {
    texts: HashMap<Box<[u8]>, u32>,
    /// Their lengths, one bit each; the highest stands for 63 and more.
    lengths: u64,
    /// Their first bytes, by hash.
    starts: u64,
    /// Their last bytes.
    ends: u64,
}

impl Whole {
    pub(super) fn insert(&mut self, text: &str, atom: u32) {
        let bytes = text.as_bytes();
        self.lengths |= length_bit(bytes);
        self.starts |= edge_bit(Side::Start, bytes);
        self.ends |= edge_bit(Side::End, bytes);
        self.texts.insert(bytes.into(), atom);
    }

    /// Whether a value of ASCII characters can be one of the texts, in whatever case.
    #[inline]
    pub(super) fn may_be(&self, value: &[u8]) -> bool {
        self.lengths & length_bit(value) != 0
            && self.starts & edge_bit(Side::Start, value) != 0
            && self.ends & edge_bit(Side::End, value) != 0
    }

    /// The atom of the text that a folded value is.
    pub(super) fn find(&self, folded: &[u8]) -> Option<u32> {
        if self.lengths & length_bit(folded) == 0 {
            return None;
        }
        self.texts.get(folded).copied()
    }
}

#[inline]
fn length_bit(bytes: &[u8]) -> u64 {
    1 << bytes.len().min(63)
}

#[inline]
fn edge_bit(side: Side, bytes: &[u8]) -> u64 {
    outermost(side, bytes, bytes.len().min(KEY)).map_or(0, filter_bit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_is_found_in_any_case_and_nothing_else_is(
            texts in proptest::collection::vec("[abc]{0,12}", 0..12),
            value in "[abcABC]{0,12}",
            chosen in any::<prop::sample::Index>(),
        ) {
            let mut whole = Whole::default();
            for (atom, text) in (0_u32..).zip(&texts) {
                whole.insert(text, atom);
            }
            let copy = texts.get(chosen.index(texts.len().max(1))).map(|text| text.to_ascii_uppercase());
            for value in std::iter::once(value).chain(copy) {
                let folded = value.to_ascii_lowercase();
                let expected = texts.iter().rposition(|text| *text == folded).map(|atom| atom as u32);
                prop_assert_eq!(whole.find(folded.as_bytes()), expected);
                prop_assert!(expected.is_none() || whole.may_be(value.as_bytes()));
            }
        }
    }
}
