//! Sigma text patterns: `*` any length, `?` exactly one character, backslash escapes (RULES 1.2), matched against a
//! whole value, without regard to case unless `cased`.

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    One,
    Many,
}

/// A compiled pattern. The common shapes have their own matchers; `Shape::Glob` is the slow twin of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    cased: bool,
    shape: Shape,
    /// The text between the wildcards is all ASCII, so that bytes can be compared.
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Any,
    Exact(String),
    Prefix(String),
    Suffix(String),
    Contains(String),
    Glob,
}

/// Where a modifier adds a wildcard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Anchoring {
    /// A `*` is put before the pattern unless it begins with one.
    pub open_start: bool,
    /// A `*` is put behind the pattern unless it ends with one.
    pub open_end: bool,
}

impl Pattern {
    /// Compiles a Sigma value.
    #[must_use]
    pub fn parse(text: &str, anchoring: Anchoring, cased: bool) -> Self {
        let mut pieces = split(text);
        if anchoring.open_start && pieces.first() != Some(&Piece::Many) {
            pieces.insert(0, Piece::Many);
        }
        if anchoring.open_end && (pieces.last() != Some(&Piece::Many)) {
            pieces.push(Piece::Many);
        }
        pieces.dedup_by(|one, two| *one == Piece::Many && *two == Piece::Many);
        if !cased {
            for piece in &mut pieces {
                if let Piece::Literal(literal) = piece {
                    *literal = fold(literal);
                }
            }
        }
        let shape = match pieces.as_slice() {
            [] => Shape::Exact(String::new()),
            [Piece::Many] => Shape::Any,
            [Piece::Literal(text)] => Shape::Exact(text.clone()),
            [Piece::Literal(text), Piece::Many] => Shape::Prefix(text.clone()),
            [Piece::Many, Piece::Literal(text)] => Shape::Suffix(text.clone()),
            [Piece::Many, Piece::Literal(text), Piece::Many] => Shape::Contains(text.clone()),
            _ => Shape::Glob,
        };
        Self { cased, shape, pieces }
    }

    /// The text of a pattern without wildcards, folded unless cased.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match &self.shape {
            Shape::Exact(text) => Some(text),
            _ => None,
        }
    }

    /// The texts between the wildcards, folded unless cased: a value that matches contains each of them.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::One | Piece::Many => None,
        })
    }

    /// Whether case matters.
    #[must_use]
    pub fn is_cased(&self) -> bool {
        self.cased
    }

    /// Whether the pattern matches the whole of `value`.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        if self.cased {
            return self.matches_folded(value);
        }
        if value.is_ascii() {
            return self.matches_ascii(value.as_bytes());
        }
        self.matches_folded(&fold(value))
    }

    /// ASCII values against folded literals, without a copy. A literal that is not ASCII cannot be in an ASCII value.
    fn matches_ascii(&self, value: &[u8]) -> bool {
        match &self.shape {
            Shape::Any => true,
            Shape::Exact(text) => value.eq_ignore_ascii_case(text.as_bytes()),
            Shape::Prefix(text) => {
                value.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text.as_bytes()))
            }
            Shape::Suffix(text) => value
                .len()
                .checked_sub(text.len())
                .and_then(|start| value.get(start..))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(text.as_bytes())),
            Shape::Contains(text) => contains_ignore_ascii_case(value, text.as_bytes()),
            Shape::Glob => {
                std::str::from_utf8(value).is_ok_and(|value| self.matches_folded(&value.to_ascii_lowercase()))
            }
        }
    }

    fn matches_folded(&self, value: &str) -> bool {
        match &self.shape {
            Shape::Any => true,
            Shape::Exact(text) => value == text,
            Shape::Prefix(text) => value.starts_with(text.as_str()),
            Shape::Suffix(text) => value.ends_with(text.as_str()),
            Shape::Contains(text) => value.contains(text.as_str()),
            Shape::Glob => glob(&self.pieces, value),
        }
    }
}

/// Case folding for comparison: Unicode lower case, character by character.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().flat_map(char::to_lowercase).collect() }
}

/// Whether `needle` (already in lower case) is in `haystack`, without regard to ASCII case.
#[must_use]
pub fn contains_ignore_ascii_case(haystack: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return true };
    if needle.len() > haystack.len() {
        return false;
    }
    let last_start = haystack.len() - needle.len();
    let upper = first.to_ascii_uppercase();
    let mut at = 0;
    while at <= last_start {
        let Some(window) = haystack.get(at..=last_start) else { return false };
        let found =
            if upper == *first { memchr::memchr(*first, window) } else { memchr::memchr2(*first, upper, window) };
        let Some(offset) = found else { return false };
        let start = at + offset;
        let tail = haystack.get(start + 1..start + needle.len());
        if tail.is_some_and(|tail| tail.eq_ignore_ascii_case(rest)) {
            return true;
        }
        at = start + 1;
    }
    false
}

