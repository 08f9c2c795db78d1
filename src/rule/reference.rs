//! `fieldref`: a field compared with another field of the same event. Values compare as a rule's own values do: without
//! regard to case unless `cased`, numbers as numbers (RULES A17).

use super::number::Number;
use super::pattern::{Anchoring, fold};
use crate::model::{Row, Scalar, Slot};

/// How a field compares with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The other field.
    pub other: Slot,
    /// Whether the field may have more before (`endswith`) and behind (`startswith`) what the other one has.
    pub anchoring: Anchoring,
    /// Case matters.
    pub cased: bool,
}

impl Reference {
    /// Whether some value of the field compares so with some value of the other. A missing or null field has none.
    #[must_use]
    pub fn holds(&self, row: &Row<'_>, slot: Slot) -> bool {
        row.values(slot).any(|value| row.values(self.other).any(|other| self.compare(value, other)))
    }

    fn compare(&self, value: &Scalar<'_>, other: &Scalar<'_>) -> bool {
        let (Some(text), Some(wanted)) = (value.as_text(), other.as_text()) else { return false };
        let is_number = |scalar: &Scalar<'_>| !matches!(scalar, Scalar::Bool(_));
        let numbers = self.anchoring == Anchoring::default() && is_number(value) && is_number(other);
        if numbers && Number::parse(text).is_some_and(|number| Number::parse(wanted) == Some(number)) {
            return true;
        }
        if self.cased { self.compare_texts(text, wanted) } else { self.compare_texts(&fold(text), &fold(wanted)) }
    }

    fn compare_texts(&self, text: &str, wanted: &str) -> bool {
        match (self.anchoring.open_start, self.anchoring.open_end) {
            (false, false) => text == wanted,
            (false, true) => text.starts_with(wanted),
            (true, false) => text.ends_with(wanted),
            (true, true) => text.contains(wanted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

    /// Whether it holds for no, the start's, the end's and both modifiers.
    fn holds(values: &[Scalar<'static>], others: &[Scalar<'static>], cased: bool) -> [bool; 4] {
        let mut row = Row::new(2);
        values.iter().for_each(|value| row.push(Slot(0), 0, value.clone()));
        others.iter().for_each(|value| row.push(Slot(1), 0, value.clone()));
        ENDS.map(|(open_start, open_end)| {
            Reference { other: Slot(1), anchoring: Anchoring { open_start, open_end }, cased }.holds(&row, Slot(0))
        })
    }

    fn text(text: &'static str) -> Scalar<'static> {
        Scalar::Text(text.into())
    }

    #[test]
    fn texts_compare_as_values_do() {
        assert_eq!(holds(&[text("Ada")], &[text("aDA")], false), [true; 4]);
        assert_eq!(holds(&[text("Ada")], &[text("aDA")], true), [false; 4]);
        assert_eq!(holds(&[text("adam")], &[text("ada")], false), [false, true, false, true]);
        assert_eq!(holds(&[text("xada")], &[text("ada")], true), [false, false, true, true]);
        assert_eq!(holds(&[text("a*")], &[text("ab")], false), [false; 4], "no wildcards");
    }

    #[test]
    fn a17_numbers_compare_as_numbers_and_booleans_as_words() {
        assert!(holds(&[Scalar::Number("1.0")], &[text("1")], false)[0]);
        assert!(holds(&[Scalar::Bool(true)], &[text("TRUE")], false)[0]);
        assert_eq!(holds(&[Scalar::Number("10")], &[Scalar::Number("1")], false), [false, true, false, true]);
    }

    #[test]
    fn a_missing_or_null_field_equals_nothing() {
        assert_eq!(holds(&[], &[], false), [false; 4]);
        assert_eq!(holds(&[Scalar::Null], &[Scalar::Null], false), [false; 4]);
        assert!(holds(&[text("a"), text("b")], &[text("c"), text("b")], false)[0], "any member");
    }
}
