//! Times, lengths of time, numbers and lists the way a person writes them.

use chrono::{DateTime, Timelike, Utc};

use crate::model::{Span, Timestamp};

/// `2026-11-21 08:00 UTC`; with seconds unless they are zero.
pub(super) fn instant(time: Timestamp) -> String {
    format!("{} {} UTC", date(time), clock(time))
}

/// `between 2026-11-21 08:00:01 and 08:03:10 UTC`, the second date only when it is another day; `at …` when both are the
/// same second.
pub(super) fn period(from: Timestamp, until: Timestamp) -> String {
    let (start, end) = (date(from), date(until));
    let (start_clock, end_clock) = (clock(from), clock(until));
    if start != end {
        format!("between {start} {start_clock} and {end} {end_clock} UTC")
    } else if start_clock != end_clock {
        format!("between {start} {start_clock} and {end_clock} UTC")
    } else {
        format!("at {start} {start_clock} UTC")
    }
}

/// `30 days`, `1 hour`, `90 seconds`: the largest unit that divides it.
pub(super) fn length(span: Span) -> String {
    const UNITS: [(i64, &str); 4] = [
        (86_400_000_000_000, "day"),
        (3_600_000_000_000, "hour"),
        (60_000_000_000, "minute"),
        (1_000_000_000, "second"),
    ];
    for (nanos, unit) in UNITS {
        if span.0 != 0 && span.0 % nanos == 0 {
            let count = span.0 / nanos;
            return if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") };
        }
    }
    span.to_string()
}

/// The same after the word "the": `the day`, `the 30 days`.
pub(super) fn the_length(span: Span) -> String {
    let words = length(span);
    words.strip_prefix("1 ").map_or_else(|| words.clone(), str::to_owned)
}

/// A measured value: whole numbers without decimals, others with at most three.
pub(super) fn number(value: f64) -> String {
    let rounded = (value * 1000.0).round() / 1000.0;
    if rounded.is_finite() && rounded.abs() < 1e15 { rounded.to_string() } else { format!("{value:e}") }
}

/// `a`, `a and b`, `a, b and c`, `a, b and 3 more`: at most `limit` of them by name.
pub(super) fn list(items: &[String], limit: usize) -> String {
    let shown = if items.len() > limit { limit.saturating_sub(1) } else { items.len() };
    let hidden = items.len() - shown;
    let mut parts: Vec<&str> = items.iter().take(shown).map(String::as_str).collect();
    let more = format!("{hidden} more");
    if hidden > 0 {
        parts.push(&more);
    }
    match parts.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

fn utc(time: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(time.0)
}

fn date(time: Timestamp) -> String {
    utc(time).format("%Y-%m-%d").to_string()
}

fn clock(time: Timestamp) -> String {
    let layout = if utc(time).second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    utc(time).format(layout).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn times_read_like_a_person_wrote_them() {
        assert_eq!(instant(at("2026-11-21T08:00:00Z")), "2026-11-21 08:00 UTC");
        assert_eq!(instant(at("2026-11-21T08:00:01.5Z")), "2026-11-21 08:00:01 UTC");
        let start = at("2026-11-21T08:00:01Z");
        assert_eq!(period(start, at("2026-11-21T08:03:10Z")), "between 2026-11-21 08:00:01 and 08:03:10 UTC");
        assert_eq!(
            period(start, at("2026-11-22T08:00:01Z")),
            "between 2026-11-21 08:00:01 and 2026-11-22 08:00:01 UTC"
        );
        assert_eq!(period(start, start), "at 2026-11-21 08:00:01 UTC");
        assert!(instant(Timestamp::MIN).starts_with("1677-"));
    }

    #[test]
    fn lengths_take_their_largest_whole_unit() {
        for (text, words) in [("30d", "30 days"), ("24h", "1 day"), ("15m", "15 minutes"), ("90s", "90 seconds")] {
            assert_eq!(length(Span::parse(text).unwrap()), words);
        }
        assert_eq!(length(Span::ZERO), "0s");
        assert_eq!(the_length(Span::seconds(3600)), "hour");
    }

    #[test]
    fn lists_and_numbers_are_short() {
        let names: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        assert_eq!(list(&names[..1], 3), "a");
        assert_eq!(list(&names[..2], 3), "a and b");
        assert_eq!(list(&names[..3], 3), "a, b and c");
        assert_eq!(list(&names, 3), "a, b and 2 more");
        assert_eq!(list(&[], 3), "");
        assert_eq!([number(5.0), number(0.25), number(1.0 / 3.0), number(1e300)], ["5", "0.25", "0.333", "1e300"]);
    }
}