/// Splits a Sigma value at its wildcards and resolves its escapes: `\*`, `\?` and `\\` are literal, a backslash before
/// anything else is itself, and so is one at the end.
fn split(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let flush = |literal: &mut String, pieces: &mut Vec<Piece>| {
        if !literal.is_empty() {
            pieces.push(Piece::Literal(std::mem::take(literal)));
        }
    };
    let mut symbols = text.chars().peekable();
    while let Some(symbol) = symbols.next() {
        match symbol {
            '\\' => match symbols.peek() {
                Some(next @ ('*' | '?' | '\\')) => {
                    literal.push(*next);
                    symbols.next();
                }
                _ => literal.push('\\'),
            },
            '*' => {
                flush(&mut literal, &mut pieces);
                pieces.push(Piece::Many);
            }
            '?' => {
                flush(&mut literal, &mut pieces);
                pieces.push(Piece::One);
            }
            other => literal.push(other),
        }
    }
    flush(&mut literal, &mut pieces);
    pieces
}

/// Matches pieces against a whole value. Goes back to the last `*` only, so the cost is at most their product.
fn glob(pieces: &[Piece], value: &str) -> bool {
    let mut rest = value;
    let mut at = 0;
    let mut retry: Option<(usize, &str)> = None;
    loop {
        let step = match pieces.get(at) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Piece::Many) => {
                retry = Some((at + 1, rest));
                at += 1;
                continue;
            }
            Some(Piece::One) => rest.chars().next().map(char::len_utf8),
            Some(Piece::Literal(literal)) => rest.starts_with(literal.as_str()).then_some(literal.len()),
        };
        match (step.and_then(|length| rest.get(length..)), retry) {
            (Some(tail), _) => {
                rest = tail;
                at += 1;
            }
            (None, None) => return false,
            (None, Some((resume, from))) => {
                let mut symbols = from.chars();
                if symbols.next().is_none() {
                    return false;
                }
                rest = symbols.as_str();
                at = resume;
                retry = Some((resume, rest));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, value: &str) -> bool {
        Pattern::parse(pattern, Anchoring::default(), false).matches(value)
    }

    #[test]
    fn escapes_follow_the_specification() {
        assert!(matches(r"a\*b", "a*b") && !matches(r"a\*b", "axb"));
        assert!(matches(r"a\?b", "a?b") && !matches(r"a\?b", "axb"));
        assert!(matches(r"C:\\*", r"C:\windows"), "backslash, then a wildcard");
        assert!(matches(r"C:\\\*", r"C:\*") && !matches(r"C:\\\*", r"C:\x"));
        assert!(matches(r"a\b", r"a\b") && matches(r"a\\b", r"a\b"));
        assert!(matches(r"a\\\\b", r"a\\b"));
        assert!(matches(r"end\", r"end\"));
    }

    #[test]
    fn matching_is_anchored_and_ignores_case() {
        assert!(matches("Fraud-*", "fraud-SCORER") && !matches("fraud", "fraud-scorer"));
        assert!(matches("???", "abc") && !matches("???", "ab"));
        assert!(
            matches("*a*b*", "xxAyyBzz")
                && matches("straße*", "STRASSE") == "STRASSE".to_lowercase().starts_with("straße")
        );
        assert!(matches("ÄRGER", "ärger"));
        assert!(matches("*", "") && matches("line*end", "line\nend"));
        assert!(!Pattern::parse("Abc", Anchoring::default(), true).matches("abc"));
        let contains = Anchoring { open_start: true, open_end: true };
        assert!(Pattern::parse("mid", contains, false).matches("aMIDb"));
        assert!(Pattern::parse("", contains, false).matches("anything"));
    }

    proptest! {
        #[test]
        fn the_shapes_agree_with_the_glob(pattern in "[ab*?\\\\ÄkK]{0,6}", value in "[abAB*?\\\\äÄK]{0,8}",
                                          open_start in any::<bool>(), open_end in any::<bool>(), cased in any::<bool>()) {
            let fast = Pattern::parse(&pattern, Anchoring { open_start, open_end }, cased);
            let folded = if cased { value.clone() } else { fold(&value) };
            prop_assert_eq!(fast.matches(&value), glob(&fast.pieces, &folded), "{:?} {}", fast, value);
        }
    }
}
