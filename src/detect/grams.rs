//! Texts anywhere in a value. Of each text a few neighbouring windows are looked for, those that the fewest other texts
//! have; where one stands in a value, the whole text is compared. Long texts have as many windows as positions of the value
//! are left out from one look to the next. Unlike those of an automaton, the steps do not wait for one another.

use foldhash::HashMap;

/// Longest window.
const WIDEST: usize = 4;
/// Bits of a filter for each window, so that a window is rarely taken for another.
const BITS_PER_WINDOW: usize = 16;
/// Most bits of a filter: 16 KiB, so that it stays in the nearest cache.
const MOST_BITS: usize = 1 << 17;
/// Lengths from which on texts are of one class, and the length of its windows.
const CLASSES: [(usize, usize); 6] = [(1, 1), (2, 2), (3, 3), (4, WIDEST), (8, WIDEST), (16, WIDEST)];

/// Texts with their atoms, by class.
#[derive(Debug, Default)]
pub(super) struct Grams {
    classes: Vec<Class>,
}

/// Texts of about the same length.
#[derive(Debug)]
struct Class {
    width: usize,
    /// Positions from one look to the next. Every text is long enough that one look falls on one of its windows.
    stride: usize,
    /// Which windows may occur, by their hash.
    filter: Vec<u64>,
    shift: u32,
    windows: HashMap<u32, Vec<Window>>,
    texts: Vec<(Box<[u8]>, u32)>,
}

/// A window of a text: its index and where in it the window begins.
#[derive(Debug)]
struct Window {
    text: usize,
    offset: usize,
}

impl Grams {
    /// Texts that are not empty, each with its atom.
    pub(super) fn new(texts: &[(&str, u32)]) -> Self {
        let ends = CLASSES.iter().skip(1).map(|(shortest, _)| *shortest).chain([usize::MAX]);
        let classes = CLASSES.into_iter().zip(ends).filter_map(|((shortest, width), end)| {
            let of_class = texts.iter().filter(|(text, _)| (shortest..end).contains(&text.len()));
            let of_class: Vec<(&str, u32)> = of_class.copied().collect();
            (!of_class.is_empty()).then(|| Class::new(width, shortest - width + 1, &of_class, texts))
        });
        Self { classes: classes.collect() }
    }

    /// Gives the atoms of all texts that are in the value, some of them repeatedly.
    #[inline]
    pub(super) fn look_up(&self, value: &[u8], learn: &mut impl FnMut(u32)) {
        for class in &self.classes {
            match class.width {
                1 => class.look_up::<1>(value, learn),
                2 => class.look_up::<2>(value, learn),
                3 => class.look_up::<3>(value, learn),
                _ => class.look_up::<WIDEST>(value, learn),
            }
        }
    }
}

impl Class {
    fn new(width: usize, stride: usize, texts: &[(&str, u32)], all: &[(&str, u32)]) -> Self {
        let mut common: HashMap<&[u8], u32> = HashMap::default();
        for (text, _) in all {
            for window in text.as_bytes().windows(width) {
                *common.entry(window).or_default() += 1;
            }
        }
        let bits = (texts.len() * stride * BITS_PER_WINDOW).next_power_of_two().clamp(64, MOST_BITS);
        let mut made = Self {
            width,
            stride,
            filter: vec![0; bits / 64],
            shift: u32::BITS - bits.trailing_zeros(),
            windows: HashMap::default(),
            texts: texts.iter().map(|(text, atom)| (text.as_bytes().into(), *atom)).collect(),
        };
        for (index, (text, _)) in texts.iter().enumerate() {
            let windows: Vec<&[u8]> = text.as_bytes().windows(width).collect();
            let cost = |run: &[&[u8]]| run.iter().filter_map(|window| common.get(window)).sum::<u32>();
            let rarest = windows.windows(stride).enumerate().min_by_key(|(_, run)| cost(run));
            for (offset, window) in rarest.into_iter().flat_map(|(first, run)| (first..).zip(run)) {
                made.insert(number(window), Window { text: index, offset });
            }
        }
        made
    }

    fn insert(&mut self, key: u32, window: Window) {
        let place = self.place(key);
        if let Some(word) = self.filter.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
        self.windows.entry(key).or_default().push(window);
    }

    /// The bit of a window: the highest bits of a product depend on all bits of its factors.
    #[inline]
    fn place(&self, key: u32) -> usize {
        (key.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    #[inline]
    fn look_up<const WIDTH: usize>(&self, value: &[u8], learn: &mut impl FnMut(u32)) {
        let mut at = 0;
        while let Some(window) = value.get(at..).and_then(<[u8]>::first_chunk::<WIDTH>) {
            let key = number(window);
            let place = self.place(key);
            if self.filter.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1) {
                self.compare(key, at, value, learn);
            }
            at += self.stride;
        }
    }

    #[inline(never)]
    fn compare(&self, key: u32, at: usize, value: &[u8], learn: &mut impl FnMut(u32)) {
        for window in self.windows.get(&key).into_iter().flatten() {
            let Some((text, atom)) = self.texts.get(window.text) else { continue };
            let rest = at.checked_sub(window.offset).and_then(|start| value.get(start..));
            if rest.is_some_and(|rest| rest.starts_with(text)) {
                learn(*atom);
            }
        }
    }
}

/// The bytes of a window as one number.
#[inline]
fn number(window: &[u8]) -> u32 {
    window.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_that_is_in_the_value_is_found_and_no_other(
            texts in proptest::collection::vec(prop_oneof!["[abä1]{1,7}", "[ab]{7,20}", "(ab|abc|1){3,9}"], 0..30),
            value in prop_oneof!["[abä1]{0,40}", "(ab|abc|1){3,30}"],
            inside in any::<prop::sample::Index>(),
            before in "[abc]{0,20}",
        ) {
            let copied = texts.get(inside.index(texts.len().max(1))).cloned().unwrap_or_default();
            let value = before + &copied + &value;
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
