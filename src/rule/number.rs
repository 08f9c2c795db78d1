//! Numbers as Sigma compares them: exact for integers of any size that fits 128 bits, as doubles otherwise. What counts
//! as a number is what JSON calls one; `inf`, `0x17` and `1_000` in an event are texts.

use std::cmp::Ordering;

/// A number read from a rule or an event.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// A whole number, exact.
    Integer(i128),
    /// Anything else.
    Float(f64),
}

impl Number {
    /// Reads JSON number syntax, with an optional leading `+`; surrounding white space is ignored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = text.as_bytes();
        let first = *bytes.first()?;
        if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) {
            return None;
        }
        if let Some(integer) = short_integer(bytes) {
            return Some(Self::Integer(integer));
        }
        Self::parse_long(text)
    }

    fn parse_long(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if let Ok(integer) = text.parse::<i128>() {
            return Some(Self::Integer(integer));
        }
        if !bytes.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')) {
            return None;
        }
        let float: f64 = text.parse().ok()?;
        float.is_finite().then(|| {
            if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 {
                Self::Integer(float as i128)
            } else {
                Self::Float(float)
            }
        })
    }

    /// Reads a plain YAML scalar of the core schema: JSON numbers, and `0x…` and `0o…`.
    #[must_use]
    pub fn parse_yaml(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix("0x") {
            return i128::from_str_radix(digits, 16).ok().map(Self::Integer);
        }
        if let Some(digits) = text.strip_prefix("0o") {
            return i128::from_str_radix(digits, 8).ok().map(Self::Integer);
        }
        Self::parse(text)
    }

    /// As a double, rounded where it must be.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }

    /// How two numbers compare.
    #[must_use]
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(one), Self::Integer(two)) => Some(one.cmp(&two)),
            (one, two) => one.as_f64().partial_cmp(&two.as_f64()),
        }
    }

    /// The text by which a number is a group key: `1`, `1.0` and `1e0` are all `1`.
    #[must_use]
    pub fn canonical(self) -> String {
        match self {
            Self::Integer(integer) => integer.to_string(),
            Self::Float(float) => float.to_string(),
        }
    }
}

/// The usual integer, of at most 18 digits, without 128-bit arithmetic. `None` says nothing.
fn short_integer(bytes: &[u8]) -> Option<i128> {
    let (negative, digits) = match bytes.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, bytes),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let value = digits
        .iter()
        .try_fold(0_i64, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))?;
    Some(i128::from(if negative { -value } else { value }))
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other) == Some(Ordering::Equal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_integers_read_as_long_ones_do(text in "[-+]?[0-9]{0,20}(\\.[0-9]{1,2})?") {
            if let Some(short) = short_integer(text.as_bytes()) {
                prop_assert!(matches!(Number::parse_long(&text), Some(Number::Integer(long)) if long == short));
            }
        }
    }

    #[test]
    fn integers_are_exact_and_texts_are_not_numbers() {
        assert_ne!(Number::parse("9007199254740993"), Number::parse("9007199254740992"));
        assert_eq!(Number::parse("1.0"), Number::parse("1"));
        assert_eq!(Number::parse("1e3").map(Number::canonical).as_deref(), Some("1000"));
        assert_eq!(Number::parse("-0").map(Number::canonical).as_deref(), Some("0"));
        for text in ["", "inf", "NaN", "0x17", "1_000", "abc", "1.2.3"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
        assert_eq!(Number::parse_yaml("0x17"), Number::parse("23"));
    }
}
