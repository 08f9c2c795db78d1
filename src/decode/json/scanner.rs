//! The grammar of JSON over a text that is known to be UTF-8: exactly what `serde_json` accepts, plus the number literals
//! `NaN`, `Infinity` and `-Infinity`, which Python producers write. Skips what nobody reads without recursion.

use crate::model::Scalar;

use super::leaves::{Leaves, NoLeaves};
use super::string::{decode_escapes, find_special};
use super::{ScanError, ScanFault};

/// A position in a JSON text.
#[derive(Debug, Clone)]
pub(in crate::decode) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Levels that may still be opened.
    levels: usize,
    max_depth: usize,
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
    pub(in crate::decode) fn decode(self) -> std::borrow::Cow<'a, str> {
        if self.has_escapes { decode_escapes(self.spelled).into() } else { self.spelled.into() }
    }
}

impl<'a> Scanner<'a> {
    /// At the start of `text`; at most `max_depth` arrays and objects may be open at once.
    pub(in crate::decode) fn new(text: &'a str, max_depth: usize) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, levels: max_depth, max_depth }
    }

    pub(in crate::decode) fn at(&self) -> usize {
        self.at
    }

    /// The text from `start` to the current position.
    pub(in crate::decode) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or("")
    }

    #[inline]
    pub(in crate::decode) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(in crate::decode) fn advance(&mut self) {
        self.at += 1;
    }

    #[inline]
    pub(in crate::decode) fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    #[cold]
    pub(in crate::decode) fn fail(&self, expected: &'static str) -> ScanError {
        ScanError { fault: ScanFault::Expected(expected), at: self.at }
    }

    /// Nothing but white space may follow.
    pub(in crate::decode) fn finish(&mut self) -> Result<(), ScanError> {
        self.skip_whitespace();
        if self.at < self.bytes.len() { Err(self.fail("the end of the text")) } else { Ok(()) }
    }

    /// Steps into an array or object whose bracket is next.
    #[inline]
    pub(in crate::decode) fn open(&mut self) -> Result<(), ScanError> {
        if self.levels == 0 {
            return Err(ScanError { fault: ScanFault::TooDeep(self.max_depth), at: self.at });
        }
        self.levels -= 1;
        self.at += 1;
        Ok(())
    }

    /// Steps out of an array or object whose bracket is next.
    #[inline]
    pub(in crate::decode) fn close(&mut self) {
        self.levels += 1;
        self.at += 1;
    }

    /// Reads a key and its colon, up to the first byte of the value.
    #[inline]
    pub(in crate::decode) fn key(&mut self) -> Result<Quoted<'a>, ScanError> {
        if self.peek() != Some(b'"') {
            return Err(self.fail("a key in quotes"));
        }
        let key = self.string()?;
        self.skip_whitespace();
        if self.peek() != Some(b':') {
            return Err(self.fail("`:`"));
        }
        self.at += 1;
        self.skip_whitespace();
        Ok(key)
    }

    /// Reads a string whose opening quote is next.
    #[inline]
    pub(in crate::decode) fn string(&mut self) -> Result<Quoted<'a>, ScanError> {
        let start = self.at + 1;
        let end = find_special(self.bytes, start);
        if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(Quoted { spelled: self.text.get(start..end).unwrap_or(""), has_escapes: false });
        }
        self.string_with_escapes(start, end)
    }

    /// Goes on with a string at its first backslash (or at what must not be in it).
    fn string_with_escapes(&mut self, start: usize, first: usize) -> Result<Quoted<'a>, ScanError> {
        self.at = first;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let spelled = self.since(start);
                    self.at += 1;
                    return Ok(Quoted { spelled, has_escapes: true });
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(self.fail("no control character in a string")),
                None => return Err(self.fail("the end of a string")),
            }
            self.at = find_special(self.bytes, self.at);
        }
    }

    fn escape(&mut self) -> Result<(), ScanError> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                let unit = self.code_unit()?;
                if (0xDC00..0xE000).contains(&unit) {
                    self.at -= 1;
                    return Err(self.fail("a leading surrogate before a trailing one"));
                }
                if (0xD800..0xDC00).contains(&unit) {
                    if self.peek() != Some(b'\\') {
                        return Err(self.fail("the second half of a surrogate pair"));
                    }
                    self.at += 1;
                    if self.peek() != Some(b'u') {
                        return Err(self.fail("the second half of a surrogate pair"));
                    }
                    let low = self.code_unit()?;
                    if !(0xDC00..0xE000).contains(&low) {
                        self.at -= 1;
                        return Err(self.fail("the second half of a surrogate pair"));
                    }
                }
            }
            _ => return Err(self.fail("an escape (one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u)")),
        }
        Ok(())
    }

    /// Reads `uXXXX`.
    fn code_unit(&mut self) -> Result<u32, ScanError> {
        let mut unit = 0;
        for _ in 0..4 {
            self.at += 1;
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit * 16 + digit.ok_or_else(|| self.fail("four hex digits"))?;
        }
        self.at += 1;
        Ok(unit)
    }

    /// Reads the scalar that is next. The caller has seen that it is neither an array nor an object.
    #[inline]
    pub(in crate::decode) fn scalar(&mut self) -> Result<Scalar<'a>, ScanError> {
        match self.peek() {
            Some(b'"') => Ok(Scalar::Text(self.string()?.decode())),
            Some(b't') => self.word("true").map(|()| Scalar::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Scalar::Bool(false)),
            Some(b'n') => self.word("null").map(|()| Scalar::Null),
            _ => {
                let start = self.at;
                self.number()?;
                Ok(Scalar::Number(self.since(start)))
            }
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), ScanError> {
        for byte in word.bytes() {
            if self.peek() != Some(byte) {
                return Err(self.fail(word));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), ScanError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        } else if self.peek() == Some(b'N') {
            return self.word("NaN");
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            Some(b'I') => return self.word("Infinity"),
            _ => return Err(self.fail("a value")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(())
    }

    #[inline]
    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), ScanError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.fail("a digit"));
        }
        self.digits();
        Ok(())
    }

    /// Reads the array that is next and gives the text of each member.
    pub(in crate::decode) fn elements(&mut self, mut member: impl FnMut(&'a str)) -> Result<(), ScanError> {
        self.open()?;
        self.skip_whitespace();
        if self.peek() != Some(b']') {
            loop {
                let start = self.at;
                self.skip(&mut NoLeaves)?;
                member(self.since(start));
                self.skip_whitespace();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.skip_whitespace();
                    }
                    Some(b']') => break,
                    _ => return Err(self.fail("`,` or `]`")),
                }
            }
        }
        self.close();
        Ok(())
    }

    /// Skips the value that is next, of any kind, and gives its scalars to `leaves`. Iterative: the open arrays and
    /// objects are bits of `nesting`, not stack frames.
    pub(in crate::decode) fn skip<L: Leaves<'a>>(&mut self, leaves: &mut L) -> Result<(), ScanError> {
        let mut nesting = Nesting::default();
        loop {
            match self.peek() {
                Some(b'{') => {
                    self.open()?;
                    self.skip_whitespace();
                    if self.peek() == Some(b'}') {
                        self.close();
                    } else {
                        nesting.push(true);
                        self.key()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.open()?;
                    self.skip_whitespace();
                    if self.peek() == Some(b']') {
                        self.close();
                    } else {
                        nesting.push(false);
                        continue;
                    }
                }
                Some(b'"') => {
                    let quoted = self.string()?;
                    if L::WANTED {
                        leaves.leaf(Scalar::Text(quoted.decode()));
                    }
                }
                _ => {
                    let scalar = self.scalar()?;
                    if L::WANTED {
                        leaves.leaf(scalar);
                    }
                }
            }
            loop {
                let Some(in_object) = nesting.top() else { return Ok(()) };
                self.skip_whitespace();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.skip_whitespace();
                        if in_object {
                            self.key()?;
                        }
                        break;
                    }
                    Some(b'}') if in_object => {}
                    Some(b']') if !in_object => {}
                    _ => return Err(self.fail(if in_object { "`,` or `}`" } else { "`,` or `]`" })),
                }
                self.close();
                nesting.pop();
            }
        }
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
        let mut scanner = Scanner::new(text, 127);
        scanner.skip_whitespace();
        scanner.skip(&mut NoLeaves).and_then(|()| scanner.finish()).is_ok()
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
        assert!(Scanner::new(&text, 100_000).skip(&mut NoLeaves).is_ok());
        let objects = "{\"a\":[".repeat(200) + &"]}".repeat(200);
        assert!(Scanner::new(&objects, 400).skip(&mut NoLeaves).is_ok());
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
