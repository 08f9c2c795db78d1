//! The values of an event as patterns are compared with them, folded once however often they are asked, each with the
//! pairs of neighbouring bytes that are in it: a text that has another pair is not in it, and that is known without a search.

use crate::model::Scalar;
use crate::rule::pattern::fold;

/// Bits of a set of pairs.
const BITS: u32 = 256;

/// Which pairs of neighbouring bytes are in a text, one of 256 bits for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pairs([u64; (BITS / 64) as usize]);

impl Pairs {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut pairs = Self::default();
        for (one, two) in text.iter().zip(text.iter().skip(1)) {
            let both = u16::from(*one) | u16::from(*two) << 8;
            let bit = u32::from(both.wrapping_mul(0x9E37) >> 8) % BITS;
            if let Some(word) = pairs.0.get_mut((bit / 64) as usize) {
                *word |= 1 << (bit % 64);
            }
        }
        pairs
    }

    /// Whether all of the other's pairs are among these.
    #[inline]
    pub(super) fn include(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(all, some)| all & some == *some)
    }
}

/// Where a folded value lies.
#[derive(Debug)]
struct Folded {
    start: usize,
    end: usize,
    pairs: Option<Pairs>,
}

/// Which of them are a field's, and of which event.
#[derive(Debug, Clone, Copy, Default)]
struct Of {
    event: u64,
    first: usize,
    end: usize,
}

/// The folded values of one event by field. Memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Values {
    event: u64,
    bytes: Vec<u8>,
    folded: Vec<Folded>,
    fields: Vec<Of>,
}

impl Values {
    /// Forgets everything, for the next event over that many fields.
    pub(super) fn reset(&mut self, fields: usize) {
        self.event += 1;
        self.bytes.clear();
        self.folded.clear();
        if self.fields.len() != fields {
            self.fields.resize(fields, Of::default());
        }
    }

    /// The places of a field's folded values. `scalars` gives the values when they are not folded yet.
    pub(super) fn of<'r, 'a: 'r, I: Iterator<Item = &'r Scalar<'a>>>(
        &mut self,
        field: usize,
        scalars: impl FnOnce() -> I,
    ) -> std::ops::Range<usize> {
        let event = self.event;
        let Some(of) = self.fields.get_mut(field) else { return 0..0 };
        if of.event != event {
            let first = self.folded.len();
            for text in scalars().filter_map(Scalar::as_text) {
                let start = self.bytes.len();
                push_folded(text, &mut self.bytes);
                self.folded.push(Folded { start, end: self.bytes.len(), pairs: None });
            }
            *of = Of { event, first, end: self.folded.len() };
        }
        of.first..of.end
    }

    /// The folded value at a place.
    #[inline]
    pub(super) fn text(&self, place: usize) -> &[u8] {
        self.folded.get(place).and_then(|folded| self.bytes.get(folded.start..folded.end)).unwrap_or_default()
    }

    /// Whether the value at a place contains a text that has these pairs.
    pub(super) fn contains(&mut self, place: usize, text: &[u8], pairs: &Pairs) -> bool {
        let Some(folded) = self.folded.get_mut(place) else { return false };
        let value = self.bytes.get(folded.start..folded.end).unwrap_or_default();
        if value.len() < text.len() || !folded.pairs.get_or_insert_with(|| Pairs::of(value)).include(pairs) {
            return false;
        }
        memchr::memmem::find(value, text).is_some()
    }
}

/// Appends the text as patterns are compared with it.
fn push_folded(text: &str, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.extend_from_slice(text.as_bytes());
    if let Some(copied) = bytes.get_mut(start..) {
        if copied.is_ascii() {
            copied.make_ascii_lowercase();
        } else {
            bytes.truncate(start);
            bytes.extend_from_slice(fold(text).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_are_folded_once_and_searched_as_texts_are(
            texts in proptest::collection::vec("[abÄäK\u{212a} ]{0,12}", 0..4),
            parts in proptest::collection::vec("[abäk ]{1,4}", 1..9),
        ) {
            let mut values = Values::default();
            values.reset(2);
            let scalars: Vec<Scalar<'_>> = texts.iter().map(|text| Scalar::Text(text.into())).collect();
            let places = values.of(1, || scalars.iter());
            prop_assert_eq!(values.of(1, || [].iter()), places.clone(), "they are not asked for again");
            prop_assert_eq!(places.len(), texts.len());
            for (place, text) in places.zip(&texts) {
                let folded = fold(text);
                prop_assert_eq!(values.text(place), folded.as_bytes());
                for part in &parts {
                    let found = values.contains(place, part.as_bytes(), &Pairs::of(part.as_bytes()));
                    prop_assert_eq!(found, folded.contains(part.as_str()));
                }
            }
            values.reset(2);
            prop_assert_eq!(values.of(1, || [].iter()).len(), 0);
        }
    }
}
