//! Texts anywhere in a value. Of each text a few neighbouring windows are looked for, those that the fewest other texts
//! have; where one stands in a value, the whole text is compared. Long texts have as many windows as positions of the value
//! are left out from one look to the next. Unlike those of an automaton, the steps do not wait for one another. ASCII letters
//! of the value may have either case.

use foldhash::HashMap;

/// Longest window.
const WIDEST: usize = 8;
/// Bits of a filter for each window, so that a window is rarely taken for another.
const BITS_PER_WINDOW: usize = 32;
/// Most bits of a filter: 16 KiB, so that it stays in the nearest cache.
const MOST_BITS: usize = 1 << 17;
/// Lengths from which on texts are of one class, and the length of its windows.
const CLASSES: [(usize, usize); 8] = [(1, 1), (2, 2), (3, 3), (4, 4), (6, 4), (9, 4), (12, WIDEST), (20, WIDEST)];

/// Longest stride: a text has as many windows.
const MOST_STRIDE: usize = 16;

/// Texts with their atoms, by class.
#[derive(Debug)]
pub(super) struct Grams {
    /// Ascending by the length of their texts.
    classes: Vec<Class>,
    /// Length of the shortest text.
    shortest: usize,
}

impl Default for Grams {
    fn default() -> Self {
        Self { classes: Vec::new(), shortest: usize::MAX }
    }
}

/// Texts of about the same length.
#[derive(Debug)]
struct Class {
    /// Length of the shortest of them.
    shortest: usize,
    width: usize,
    /// Positions from one look to the next. Every text is long enough that one look falls on one of its windows.
    stride: usize,
    /// Which windows may occur, by their hash.
    filter: Vec<u64>,
    shift: u32,
    /// The windows by their bytes: hash table with linear probing, a power of two, at most half full.
    table: Vec<Windows>,
    table_shift: u32,
    windows: Vec<Window>,
    texts: Vec<u8>,
}

/// The windows of the same bytes: a stretch of all of them, empty where nothing is.
#[derive(Debug, Clone, Copy, Default)]
struct Windows {
    key: u64,
    first: u32,
    end: u32,
}

/// A window of a text: where in it the window begins, and where the text lies among all.
#[derive(Debug)]
struct Window {
    offset: usize,
    start: usize,
    end: usize,
    atom: u32,
}

impl Grams {
    /// Texts that are not empty, each with its atom.
    pub(super) fn new(texts: &[(&str, u32)]) -> Self {
        let mut common: HashMap<usize, HashMap<u64, u32>> = HashMap::default();
        let ends = CLASSES.iter().skip(1).map(|(shortest, _)| *shortest).chain([usize::MAX]);
        let classes: Vec<Class> = CLASSES
            .into_iter()
            .zip(ends)
            .filter_map(|((shortest, width), end)| {
                let of_class = texts.iter().filter(|(text, _)| (shortest..end).contains(&text.len()));
                let of_class: Vec<(&str, u32)> = of_class.copied().collect();
                (!of_class.is_empty()).then(|| {
                    let common = common.entry(width).or_insert_with(|| occurrences(texts, width));
                    let shortest = of_class.iter().map(|(text, _)| text.len()).min().unwrap_or(shortest);
                    Class::new(width, shortest, &of_class, common)
                })
            })
            .collect();
        Self { shortest: classes.first().map_or(usize::MAX, |class| class.shortest), classes }
    }

    /// Gives the atoms of all texts that are in the value, some of them repeatedly.
    #[inline(always)]
    pub(super) fn look_up(&self, value: &[u8], learn: &mut impl FnMut(u32)) {
        if value.len() >= self.shortest {
            self.look_up_all(value, learn);
        }
    }

    #[inline(never)]
    fn look_up_all(&self, value: &[u8], learn: &mut impl FnMut(u32)) {
        for class in &self.classes {
            if value.len() < class.shortest {
                break;
            }
            match class.width {
                1 => class.look_up::<1>(value, learn),
                2 => class.look_up::<2>(value, learn),
                3 => class.look_up::<3>(value, learn),
                4 => class.look_up::<4>(value, learn),
                _ => class.look_up::<WIDEST>(value, learn),
            }
        }
    }
}

impl Class {
    fn new(width: usize, shortest: usize, texts: &[(&str, u32)], common: &HashMap<u64, u32>) -> Self {
        let stride = (shortest - width + 1).min(MOST_STRIDE);
        let bits = (texts.len() * stride * BITS_PER_WINDOW).next_power_of_two().clamp(64, MOST_BITS);
        let mut made = Self {
            shortest,
            width,
            stride,
            filter: vec![0; bits / 64],
            shift: u64::BITS - bits.trailing_zeros(),
            table: Vec::new(),
            table_shift: 0,
            windows: Vec::new(),
            texts: Vec::new(),
        };
        let mut by_key: HashMap<u64, Vec<Window>> = HashMap::default();
        for (text, atom) in texts {
            let start = made.texts.len();
            made.texts.extend_from_slice(text.as_bytes());
            let keys: Vec<u64> = text.as_bytes().windows(width).map(number).collect();
            let costs: Vec<u32> = keys.iter().map(|key| common.get(key).copied().unwrap_or(0)).collect();
            let rarest =
                costs.windows(stride).map(|run| run.iter().sum::<u32>()).enumerate().min_by_key(|(_, cost)| *cost);
            let first = rarest.map_or(0, |(first, _)| first);
            for (offset, key) in (first..).zip(keys.into_iter().skip(first).take(stride)) {
                let window_of = Window { offset, start, end: made.texts.len(), atom: *atom };
                by_key.entry(key).or_default().push(window_of);
            }
        }
        made.index(by_key);
        made
    }

