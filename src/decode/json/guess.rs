//! Which key comes next in an object: the one that stood there in the last document. Producers write the keys of one kind of
//! document in one order, so that a key is mostly not read but compared with the one that is expected, and its place in
//! the trie is known. A wrong guess costs the comparison and changes nothing else.

/// Words of a spelling that can be expected.
const WORDS: usize = 3;
/// Bytes of them.
const BYTES: usize = WORDS * 8;
/// Keys of one object that are expected.
const MOST_KEYS: usize = 64;

/// Where a key leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    /// The child's index among its siblings.
    pub(super) index: u32,
    /// The child's node. [`Way::NOWHERE`] has one that is in no trie.
    pub(super) node: u32,
}

impl Way {
    /// Nobody reads what lies there.
    pub(super) const NOWHERE: Self = Self { index: 0, node: u32::MAX };

    /// To the child of a node, if it has one.
    pub(super) fn to(child: Option<(usize, usize)>) -> Self {
        let Some((index, node)) = child else { return Self::NOWHERE };
        u32::try_from(index)
            .ok()
            .zip(u32::try_from(node).ok())
            .map_or(Self::NOWHERE, |(index, node)| Self { index, node })
    }
}

/// A key as it is spelled, with its quotes and its colon, and where it leads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    spelled: [u64; WORDS],
    mask: [u64; WORDS],
    /// Bytes of the key, its quotes and its colon.
    pub(super) length: u32,
    pub(super) way: Way,
}

/// Nothing is spelled so: what is outside the mask is no part of a spelling.
const NO_GUESS: Guess = Guess { spelled: [1; WORDS], mask: [0; WORDS], length: 0, way: Way::NOWHERE };

/// The keys that are expected in the objects of each node of a trie, in their order.
#[derive(Debug, Default)]
pub(in crate::decode) struct Guesses {
    /// Where the guesses of a node begin, plus one; zero for a node whose objects were never seen.
    begins: Vec<usize>,
    /// Of each node that was seen, as many as are expected at most.
    guesses: Vec<Guess>,
}

impl Guesses {
    /// Where the guesses of a node begin.
    #[inline]
    pub(super) fn of(&mut self, node: usize) -> usize {
        match self.begins.get(node) {
            Some(begin) if *begin > 0 => *begin - 1,
            _ => self.begin(node),
        }
    }

    #[cold]
    fn begin(&mut self, node: usize) -> usize {
        let begin = self.guesses.len();
        self.guesses.resize(begin + MOST_KEYS, NO_GUESS);
        if self.begins.len() <= node {
            self.begins.resize(node + 1, 0);
        }
        if let Some(place) = self.begins.get_mut(node) {
            *place = begin + 1;
        }
        begin
    }

    /// What is expected at this turn, of a node whose guesses begin at `begin`, when it is the key at the beginning of `bytes`.
    #[inline(always)]
    pub(super) fn check(&self, begin: usize, turn: usize, bytes: &[u8]) -> Option<&Guess> {
        let guess = self.guesses.get(begin + turn)?;
        let found = bytes.first_chunk::<BYTES>().map_or_else(|| words_at_end(bytes), words);
        let differing = found.iter().zip(&guess.spelled).zip(&guess.mask);
        let is_right = differing.fold(0, |all, ((found, spelled), mask)| all | (found & mask) ^ spelled) == 0;
        (is_right && turn < MOST_KEYS).then_some(guess)
    }

    /// Expects from now on what stands at the beginning of `bytes`: a key without escapes, `length` bytes with its quotes.
    /// It is not expected when it is long or the colon does not follow at once.
    pub(super) fn learn(&mut self, (begin, turn): (usize, usize), bytes: &[u8], length: usize, way: Way) {
        let Some(guess) = self.guesses.get_mut(begin + turn).filter(|_| turn < MOST_KEYS) else { return };
        let length = length + 1;
        *guess = NO_GUESS;
        if length > BYTES || bytes.get(length - 1) != Some(&b':') {
            return;
        }
        let (mut spelled, mut mask) = ([0; BYTES], [0; BYTES]);
        for ((byte, into), covered) in bytes.iter().zip(&mut spelled).zip(&mut mask).take(length) {
            (*into, *covered) = (*byte, u8::MAX);
        }
        *guess = Guess { spelled: words(&spelled), mask: words(&mask), length: length as u32, way };
    }
}

#[inline(always)]
fn words(bytes: &[u8; BYTES]) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    for (word, chunk) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*chunk);
    }
    words
}

/// The same at the end of a text, as if zeros followed, which are in no key.
#[inline(never)]
fn words_at_end(bytes: &[u8]) -> [u64; WORDS] {
    let mut padded = [0; BYTES];
    for (into, byte) in padded.iter_mut().zip(bytes) {
        *into = *byte;
    }
    words(&padded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_the_very_same_key_is_taken(one in "[ab]{0,24}", two in "[ab]{0,24}", gap in " ?", rest in "[ab:\" ]{0,30}") {
            let mut guesses = Guesses::default();
            let first = format!("\"{one}\"{gap}:{rest}");
            let begin = guesses.of(2);
            guesses.learn((begin, 1), first.as_bytes(), one.len() + 2, Way { index: 3, node: 4 });
            let second = format!("\"{two}\":{rest}");
            let [above, of, below] = [1, 2, 3].map(|node| guesses.of(node));
            let check = |begin, turn| guesses.check(begin, turn, second.as_bytes()).map(|guess| (guess.length, guess.way));
            let way = Way { index: 3, node: 4 };
            let taken = check(of, 1);
            let expected = one == two && gap.is_empty() && one.len() + 3 <= BYTES;
            prop_assert_eq!(taken, expected.then_some((one.len() as u32 + 3, way)));
            for (begin, turn) in [(of, 0), (of, 2), (above, 1), (below, 1), (above, MOST_KEYS + 1), (of, MOST_KEYS)] {
                prop_assert_eq!(check(begin, turn), None);
            }
            guesses.learn((above, MOST_KEYS), first.as_bytes(), one.len() + 2, way);
            prop_assert!(guesses.check(below, 0, second.as_bytes()).is_none());
        }
    }
}
