//! Texts that a value must contain for a regular expression to find anything in it, whatever the expression's flags.

use regex_syntax::hir::{Class, Hir, HirKind};

/// What a value must contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing is known.
    Nothing,
    /// This text, which is in lower case.
    Text(String),
    /// All of them.
    All(Vec<Need>),
    /// At least one of them.
    Any(Vec<Need>),
}

/// What a value, folded, must contain; texts shorter than `shortest` bytes are left out.
pub(super) fn need(expression: &str, shortest: usize) -> Need {
    regex_syntax::parse(expression).map_or(Need::Nothing, |hir| of(&hir, shortest))
}

fn of(hir: &Hir, shortest: usize) -> Need {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => joined(std::slice::from_ref(hir), shortest),
        HirKind::Concat(parts) => joined(parts, shortest),
        HirKind::Capture(capture) => of(&capture.sub, shortest),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub, shortest),
        HirKind::Alternation(parts) => {
            let needs: Vec<Need> = parts.iter().map(|part| of(part, shortest)).collect();
            if needs.contains(&Need::Nothing) { Need::Nothing } else { Need::Any(needs) }
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => Need::Nothing,
    }
}

/// Parts that follow one another: runs of characters are one text.
fn joined(parts: &[Hir], shortest: usize) -> Need {
    let (mut needs, mut run) = (Vec::new(), String::new());
    let end = |run: &mut String, needs: &mut Vec<Need>| {
        let text = std::mem::take(run);
        if text.len() >= shortest {
            needs.push(Need::Text(text));
        }
    };
    for part in parts {
        match part.kind() {
            HirKind::Literal(literal) => {
                for byte in &literal.0 {
                    match plain(char::from(*byte)) {
                        Some(symbol) => run.push(symbol),
                        None => end(&mut run, &mut needs),
                    }
                }
            }
            HirKind::Class(class) => match one_letter(class) {
                Some(symbol) => run.push(symbol),
                None => end(&mut run, &mut needs),
            },
            // stands between characters and takes none
            HirKind::Look(_) => {}
            _ => {
                end(&mut run, &mut needs);
                match of(part, shortest) {
                    Need::Nothing => {}
                    other => needs.push(other),
                }
            }
        }
    }
    end(&mut run, &mut needs);
    match needs.len() {
        0 => Need::Nothing,
        1 => needs.remove(0),
        _ => Need::All(needs),
    }
}

/// A character in lower case, if every character that equals it without regard to case has that lower case. An `s` does
/// not: the long ſ equals it and is its own lower case.
fn plain(symbol: char) -> Option<char> {
    (symbol.is_ascii() && !symbol.eq_ignore_ascii_case(&'s')).then(|| symbol.to_ascii_lowercase())
}

/// The letter that a class is, in one case or in both.
fn one_letter(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else { return None };
    let mut found = None;
    for range in class.iter() {
        // the sign for Kelvin equals k, and its lower case is k
        let symbol = if range.start() == '\u{212a}' { 'k' } else { range.start() };
        let symbol = plain(symbol).filter(|_| range.start() == range.end())?;
        if *found.get_or_insert(symbol) != symbol {
            return None;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::pattern::fold;
    use proptest::prelude::*;

    fn text(text: &str) -> Need {
        Need::Text(text.to_owned())
    }

    fn is_met(need: &Need, folded: &str) -> bool {
        match need {
            Need::Nothing => true,
            Need::Text(text) => folded.contains(text.as_str()),
            Need::All(needs) => needs.iter().all(|need| is_met(need, folded)),
            Need::Any(needs) => needs.iter().any(|need| is_met(need, folded)),
        }
    }

    #[test]
    fn runs_of_characters_are_texts() {
        assert_eq!(need("(?i)Invoke-Web", 3), text("invoke-web"));
        assert_eq!(need("powershell", 3), Need::All(vec![text("power"), text("hell")]));
        assert_eq!(need("ab.*", 3), Need::Nothing);
        assert_eq!(need("(cat|dog)+", 3), Need::Any(vec![text("cat"), text("dog")]));
        assert_eq!(need("(cat|d)", 3), Need::Nothing);
        assert_eq!(need("(cat)?dog", 3), text("dog"));
        assert_eq!(need("^C:\\\\[a-z]+\\.tmp$", 3), Need::All(vec![text("c:\\"), text(".tmp")]));
        assert_eq!(need("(", 3), Need::Nothing);
    }

    proptest! {
        #[test]
        fn whatever_is_found_meets_the_need(
            parts in proptest::collection::vec("[abkKsS1]{1,3}|\\([ak]{1,2}\\|[bs]{2}\\)[?+]?|[.]|\\[ab\\]|k[*]|\\^|\\$", 1..5),
            value in "[abAkKsS1\u{17f}\u{212a}]{0,8}",
            insensitive in any::<bool>(),
            inline in any::<bool>(),
        ) {
            let mut expression = parts.concat();
            if inline {
                expression.insert_str(0, "(?i)");
            }
            let regex = regex::RegexBuilder::new(&expression).case_insensitive(insensitive).build().unwrap();
            if regex.is_match(&value) {
                let need = need(regex.as_str(), 1);
                prop_assert!(is_met(&need, &fold(&value)), "{} {:?} {}", expression, need, value);
            }
        }
    }
}
