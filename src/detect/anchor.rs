//! What an event must contain for a predicate to be true of it: the literals and fields by which rules are found.
//! A necessary condition, never a sufficient one.

use foldhash::HashMap;

use crate::model::Slot;
use crate::rule::number::Number;
use crate::rule::pattern::fold;
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
    /// How many events are expected to have it, on a scale of its own: a literal that many rules name is a common one
    /// (the names of shells, say), and a long one is rare.
    fn cost(&self, usage: &Usage) -> u64 {
        let length = match self {
            Self::Present(_) => return 1_000_000,
            Self::Exact(_, text) => text.len() + 4,
            Self::Number(..) => 4,
            Self::Part(_, text) | Self::Leaf(text) => text.len(),
        };
        1000 * usage.of(self) / (length.min(16) as u64 + 1)
    }
}

/// How many rules name each literal.
#[derive(Debug, Default)]
pub(super) struct Usage(HashMap<Vec<u8>, u64>);

impl Usage {
    /// Counts the literals of a rule, also those that it is not found by.
    pub(super) fn count(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Constant(_) | Predicate::Not(_) => {}
            Predicate::And(parts) | Predicate::Or(parts) => parts.iter().for_each(|part| self.count(part)),
            Predicate::Field(slot, test) => {
                for anchor in of_test(*slot, test).into_iter().flatten() {
                    *self.0.entry(name(&anchor)).or_default() += 1;
                }
            }
            Predicate::Keyword(keyword) => {
                for anchor in of_keyword(keyword).into_iter().flatten() {
                    *self.0.entry(name(&anchor)).or_default() += 1;
                }
            }
        }
    }

    fn of(&self, anchor: &Anchor) -> u64 {
        self.0.get(&name(anchor)).copied().unwrap_or(1)
    }
}

/// What two anchors have in common that are one literal, whichever end of the value it stands at.
fn name(anchor: &Anchor) -> Vec<u8> {
    match anchor {
        Anchor::Exact(_, text) | Anchor::Part(_, text) | Anchor::Leaf(text) => text.clone().into_bytes(),
        Anchor::Number(slot, number) => [&slot.0.to_le_bytes()[..], &number.as_f64().to_le_bytes()].concat(),
        Anchor::Present(slot) => slot.0.to_le_bytes().to_vec(),
    }
}

/// The anchors of which an event has at least one whenever the predicate is true of it; `None` when there are no such.
pub(super) fn anchors(predicate: &Predicate, usage: &Usage) -> Option<Vec<Anchor>> {
    match predicate {
        Predicate::Constant(false) => Some(Vec::new()),
        Predicate::Constant(true) | Predicate::Not(_) => None,
        Predicate::And(parts) => {
            parts.iter().filter_map(|part| anchors(part, usage)).min_by_key(|all| cost(all, usage))
        }
        Predicate::Or(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(anchors(part, usage)?);
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

fn cost(all: &[Anchor], usage: &Usage) -> u64 {
    all.iter().map(|anchor| anchor.cost(usage)).sum()
}

fn of_test(slot: Slot, test: &Test) -> Option<Vec<Anchor>> {
    match test {
        Test::Text(pattern, number) => {
            let mut all: Vec<Anchor> = match pattern.literal() {
                Some(exact) => vec![Anchor::Exact(slot, fold(exact))],
                None => pattern.required().iter().map(|part| Anchor::Part(slot, fold(part))).collect(),
            };
            if all.is_empty() {
                all.push(Anchor::Present(slot));
            }
            all.extend(number.map(|number| Anchor::Number(slot, number)));
            Some(all)
        }
        Test::OneOf(values) if values.len() > MOST / 2 => Some(vec![Anchor::Present(slot)]),
        Test::OneOf(values) => {
            let texts = values.texts().map(|text| Anchor::Exact(slot, fold(text)));
            Some(texts.chain(values.numbers().map(|number| Anchor::Number(slot, number))).collect())
        }
        // both fields must be there; the one that is tested is enough to find it
        Test::Reference(_)
        | Test::Date(..)
        | Test::Regex(_)
        | Test::Compare(..)
        | Test::Network(_)
        | Test::Exists(true) => Some(vec![Anchor::Present(slot)]),
        Test::Exists(false) | Test::Null => None,
    }
}

fn of_keyword(keyword: &Keyword) -> Option<Vec<Anchor>> {
    let literals = keyword.literal.clone().map_or_else(|| keyword.pattern.required(), |literal| vec![literal]);
    let all: Vec<Anchor> = literals.iter().map(|literal| Anchor::Leaf(fold(literal))).collect();
    (!all.is_empty() && literals.iter().all(|literal| !literal.is_empty())).then_some(all)
}
