//! The grammar of JSON over a text that is known to be UTF-8: exactly what `serde_json` accepts, plus the number literals
//! `NaN`, `Infinity` and `-Infinity`, which Python producers write. Skips what nobody reads without recursion.
//!
//! Every function takes the position that it starts at and returns the one that it ends at, so that positions live in
//! registers: kept in the scanner, each step would wait for the store of the step before (measured: twice as slow).

use std::borrow::Cow;

use crate::model::Scalar;

use super::leaves::{Leaves, NoLeaves};
use super::string::{decode_escapes, find_special};
use super::{ScanError, ScanFault};

/// The end of what was read, or why it is no JSON; boxed, so that the usual case fits two registers.
pub(in crate::decode) type Scan = Result<usize, Box<ScanError>>;

/// A JSON text.
#[derive(Debug, Clone, Copy)]
pub(in crate::decode) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// Arrays and objects that may be open at once.
    max_depth: usize,
}

/// Where a key lies: its text between the quotes, and its value.
#[derive(Debug, Clone, Copy)]
pub(in crate::decode) struct Key {
    start: usize,
    end: usize,
    pub(in crate::decode) has_escapes: bool,
    /// The first byte of the value.
    pub(in crate::decode) value: usize,
}

/// A string between its quotes.
#[derive(Debug, Clone, Copy)]
pub(in crate::decode) struct Quoted<'a> {
    /// The text as it is spelled, escapes and all.
    pub(in crate::decode) spelled: &'a str,
    pub(in crate::decode) has_escapes: bool,
}

impl<'a> Quoted<'a> {
    /// The text with its escapes resolved.
    #[inline]
    pub(in crate::decode) fn decode(self) -> Cow<'a, str> {
        if self.has_escapes { decode_escapes(self.spelled).into() } else { self.spelled.into() }
    }
}

impl<'a> Scanner<'a> {
    pub(in crate::decode) fn new(text: &'a str, max_depth: usize) -> Self {
        Self { text, bytes: text.as_bytes(), max_depth }
    }

    /// Arrays and objects that may be open at once.
    pub(in crate::decode) fn max_depth(&self) -> usize {
        self.max_depth
    }

