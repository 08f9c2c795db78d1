//! Event time and durations: signed nanoseconds, so that no producer's precision is cut off (RULES S1).

use std::fmt;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// An instant in nanoseconds since 1970-01-01T00:00:00Z. Covers the years 1677 to 2262; what lies outside saturates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Timestamp(pub i64);

/// A length of time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Span(pub i64);

/// Why a text is no time or duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Neither RFC 3339 nor an epoch number.
    #[error("`{0}` is no time: write RFC 3339 (2026-11-21T08:00:00Z) or an epoch number in s, ms, µs or ns")]
    NotATime(String),
    /// Not a number followed by a unit.
    #[error("`{0}` is no duration: write a whole number and a unit, one of ns us ms s m h d w M y, such as 30d")]
    NotADuration(String),
}

impl Timestamp {
    /// Before every event.
    pub const MIN: Self = Self(i64::MIN);
    /// After every event: the watermark of a finished input.
    pub const MAX: Self = Self(i64::MAX);

    /// Parses RFC 3339 text (a space for the `T` and a missing zone, read as UTC, are accepted, because Evidently and
    /// other Python producers write them) or an epoch number, whose unit follows from its magnitude.
    ///
    /// # Errors
    /// [`TimeError::NotATime`] when it is neither.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let trimmed = text.trim();
        Self::parse_fixed(trimmed.as_bytes())
            .or_else(|| Self::parse_epoch(trimmed))
            .or_else(|| Self::parse_general(trimmed))
            .ok_or_else(|| TimeError::NotATime(text.chars().take(64).collect()))
    }

    /// The layout that nearly every producer writes, `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`, without the general
    /// parser. Falls through (`None`) on anything else; a property test holds it to [`Self::parse_general`].
    fn parse_fixed(bytes: &[u8]) -> Option<Self> {
        let digit = |at: usize| bytes.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| i64::from(byte - b'0'));
        let two = |at: usize| Some(digit(at)? * 10 + digit(at + 1)?);
        let is = |at: usize, want: u8| bytes.get(at) == Some(&want);
        if !(is(4, b'-') && is(7, b'-') && is(10, b'T') && is(13, b':') && is(16, b':')) {
            return None;
        }
        let year = two(0)? * 100 + two(2)?;
        let (month, day, hour, minute, second) = (two(5)?, two(8)?, two(11)?, two(14)?, two(17)?);
        if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 || !(1678..=2261).contains(&year) {
            return None;
        }
        let mut at = 19;
        let mut nanos = 0_i64;
        if is(at, b'.') {
            at += 1;
            let start = at;
            while let Some(value) = digit(at) {
                if at - start < 9 {
                    nanos = nanos * 10 + value;
                }
                at += 1;
            }
            let digits = at - start;
            if digits == 0 {
                return None;
            }
            for _ in digits..9 {
                nanos *= 10;
            }
        }
        let offset = match *bytes.get(at)? {
            b'Z' if bytes.len() == at + 1 => 0,
            sign @ (b'+' | b'-') if bytes.len() == at + 6 && is(at + 3, b':') => {
                let (hours, minutes) = (two(at + 1)?, two(at + 4)?);
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let seconds = hours * 3600 + minutes * 60;
                if sign == b'-' { -seconds } else { seconds }
            }
            _ => return None,
        };
        let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
        Some(Self(seconds * 1_000_000_000 + nanos))
    }

    fn parse_general(text: &str) -> Option<Self> {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Some(Self::from_chrono(&instant.with_timezone(&Utc)));
        }
        if let Ok(instant) = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %z") {
            return Some(Self::from_chrono(&instant.with_timezone(&Utc)));
        }
        for layout in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z"] {
            if let Ok(instant) = DateTime::parse_from_str(text, layout) {
                return Some(Self::from_chrono(&instant.with_timezone(&Utc)));
            }
        }
        for layout in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"] {
            if let Ok(naive) = NaiveDateTime::parse_from_str(text, layout) {
                return Some(Self::from_chrono(&naive.and_utc()));
            }
        }
        None
    }

    /// Reads an epoch number, whole or with decimals, whose unit follows from its magnitude: below 10^11 seconds,
    /// below 10^14 milliseconds, below 10^17 microseconds, else nanoseconds.
    fn parse_epoch(text: &str) -> Option<Self> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            // an exponent: rare, and only exact where a double is
            let value: f64 = if text.contains(['e', 'E']) { text.parse().ok()? } else { return None };
            return value.is_finite().then(|| Self((value * f64::from(epoch_unit(value.abs()))) as i64));
        }
        let value: i128 = whole.parse().ok()?;
        let unit = i128::from(epoch_unit(value as f64));
        let mut nanos = value * unit;
        let mut scale = unit;
        for byte in fraction.bytes() {
            scale /= 10;
            nanos += i128::from(byte - b'0') * scale;
        }
        let signed = if negative { -nanos } else { nanos };
        Some(Self(signed.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64))
    }

    fn from_chrono(instant: &DateTime<Utc>) -> Self {
        let saturated = if instant.timestamp() < 0 { i64::MIN } else { i64::MAX };
        Self(instant.timestamp_nanos_opt().unwrap_or(saturated))
    }

    /// From milliseconds since the epoch, as Kafka stamps its records. Saturates.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// Whole milliseconds since the epoch, rounded down.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The instant `span` later. Saturates.
    #[must_use]
    pub fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The instant `span` earlier. Saturates.
    #[must_use]
    pub fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// The length of time from `earlier` to `self`. Saturates.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// `YYYY.MM` in UTC, the suffix of a monthly index.
    #[must_use]
    pub fn year_month(self) -> String {
        DateTime::from_timestamp_nanos(self.0).format("%Y.%m").to_string()
    }
}

