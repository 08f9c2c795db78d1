//! What a group of a correlation sees: an event, or a hit of a rule below, with the base events behind it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::renumber::{Renumber, Renumbering};
use crate::model::{AlertId, KeyHash, Metric, Scalar, Signal, StableHasher, Timestamp};
use crate::rule::KeyField;
use crate::rule::decimal::Decimal;
use crate::rule::metric_values::METRIC_VALUE;
use crate::rule::number::Number;

/// Most values of one field that a hit hands up (RULES S13).
const MAX_VALUES: usize = 64;

/// An event or a hit as one group sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Input {
    /// Event time.
    pub(super) time: Timestamp,
    /// Index of the source; hits have none.
    pub(super) source: Option<u32>,
    /// Positions in `rules` that it matches, as a bit set.
    pub(super) positions: u64,
    /// It starts the group anew.
    pub(super) resets: bool,
    /// The base events, encoded, oldest first: one for an event, at most 64 for a hit.
    pub(super) events: SmallVec<[Arc<[u8]>; 1]>,
    /// Number of base events.
    pub(super) count: u64,
    /// For a hit: what it says of itself.
    pub(super) hit: Option<Arc<HitFacts>>,
}

/// What a hit says of itself (RULES S13).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HitFacts {
    /// Identity of the emission.
    pub(super) id: AlertId,
    /// Group values by name.
    pub(super) group: Vec<(String, Option<String>)>,
    /// Id of the rule that said it.
    pub(super) child: String,
    /// Numbers the hits in the order in which they were said.
    pub(super) said: u64,
    /// Of an alert event: which one of its alert it is, and its fields by name. Of a value of a metric: its fields.
    pub(super) alert: Option<AlertFacts>,
}

/// What an alert event, or a value of a metric, has beside the events behind it (RULES S17, S20).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AlertFacts {
    /// Number of the entity among those of its alert.
    pub(super) entity: u32,
    /// Names and canonical values; a name may come more than once.
    pub(super) fields: Vec<(String, String)>,
    /// For a metric, which puts no retraction into its place: the event of this time that is taken back.
    pub(super) takes_back: Option<Timestamp>,
}

impl Input {
    /// A value of a metric, as the metrics above see it.
    pub(super) fn of_metric(metric: &Metric, value: f64, said: u64) -> Self {
        let group = metric.group.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        let fields = std::iter::once((METRIC_VALUE.to_owned(), value.to_string())).chain(group).collect();
        let facts = HitFacts {
            id: metric.id,
            group: metric.group.clone(),
            child: metric.rule.id.clone(),
            said,
            alert: Some(AlertFacts { entity: 0, fields, takes_back: None }),
        };
        Self {
            time: metric.time,
            source: None,
            positions: 0,
            resets: false,
            events: SmallVec::new(),
            count: 0,
            hit: Some(Arc::new(facts)),
        }
    }

    /// What tells this input from all others.
    pub(super) fn anchor(&self, hasher: StableHasher) -> StableHasher {
        if let Some(hit) = &self.hit {
            return hasher.part(b"hit").part(&hit.id.0.to_le_bytes());
        }
        match self.events.first().map(|bytes| Signal::decode_head(bytes)) {
            Some(Ok(signal)) => signal.anchor(hasher),
            _ => hasher.number(self.time.0),
        }
    }

    /// The time of the event that it takes back.
    pub(super) fn takes_back(&self) -> Option<Timestamp> {
        self.hit.as_ref().and_then(|hit| hit.alert.as_ref()).and_then(|alert| alert.takes_back)
    }

    /// The canonical values of a field: of the hit's group, else of its base events, each once, at most 64.
    pub(super) fn values(&self, field: &KeyField) -> SmallVec<[String; 1]> {
        if let Some(alert) = self.hit.as_ref().and_then(|hit| hit.alert.as_ref()) {
            // an alert event has its own fields and no others
            let named = alert.fields.iter().filter(|(name, _)| *name == field.name);
            return named.map(|(_, value)| value.clone()).take(MAX_VALUES).collect();
        }
        if let Some(hit) = &self.hit
            && let Some((_, value)) = hit.group.iter().find(|(name, _)| *name == field.name)
        {
            return value.iter().cloned().collect();
        }
        let mut values: SmallVec<[String; 1]> = SmallVec::new();
        for bytes in &self.events {
            let Ok(scalars) = Signal::values_in(bytes, field.slot) else { continue };
            for value in scalars.iter().filter_map(canonical) {
                if !values.contains(&value) && values.len() < MAX_VALUES {
                    values.push(value);
                }
            }
        }
        values
    }

