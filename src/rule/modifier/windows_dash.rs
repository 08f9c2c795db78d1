//! `windash`: a dash that begins an option may be any of the characters that Windows programs take for one. Implemented as
//! a class of characters within the pattern and not as the product of all spellings, which grows with five to the power of
//! the number of dashes.

use super::Values;
use crate::rule::pattern::DASHES;
use crate::rule::text::Piece;

/// Most dashes of a value that is encoded, where each spelling must be written out.
const WRITTEN_OUT: usize = 4;

/// Puts the class in the place of every `-` and `/` before which no word ends and behind which one begins.
pub(in crate::rule) fn apply(value: Vec<Piece>) -> Vec<Piece> {
    value
        .into_iter()
        .flat_map(|piece| if let Piece::Literal(text) = piece { split(&text) } else { vec![piece] })
        .collect()
}

fn split(text: &str) -> Vec<Piece> {
    let is_word = |symbol: char| symbol.is_alphanumeric() || symbol == '_';
    let (mut pieces, mut literal) = (Vec::new(), String::new());
    let mut before = None;
    let mut symbols = text.chars().peekable();
    while let Some(symbol) = symbols.next() {
        let begins =
            matches!(symbol, '-' | '/') && !before.is_some_and(is_word) && symbols.peek().copied().is_some_and(is_word);
        if begins {
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            pieces.push(Piece::Dash);
        } else {
            literal.push(symbol);
        }
        before = Some(symbol);
    }
    pieces.push(Piece::Literal(literal));
    pieces.retain(|piece| *piece != Piece::Literal(String::new()));
    pieces
}

/// Every spelling of a value, for modifiers that need the characters; `None` when there are too many.
pub(in crate::rule) fn spellings(value: &[Piece]) -> Option<Values> {
    if value.iter().filter(|piece| **piece == Piece::Dash).count() > WRITTEN_OUT {
        return None;
    }
    let mut all: Values = vec![Vec::new()];
    for piece in value {
        let choices: Vec<Piece> = match piece {
            Piece::Dash => DASHES.map(|dash| Piece::Literal(dash.to_string())).into(),
            other => vec![other.clone()],
        };
        let longer = |before: &Vec<Piece>| {
            choices.iter().map(|choice| [before.as_slice(), std::slice::from_ref(choice)].concat()).collect()
        };
        all = all.iter().flat_map(|before| -> Values { longer(before) }).collect();
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::pattern::{Anchoring, Pattern};

    fn matches(value: &str, text: &str) -> bool {
        let pieces = apply(crate::rule::text::split(value, false));
        Pattern::of(pieces, Anchoring { open_start: true, open_end: true }, false).matches(text)
    }

    #[test]
    fn a_dash_that_begins_an_option_is_any_dash() {
        for dash in DASHES {
            assert!(matches("cmd -enc", &format!("CMD {dash}Enc x")), "{dash}");
            assert!(matches("/S /Q", &format!("x {dash}s {dash}q")), "{dash}");
        }
        assert!(!matches("cmd -enc", "cmd +enc") && !matches("cmd -enc", "cmd enc"));
    }

    #[test]
    fn other_dashes_are_themselves() {
        assert!(matches("-param-name", "/param-name") && !matches("-param-name", "/param/name"), "within a word");
        assert!(!matches("a - b", "a / b"), "nothing begins behind it");
        assert!(matches("- -x", "- /x") && !matches("- -x", "/ /x"));
        assert!(matches("--x", "-/x") && !matches("--x", "//x"), "the one before the word");
        assert!(matches("a*-x", "a b /x"), "behind a wildcard");
    }

    #[test]
    fn spellings_are_bounded() {
        assert_eq!(spellings(&apply(vec![Piece::Literal("-a -b".into())])).map(|all| all.len()), Some(25));
        assert_eq!(spellings(&vec![Piece::Dash; 5]), None);
    }
}
