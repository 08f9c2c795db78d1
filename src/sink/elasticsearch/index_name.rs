//! Which index an alert goes to: a pattern with the date of the alert's event time, so that every revision of an alert, and
//! every replay, meets the same document.

#[cfg(feature = "live")]
use chrono::{DateTime, Datelike};

#[cfg(feature = "live")]
use crate::model::Timestamp;

/// A checked index pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IndexPattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Year,
    Month,
    Day,
}

impl IndexPattern {
    /// Reads a pattern: index name characters, `%Y`, `%m` and `%d`.
    pub(super) fn parse(pattern: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut symbols = pattern.chars();
        while let Some(symbol) = symbols.next() {
            let part = match symbol {
                '%' => match symbols.next() {
                    Some('Y') => Part::Year,
                    Some('m') => Part::Month,
                    Some('d') => Part::Day,
                    other => {
                        let other = other.map(String::from).unwrap_or_default();
                        return Err(format!("`%{other}` is none of %Y, %m and %d"));
                    }
                },
                'a'..='z' | '0'..='9' | '-' | '_' | '.' => {
                    text.push(symbol);
                    continue;
                }
                other => return Err(format!("`{other}` cannot be in an index name: use a-z, 0-9, '-', '_' and '.'")),
            };
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(part);
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        match parts.first() {
            Some(Part::Text(start)) if !start.starts_with(['-', '_', '.']) && pattern.len() <= 200 => Ok(Self(parts)),
            _ => Err("an index name begins with a letter or digit before any date, and is short".to_owned()),
        }
    }
}

impl IndexPattern {
    /// What all its indices begin with.
    pub(super) fn constant(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }
}

#[cfg(feature = "live")]
impl IndexPattern {
    /// The index of an alert of that event time.
    pub(super) fn index(&self, time: Timestamp) -> String {
        let date = DateTime::from_timestamp_nanos(time.0);
        let mut name = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Year => name.push_str(&format!("{:04}", date.year())),
                Part::Month => name.push_str(&format!("{:02}", date.month())),
                Part::Day => name.push_str(&format!("{:02}", date.day())),
            }
        }
        name
    }

    /// A pattern with wildcards that all its indices match, for the template.
    pub(super) fn wildcard(&self) -> String {
        let mut pattern = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => pattern.push_str(text),
                Part::Year | Part::Month | Part::Day => {
                    pattern.push('*');
                    break;
                }
            }
        }
        pattern
    }

    /// The constant beginning, without separators at its end: the template's name.
    pub(super) fn stem(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text.trim_end_matches(['-', '_', '.']),
            _ => "clarion",
        }
    }
}

#[cfg(test)]
#[cfg(feature = "live")]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_alert_in_utc() {
        let pattern = IndexPattern::parse("logs-clarion.alerts-%Y.%m").unwrap();
        let time = Timestamp::parse("2026-12-01T00:30:00+01:00").unwrap();
        assert_eq!(pattern.index(time), "logs-clarion.alerts-2026.11");
        assert_eq!(pattern.wildcard(), "logs-clarion.alerts-*");
        assert_eq!(pattern.stem(), "logs-clarion.alerts");
        let daily = IndexPattern::parse("ai-%Y-%m-%d-v2").unwrap();
        assert_eq!(daily.index(time), "ai-2026-11-30-v2");
        assert_eq!(daily.wildcard(), "ai-*");
        let plain = IndexPattern::parse("alerts").unwrap();
        assert_eq!((plain.index(time).as_str(), plain.wildcard().as_str()), ("alerts", "alerts"));
    }

    #[test]
    fn names_that_no_index_can_have_are_refused() {
        for wrong in ["", "%Y", "Alerts", "a b", "_a", "-a", "a*", "a%", "a%H", "a/b", "a,b"] {
            assert!(IndexPattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