    /// The numbers in a field: those that it has as a hit's group value or in its base events, each of them once for a hit
    /// and as often as it stands there for an event, at most 64. What is no number is left out (RULES A14).
    pub(super) fn numbers(&self, field: &KeyField) -> SmallVec<[Decimal; 1]> {
        let read = |text: &str| Number::parse(text).and_then(Decimal::of);
        if self.hit.is_some() {
            return self.values(field).iter().filter_map(|value| read(value)).collect();
        }
        let Some(Ok(scalars)) = self.events.first().map(|bytes| Signal::values_in(bytes, field.slot)) else {
            return SmallVec::new();
        };
        let numbers = scalars.iter().filter_map(|scalar| match scalar {
            Scalar::Number(text) => read(text),
            Scalar::Text(text) => read(text),
            Scalar::Null | Scalar::Bool(_) => None,
        });
        numbers.take(MAX_VALUES).collect()
    }

    /// Hashes of the distinct tuples that it has for these fields; none when a field is missing (RULES S9).
    pub(super) fn tuples(&self, fields: &[KeyField]) -> SmallVec<[u128; 1]> {
        match self.only_tuple(fields) {
            Some(tuple) => smallvec::smallvec![tuple],
            None => self.all_tuples(fields),
        }
    }

    /// The usual case without copies: one event with one value for each field. `None` says nothing.
    fn only_tuple(&self, fields: &[KeyField]) -> Option<u128> {
        let (None, [bytes]) = (&self.hit, self.events.as_slice()) else { return None };
        let mut values: SmallVec<[SmallVec<[Scalar<'_>; 1]>; 1]> = SmallVec::new();
        for field in fields {
            values.push(Signal::values_in(bytes, field.slot).ok()?);
        }
        let mut tuple: SmallVec<[Option<&str>; 2]> = SmallVec::new();
        for scalars in &values {
            match scalars.as_slice() {
                [Scalar::Text(text)] => tuple.push(Some(text)),
                [Scalar::Bool(value)] => tuple.push(Some(if *value { "true" } else { "false" })),
                _ => return None,
            }
        }
        Some(KeyHash::of_group(tuple.into_iter()).0)
    }

    fn all_tuples(&self, fields: &[KeyField]) -> SmallVec<[u128; 1]> {
        let mut tuples: SmallVec<[SmallVec<[String; 1]>; 1]> = SmallVec::new();
        tuples.push(SmallVec::new());
        for field in fields {
            let values = self.values(field);
            tuples = tuples
                .iter()
                .flat_map(|tuple| {
                    values.iter().map(move |value| {
                        let mut longer = tuple.clone();
                        longer.push(value.clone());
                        longer
                    })
                })
                .take(MAX_VALUES)
                .collect();
        }
        tuples.iter().map(|tuple| KeyHash::of_group(tuple.iter().map(|value| Some(value.as_str()))).0).collect()
    }
}

/// The text by which a scalar is compared as a value; null is none.
fn canonical(scalar: &Scalar<'_>) -> Option<String> {
    match scalar {
        Scalar::Number(text) => Some(Number::parse(text).map_or_else(|| (*text).to_owned(), Number::canonical)),
        other => other.as_text().map(str::to_owned),
    }
}

impl Renumber for Input {
    fn renumber(&mut self, with: &Renumbering) {
        self.source = self.source.map(|source| Renumbering::of(&with.sources, source).unwrap_or(u32::MAX));
        self.events.renumber(with);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Slot, TimeSource};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_only_tuple_is_the_first_of_all(
            values in proptest::collection::vec(proptest::collection::vec(0_u8..6, 0..3), 1..4),
        ) {
            let scalar = |kind: &u8| match kind {
                0 => Scalar::Null,
                1 => Scalar::Bool(true),
                2 => Scalar::Number("1.0"),
                3 => Scalar::Text("1".into()),
                _ => Scalar::Text(kind.to_string().into()),
            };
            let signal = Signal {
                source: 0,
                time: Timestamp(1),
                time_source: TimeSource::Event,
                topic: "t",
                partition: 0,
                offset: 1,
                sequence: 0,
                id: None,
                key: KeyHash(0),
                group: SmallVec::new(),
                channel: 0,
                detections: SmallVec::new(),
                fields: (0_u32..).zip(&values).map(|(slot, of)| (Slot(slot), of.iter().map(scalar).collect())).collect(),
            };
            let mut bytes = Vec::new();
            signal.encode(&mut bytes);
            let input = Input {
                time: signal.time,
                source: Some(0),
                positions: 1,
                resets: false,
                events: smallvec::smallvec![Arc::from(bytes)],
                count: 1,
                hit: None,
            };
            let fields: Vec<KeyField> =
                (0_u32..).zip(&values).map(|(slot, _)| KeyField { name: slot.to_string(), slot: Slot(slot) }).collect();
            prop_assert_eq!(input.tuples(&fields), input.all_tuples(&fields));
        }
    }
}
