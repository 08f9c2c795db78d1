//! `percentile`: which part of the values lies below, as an exact fraction.

use crate::rule::keys::Keys;

/// A percentile as a fraction of whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent {
    /// So many parts.
    pub parts: u64,
    /// Of so many.
    pub of: u64,
}

impl Percent {
    /// The middle.
    pub const MEDIAN: Self = Self { parts: 1, of: 2 };
    /// All others lie below.
    pub const GREATEST: Self = Self { parts: 1, of: 1 };
    /// None lies below.
    pub const SMALLEST: Self = Self { parts: 0, of: 1 };

    /// Reads a number from 0 to 100 with at most six decimals.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(decimals) || decimals.len() > 6 {
            return None;
        }
        let parts: u64 = format!("{whole}{decimals:0<6}").parse().ok()?;
        let of = 100_000_000;
        (parts <= of).then_some(Self { parts, of })
    }
}

/// Reads it, at the correlation or in its condition.
pub(super) fn read(keys: &mut Keys<'_, '_>) -> Option<Percent> {
    let inner = keys.get("condition").and_then(|condition| condition.get("percentile"));
    let node = keys.get("percentile").or(inner)?;
    let percent = node.text().and_then(Percent::parse);
    if percent.is_none() {
        let help = "write a number from 0 to 100, such as 95 or 99.9".to_owned();
        keys.diagnostics.error(node.place, "bad-percentile", "this is no percentile", Some(help));
    }
    // what was said needs not be said again as missing
    Some(percent.unwrap_or(Percent::MEDIAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_fractions() {
        assert_eq!(Percent::parse("99.9"), Some(Percent { parts: 99_900_000, of: 100_000_000 }));
        assert_eq!(Percent::parse("100").map(|percent| percent.parts), Some(100_000_000));
        for wrong in ["", "-1", "100.1", "p95", "1e1", "0.1234567"] {
            assert_eq!(Percent::parse(wrong), None, "{wrong}");
        }
    }
}
