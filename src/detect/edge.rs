//! Texts that values begin or end with, found by their outermost bytes: a look-up or two, whatever the number of texts. ASCII
//! letters of the value may have either case.

use foldhash::HashMap;

/// Which end of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Start,
    End,
}

/// Bytes that a key holds.
pub(super) const KEY: usize = 8;
/// The bit by which the cases of an ASCII letter differ, in every byte of a key.
const EITHER_CASE: u64 = 0x2020_2020_2020_2020;

/// Texts at one end of values, each with its atom.
#[derive(Debug)]
pub(super) struct Edge {
    side: Side,
    /// The lengths of keys that occur, one bit each.
    lengths: u16,
    /// Keys that may occur, by their hash: most values are turned away here.
    filter: u64,
    by_key: HashMap<u64, Vec<(Box<[u8]>, u32)>>,
}

impl Edge {
    pub(super) fn new(side: Side) -> Self {
        Self { side, lengths: 0, filter: 0, by_key: HashMap::default() }
    }

    /// Adds a text that is not empty.
    pub(super) fn insert(&mut self, text: &str, atom: u32) {
        let length = text.len().min(KEY);
        let Some(key) = outermost(self.side, text.as_bytes(), length) else { return };
        self.lengths |= 1 << length;
        self.filter |= filter_bit(key);
        self.by_key.entry(key).or_default().push((text.as_bytes().into(), atom));
    }

    /// Gives the atoms of all texts that the value begins or ends with.
    #[inline(always)]
    pub(super) fn look_up(&self, value: &[u8], learn: &mut impl FnMut(u32)) {
        let mut lengths = self.lengths;
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize;
            lengths &= lengths - 1;
            let Some(key) = outermost(self.side, value, length) else { return };
            if self.filter & filter_bit(key) != 0 {
                self.compare(key, value, learn);
            }
        }
    }

    #[inline(never)]
    fn compare(&self, key: u64, value: &[u8], learn: &mut impl FnMut(u32)) {
        for (text, atom) in self.by_key.get(&key).into_iter().flatten() {
            let is_there = match self.side {
                Side::Start => value.get(..text.len()),
                Side::End => value.len().checked_sub(text.len()).and_then(|start| value.get(start..)),
            };
            if is_there.is_some_and(|there| there.eq_ignore_ascii_case(text)) {
                learn(*atom);
            }
        }
    }
}

/// The outermost bytes as a number, the same for both cases of a letter; `None` when there are fewer. Equal keys of different
/// texts do no harm. `length` is eight at most.
#[inline]
pub(super) fn outermost(side: Side, bytes: &[u8], length: usize) -> Option<u64> {
    let outermost = match side {
        Side::Start => bytes.get(..length)?,
        Side::End => bytes.get(bytes.len().checked_sub(length)?..)?,
    };
    if let Some(whole) = outermost.first_chunk::<KEY>() {
        return Some(u64::from_le_bytes(*whole) | EITHER_CASE);
    }
    Some(outermost.iter().fold(length as u64, |key, byte| key << 8 | u64::from(*byte | 0x20)))
}

/// One of 64 bits: the highest of a product depend on all bits of its factors.
#[inline]
pub(super) fn filter_bit(key: u64) -> u64 {
    1 << (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_edge_gives_what_comparing_all_gives(
            texts in proptest::collection::vec("[abä]{1,10}", 0..20),
            value in "[abABä]{0,14}",
            at_end in any::<bool>(),
        ) {
            let mut edge = Edge::new(if at_end { Side::End } else { Side::Start });
            let mut expected = Vec::new();
            for (atom, text) in (0_u32..).zip(&texts) {
                edge.insert(text, atom);
                let folded = value.to_ascii_lowercase();
                if if at_end { folded.ends_with(text) } else { folded.starts_with(text) } {
                    expected.push(atom);
                }
            }
            let mut found = Vec::new();
            edge.look_up(value.as_bytes(), &mut |atom| found.push(atom));
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