    #[inline]
    pub(in crate::decode) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or("")
    }

    /// The bytes from a position on.
    #[inline(always)]
    pub(super) fn rest(&self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    /// The byte at a position; 0, which no JSON text has outside its strings, behind the end.
    #[inline]
    pub(in crate::decode) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    #[inline(always)]
    pub(in crate::decode) fn skip_whitespace(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\n' | b'\t' | b'\r') {
            at += 1;
        }
        at
    }

    #[cold]
    #[inline(never)]
    pub(in crate::decode) fn fail<T>(&self, at: usize, expected: &'static str) -> Result<T, Box<ScanError>> {
        Err(Box::new(ScanError { fault: ScanFault::Expected(expected), at }))
    }

    #[cold]
    #[inline(never)]
    pub(in crate::decode) fn too_deep<T>(&self, at: usize) -> Result<T, Box<ScanError>> {
        Err(Box::new(ScanError { fault: ScanFault::TooDeep(self.max_depth), at }))
    }

    /// Nothing but white space may follow.
    pub(in crate::decode) fn finish(&self, at: usize) -> Result<(), Box<ScanError>> {
        let end = self.skip_whitespace(at);
        if end < self.bytes.len() { self.fail(end, "the end of the text") } else { Ok(()) }
    }

    /// Reads a key and its colon, up to the first byte of the value.
    #[inline(always)]
    pub(in crate::decode) fn key(&self, at: usize) -> Result<Key, Box<ScanError>> {
        if self.byte(at) != b'"' {
            return self.fail(at, "a key in quotes");
        }
        let end = find_special(self.bytes, at + 1);
        if self.byte(end) == b'"' {
            return Ok(Key { start: at + 1, end, has_escapes: false, value: self.colon(end + 1)? });
        }
        let end = self.string_with_escapes(end)?;
        Ok(Key { start: at + 1, end: end - 1, has_escapes: true, value: self.colon(end)? })
    }

    /// A key as it is spelled.
    #[inline]
    pub(in crate::decode) fn spelling(&self, key: Key) -> &'a [u8] {
        self.bytes.get(key.start..key.end).unwrap_or_default()
    }

    /// A key with its escapes resolved.
    pub(in crate::decode) fn decode_key(&self, key: Key) -> Cow<'a, str> {
        Quoted { spelled: self.slice(key.start, key.end), has_escapes: key.has_escapes }.decode()
    }

    /// Reads a colon, up to the first byte of the value.
    #[inline(always)]
    fn colon(&self, at: usize) -> Scan {
        let at = self.skip_whitespace(at);
        if self.byte(at) != b':' {
            return self.fail(at, "`:`");
        }
        Ok(self.skip_whitespace(at + 1))
    }

    /// Reads a string whose opening quote is at `at`.
    #[inline(always)]
    pub(in crate::decode) fn string(&self, at: usize) -> Result<(Quoted<'a>, usize), Box<ScanError>> {
        let end = find_special(self.bytes, at + 1);
        if self.byte(end) == b'"' {
            return Ok((Quoted { spelled: self.slice(at + 1, end), has_escapes: false }, end + 1));
        }
        let end = self.string_with_escapes(end)?;
        Ok((Quoted { spelled: self.slice(at + 1, end - 1), has_escapes: true }, end))
    }

    #[inline(always)]
    fn skip_string(&self, at: usize) -> Scan {
        let end = find_special(self.bytes, at + 1);
        if self.byte(end) == b'"' { Ok(end + 1) } else { self.string_with_escapes(end) }
    }

    /// Goes on with a string at its first backslash (or at what must not be in it), to behind its closing quote.
    #[inline(never)]
    fn string_with_escapes(&self, mut at: usize) -> Scan {
        loop {
            match self.byte(at) {
                b'"' => return Ok(at + 1),
                b'\\' => at = find_special(self.bytes, self.escape(at + 1)?),
                _ if at < self.bytes.len() => return self.fail(at, "no control character in a string"),
                _ => return self.fail(at, "the end of a string"),
            }
        }
    }

    /// Reads an escape behind its backslash.
    fn escape(&self, at: usize) -> Scan {
        match self.byte(at) {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 1),
            b'u' => {
                let unit = self.code_unit(at)?;
                if (0xDC00..0xE000).contains(&unit) {
                    return self.fail(at, "a leading surrogate before a trailing one");
                }
                if !(0xD800..0xDC00).contains(&unit) {
                    return Ok(at + 5);
                }
                for (offset, expected) in [(5, b'\\'), (6, b'u')] {
                    if self.byte(at + offset) != expected {
                        return self.fail(at + offset, "the second half of a surrogate pair");
                    }
                }
                if (0xDC00..0xE000).contains(&self.code_unit(at + 6)?) {
                    Ok(at + 11)
                } else {
                    self.fail(at + 6, "the second half of a surrogate pair")
                }
            }
            _ => self.fail(at, "an escape (one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u)"),
        }
    }

    /// Reads `uXXXX`.
    fn code_unit(&self, at: usize) -> Result<u32, Box<ScanError>> {
        let mut unit = 0;
        for offset in 1..=4 {
            match char::from(self.byte(at + offset)).to_digit(16) {
                Some(digit) => unit = unit * 16 + digit,
                None => return self.fail(at + offset, "four hex digits"),
            }
        }
        Ok(unit)
    }

    /// Reads the scalar at `at`. The caller has seen that it is neither an array nor an object.
    #[inline(always)]
    pub(in crate::decode) fn scalar(&self, at: usize) -> Result<(Scalar<'a>, usize), Box<ScanError>> {
        if self.byte(at) == b'"' {
            let (quoted, end) = self.string(at)?;
            return Ok((Scalar::Text(quoted.decode()), end));
        }
        let end = self.skip_literal(at)?;
        let scalar = match self.byte(at) {
            b't' => Scalar::Bool(true),
            b'f' => Scalar::Bool(false),
            b'n' => Scalar::Null,
            _ => Scalar::Number(self.slice(at, end)),
        };
        Ok((scalar, end))
    }

    /// Skips the scalar at `at`.
    #[inline]
    pub(in crate::decode) fn skip_scalar(&self, at: usize) -> Scan {
        if self.byte(at) == b'"' { self.skip_string(at) } else { self.skip_literal(at) }
    }

    /// Skips a scalar that is no string.
    #[inline]
    fn skip_literal(&self, at: usize) -> Scan {
        match self.byte(at) {
            b't' => self.word(at, "true"),
            b'f' => self.word(at, "false"),
            b'n' => self.word(at, "null"),
            _ => self.number(at),
        }
    }

    fn word(&self, at: usize, word: &'static str) -> Scan {
        for (offset, byte) in word.bytes().enumerate() {
            if self.byte(at + offset) != byte {
                return self.fail(at + offset, word);
            }
        }
        Ok(at + word.len())
    }

    fn number(&self, mut at: usize) -> Scan {
        match self.byte(at) {
            b'-' => at += 1,
            b'N' => return self.word(at, "NaN"),
            _ => {}
        }
        match self.byte(at) {
            b'0' => at += 1,
            b'1'..=b'9' => at = self.digits(at),
            b'I' => return self.word(at, "Infinity"),
            _ => return self.fail(at, "a value"),
        }
        if self.byte(at) == b'.' {
            at = self.some_digits(at + 1)?;
        }
        if let b'e' | b'E' = self.byte(at) {
            at += 1;
            if let b'+' | b'-' = self.byte(at) {
                at += 1;
            }
            at = self.some_digits(at)?;
        }
        Ok(at)
    }

    #[inline]
    fn digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    fn some_digits(&self, at: usize) -> Scan {
        if self.byte(at).is_ascii_digit() { Ok(self.digits(at)) } else { self.fail(at, "a digit") }
    }

    /// Reads the array at `at` and gives the text of each member.
    pub(in crate::decode) fn elements(&self, at: usize, mut member: impl FnMut(&'a str)) -> Scan {
        if self.max_depth == 0 {
            return self.too_deep(at);
        }
        let mut at = self.skip_whitespace(at + 1);
        if self.byte(at) == b']' {
            return Ok(at + 1);
        }
        loop {
            let end = self.skip(at, self.max_depth - 1, &mut NoLeaves)?;
            member(self.slice(at, end));
            at = self.skip_whitespace(end);
            match self.byte(at) {
                b',' => at = self.skip_whitespace(at + 1),
                b']' => return Ok(at + 1),
                _ => return self.fail(at, "`,` or `]`"),
            }
        }
    }

    /// Skips the value at `at`, of any kind, and gives its scalars to `leaves`. At most `levels` more arrays and objects
    /// may be open at once. Iterative: those that are open are bits of `nesting`, not stack frames.
    pub(in crate::decode) fn skip<L: Leaves<'a>>(&self, mut at: usize, levels: usize, leaves: &mut L) -> Scan {
        let mut nesting = Nesting::default();
        loop {
            match self.byte(at) {
                b'"' if !L::WANTED => at = self.skip_string(at)?,
                bracket @ (b'{' | b'[') => {
                    if nesting.depth == levels {
                        return self.too_deep(at);
                    }
                    at = self.skip_whitespace(at + 1);
                    // ASCII: each closing bracket lies two behind its opening one.
                    if self.byte(at) == bracket + 2 {
                        at += 1;
                    } else {
                        nesting.push(bracket == b'{');
                        if bracket == b'{' {
                            at = self.skip_key(at)?;
                        }
                        continue;
                    }
                }
                _ if L::WANTED => {
                    let (scalar, end) = self.scalar(at)?;
                    leaves.leaf(scalar);
                    at = end;
                }
                _ => at = self.skip_literal(at)?,
            }
            loop {
                let Some(in_object) = nesting.top() else { return Ok(at) };
                at = self.skip_whitespace(at);
                match self.byte(at) {
                    b',' => {
                        at = self.skip_whitespace(at + 1);
                        if in_object {
                            at = self.skip_key(at)?;
                        }
                        break;
                    }
                    b'}' if in_object => {}
                    b']' if !in_object => {}
                    _ => return self.fail(at, if in_object { "`,` or `}`" } else { "`,` or `]`" }),
                }
                at += 1;
                nesting.pop();
            }
        }
    }

    #[inline(always)]
    fn skip_key(&self, at: usize) -> Scan {
        if self.byte(at) != b'"' {
            return self.fail(at, "a key in quotes");
        }
        self.colon(self.skip_string(at)?)
    }
}

