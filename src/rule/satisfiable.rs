//! Whether a condition can be true, and whether it can be false, whatever the events: each search identifier is taken for
//! free. Finds `selection and not selection`, not contradictions within the selections.

use super::condition::Condition;

/// Identifiers of a condition beyond which it is not judged.
const MOST_IDENTIFIERS: usize = 48;
/// Trials after which judgement is given up.
const MOST_TRIALS: usize = 20_000;

/// What a condition can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    /// True of no event.
    Never,
    /// True of every event.
    Always,
    /// Either, as far as is known.
    Sometimes,
}

/// Judges a condition.
pub(super) fn judge(condition: &Condition) -> Truth {
    let mut identifiers = Vec::new();
    condition.visit(&mut |index| {
        if !identifiers.contains(&index) && identifiers.len() <= MOST_IDENTIFIERS {
            identifiers.push(index);
        }
    });
    if identifiers.len() > MOST_IDENTIFIERS {
        return Truth::Sometimes;
    }
    let can_be = |wanted: bool| {
        let mut search = Search { condition, identifiers: &identifiers, known: Vec::new(), trials: 0 };
        search.can_be(wanted)
    };
    if !can_be(true) {
        Truth::Never
    } else if !can_be(false) {
        Truth::Always
    } else {
        Truth::Sometimes
    }
}

struct Search<'c> {
    condition: &'c Condition,
    identifiers: &'c [usize],
    /// Values of the first identifiers.
    known: Vec<bool>,
    trials: usize,
}

impl Search<'_> {
    /// Whether some values of the rest make the condition `wanted`. Says yes when it does not know.
    fn can_be(&mut self, wanted: bool) -> bool {
        self.trials += 1;
        if self.trials > MOST_TRIALS {
            return true;
        }
        if let Some(value) = self.value(self.condition) {
            return value == wanted;
        }
        // what is wanted is tried first: conditions mostly grow with their identifiers
        for value in [wanted, !wanted] {
            self.known.push(value);
            let found = self.can_be(wanted);
            self.known.pop();
            if found {
                return true;
            }
        }
        false
    }

    /// The condition's value if the known identifiers decide it.
    fn value(&self, condition: &Condition) -> Option<bool> {
        let several = |parts: &[Condition], decisive: bool| {
            let mut open = false;
            for part in parts {
                match self.value(part) {
                    Some(value) if value == decisive => return Some(decisive),
                    Some(_) => {}
                    None => open = true,
                }
            }
            (!open).then_some(!decisive)
        };
        match condition {
            Condition::Is(index) => {
                let position = self.identifiers.iter().position(|known| known == index)?;
                self.known.get(position).copied()
            }
            Condition::Not(part) => self.value(part).map(|value| !value),
            Condition::And(parts) => several(parts, false),
            Condition::Or(parts) => several(parts, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Truth {
        let names = ["a", "b", "c"].map(str::to_owned);
        judge(&super::super::condition::parse(text, &names).unwrap())
    }

    #[test]
    fn contradictions_are_found() {
        assert_eq!(read("a and not a"), Truth::Never);
        assert_eq!(read("(a or b) and not 1 of them"), Truth::Never);
        assert_eq!(read("a and b and not (a and b)"), Truth::Never);
        assert_eq!(read("a or not a"), Truth::Always);
        assert_eq!(read("a and not b"), Truth::Sometimes);
        assert_eq!(read("not all of them"), Truth::Sometimes);
    }

    fn condition() -> impl Strategy<Value = Condition> {
        (0..4_usize).prop_map(Condition::Is).prop_recursive(4, 20, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 1..4).prop_map(Condition::And),
                proptest::collection::vec(inner.clone(), 1..4).prop_map(Condition::Or),
                inner.prop_map(|part| Condition::Not(Box::new(part))),
            ]
        })
    }

    /// The slow twin: every row of the truth table.
    fn holds(condition: &Condition, row: usize) -> bool {
        match condition {
            Condition::Is(index) => row >> index & 1 == 1,
            Condition::Not(part) => !holds(part, row),
            Condition::And(parts) => parts.iter().all(|part| holds(part, row)),
            Condition::Or(parts) => parts.iter().any(|part| holds(part, row)),
        }
    }

    proptest! {
        #[test]
        fn judgement_is_that_of_the_truth_table(condition in condition()) {
            let rows: Vec<bool> = (0..16).map(|row| holds(&condition, row)).collect();
            let expected = match (rows.contains(&true), rows.contains(&false)) {
                (false, _) => Truth::Never,
                (true, false) => Truth::Always,
                _ => Truth::Sometimes,
            };
            prop_assert_eq!(judge(&condition), expected);
        }
    }
}
