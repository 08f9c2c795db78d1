//! Compiled detections: a tree of tests over the slots of a row. This evaluator is the plain one; whatever finds rules
//! faster is held to it.

use std::cmp::Ordering;
use std::sync::Arc;

use ipnet::IpNet;
use regex::Regex;

use super::element::Elements;
use super::modifier::{DatePart, network};
use super::number::Number;
use super::pattern::{Pattern, contains_ignore_ascii_case, fold};
use super::reference::Reference;
use super::value_set::ValueSet;
use crate::model::{Row, Scalar, Slot};

/// A condition over one event. Two-valued: a test on a missing field is false, and its negation true (RULES A16).
#[derive(Debug, Clone)]
pub enum Predicate {
    /// Always or never.
    Constant(bool),
    /// All of them.
    And(Vec<Predicate>),
    /// At least one of them.
    Or(Vec<Predicate>),
    /// Not it.
    Not(Box<Predicate>),
    /// Some value of the field passes the test.
    Field(Slot, Test),
    /// Some leaf of the event contains the text.
    Keyword(Keyword),
    /// Elements of an array pass a test of their own.
    Elements(Box<Elements>),
}

/// A test of one field.
#[derive(Debug, Clone)]
pub enum Test {
    /// The text equals or matches; without wildcards, numbers compare as numbers too (RULES A17).
    Text(Pattern, Option<Number>),
    /// One of many texts without wildcards.
    OneOf(Arc<ValueSet>),
    /// The regular expression finds something.
    Regex(Box<Regex>),
    /// The number compares so.
    Compare(Comparison, Number),
    /// The part of the date compares so.
    Date(DatePart, Comparison, Number),
    /// The address lies in the network.
    Network(IpNet),
    /// It compares with the values of another field.
    Reference(Reference),
    /// The field is there, or is not.
    Exists(bool),
    /// The field is missing or null (RULES A15).
    Null,
}

/// A numeric comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Equal.
    Eq,
    /// Different.
    Neq,
}

impl Comparison {
    /// Whether a value that compares so with the threshold passes.
    #[must_use]
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Lt => ordering == Ordering::Less,
            Self::Lte => ordering != Ordering::Greater,
            Self::Gt => ordering == Ordering::Greater,
            Self::Gte => ordering != Ordering::Less,
            Self::Eq => ordering == Ordering::Equal,
            Self::Neq => ordering != Ordering::Equal,
        }
    }

    /// The operator as people write it.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Lt => "<",
            Self::Lte => "<=",
            Self::Gt => ">",
            Self::Gte => ">=",
            Self::Eq => "=",
            Self::Neq => "!=",
        }
    }
}

/// A keyword: a text, perhaps with wildcards, anywhere in any leaf value (RULES A19).
#[derive(Debug, Clone)]
pub struct Keyword {
    /// The keyword with open ends.
    pub pattern: Pattern,
    /// The folded text when it has no wildcards, for the fast path.
    pub literal: Option<String>,
}

impl Keyword {
    fn matches(&self, text: &str) -> bool {
        match &self.literal {
            Some(literal) if text.is_ascii() => contains_ignore_ascii_case(text.as_bytes(), literal.as_bytes()),
            Some(literal) => fold(text).contains(literal.as_str()),
            None => self.pattern.matches(text),
        }
    }
}

impl Predicate {
    /// Whether the event satisfies it.
    #[must_use]
    pub fn matches(&self, row: &Row<'_>) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::And(parts) => parts.iter().all(|part| part.matches(row)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(row)),
            Self::Not(part) => !part.matches(row),
            Self::Field(slot, test) => test.matches(row, *slot),
            Self::Keyword(keyword) => row.leaves().iter().filter_map(Scalar::as_text).any(|text| keyword.matches(text)),
            Self::Elements(elements) => elements.matches(row),
        }
    }

    /// Number of tests.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::size).sum::<usize>() + 1,
            Self::Not(part) => part.size(),
            Self::Elements(elements) => elements.body.size() + 1,
            Self::Constant(_) | Self::Field(..) | Self::Keyword(_) => 1,
        }
    }

    /// Calls `visit` with every field of the event that is read.
    pub fn visit_slots(&self, visit: &mut dyn FnMut(Slot)) {
        match self {
            Self::Constant(_) | Self::Keyword(_) => {}
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit_slots(visit)),
            Self::Not(part) => part.visit_slots(visit),
            Self::Elements(elements) => visit(elements.slot),
            Self::Field(slot, test) => {
                visit(*slot);
                if let Test::Reference(reference) = test {
                    visit(reference.other);
                }
            }
        }
    }
}

impl Test {
    fn matches(&self, row: &Row<'_>, slot: Slot) -> bool {
        match self {
            Self::Exists(wanted) => row.is_present(slot) == *wanted,
            Self::Null => !row.is_present(slot) || row.values(slot).any(|value| *value == Scalar::Null),
            Self::Reference(reference) => reference.holds(row, slot),
            _ => row.values(slot).any(|value| self.matches_value(value)),
        }
    }

    fn matches_value(&self, value: &Scalar<'_>) -> bool {
        let Some(text) = value.as_text() else { return false };
        match self {
            Self::Text(pattern, number) => {
                pattern.matches(text)
                    || number
                        .is_some_and(|number| !matches!(value, Scalar::Bool(_)) && Number::parse(text) == Some(number))
            }
            Self::Regex(regex) => regex.is_match(text),
            Self::Compare(comparison, threshold) => {
                !matches!(value, Scalar::Bool(_))
                    && Number::parse(text)
                        .and_then(|number| number.compare(*threshold))
                        .is_some_and(|ordering| comparison.holds(ordering))
            }
            Self::OneOf(values) => values.contains(value, text),
            Self::Date(part, comparison, threshold) => {
                let number = part.extract(text).map(Number::Integer);
                number.and_then(|number| number.compare(*threshold)).is_some_and(|ordering| comparison.holds(ordering))
            }
            Self::Network(network) => network::contains(network, text),
            Self::Exists(_) | Self::Null | Self::Reference(_) => false,
        }
    }
}
