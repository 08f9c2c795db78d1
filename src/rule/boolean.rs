//! String conditions of correlations: `and`, `or`, `not` over rule names, turned into alternatives of positive and
//! negated rules (disjunctive normal form; RULES S7: each alternative is judged by itself).

use super::condition::{ConditionError, MAX_CONDITION_BYTES, MAX_CONDITION_DEPTH, words};
use super::diagnostic::suggest;

const MAX_ALTERNATIVES: usize = 64;

/// One way for the condition to be true: all of `positives` and none of `negatives`, as positions in `rules`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alternative {
    /// Rules of which an event is needed, ascending.
    pub positives: Vec<usize>,
    /// Rules of which there must be no event, ascending.
    pub negatives: Vec<usize>,
}

/// Parses a condition over the listed rule names.
///
/// # Errors
/// [`ConditionError`] for bad syntax, unknown or unused names, and conditions that can never be true or need no event.
pub fn parse(text: &str, names: &[String]) -> Result<Vec<Alternative>, ConditionError> {
    if text.len() > MAX_CONDITION_BYTES {
        return Err(ConditionError::too_large());
    }
    let mut parser = Parser { words: words(text), at: 0, depth: 0, names, used: vec![false; names.len()] };
    let mut alternatives = parser.or(false)?;
    if let Some(word) = parser.words.get(parser.at) {
        return Err(ConditionError::new("condition-syntax", format!("`{word}` is not expected here"), None));
    }
    if let Some(unused) = names.iter().zip(&parser.used).find(|(_, used)| !**used) {
        let help = "name it in the condition, or take it out of `rules`".to_owned();
        return Err(ConditionError::new(
            "unused-rule",
            format!("`{}` is listed but not in the condition", unused.0),
            Some(help),
        ));
    }
    alternatives.retain(|one| one.positives.iter().all(|position| !one.negatives.contains(position)));
    alternatives.sort();
    alternatives.dedup();
    if alternatives.is_empty() {
        return Err(ConditionError::new("never-true", "the condition can never be true", None));
    }
    if alternatives.iter().any(|one| one.positives.is_empty()) {
        let help = "add the event after or before which something is missing".to_owned();
        return Err(ConditionError::new(
            "only-negative",
            "the condition needs at least one rule that is not negated",
            Some(help),
        ));
    }
    Ok(alternatives)
}

struct Parser<'a> {
    words: Vec<String>,
    at: usize,
    depth: usize,
    names: &'a [String],
    used: Vec<bool>,
}

type Parsed = Result<Vec<Alternative>, ConditionError>;

impl Parser<'_> {
    fn accept(&mut self, word: &str) -> bool {
        let matched = self.words.get(self.at).is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.at += usize::from(matched);
        matched
    }

    fn or(&mut self, negated: bool) -> Parsed {
        let mut all = self.and(negated)?;
        while self.accept("or") {
            let more = self.and(negated)?;
            all = if negated { both(&all, &more)? } else { either(all, more)? };
        }
        Ok(all)
    }

    fn and(&mut self, negated: bool) -> Parsed {
        let mut all = self.not(negated)?;
        while self.accept("and") {
            let more = self.not(negated)?;
            all = if negated { either(all, more)? } else { both(&all, &more)? };
        }
        Ok(all)
    }

    fn not(&mut self, negated: bool) -> Parsed {
        let mut negated = negated;
        while self.accept("not") {
            negated = !negated;
        }
        if self.accept("(") {
            self.depth += 1;
            if self.depth > MAX_CONDITION_DEPTH {
                return Err(ConditionError::too_deep());
            }
            let inner = self.or(negated)?;
            self.depth -= 1;
            if self.accept(")") {
                return Ok(inner);
            }
            return Err(ConditionError::new("condition-syntax", "a `(` is not closed", Some("add `)`".to_owned())));
        }
        let Some(word) = self.words.get(self.at).cloned() else {
            return Err(ConditionError::new("condition-syntax", "the condition ends too early", None));
        };
        self.at += 1;
        let Some(position) = self.names.iter().position(|name| *name == word) else {
            let help = suggest(&word, self.names.iter().map(String::as_str));
            let message = format!("the condition names `{word}`, which is not in `rules`");
            return Err(ConditionError::new("unknown-rule", message, help));
        };
        if let Some(used) = self.used.get_mut(position) {
            *used = true;
        }
        let (positives, negatives) = if negated { (Vec::new(), vec![position]) } else { (vec![position], Vec::new()) };
        Ok(vec![Alternative { positives, negatives }])
    }
}

fn too_many() -> ConditionError {
    let help = "split the rule into several and chain them".to_owned();
    ConditionError::new(
        "condition-too-large",
        format!("the condition has more than {MAX_ALTERNATIVES} alternatives"),
        Some(help),
    )
}

fn either(mut one: Vec<Alternative>, two: Vec<Alternative>) -> Parsed {
    one.extend(two);
    if one.len() > MAX_ALTERNATIVES { Err(too_many()) } else { Ok(one) }
}

fn both(one: &[Alternative], two: &[Alternative]) -> Parsed {
    if one.len() * two.len() > MAX_ALTERNATIVES {
        return Err(too_many());
    }
    let union = |left: &[usize], right: &[usize]| {
        let mut all = [left, right].concat();
        all.sort_unstable();
        all.dedup();
        all
    };
    Ok(one
        .iter()
        .flat_map(|left| {
            two.iter().map(move |right| Alternative {
                positives: union(&left.positives, &right.positives),
                negatives: union(&left.negatives, &right.negatives),
            })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(Vec<usize>, Vec<usize>)>, &'static str> {
        let names = ["a", "b", "c"].map(str::to_owned);
        parse(text, &names)
            .map(|all| all.into_iter().map(|one| (one.positives, one.negatives)).collect())
            .map_err(|error| error.code)
    }

    #[test]
    fn alternatives_are_found() {
        assert_eq!(read("a and not b and c"), Ok(vec![(vec![0, 2], vec![1])]));
        assert_eq!(read("a and (b or not c)"), Ok(vec![(vec![0], vec![2]), (vec![0, 1], vec![])]));
        assert_eq!(read("a and not (b or c)"), Ok(vec![(vec![0], vec![1, 2])]));
        assert_eq!(read("a AND NOT (b AND c)"), Ok(vec![(vec![0], vec![1]), (vec![0], vec![2])]));
    }

    #[test]
    fn mistakes_have_names() {
        for (text, code) in [
            ("a and b", "unused-rule"),
            ("a and b and d", "unknown-rule"),
            ("not a and not b and not c", "only-negative"),
            ("a and not a and b and c", "never-true"),
            ("a and (b and c", "condition-syntax"),
            ("a b c", "condition-syntax"),
            (&"(".repeat(100), "condition-too-large"),
            (&"not ".repeat(20_000), "condition-too-large"),
        ] {
            assert_eq!(read(text), Err(code), "{text}");
        }
    }
}
