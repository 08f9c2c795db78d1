//! The decoder of one source: what it was configured with, compiled, and the memory that it uses again.

use std::cell::Cell;

use crate::model::{EventMeta, Fault, FieldTable, Record, Row};

use super::context::Context;
use super::error::DecodeError;
use super::json::Captures;
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
    /// In the order of [`Format::ALL`]; only those that a record of this source can turn out to be.
    plans: Vec<Option<Plan>>,
}

/// Memory that is used again for every event.
pub(super) struct Scratch {
    pub(super) row: Row<'static>,
    pub(super) captures: Captures<'static>,
    pub(super) seen: Vec<u64>,
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
        let needed = |format: Format| settings.format == Format::Auto || format == settings.format;
        let plans =
            Format::ALL.into_iter().map(|format| needed(format).then(|| Plan::of(format, settings, fields))).collect();
        Self {
            compiled: Compiled { settings: settings.clone(), leaves: fields.leaves_wanted(), plans },
            scratch: Scratch { row: Row::new(fields.len()), captures: Captures::default(), seen: Vec::new() },
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
