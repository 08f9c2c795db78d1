//! A Sigma value taken apart: literal text, wildcards, and what modifiers put between them. Escapes are resolved here and
//! nowhere else (RULES 1.2).

/// One piece of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// This text.
    Literal(String),
    /// Exactly one character: `?`.
    One,
    /// Any text: `*`.
    Many,
    /// One of the dashes that `windash` holds for the same.
    Dash,
    /// `%name%` of `expand`, before a table has replaced it.
    Placeholder(String),
}

/// Splits a Sigma value at its wildcards: `\*`, `\?` and `\\` are literal, a backslash before anything else is itself, and
/// so is one at the end. With `placeholders`, `%name%` is one and `\%` a literal percent sign.
#[must_use]
pub fn split(text: &str, placeholders: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(symbol) = rest.chars().next() {
        rest = rest.get(symbol.len_utf8()..).unwrap_or_default();
        let special = match symbol {
            '\\' => {
                let next = rest.chars().next();
                let escaped = next.filter(|next| matches!(next, '*' | '?' | '\\') || (placeholders && *next == '%'));
                literal.push(escaped.unwrap_or('\\'));
                rest = rest.get(escaped.map_or(0, char::len_utf8)..).unwrap_or_default();
                continue;
            }
            '*' => Piece::Many,
            '?' => Piece::One,
            '%' if placeholders => match placeholder(rest) {
                Some(name) => {
                    rest = rest.get(name.len() + 1..).unwrap_or_default();
                    Piece::Placeholder(name.to_owned())
                }
                None => {
                    literal.push('%');
                    continue;
                }
            },
            other => {
                literal.push(other);
                continue;
            }
        };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
        }
        pieces.push(special);
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

/// The name at the beginning of `rest` that a percent sign closes.
pub(super) fn placeholder(rest: &str) -> Option<&str> {
    let (name, _) = rest.split_once('%')?;
    let is_name = |symbol: char| symbol.is_alphanumeric() || matches!(symbol, '_' | '.' | '-');
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

/// Joins literals that stand side by side, and runs of `*`.
#[must_use]
pub fn join(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
            (Some(Piece::Many), Piece::Many) => {}
            (_, Piece::Literal(text)) if text.is_empty() => {}
            (_, piece) => joined.push(piece),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Piece {
        Piece::Literal(text.to_owned())
    }

    #[test]
    fn escapes_are_resolved_once() {
        assert_eq!(split(r"a\*b", false), [literal("a*b")]);
        assert_eq!(split(r"a\\*b", false), [literal("a\\"), Piece::Many, literal("b")]);
        assert_eq!(split(r"a\\\*b", false), [literal(r"a\*b")]);
        assert_eq!(split(r"\d\", false), [literal(r"\d\")]);
        assert_eq!(split(r"50\%", false), [literal(r"50\%")], "only `expand` knows that escape");
    }

    #[test]
    fn placeholders_have_names() {
        let placeholder = |name: &str| Piece::Placeholder(name.to_owned());
        assert_eq!(split("%a%", true), [placeholder("a")]);
        assert_eq!(split(r"x\%a%", true), [literal("x%a%")]);
        assert_eq!(split("%t.col%-%b%*", true), [placeholder("t.col"), literal("-"), placeholder("b"), Piece::Many]);
        assert_eq!(split("100% of % a%", true), [literal("100% of % a%")], "a name has no spaces");
        assert_eq!(split("%a%", false), [literal("%a%")]);
    }

    #[test]
    fn joining_leaves_the_meaning() {
        let pieces = vec![literal("a"), literal(""), literal("b"), Piece::Many, Piece::Many, literal("c")];
        assert_eq!(join(pieces), [literal("ab"), Piece::Many, literal("c")]);
    }
}
