//! Sigma text patterns: `*` any length, `?` exactly one character, backslash escapes (RULES 1.2), matched against a
//! whole value, without regard to case unless `cased`.

use super::text::{Piece, join, split};

/// The characters that `windash` holds for the same: hyphen, slash, en dash, em dash and horizontal bar.
pub const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];
/// Most dashes that are written out in the literals by which a pattern is found.
const WRITTEN_OUT: usize = 2;

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
        Self::of(split(text, false), anchoring, cased)
    }

    /// Compiles the pieces of a value.
    #[must_use]
    pub fn of(mut pieces: Vec<Piece>, anchoring: Anchoring, cased: bool) -> Self {
        if anchoring.open_start && pieces.first() != Some(&Piece::Many) {
            pieces.insert(0, Piece::Many);
        }
        if anchoring.open_end && (pieces.last() != Some(&Piece::Many)) {
            pieces.push(Piece::Many);
        }
        let mut pieces = join(pieces);
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

    /// The text of a pattern without wildcards within, folded unless cased, and at which ends anything may stand.
    #[must_use]
    pub fn only_text(&self) -> Option<(&str, Anchoring)> {
        let (text, open_start, open_end) = match &self.shape {
            Shape::Exact(text) => (text, false, false),
            Shape::Prefix(text) => (text, false, true),
            Shape::Suffix(text) => (text, true, false),
            Shape::Contains(text) => (text, true, true),
            Shape::Any | Shape::Glob => return None,
        };
        Some((text, Anchoring { open_start, open_end }))
    }

    /// The texts between the wildcards, folded unless cased: a value that matches contains each of them.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::One | Piece::Many | Piece::Dash | Piece::Placeholder(_) => None,
        })
    }

    /// Texts, folded unless cased, of which a value that matches contains at least one: the longest run without
    /// wildcards, with its dashes written out. Empty when there is no such text.
    #[must_use]
    pub fn required(&self) -> Vec<String> {
        let is_wildcard = |piece: &Piece| !matches!(piece, Piece::Literal(_) | Piece::Dash);
        let best = self.pieces.split(is_wildcard).flat_map(short_runs).max_by_key(|run| length(run));
        best.map_or_else(Vec::new, write_out)
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

/// The stretches of a run that have no more dashes than are written out.
fn short_runs(run: &[Piece]) -> impl Iterator<Item = &[Piece]> {
    (0..run.len()).filter_map(|start| {
        let rest = run.get(start..)?;
        let mut dashes = 0;
        let end = rest.iter().position(|piece| {
            dashes += usize::from(*piece == Piece::Dash);
            dashes > WRITTEN_OUT
        });
        rest.get(..end.unwrap_or(rest.len()))
    })
}

/// Bytes of a run, each dash counted as one.
fn length(run: &[Piece]) -> usize {
    run.iter().map(|piece| if let Piece::Literal(text) = piece { text.len() } else { 1 }).sum()
}

/// A run as texts, one for each choice of its dashes.
fn write_out(run: &[Piece]) -> Vec<String> {
    let mut texts = vec![String::new()];
    for piece in run {
        if let Piece::Literal(literal) = piece {
            texts.iter_mut().for_each(|text| text.push_str(literal));
        } else {
            texts = texts.iter().flat_map(|text| DASHES.map(|dash| format!("{text}{dash}"))).collect();
        }
    }
    texts
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
            Some(Piece::Dash) => rest.chars().next().filter(|symbol| DASHES.contains(symbol)).map(char::len_utf8),
            // a placeholder that nobody replaced stands for nothing
            Some(Piece::Placeholder(_)) => None,
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

    /// Some dash among letters and wildcards, as `windash` puts it there.
    fn dashed() -> impl Strategy<Value = Vec<Piece>> {
        let piece = prop_oneof![
            3 => "[abA]{1,2}".prop_map(Piece::Literal),
            2 => Just(Piece::Dash),
            1 => Just(Piece::Many),
            1 => Just(Piece::One),
        ];
        proptest::collection::vec(piece, 0..6)
    }

    proptest! {
        /// The slow twin of the dash is every permutation written out.
        #[test]
        fn a_dash_is_all_permutations(pieces in dashed(), value in "[abAB/\u{2013}\u{2015}-]{0,7}", cased in any::<bool>()) {
            let anchoring = Anchoring::default();
            let fast = Pattern::of(pieces.clone(), anchoring, cased);
            let mut written = vec![Vec::new()];
            for piece in pieces {
                written = if piece == Piece::Dash {
                    let with = |before: &Vec<Piece>, dash: char| [before.clone(), vec![Piece::Literal(dash.to_string())]].concat();
                    written.iter().flat_map(|before| DASHES.map(|dash| with(before, dash))).collect()
                } else {
                    written.into_iter().map(|before| [before, vec![piece.clone()]].concat()).collect()
                };
            }
            let slow = written.into_iter().any(|pieces| Pattern::of(pieces, anchoring, cased).matches(&value));
            prop_assert_eq!(fast.matches(&value), slow);
            let folded = if cased { value.clone() } else { fold(&value) };
            let required = fast.required();
            prop_assert!(!slow || required.is_empty() || required.iter().any(|text| folded.contains(text.as_str())));
        }

        #[test]
        fn the_shapes_agree_with_the_glob(pattern in "[ab*?\\\\ÄkK]{0,6}", value in "[abAB*?\\\\äÄK]{0,8}",
                                          open_start in any::<bool>(), open_end in any::<bool>(), cased in any::<bool>()) {
            let fast = Pattern::parse(&pattern, Anchoring { open_start, open_end }, cased);
            let folded = if cased { value.clone() } else { fold(&value) };
            prop_assert_eq!(fast.matches(&value), glob(&fast.pieces, &folded), "{:?} {}", fast, value);
        }
    }
}
