//! Group keys (RULES S5): canonical values, arrays fan out, a missing value drops the event or is a value of its own.

use std::borrow::Cow;

use smallvec::{SmallVec, smallvec};

use super::output::DetectCounts;
use crate::model::{KeyHash, Row, Scalar, Slot};
use crate::rule::number::Number;

/// Most keys that one event fans out to.
const MAX_KEYS: usize = 64;

type Group<'r> = SmallVec<[Option<Cow<'r, str>>; 2]>;

/// All keys of an event for these fields. Empty when a part is missing, unless missing is a value.
pub(super) fn keys<'r>(
    row: &'r Row<'_>,
    slots: &[Slot],
    missing_key_groups: bool,
    counts: &mut DetectCounts,
) -> SmallVec<[(KeyHash, Group<'r>); 1]> {
    if let Some(group) = only_key(row, slots) {
        return smallvec![(hash(&group), group)];
    }
    all_keys(row, slots, missing_key_groups, counts)
}

/// The usual case without copies: one value for each field. `None` says nothing.
fn only_key<'r>(row: &'r Row<'_>, slots: &[Slot]) -> Option<Group<'r>> {
    let mut group = Group::new();
    for slot in slots {
        let mut values = row.values(*slot).filter_map(canonical);
        group.push(Some(values.next()?));
        if values.next().is_some() {
            return None;
        }
    }
    Some(group)
}

fn all_keys<'r>(
    row: &'r Row<'_>,
    slots: &[Slot],
    missing_key_groups: bool,
    counts: &mut DetectCounts,
) -> SmallVec<[(KeyHash, Group<'r>); 1]> {
    let mut groups: SmallVec<[Group<'r>; 1]> = smallvec![SmallVec::new()];
    for slot in slots {
        let mut values: SmallVec<[Option<Cow<'r, str>>; 1]> = SmallVec::new();
        for value in row.values(*slot).filter_map(canonical) {
            if !values.iter().flatten().any(|known| *known == value) {
                values.push(Some(value));
            }
        }
        if values.is_empty() {
            if !missing_key_groups {
                counts.group_key_missing += 1;
                return SmallVec::new();
            }
            values.push(None);
        }
        let total = groups.len() * values.len();
        if total > MAX_KEYS {
            counts.group_key_capped += (total - MAX_KEYS) as u64;
        }
        groups = groups
            .iter()
            .flat_map(|group| {
                values.iter().map(|value| {
                    let mut longer = group.clone();
                    longer.push(value.clone());
                    longer
                })
            })
            .take(MAX_KEYS)
            .collect();
    }
    groups.into_iter().map(|group| (hash(&group), group)).collect()
}

/// The hash of a group's values.
pub(super) fn hash(group: &[Option<Cow<'_, str>>]) -> KeyHash {
    KeyHash::of_group(group.iter().map(Option::as_deref))
}

/// The text by which a scalar is a key: `1`, `"1"` and `1.0` are one key; null is none.
fn canonical<'r>(scalar: &'r Scalar<'_>) -> Option<Cow<'r, str>> {
    match scalar {
        Scalar::Null => None,
        Scalar::Bool(true) => Some(Cow::Borrowed("true")),
        Scalar::Bool(false) => Some(Cow::Borrowed("false")),
        Scalar::Text(text) => Some(Cow::Borrowed(text)),
        Scalar::Number(text) if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0') => {
            Some(Cow::Borrowed(text))
        }
        Scalar::Number(text) => {
            Some(Number::parse(text).map_or(Cow::Borrowed(*text), |number| Cow::Owned(number.canonical())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_only_key_is_the_first_of_all(
            values in proptest::collection::vec(proptest::collection::vec(0_u8..5, 0..3), 0..4),
            missing in any::<bool>(),
        ) {
            let mut row = Row::new(values.len());
            let slots: Vec<Slot> = (0_u32..).map(Slot).take(values.len()).collect();
            for (slot, of) in slots.iter().zip(&values) {
                for kind in of {
                    row.push(*slot, 0, match kind {
                        0 => Scalar::Null,
                        1 => Scalar::Bool(true),
                        2 => Scalar::Number("1.0"),
                        3 => Scalar::Text("1".into()),
                        _ => Scalar::Text("x".into()),
                    });
                }
            }
            let (mut fast, mut slow) = (DetectCounts::default(), DetectCounts::default());
            prop_assert_eq!(keys(&row, &slots, missing, &mut fast), all_keys(&row, &slots, missing, &mut slow));
            prop_assert_eq!(fast, slow);
        }
    }
}
