//! Sets of rules by index: those that may be found, one bit each, and those that were.

/// A set of rules. Those beyond its length are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mask(Vec<u64>);

impl Mask {
    /// The set of these rules.
    pub(super) fn of(rules: &[u32]) -> Self {
        let mut words = vec![0; rules.iter().max().map_or(0, |most| *most as usize / 64 + 1)];
        for rule in rules {
            if let Some(word) = words.get_mut(*rule as usize / 64) {
                *word |= 1 << (rule % 64);
            }
        }
        Self(words)
    }

    #[inline]
    fn has(&self, rule: u32) -> bool {
        self.0.get(rule as usize / 64).is_some_and(|word| word >> (rule % 64) & 1 == 1)
    }
}

/// The rules that were found in an event. Memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    found: Vec<u32>,
    /// The same, one bit each.
    known: Vec<u64>,
}

impl Candidates {
    /// Forgets everything and makes room for that many rules.
    #[inline]
    pub(super) fn reset(&mut self, rules: usize) {
        if !self.found.is_empty() || self.known.len() != rules.div_ceil(64) {
            self.clear(rules);
        }
    }

    #[inline(never)]
    fn clear(&mut self, rules: usize) {
        for rule in self.found.drain(..) {
            if let Some(word) = self.known.get_mut(rule as usize / 64) {
                *word = 0;
            }
        }
        self.known.resize(rules.div_ceil(64), 0);
    }

    /// Adds those of the rules that are in the mask and not yet there.
    #[inline]
    pub(super) fn add_all(&mut self, rules: &[u32], mask: &Mask) {
        for rule in rules {
            let Some(word) = self.known.get_mut(*rule as usize / 64) else { continue };
            let bit = 1 << (rule % 64);
            if *word & bit == 0 && mask.has(*rule) {
                *word |= bit;
                self.found.push(*rule);
            }
        }
    }

    /// The rules, ascending.
    pub(super) fn sorted(&mut self) -> &[u32] {
        self.found.sort_unstable();
        &self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_added_is_there_once_and_within_the_mask(
            mask in proptest::collection::btree_set(0_u32..300, 0..40),
            events in proptest::collection::vec(proptest::collection::vec(0_u32..300, 0..40), 1..4),
        ) {
            let set = Mask::of(&mask.iter().copied().collect::<Vec<_>>());
            let mut candidates = Candidates::default();
            for rules in events {
                candidates.reset(300);
                candidates.add_all(&rules, &set);
                let mut expected: Vec<u32> = rules.into_iter().filter(|rule| mask.contains(rule)).collect();
                expected.sort_unstable();
                expected.dedup();
                prop_assert_eq!(candidates.sorted(), expected);
            }
        }
    }
}
