//! Which key comes next in an object: the one that stood there in the last document. Producers write the keys of one kind of
//! document in one order, so that a key is mostly not read but compared with the one that is expected, and its place in
//! the trie is known. A wrong guess costs the comparison and changes nothing else.

/// Words of a spelling that can be expected.
const WORDS: usize = 3;
/// Bytes of them.
const BYTES: usize = WORDS * 8;
/// Keys of one object that are expected.
const MOST_KEYS: usize = 64;

/// A key as it is spelled, with its quotes and its colon, and the child that it leads to.
#[derive(Debug, Clone, Copy, Default)]
struct Guess {
    spelled: [u64; WORDS],
    mask: [u64; WORDS],
    /// Zero when there is none.
    length: usize,
    child: Option<(usize, usize)>,
}

/// The keys that are expected in the objects of each node of a trie.
#[derive(Debug, Default)]
pub(in crate::decode) struct Guesses(Vec<Turns>);

/// The keys that are expected in an object, in their order.
#[derive(Debug, Default)]
pub(super) struct Turns(Vec<Guess>);

impl Guesses {
    /// The expectations for an object, to be put back behind it.
    #[inline]
    pub(super) fn take(&mut self, node: usize) -> Turns {
        self.0.get_mut(node).map(std::mem::take).unwrap_or_default()
    }

    /// See [`Self::take`].
    #[inline]
    pub(super) fn put(&mut self, node: usize, turns: Turns) {
        if self.0.len() <= node {
            self.0.resize_with(node + 1, Turns::default);
        }
        if let Some(place) = self.0.get_mut(node) {
            *place = turns;
        }
    }
}

impl Turns {
    /// The length of the key, its quotes and its colon at the beginning of `bytes`, and the child that it leads to, when it
    /// is the one that is expected at this turn.
    #[inline(always)]
    pub(super) fn check(&self, turn: usize, bytes: &[u8]) -> Option<(usize, Option<(usize, usize)>)> {
        let guess = self.0.get(turn)?;
        let found = words(bytes.first_chunk::<BYTES>()?);
        let differing = found.iter().zip(&guess.spelled).zip(&guess.mask);
        let is_right = differing.fold(0, |all, ((found, spelled), mask)| all | (found ^ spelled) & mask) == 0;
        (is_right && guess.length > 0).then_some((guess.length, guess.child))
    }

    /// Expects from now on what stands at the beginning of `bytes`: a key without escapes, `length` bytes with its quotes.
    /// It is not expected when it is long or the colon does not follow at once.
    pub(super) fn learn(&mut self, turn: usize, bytes: &[u8], length: usize, child: Option<(usize, usize)>) {
        if turn >= MOST_KEYS {
            return;
        }
        if self.0.len() <= turn {
            self.0.resize(turn + 1, Guess::default());
        }
        let Some(guess) = self.0.get_mut(turn) else { return };
        let length = length + 1;
        guess.length = 0;
        if length > BYTES || bytes.get(length - 1) != Some(&b':') {
            return;
        }
        let (mut spelled, mut mask) = ([0; BYTES], [0; BYTES]);
        for ((byte, into), covered) in bytes.iter().zip(&mut spelled).zip(&mut mask).take(length) {
            (*into, *covered) = (*byte, u8::MAX);
        }
        *guess = Guess { spelled: words(&spelled), mask: words(&mask), length, child };
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_the_very_same_key_is_taken(one in "[ab]{0,24}", two in "[ab]{0,24}", gap in " ?", rest in "[ab:\" ]{0,30}") {
            let mut guesses = Guesses::default();
            let first = format!("\"{one}\"{gap}:{rest}");
            let mut turns = guesses.take(2);
            turns.learn(1, first.as_bytes(), one.len() + 2, Some((3, 4)));
            guesses.put(2, turns);
            let second = format!("\"{two}\":{rest}");
            let turns = guesses.take(2);
            let taken = turns.check(1, second.as_bytes());
            let expected = one == two && gap.is_empty() && one.len() + 3 <= BYTES && second.len() >= BYTES;
            prop_assert_eq!(taken, expected.then_some((one.len() + 3, Some((3, 4)))));
            prop_assert_eq!(turns.check(0, second.as_bytes()), None);
            prop_assert_eq!(turns.check(2, second.as_bytes()), None);
            prop_assert_eq!(guesses.take(1).check(1, second.as_bytes()), None);
            prop_assert_eq!(guesses.take(3).check(1, second.as_bytes()), None);
        }
    }
}
