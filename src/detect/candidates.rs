//! Sets of rules by index, one bit each.

/// A set of rules. Those beyond its length are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mask(Vec<u64>);

impl Mask {
    /// The empty set with room for rules below `rules`.
    pub(super) fn with_room(rules: usize) -> Self {
        Self(vec![0; rules.div_ceil(64)])
    }

    /// The set of these rules.
    pub(super) fn of(rules: &[u32]) -> Self {
        let mut mask = Self::with_room(rules.iter().max().map_or(0, |most| *most as usize + 1));
        mask.add_all(rules);
        mask
    }

    /// Puts rules in for which there is room.
    pub(super) fn add_all(&mut self, rules: &[u32]) {
        for rule in rules {
            if let Some(word) = self.0.get_mut(*rule as usize / 64) {
                *word |= 1 << (rule % 64);
            }
        }
    }

    /// The rules that are in both, ascending.
    pub(super) fn both<'m>(&'m self, other: &'m Self) -> impl Iterator<Item = u32> + 'm {
        (0_u32..).zip(self.0.iter().zip(&other.0)).flat_map(|(word, (one, two))| {
            let mut rest = one & two;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(word * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_is_the_intersection(one in proptest::collection::btree_set(0_u32..300, 0..40),
                                    two in proptest::collection::btree_set(0_u32..300, 0..40)) {
            let mask = |rules: &std::collections::BTreeSet<u32>| Mask::of(&rules.iter().copied().collect::<Vec<_>>());
            let found: Vec<u32> = mask(&one).both(&mask(&two)).collect();
            prop_assert_eq!(found, one.intersection(&two).copied().collect::<Vec<_>>());
        }
    }
}
