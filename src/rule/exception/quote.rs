//! A text as a YAML scalar that every reader of YAML reads as that text, and as a Sigma value that means that text alone.

use std::fmt::Write as _;

/// The text as a Sigma value without wildcards: `*`, `?` and `\` are escaped.
pub(super) fn literal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for symbol in text.chars() {
        if matches!(symbol, '*' | '?' | '\\') {
            escaped.push('\\');
        }
        escaped.push(symbol);
    }
    escaped
}

/// The text as a quoted scalar: in single quotes where they can hold it, else in double quotes with escapes, so that nothing
/// in the file can hide or break a line.
pub(super) fn scalar(text: &str) -> String {
    if text.chars().all(is_shown) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut quoted = String::from("\"");
    for symbol in text.chars() {
        let code = u32::from(symbol);
        match symbol {
            '"' | '\\' => quoted.extend(['\\', symbol]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            shown if is_shown(shown) => quoted.push(shown),
            // writing to a String cannot fail
            _ if code <= 0xff => drop(write!(quoted, "\\x{code:02x}")),
            _ if code <= 0xffff => drop(write!(quoted, "\\u{code:04x}")),
            _ => drop(write!(quoted, "\\U{code:08x}")),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a character has a picture of its own. Letters of every script have; of signs and spaces only those of ASCII and the
/// common punctuation, so that no invisible one is missed.
fn is_shown(symbol: char) -> bool {
    let is_filler = matches!(u32::from(symbol), 0x034f | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x3164 | 0xffa0);
    symbol == ' '
        || symbol.is_ascii_graphic()
        || (symbol.is_alphanumeric() && !is_filler)
        || matches!(symbol, '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{bf}' | '\u{2010}'..='\u{2015}' | '\u{2018}'..='\u{201f}' | '…' | '€')
}
