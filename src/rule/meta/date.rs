//! `date` and `modified`: a day of the calendar as `YYYY-MM-DD`. The slashes of old rules are a warning.

use chrono::NaiveDate;

use crate::rule::keys::Keys;

/// Checks a date if it is there.
pub(super) fn check(keys: &mut Keys<'_, '_>, key: &str) {
    let Some(text) = keys.text(key) else { return };
    let place = super::place_of(keys, key);
    if is_day(text, '-') {
        return;
    }
    if is_day(text, '/') {
        let message = format!("`{key}: {text}` is the form of Sigma 1");
        let help = format!("write `{key}: {}`", text.replace('/', "-"));
        keys.diagnostics.warning(place, "old-date", message, Some(help));
        return;
    }
    let help = "write a day as YYYY-MM-DD".to_owned();
    keys.diagnostics.error(place, "bad-date", format!("`{key}: {text}` is no day"), Some(help));
}

fn is_day(text: &str, separator: char) -> bool {
    let parts: Vec<&str> = text.split(separator).collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let is_number = |part: &&str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(year, 4) || !is_number(month, 2) || !is_number(day, 2) {
        return false;
    }
    let (year, month, day) =
        (year.parse().unwrap_or_default(), month.parse().unwrap_or_default(), day.parse().unwrap_or_default());
    NaiveDate::from_ymd_opt(year, month, day).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert!(is_day("2026-02-28", '-') && is_day("2024/02/29", '/'));
        for text in ["2026-02-29", "2026-13-01", "2026-1-1", "2026-01-01T00:00:00Z", "today", ""] {
            assert!(!is_day(text, '-'), "{text}");
        }
    }
}
