//! A percentile of a changing set of numbers: the numbers up to the percentile's rank in one ordered set, the others in
//! another. One number more or less moves the rank by at most one, so that both halves follow with one step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rule::correlation::Percent;
use crate::rule::decimal::Decimal;
use crate::rule::measured::Measured;

/// The numbers, on both sides of one percentile's rank.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Ranked {
    low: Side,
    high: Side,
}

/// Numbers, each with how often it is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Side {
    numbers: BTreeMap<Decimal, u32>,
    count: u64,
}

impl Side {
    fn insert(&mut self, number: Decimal) {
        *self.numbers.entry(number).or_insert(0) += 1;
        self.count += 1;
    }

    fn remove(&mut self, number: Decimal) -> bool {
        let Some(times) = self.numbers.get_mut(&number) else { return false };
        *times -= 1;
        if *times == 0 {
            self.numbers.remove(&number);
        }
        self.count -= 1;
        true
    }

    fn least(&self) -> Option<Decimal> {
        self.numbers.first_key_value().map(|(number, _)| *number)
    }

    fn greatest(&self) -> Option<Decimal> {
        self.numbers.last_key_value().map(|(number, _)| *number)
    }
}

impl Ranked {
    /// Adds a number.
    pub(super) fn insert(&mut self, number: Decimal, percent: Percent) {
        if self.low.greatest().is_some_and(|greatest| number <= greatest) {
            self.low.insert(number);
        } else {
            self.high.insert(number);
        }
        self.balance(percent);
    }

    /// Takes a number away.
    pub(super) fn remove(&mut self, number: Decimal, percent: Percent) {
        if !self.low.remove(number) {
            self.high.remove(number);
        }
        self.balance(percent);
    }

    /// The percentile by linear interpolation between the two values around its rank, which is `(n − 1) · p` (type 7 of
    /// Hyndman and Fan, Sample quantiles in statistical packages, 1996).
    pub(super) fn percentile(&self, percent: Percent) -> Option<Measured> {
        let below = self.low.greatest()?;
        let (_, beyond) = self.rank(percent);
        let above = if beyond == 0 { below } else { self.high.least()? };
        Some(Measured::Exact(below.times(percent.of - beyond).plus(above.times(beyond)), percent.of))
    }

    /// How many numbers lie at the rank or below it, and how far the rank lies beyond the last of them, in parts of
    /// `percent.of`.
    fn rank(&self, percent: Percent) -> (u64, u64) {
        let count = self.low.count + self.high.count;
        let Some(steps) = count.checked_sub(1) else { return (0, 0) };
        let place = u128::from(steps) * u128::from(percent.parts);
        let of = u128::from(percent.of);
        (u64::try_from(place / of).unwrap_or(steps) + 1, u64::try_from(place % of).unwrap_or(0))
    }

    fn balance(&mut self, percent: Percent) {
        let (wanted, _) = self.rank(percent);
        while self.low.count < wanted {
            let Some(least) = self.high.least() else { return };
            self.high.remove(least);
            self.low.insert(least);
        }
        while self.low.count > wanted {
            let Some(greatest) = self.low.greatest() else { return };
            self.low.remove(greatest);
            self.high.insert(greatest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The slow twin: sorts everything.
    fn sorted(numbers: &[u64], percent: Percent) -> Option<Measured> {
        let mut numbers = numbers.to_vec();
        numbers.sort_unstable();
        let last = numbers.len().checked_sub(1)? as u64;
        let (place, beyond) = (last * percent.parts / percent.of, last * percent.parts % percent.of);
        let at = |place: u64| Decimal::whole(numbers[usize::try_from(place.min(last)).unwrap()]);
        Some(Measured::Exact(at(place).times(percent.of - beyond).plus(at(place + 1).times(beyond)), percent.of))
    }

    proptest! {
        #[test]
        fn both_sides_give_what_sorting_gives(
            parts in 0..=100_u64,
            steps in proptest::collection::vec((any::<bool>(), 0..20_u64, any::<prop::sample::Index>()), 1..200),
        ) {
            let percent = Percent { parts, of: 100 };
            let mut ranked = Ranked::default();
            let mut numbers: Vec<u64> = Vec::new();
            for (removes, number, index) in steps {
                if removes && !numbers.is_empty() {
                    let gone = numbers.swap_remove(index.index(numbers.len()));
                    ranked.remove(Decimal::whole(gone), percent);
                } else {
                    numbers.push(number);
                    ranked.insert(Decimal::whole(number), percent);
                }
                prop_assert_eq!(ranked.percentile(percent), sorted(&numbers, percent));
            }
        }
    }

    #[test]
    fn the_usual_percentiles_of_one_to_ten() {
        for (text, value) in [("50", 5.5), ("90", 9.1), ("95", 9.55), ("0", 1.0), ("100", 10.0), ("25", 3.25)] {
            let percent = Percent::parse(text).unwrap();
            let mut ranked = Ranked::default();
            (1..=10).rev().for_each(|number| ranked.insert(Decimal::whole(number), percent));
            assert_eq!(ranked.percentile(percent).map(Measured::value), Some(value), "{text}");
        }
        assert_eq!(Ranked::default().percentile(Percent::MEDIAN), None);
    }
}