/// The kinds of the arrays and objects that are open, one bit each.
#[derive(Debug, Default)]
struct Nesting {
    newest: u64,
    older: Vec<u64>,
    depth: usize,
}

impl Nesting {
    fn push(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.older.push(self.newest);
        }
        self.newest = self.newest << 1 | u64::from(is_object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth -= 1;
        self.newest >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.newest = self.older.pop().unwrap_or(0);
        }
    }

    fn top(&self) -> Option<bool> {
        if self.depth == 0 { None } else { Some(self.newest & 1 == 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accepts(text: &str) -> bool {
        let scanner = Scanner::new(text, 127);
        let start = scanner.skip_whitespace(0);
        scanner.skip(start, 127, &mut NoLeaves).and_then(|end| scanner.finish(end)).is_ok()
    }

    #[test]
    fn the_grammar_is_that_of_serde_json() {
        for text in [
            "0",
            "-0",
            "-",
            "01",
            "1.",
            ".5",
            "1.5e",
            "1e5",
            "1E-5",
            "1e+05",
            "+1",
            "0x1",
            "\"\\u00e9\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83d\\u0041\"",
            "\"\\x\"",
            "\"\t\"",
            "\"",
            "\"\\",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":1}{}",
            "  [ ] ",
            "tru",
            "nul",
            "true1",
            "[",
            "[[]",
            "]",
            "{\"a\":[1,{}]}",
            "",
            " ",
            "\u{a0}1",
            "\u{feff}{}",
            "[\"\u{7f}\"]",
            "-a",
            "--1",
            "[1}",
            "{\"a\":1]",
        ] {
            assert_eq!(accepts(text), serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn python_numbers_are_accepted() {
        for text in ["NaN", "Infinity", "-Infinity", "[NaN, 1]"] {
            assert!(accepts(text), "{text}");
        }
        for text in ["-NaN", "nan", "Inf", "Infinityy", "+Infinity"] {
            assert!(!accepts(text), "{text}");
        }
    }

    #[test]
    fn depth_is_limited_without_recursion() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(accepts(&nested(127)));
        assert!(!accepts(&nested(128)));
        let text = nested(100_000);
        assert!(Scanner::new(&text, 100_000).skip(0, 100_000, &mut NoLeaves).is_ok());
        let objects = "{\"a\":[".repeat(200) + &"]}".repeat(200);
        assert!(Scanner::new(&objects, 400).skip(0, 400, &mut NoLeaves).is_ok());
    }

    proptest! {
        #[test]
        fn mangled_text_is_judged_as_serde_json_does(
            text in "[\\[\\]{}:,\"\\\\truefalsn0-9.eE+u dD8\u{e9}\u{1}-]{0,24}",
        ) {
            let reference = serde_json::from_str::<serde_json::Value>(&text);
            let out_of_range = reference.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
            prop_assert_eq!(accepts(&text), reference.is_ok() || out_of_range, "{}", text);
        }
    }
}
