//! Exact sums: numbers as whole part and fraction in units of 10⁻¹⁸. Adding and taking away gives back what was there,
//! in whatever order, so that a sum over a sliding window neither drifts nor depends on the order of its events.

use serde::{Deserialize, Serialize};

use super::number::Number;

/// Units in one.
const UNITS: u64 = 1_000_000_000_000_000_000;
/// Digits of a fraction that are kept.
const DIGITS: usize = 18;
/// Numbers of this size and above are no values: sums of them could overflow.
const LIMIT: i128 = 1_000_000_000_000_000_000_000_000_000;

/// A number with 18 decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Decimal {
    /// The greatest whole number that is not greater.
    whole: i128,
    /// What is above it, less than one, in units of 10⁻¹⁸.
    fraction: u64,
}

impl Decimal {
    /// A number as the decimal that it is written as: a double as the shortest one that reads as it, rounded to 18
    /// decimals. `None` for 10²⁷ and above.
    #[must_use]
    pub fn of(number: Number) -> Option<Self> {
        match number {
            Number::Integer(whole) => (whole.abs() < LIMIT).then_some(Self { whole, fraction: 0 }),
            Number::Float(float) if float.abs() < LIMIT as f64 => Self::read(&float.to_string()),
            Number::Float(_) => None,
        }
    }

    /// A whole number.
    #[must_use]
    pub fn whole(number: u64) -> Self {
        Self { whole: i128::from(number), fraction: 0 }
    }

    /// Digits with an optional sign and point, as a double is displayed.
    fn read(text: &str) -> Option<Self> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let whole: i128 = whole.parse().ok()?;
        let kept: String = decimals.chars().take(DIGITS).collect();
        let mut fraction: u64 = format!("{kept:0<18}").parse().ok()?;
        fraction += u64::from(decimals.as_bytes().get(DIGITS).is_some_and(|digit| *digit >= b'5'));
        let size = Self { whole: whole + i128::from(fraction / UNITS), fraction: fraction % UNITS };
        Some(if negative { Self::default().minus(size) } else { size })
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let fraction = self.fraction + other.fraction;
        Self {
            whole: self.whole.saturating_add(other.whole).saturating_add(i128::from(fraction / UNITS)),
            fraction: fraction % UNITS,
        }
    }

    /// The difference.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let borrowed = self.fraction < other.fraction;
        Self {
            whole: self.whole.saturating_sub(other.whole).saturating_sub(i128::from(borrowed)),
            fraction: self.fraction + if borrowed { UNITS } else { 0 } - other.fraction,
        }
    }

    /// So many times the number.
    #[must_use]
    pub fn times(self, factor: u64) -> Self {
        let fraction = u128::from(self.fraction) * u128::from(factor);
        let carried = i128::try_from(fraction / u128::from(UNITS)).unwrap_or(i128::MAX);
        Self {
            whole: self.whole.saturating_mul(i128::from(factor)).saturating_add(carried),
            fraction: (fraction % u128::from(UNITS)) as u64,
        }
    }

    /// The number divided, as the nearest double.
    #[must_use]
    pub fn over(self, divisor: u64) -> f64 {
        let divisor = i128::from(divisor.max(1));
        let units = self.whole.checked_mul(i128::from(UNITS)).and_then(|whole| whole.checked_add(self.fraction.into()));
        match units {
            // eighteen decimals are more than a double holds, so that a quotient which has an end is written with it
            Some(units) => {
                let quotient = units / divisor;
                let (sign, size) = (if units < 0 { "-" } else { "" }, quotient.unsigned_abs());
                let text = format!("{sign}{}.{:018}", size / u128::from(UNITS), size % u128::from(UNITS));
                text.parse().unwrap_or(quotient as f64)
            }
            None => (self.whole as f64 + self.fraction as f64 / UNITS as f64) / divisor as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Decimal {
        Number::parse(text).and_then(Decimal::of).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn decimals_add_up_to_what_is_written() {
        assert_eq!(of("0.1").plus(of("0.2")), of("0.3"));
        assert_eq!(of("-0.1").plus(of("0.1")), Decimal::default());
        assert_eq!(of("-1.25").times(4), of("-5"));
        assert_eq!(of("0.3").over(3).to_string(), "0.1");
        assert_eq!(of("-0.25").over(1).to_string(), "-0.25");
        assert_eq!(of("1e-18").plus(of("9007199254740993")).minus(of("9007199254740993")), of("1e-18"));
        assert!(Number::parse("1e27").and_then(Decimal::of).is_none());
        assert!(of("-0.5") < of("-0.25") && of("-0.25") < of("0") && of("0") < of("1e-9"));
    }

    proptest! {
        #[test]
        fn what_is_added_and_taken_away_leaves_nothing(
            values in proptest::collection::vec((any::<i64>(), 0..1_000_000_000_u64, 1..20_u32), 0..50),
        ) {
            let decimals: Vec<Decimal> = values
                .iter()
                .map(|(whole, fraction, _)| Decimal { whole: (*whole).into(), fraction: fraction * 1_000_000_000 })
                .collect();
            let sum = decimals.iter().fold(Decimal::default(), |sum, one| sum.plus(*one));
            // the slow twin: all in one unit of 10⁻⁹
            let slow: i128 = values.iter().map(|(whole, fraction, _)| i128::from(*whole) * 1_000_000_000 + i128::from(*fraction)).sum();
            prop_assert_eq!(sum.whole, slow.div_euclid(1_000_000_000));
            prop_assert_eq!(i128::from(sum.fraction / 1_000_000_000), slow.rem_euclid(1_000_000_000));
            prop_assert_eq!(decimals.iter().fold(sum, |sum, one| sum.minus(*one)), Decimal::default());
            for ((_, _, factor), one) in values.iter().zip(&decimals) {
                let many = (0..*factor).fold(Decimal::default(), |sum, _| sum.plus(*one));
                prop_assert_eq!(one.times((*factor).into()), many);
            }
        }

        #[test]
        fn doubles_come_back(value in -1e15_f64..1e15) {
            let decimal = Decimal::of(Number::Float(value));
            let back = decimal.map(|decimal| decimal.over(1)).unwrap_or_default();
            prop_assert!((back - value).abs() <= 1e-18_f64.max(value.abs() * 1e-15), "{} {}", back, value);
        }
    }
}
