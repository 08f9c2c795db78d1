//! Plain scalars that YAML 1.1 and 1.2 read differently (RULES A22). Rules are read by 1.2, where a plain scalar that is
//! compared as text keeps its spelling; other Sigma tools read 1.1, where `on` is a boolean and `0123` is 83. Quotes say
//! what is meant in both.

use super::diagnostic::Diagnostics;
use super::yaml::{Node, Value};

/// Warns of a plain scalar that another tool reads as something else.
pub(super) fn lint(node: &Node, what: &str, diagnostics: &mut Diagnostics) {
    let Value::Scalar { text, plain: true } = &node.value else { return };
    let Some(other) = other_reading(text) else { return };
    let message = format!("{what} is written `{text}`, which other tools read as {other}");
    let help = format!("write it in quotes: '{text}'");
    diagnostics.warning(node.place, "ambiguous-scalar", message, Some(help));
}

/// What YAML 1.1 makes of a scalar that is a text, or another number, in YAML 1.2.
fn other_reading(text: &str) -> Option<&'static str> {
    let (_, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
    let all = |wanted: fn(&u8) -> bool, text: &str| !text.is_empty() && text.bytes().all(|byte| wanted(&byte));
    if matches!(text, "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y") {
        return Some("true");
    }
    if matches!(text, "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N") {
        return Some("false");
    }
    if digits.len() > 1 && digits.starts_with('0') && all(u8::is_ascii_digit, digits) {
        return Some("another number");
    }
    let hexadecimal = digits.strip_prefix("0x").is_some_and(|rest| all(u8::is_ascii_hexdigit, rest));
    let other_base = |mark: &str| digits.strip_prefix(mark).is_some_and(|rest| all(u8::is_ascii_digit, rest));
    if hexadecimal || other_base("0b") || other_base("0o") {
        return Some("a number of another spelling");
    }
    let begins_with_digit = digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    if begins_with_digit && digits.contains('_') && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
        return Some("a number");
    }
    // sexagesimal, 1:30 is 90
    let mut parts = digits.split(':');
    let is_base = parts.next().is_some_and(|first| all(u8::is_ascii_digit, first) && !first.starts_with('0'));
    let mut rest = parts.peekable();
    let is_sixty = |part: &str| part.len() <= 2 && part.parse::<u8>().is_ok_and(|part| part < 60);
    if is_base && rest.peek().is_some() && rest.all(is_sixty) {
        return Some("a number of minutes or seconds");
    }
    is_date(text).then_some("a date")
}

/// `2026-01-31`, which YAML 1.1 reads as a date.
fn is_date(text: &str) -> bool {
    let shape: Vec<usize> = text.split('-').map(str::len).collect();
    shape == [4, 2, 2] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_versions_of_yaml_read_differently() {
        for text in
            ["on", "No", "y", "0123", "00000429", "-017", "0x17", "0b1", "1_000", "1:30", "190:20:30", "2026-01-31"]
        {
            assert!(other_reading(text).is_some(), "{text}");
        }
        for text in
            ["", "true", "null", "0", "10", "-1", "1.5", "1e3", "yesterday", "_1", "0x", "a:1", "1:75", "10.0.0.1", "-"]
        {
            assert_eq!(other_reading(text), None, "{text}");
        }
    }
}
