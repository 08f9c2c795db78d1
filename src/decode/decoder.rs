//! The decoder of one source: what it was configured with, compiled, and the memory that it uses again.

use std::cell::Cell;

use crate::model::{EventMeta, Fault, FieldTable, Record, Row};

use super::context::Context;
use super::elements::Elements;
use super::enrich::Joins;
use super::error::DecodeError;
use super::json::{Captures, Guesses};
use super::plan::Plan;
use super::reading::Reading;
use super::{DecoderSettings, Format};

/// Decodes the records of one source. Not shared between threads: it keeps the memory of its rows.
pub struct Decoder {
    compiled: Compiled,
    scratch: Scratch,
}

/// What does not change from record to record.
pub(super) struct Compiled {
    pub(super) settings: DecoderSettings,
    /// Every scalar of an event is read.
    pub(super) leaves: bool,
    /// What is added to events from tables.
    pub(super) joins: Joins,
    /// Reads the elements of arrays that rules look at one by one.
    pub(super) elements: Elements,
    /// In the order of [`Format::ALL`]; only those that a record of this source can turn out to be.
    plans: Vec<Option<Plan>>,
}

/// Memory that is used again for every event.
pub(super) struct Scratch {
    pub(super) row: Row<'static>,
    pub(super) captures: Captures<'static>,
    pub(super) seen: Vec<u64>,
    pub(super) guesses: Guesses,
    pub(super) likely: Likely,
}

/// The shape that the next document probably has: that of the last ones.
#[derive(Debug, Default)]
pub(super) struct Likely {
    format: Option<Format>,
    was_wrong: bool,
}

impl Likely {
    /// `None` for a plain document.
    pub(super) fn format(&self) -> Option<Format> {
        self.format
    }

    /// Notes what a document was. One of another shape among many does not count; two in a row do.
    pub(super) fn learn(&mut self, format: Option<Format>) {
        let is_wrong = self.format != format;
        if is_wrong && self.was_wrong {
            self.format = format;
        }
        self.was_wrong = is_wrong && !self.was_wrong;
    }
}

/// Takes what a record holds: once per event, in order.
pub(super) type Each<'e> = &'e mut dyn FnMut(Result<(&Row<'_>, &EventMeta<'_>), Fault>);

impl Compiled {
    pub(super) fn plan(&self, format: Format) -> Option<&Plan> {
        let at = Format::ALL.iter().position(|known| *known == format)?;
        self.plans.get(at)?.as_ref()
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Decoder").field("settings", &self.compiled.settings).finish_non_exhaustive()
    }
}

impl Decoder {
    /// Compiles what is read of the records: exactly these fields, and what identifies and dates an event.
    #[must_use]
    pub fn new(settings: &DecoderSettings, fields: &FieldTable) -> Self {
        let mut fields = fields.clone();
        let joins = Joins::of(&settings.enrich, &mut fields);
        let needed = |format: Format| settings.format == Format::Auto || format == settings.format;
        let mut plans: Vec<Option<Plan>> =
            Format::ALL.into_iter().map(|format| needed(format).then(|| Plan::of(format, settings, &fields))).collect();
        plans.iter_mut().flatten().fold(0, |first, plan| plan.trie.number_from(first));
        Self {
            compiled: Compiled {
                settings: settings.clone(),
                leaves: fields.leaves_wanted(),
                joins,
                elements: Elements::of(&fields),
                plans,
            },
            scratch: Scratch {
                row: Row::new(fields.len()),
                captures: Captures::default(),
                seen: Vec::new(),
                guesses: Guesses::default(),
                likely: Likely::default(),
            },
        }
    }

    /// Calls `each` for every event that the record holds, in order. A batch's broken member is one fault with its
    /// sequence in the coordinates and its own bytes, and its neighbours go on; a record that cannot be read at all, or
    /// that has no value, is one fault.
    pub fn decode(&mut self, record: &Record<'_>, each: Each<'_>) {
        let next_sequence = Cell::new(0);
        let context = Context::new(record, &next_sequence);
        let outcome = match record.value {
            None => Err(DecodeError::Tombstone),
            Some(value) => Reading::new(&self.compiled, &mut self.scratch).record(value, &context, each),
        };
        if let Err(error) = outcome {
            each(Err(error.into_fault(record.coordinates(), record.value.unwrap_or_default())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// Members by which shapes are told apart, and such as break them.
    const MEMBERS: [&str; 14] = [
        r#""decision_id":"d""#,
        r#""timestamp":"2026-11-21T00:00:00Z""#,
        r#""path":"a/b""#,
        r#""result":{"allow":false}"#,
        r#""entity":"model_version""#,
        r#""action":"created""#,
        r#""data":{"name":"m"}"#,
        r#""seq":1,"hash":"h","prev_hash":"p""#,
        r#""specversion":"1.0","type":"org.mlflow.x","source":"s","id":"i""#,
        r#""logsource":{"category":"c"}"#,
        r#""headers":{"content-type":"application/json"},"body":"{}""#,
        r#""action":"#,
        r#""commit":"c","sig_status":"G""#,
        r#""event.action":"x""#,
    ];

    fn shown(decoder: &mut Decoder, text: &str) -> Vec<String> {
        let topic: Arc<str> = "t".into();
        let value = Some(text.as_bytes());
        let record = Record { topic: &topic, partition: 0, offset: 0, timestamp: None, headers: &[], value };
        let mut all = Vec::new();
        decoder.decode(&record, &mut |event| match event {
            Ok((row, meta)) => {
                let values: Vec<_> = (0..3)
                    .map(|slot| {
                        (
                            row.is_present(crate::model::Slot(slot)),
                            row.values(crate::model::Slot(slot)).collect::<Vec<_>>(),
                        )
                    })
                    .collect();
                all.push(format!("{values:?} {:?} {meta:?}", row.leaves()));
            }
            Err(fault) => all.push(format!("{fault:?}")),
        });
        all
    }

    proptest! {
        #[test]
        fn what_came_before_does_not_matter(
            documents in proptest::collection::vec(proptest::collection::vec(0..MEMBERS.len(), 0..6), 1..12),
            repeated in 1_usize..4,
        ) {
            let mut fields = FieldTable::new();
            for name in ["event.action", "result.allow", "user.name"] {
                fields.slot(name);
            }
            let mut seasoned = Decoder::new(&DecoderSettings::default(), &fields);
            for members in documents {
                let members: Vec<&str> = members.into_iter().map(|member| MEMBERS[member]).collect();
                let text = format!("{{{}}}", members.join(","));
                let expected = shown(&mut Decoder::new(&DecoderSettings::default(), &fields), &text);
                for _ in 0..repeated {
                    prop_assert_eq!(&shown(&mut seasoned, &text), &expected, "{}", text);
                }
            }
        }
    }
}
