//! What a correlation has measured over a window: a quotient, kept as such so that comparing it with a threshold is exact.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::number::Number;
use super::predicate::Comparison;

/// A measured value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Measured {
    /// Exact: the numerator, and a denominator that is not zero.
    Exact(Decimal, u64),
    /// What a baseline makes of it: involves roots.
    Rounded(f64),
}

impl Measured {
    /// A count.
    #[must_use]
    pub fn count(count: usize) -> Self {
        Self::Exact(Decimal::whole(count as u64), 1)
    }

    /// As a double, for documents.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Exact(numerator, denominator) => numerator.over(denominator),
            Self::Rounded(value) => value,
        }
    }

    /// Whether it passes all thresholds.
    #[must_use]
    pub fn passes(self, thresholds: &[(Comparison, Number)]) -> bool {
        thresholds
            .iter()
            .all(|(comparison, threshold)| self.compare(*threshold).is_some_and(|ordering| comparison.holds(ordering)))
    }

    fn compare(self, threshold: Number) -> Option<Ordering> {
        match (self, Decimal::of(threshold)) {
            (Self::Exact(numerator, denominator), Some(threshold)) => {
                Some(numerator.cmp(&threshold.times(denominator)))
            }
            (measured, _) => measured.value().partial_cmp(&threshold.as_f64()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_with_decimals_are_met_exactly() {
        let of = |text: &str| Number::parse(text).unwrap();
        let fifth = Measured::Exact(Decimal::whole(10), 50);
        assert!(fifth.passes(&[(Comparison::Gte, of("0.2"))]) && !fifth.passes(&[(Comparison::Gt, of("0.2"))]));
        assert!(fifth.passes(&[(Comparison::Eq, of("0.2"))]));
        let third = Measured::Exact(Decimal::whole(1), 3);
        assert!(third.passes(&[(Comparison::Gt, of("0.333333333333333"))]));
        assert!(!third.passes(&[(Comparison::Gte, of("0.333333333333334"))]));
        assert!(third.passes(&[(Comparison::Lt, of("1e300")), (Comparison::Gt, of("-1e300"))]));
    }
}