/// Nanoseconds in one unit of an epoch number of this magnitude.
fn epoch_unit(magnitude: f64) -> i32 {
    if magnitude < 1e11 {
        1_000_000_000
    } else if magnitude < 1e14 {
        1_000_000
    } else if magnitude < 1e17 {
        1_000
    } else {
        1
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (years counted from March, so that the leap day
/// is the last of its year).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with 3, 6 or 9 decimals: as few as lose nothing, at least milliseconds.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = if self.0 % 1_000_000 == 0 {
            SecondsFormat::Millis
        } else if self.0 % 1_000 == 0 {
            SecondsFormat::Micros
        } else {
            SecondsFormat::Nanos
        };
        out.write_str(&DateTime::from_timestamp_nanos(self.0).to_rfc3339_opts(precision, true))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of whole seconds. Saturates.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// Parses a Sigma time span: a whole number and one of `ns us ms s m h d w M y`. `M` is 2 629 746 s and `y`
    /// 31 556 952 s, as in pySigma.
    ///
    /// # Errors
    /// [`TimeError::NotADuration`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let fail = || TimeError::NotADuration(text.chars().take(64).collect());
        let trimmed = text.trim();
        let unit_at = trimmed.find(|symbol: char| !symbol.is_ascii_digit()).ok_or_else(fail)?;
        let (number, unit) = trimmed.split_at(unit_at);
        let number: i64 = number.parse().map_err(|_| fail())?;
        let nanos = match unit {
            "ns" => 1,
            "us" | "µs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            "w" => 604_800_000_000_000,
            "M" => 2_629_746_000_000_000,
            "y" => 31_556_952_000_000_000,
            _ => return Err(fail()),
        };
        Ok(Self(number.saturating_mul(nanos)))
    }

    /// The span as a standard duration; a negative one is zero.
    #[must_use]
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_nanos(u64::try_from(self.0).unwrap_or(0))
    }
}

impl fmt::Display for Span {
    /// The largest unit that divides it: `24h` stays `1d`, `90s` stays `90s`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            (86_400_000_000_000, "d"),
            (3_600_000_000_000, "h"),
            (60_000_000_000, "m"),
            (1_000_000_000, "s"),
            (1_000_000, "ms"),
            (1_000, "us"),
        ];
        for (nanos, unit) in units {
            if self.0 != 0 && self.0 % nanos == 0 {
                return write!(out, "{}{unit}", self.0 / nanos);
            }
        }
        if self.0 == 0 { out.write_str("0s") } else { write!(out, "{}ns", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_accepted_layout_gives_the_same_instant() {
        let expected = Timestamp(1_795_229_631_500_000_000);
        for text in [
            "2026-11-21T02:53:51.5Z",
            "2026-11-21T02:53:51.500+00:00",
            "2026-11-21T04:53:51.5+02:00",
            "2026-11-21T04:53:51.5+0200",
            "2026-11-21 02:53:51.5",
            "2026-11-21 02:53:51.5Z",
            "2026-11-21 04:53:51.5 +0200",
            "1795229631.5",
            "1795229631500",
            "1795229631500000",
            "1795229631500000000",
            "1.7952296315e9",
        ] {
            assert_eq!(Timestamp::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn nothing_is_truncated() {
        let time = Timestamp::parse("2019-06-03T20:07:16.939402185Z").unwrap();
        assert_eq!(time.to_string(), "2019-06-03T20:07:16.939402185Z");
        assert_eq!(Timestamp::parse("1795229631.123456789").unwrap().0 % 1_000_000_000, 123_456_789);
    }

    #[test]
    fn far_dates_saturate_and_nonsense_is_refused() {
        assert_eq!(Timestamp::parse("9999-12-31T23:59:59Z"), Ok(Timestamp::MAX));
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "12-ab", "0x17"] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn spans_follow_pysigma() {
        assert_eq!(Span::parse("30d"), Ok(Span::seconds(30 * 86_400)));
        assert_eq!(Span::parse("1M"), Ok(Span::seconds(2_629_746)));
        assert_eq!(Span::parse("1y"), Ok(Span::seconds(31_556_952)));
        for text in ["", "5", "m", "5 parsecs", "-5m", "1.5h"] {
            assert!(Span::parse(text).is_err(), "{text}");
        }
        assert_eq!(Span::parse("90s").unwrap().to_string(), "90s");
        assert_eq!(Span::parse("24h").unwrap().to_string(), "1d");
    }

    proptest! {
        #[test]
        fn the_fixed_layout_agrees_with_the_general_parser(
            year in 1600_i64..2300, month in 0_i64..14, day in 0_i64..33, hour in 0_i64..26, minute in 0_i64..61,
            second in 0_i64..60, fraction in "(\\.[0-9]{0,11})?", zone in "(Z|[+-][0-2][0-9]:[0-6][0-9]|)",
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}");
            if let Some(fast) = Timestamp::parse_fixed(text.as_bytes()) {
                prop_assert_eq!(Some(fast), Timestamp::parse_general(&text), "{}", text);
            }
        }

        #[test]
        fn what_is_printed_reads_back(nanos in any::<i64>()) {
            prop_assert_eq!(Timestamp::parse(&Timestamp(nanos).to_string()), Ok(Timestamp(nanos)));
        }
    }
}
