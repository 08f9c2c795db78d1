//! `minute`, `hour`, `day`, `week`, `month`, `year`: a part of the date that a field holds. The date is read as event times
//! are (RFC 3339, or an epoch number) and its parts are those of UTC; weeks are those of ISO 8601 (RULES 1.3).

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike as _, Timelike as _};

use crate::model::Timestamp;

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DatePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// Of the month, 1 to 31.
    Day,
    /// Of the year, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// Such as 2026.
    Year,
}

impl DatePart {
    /// The part that a modifier asks for.
    pub(super) fn of(name: &str) -> Option<Self> {
        [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year]
            .into_iter()
            .find(|part| part.name() == name)
    }

    /// The modifier's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The numbers that it can be.
    #[must_use]
    pub fn range(self) -> RangeInclusive<i128> {
        match self {
            Self::Minute => 0..=59,
            Self::Hour => 0..=23,
            Self::Day => 1..=31,
            Self::Week => 1..=53,
            Self::Month => 1..=12,
            // what a 64-bit number of nanoseconds reaches
            Self::Year => 1678..=2262,
        }
    }

    /// The part of the date that a text holds; `None` when it holds none.
    #[must_use]
    pub fn extract(self, text: &str) -> Option<i128> {
        let time = DateTime::from_timestamp_nanos(Timestamp::parse(text.trim()).ok()?.0);
        Some(match self {
            Self::Minute => time.minute().into(),
            Self::Hour => time.hour().into(),
            Self::Day => time.day().into(),
            Self::Week => time.iso_week().week().into(),
            Self::Month => time.month().into(),
            Self::Year => time.year().into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_are_those_of_utc() {
        let all = |text: &str| {
            [DatePart::Minute, DatePart::Hour, DatePart::Day, DatePart::Week, DatePart::Month, DatePart::Year]
                .map(|part| part.extract(text))
        };
        assert_eq!(all("2026-01-05T03:04:05Z"), [4, 3, 5, 2, 1, 2026].map(Some));
        assert_eq!(all("2026-01-01T01:30:00+02:00"), [30, 23, 31, 1, 12, 2025].map(Some), "the week is that of 2026");
        assert_eq!(all("1767571445"), [4, 0, 5, 2, 1, 2026].map(Some), "an epoch number");
        assert_eq!(all("yesterday"), [None; 6]);
        assert_eq!(DatePart::of("hours"), None);
    }

    proptest! {
        #[test]
        fn every_part_is_in_its_range(nanos in any::<i64>()) {
            let text = Timestamp(nanos).to_string();
            for part in [DatePart::Minute, DatePart::Hour, DatePart::Day, DatePart::Week, DatePart::Month] {
                if let Some(value) = part.extract(&text) {
                    prop_assert!(part.range().contains(&value), "{:?} of {}", part, text);
                }
            }
        }
    }
}
