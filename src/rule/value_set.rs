//! Many values without wildcards as one test: a look-up instead of a comparison with each. Made for long lists and for
//! tables; its slow twin is the list of [`Test::Text`](super::predicate::Test) that it stands for.

use foldhash::{HashMap, HashSet};

use super::number::Number;
use super::pattern::{Pattern, fold};
use crate::model::Scalar;

/// A set of values as a field is compared with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueSet {
    cased: bool,
    /// Folded unless cased.
    texts: HashSet<String>,
    /// By the bits of the number as a double: equal numbers have equal doubles.
    numbers: HashMap<u64, Vec<Number>>,
}

impl ValueSet {
    /// The set of these patterns without wildcards and their numbers. They are all cased or none is.
    #[must_use]
    pub fn new(values: &[(Pattern, Option<Number>)]) -> Self {
        let mut set = Self::default();
        for (pattern, number) in values {
            set.cased = pattern.is_cased();
            set.texts.extend(pattern.literal().map(str::to_owned));
            if let Some(number) = number {
                set.numbers.entry(bits(*number)).or_default().push(*number);
            }
        }
        set
    }

    /// Number of different texts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The texts, folded unless cased.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// Whether upper and lower case differ.
    #[must_use]
    pub fn is_cased(&self) -> bool {
        self.cased
    }

    /// The numbers.
    pub fn numbers(&self) -> impl Iterator<Item = Number> {
        self.numbers.values().flatten().copied()
    }

    /// Whether the value, whose text this is, equals one of the set (RULES A17).
    #[must_use]
    pub fn contains(&self, value: &Scalar<'_>, text: &str) -> bool {
        let is_in = if self.cased { self.texts.contains(text) } else { self.texts.contains(fold(text).as_str()) };
        is_in
            || !self.numbers.is_empty()
                && !matches!(value, Scalar::Bool(_))
                && Number::parse(text)
                    .is_some_and(|number| self.numbers.get(&bits(number)).is_some_and(|all| all.contains(&number)))
    }
}

fn bits(number: Number) -> u64 {
    // minus zero is zero
    (number.as_f64() + 0.0).to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Row, Slot};
    use crate::rule::pattern::Anchoring;
    use crate::rule::predicate::{Predicate, Test};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[abAKİ\u{212a}]{0,2}", "-?[0-9]{1,2}(\\.[05])?", Just("1e1".to_owned()), Just("true".to_owned())]
    }

    proptest! {
        #[test]
        fn a_set_is_the_list_that_it_stands_for(
            values in proptest::collection::vec(text(), 0..6),
            asked in text(),
            kind in 0..3_u8,
            cased in any::<bool>(),
        ) {
            let of = |value: &String| (Pattern::parse(value, Anchoring::default(), cased), Number::parse(value));
            let values: Vec<_> = values.iter().map(of).collect();
            let mut row = Row::new(1);
            row.push(Slot(0), 0, match kind {
                0 => Scalar::Text(asked.clone().into()),
                1 => Scalar::Number(&asked),
                _ => Scalar::Bool(true),
            });
            let list = values.iter().cloned().map(|(pattern, number)| Predicate::Field(Slot(0), Test::Text(pattern, number)));
            let slow = Predicate::Or(list.collect());
            let fast = Predicate::Field(Slot(0), Test::OneOf(Arc::new(ValueSet::new(&values))));
            prop_assert_eq!(fast.matches(&row), slow.matches(&row));
        }
    }
}