    fn index(&mut self, by_key: HashMap<u64, Vec<Window>>) {
        self.table = vec![Windows::default(); (by_key.len() * 2).next_power_of_two().max(2)];
        self.table_shift = u64::BITS - self.table.len().trailing_zeros();
        let mask = self.table.len() - 1;
        for (key, windows) in by_key {
            let bit = place(key, self.shift);
            if let Some(word) = self.filter.get_mut(bit / 64) {
                *word |= 1 << (bit % 64);
            }
            let mut at = place(key, self.table_shift);
            while self.table.get(at).is_some_and(|taken| taken.end > taken.first) {
                at = (at + 1) & mask;
            }
            let first = self.windows.len() as u32;
            self.windows.extend(windows);
            if let Some(free) = self.table.get_mut(at) {
                *free = Windows { key, first, end: self.windows.len() as u32 };
            }
        }
    }

    /// The windows of these bytes.
    #[inline]
    fn windows(&self, key: u64) -> &[Window] {
        let mask = self.table.len().wrapping_sub(1);
        let mut at = place(key, self.table_shift);
        while let Some(found) = self.table.get(at).filter(|found| found.end > found.first) {
            if found.key == key {
                return self.windows.get(found.first as usize..found.end as usize).unwrap_or_default();
            }
            at = (at + 1) & mask;
        }
        &[]
    }

    #[inline]
    fn look_up<const WIDTH: usize>(&self, value: &[u8], learn: &mut impl FnMut(u32)) {
        let (filter, shift, stride) = (self.filter.as_slice(), self.shift, self.stride);
        let mut rest = value;
        while let Some(window) = rest.first_chunk::<WIDTH>() {
            let key = number_of(window);
            let place = place(key, shift);
            if filter.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1) {
                self.compare(key, value.len() - rest.len(), value, learn);
            }
            rest = rest.get(stride..).unwrap_or_default();
        }
    }

    #[inline(never)]
    fn compare(&self, key: u64, at: usize, value: &[u8], learn: &mut impl FnMut(u32)) {
        for window in self.windows(key) {
            let Some(text) = self.texts.get(window.start..window.end) else { continue };
            let Some(there) = at.checked_sub(window.offset).and_then(|start| value.get(start..start + text.len()))
            else {
                continue;
            };
            // nearly all that differ do so at the end
            if there.last().map(u8::to_ascii_lowercase) == text.last().copied() && there.eq_ignore_ascii_case(text) {
                learn(window.atom);
            }
        }
    }
}

/// How often each window occurs in the texts.
fn occurrences(texts: &[(&str, u32)], width: usize) -> HashMap<u64, u32> {
    let mut occurrences = HashMap::default();
    for window in texts.iter().flat_map(|(text, _)| text.as_bytes().windows(width)) {
        *occurrences.entry(number(window)).or_default() += 1;
    }
    occurrences
}

/// The place of a window in `2^(64 - shift)`: the highest bits of a product depend on all bits of its factors.
#[inline]
fn place(key: u64, shift: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize
}

/// The bytes of a window as one number, the same for both cases of a letter.
fn number(window: &[u8]) -> u64 {
    window.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte | 0x20))
}

/// The same of a window whose length is known: one load.
#[inline(always)]
fn number_of<const WIDTH: usize>(window: &[u8; WIDTH]) -> u64 {
    if let Some(whole) = window.first_chunk::<8>() {
        return u64::from_le_bytes(*whole) | 0x2020_2020_2020_2020;
    }
    match window.first_chunk::<4>() {
        Some(whole) => u64::from(u32::from_le_bytes(*whole) | 0x2020_2020),
        None => number(window),
    }
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
            before in "[abcB]{0,20}",
            upper in any::<bool>(),
        ) {
            let copied = texts.get(inside.index(texts.len().max(1))).cloned().unwrap_or_default();
            let value = before + &if upper { copied.to_ascii_uppercase() } else { copied } + &value;
            let numbered: Vec<(&str, u32)> = texts.iter().map(String::as_str).zip(0..).collect();
            let mut found = Vec::new();
            Grams::new(&numbered).look_up(value.as_bytes(), &mut |atom| found.push(atom));
            found.sort_unstable();
            found.dedup();
            let expected: Vec<u32> =
                numbered.iter().filter(|(text, _)| value.to_ascii_lowercase().contains(text)).map(|(_, atom)| *atom).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn a_window_is_one_number_however_it_is_read(bytes in any::<[u8; 8]>()) {
            prop_assert_eq!(number_of(&bytes), number(&bytes));
            prop_assert_eq!(number_of(bytes.first_chunk::<4>().unwrap()), number(&bytes[..4]));
            prop_assert_eq!(number_of(bytes.first_chunk::<3>().unwrap()), number(&bytes[..3]));
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
