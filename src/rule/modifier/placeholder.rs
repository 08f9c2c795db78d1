//! `expand`: placeholders become the values of a lookup table (RULES S18). A value of a table is text: what is a wildcard in
//! a rule is a character there.

use super::Values;
use crate::rule::text::{Piece, placeholder};

/// Most values that one value of a rule may become.
pub(in crate::rule) const MOST_VALUES: usize = 1_000_000;

/// Why a value cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rule) enum Failed {
    /// No table has these names.
    Missing(Vec<String>),
    /// It would become more than [`MOST_VALUES`].
    TooMany,
}

/// The value with every combination of the values of its placeholders.
pub(in crate::rule) fn pieces<'t>(
    value: &[Piece],
    table: &dyn Fn(&str) -> Option<&'t [String]>,
) -> Result<Values, Failed> {
    let mut missing = Vec::new();
    let mut all: Values = vec![Vec::new()];
    for piece in value {
        let Piece::Placeholder(name) = piece else {
            all.iter_mut().for_each(|value| value.push(piece.clone()));
            continue;
        };
        let Some(values) = table(name) else {
            missing.push(name.clone());
            continue;
        };
        if all.len().saturating_mul(values.len()) > MOST_VALUES {
            return Err(Failed::TooMany);
        }
        let literal = |text: &String| Piece::Literal(text.clone());
        all = all
            .iter()
            .flat_map(|before| values.iter().map(move |text| [before.as_slice(), &[literal(text)]].concat()))
            .collect();
    }
    if missing.is_empty() { Ok(all) } else { Err(Failed::Missing(missing)) }
}

/// The same for a value that is no pattern: a regular expression or a network. Its text is kept as it is but for the
/// placeholders and `\%`; `quote` makes a table's value harmless in it.
pub(in crate::rule) fn text<'t>(
    value: &str,
    quote: &dyn Fn(&str) -> String,
    table: &dyn Fn(&str) -> Option<&'t [String]>,
) -> Result<Vec<String>, Failed> {
    let pieces = raw(value);
    let names = pieces.iter().filter_map(|piece| if let Piece::Placeholder(name) = piece { Some(name) } else { None });
    let missing: Vec<String> = names.filter(|name| table(name).is_none()).cloned().collect();
    if !missing.is_empty() {
        return Err(Failed::Missing(missing));
    }
    let mut all = vec![String::new()];
    for piece in &pieces {
        let values = match piece {
            Piece::Literal(literal) => {
                all.iter_mut().for_each(|text| text.push_str(literal));
                continue;
            }
            Piece::Placeholder(name) => table(name).unwrap_or_default(),
            Piece::One | Piece::Many | Piece::Dash => continue,
        };
        if all.len().saturating_mul(values.len()) > MOST_VALUES {
            return Err(Failed::TooMany);
        }
        all = all.iter().flat_map(|text| values.iter().map(move |value| format!("{text}{}", quote(value)))).collect();
    }
    Ok(all)
}

/// Literals and placeholders of a text whose backslashes belong to somebody else.
fn raw(value: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = value;
    while let Some(symbol) = rest.chars().next() {
        let tail = rest.get(symbol.len_utf8()..).unwrap_or_default();
        let escaped = tail.chars().next();
        match (symbol, escaped) {
            ('\\', Some('%')) => {
                literal.push('%');
                rest = tail.get(1..).unwrap_or_default();
                continue;
            }
            // the pair belongs together, so that a backslash before `\%` does not begin it
            ('\\', Some(next)) => {
                literal.extend([symbol, next]);
                rest = tail.get(next.len_utf8()..).unwrap_or_default();
                continue;
            }
            _ => {}
        }
        match (symbol == '%').then(|| placeholder(tail)).flatten() {
            Some(name) => {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                pieces.push(Piece::Placeholder(name.to_owned()));
                rest = tail.get(name.len() + 1..).unwrap_or_default();
            }
            None => {
                literal.push(symbol);
                rest = tail;
            }
        }
    }
    pieces.push(Piece::Literal(literal));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::text::split;

    fn table(name: &str) -> Option<&'static [String]> {
        static USERS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
        match name {
            "users" => Some(USERS.get_or_init(|| vec!["ada".to_owned(), "b*".to_owned()])),
            "nobody" => Some(&[]),
            _ => None,
        }
    }

    #[test]
    fn every_combination_is_made_and_values_are_literal() {
        let all = pieces(&split(r"%users%\*-%users%*", true), &table).unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(all[1][..3], ["ada", "*-", "b*"].map(|text| Piece::Literal(text.to_owned())));
        assert_eq!(all[1][3], Piece::Many, "the rule's own wildcard");
        assert_eq!(pieces(&split("%nobody%", true), &table), Ok(Vec::new()));
    }

    #[test]
    fn missing_tables_are_all_named() {
        let missing = Failed::Missing(vec!["x".to_owned(), "y".to_owned()]);
        assert_eq!(pieces(&split("%x%%users%%y%", true), &table), Err(missing.clone()));
        assert_eq!(text("%x%%y%", &str::to_owned, &table), Err(missing));
    }

    #[test]
    fn expressions_keep_their_backslashes() {
        let all = text(r"^\\\%%users%\d$", &|value| regex::escape(value), &table).unwrap();
        assert_eq!(all, [r"^\\%ada\d$", r"^\\%b\*\d$"]);
    }
}
