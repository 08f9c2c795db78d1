//! What an event must contain for a predicate to be true of it: the literals and fields by which rules are found.
//! A necessary condition, never a sufficient one.

use crate::model::Slot;
use crate::rule::number::Number;
use crate::rule::pattern::{Pattern, fold};
use crate::rule::predicate::{Keyword, Predicate, Test};

/// Most anchors of one rule; a rule with more is tried on every event of its log sources.
const MOST: usize = 512;

/// Something that an event must have.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Anchor {
    /// A value of the field, folded, is this text.
    Exact(Slot, String),
    /// A value of the field is this number.
    Number(Slot, Number),
    /// A value of the field, folded, contains this text.
    Part(Slot, String),
    /// The field is there.
    Present(Slot),
    /// Some leaf, folded, contains this text.
    Leaf(String),
}

impl Anchor {
    /// How few events have it: more is rarer. An estimate from the rule's text alone.
    fn rarity(&self) -> usize {
        match self {
            Self::Exact(_, text) => 24 + text.len().min(24),
            Self::Number(..) => 20,
            Self::Part(_, text) => 2 * text.len().min(24),
            Self::Present(_) => 1,
            Self::Leaf(text) => text.len().min(24),
        }
    }
}

/// The anchors of which an event has at least one whenever the predicate is true of it; `None` when there are no such.
pub(super) fn anchors(predicate: &Predicate) -> Option<Vec<Anchor>> {
    match predicate {
        Predicate::Constant(false) => Some(Vec::new()),
        Predicate::Constant(true) | Predicate::Not(_) => None,
        Predicate::And(parts) => parts.iter().filter_map(anchors).max_by_key(|all| rarity(all)),
        Predicate::Or(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(anchors(part)?);
                if all.len() > MOST {
                    return None;
                }
            }
            Some(all)
        }
        Predicate::Field(slot, test) => of_test(*slot, test),
        Predicate::Keyword(keyword) => of_keyword(keyword),
    }
}

/// The most common of several decides.
fn rarity(all: &[Anchor]) -> usize {
    all.iter().map(Anchor::rarity).min().unwrap_or(usize::MAX)
}

fn of_test(slot: Slot, test: &Test) -> Option<Vec<Anchor>> {
    match test {
        Test::Text(pattern, number) => {
            let mut all = vec![match (pattern.literal(), longest(pattern)) {
                (Some(exact), _) => Anchor::Exact(slot, fold(exact)),
                (None, Some(part)) => Anchor::Part(slot, part),
                (None, None) => Anchor::Present(slot),
            }];
            all.extend(number.map(|number| Anchor::Number(slot, number)));
            Some(all)
        }
        Test::Regex(_) | Test::Compare(..) | Test::Network(_) | Test::Exists(true) => Some(vec![Anchor::Present(slot)]),
        Test::Exists(false) | Test::Null => None,
    }
}

fn of_keyword(keyword: &Keyword) -> Option<Vec<Anchor>> {
    let literal = keyword.literal.as_deref().map(fold).or_else(|| longest(&keyword.pattern))?;
    (!literal.is_empty()).then(|| vec![Anchor::Leaf(literal)])
}

fn longest(pattern: &Pattern) -> Option<String> {
    pattern.literals().max_by_key(|literal| literal.len()).map(fold)
}
