//! What came around a payload: the record's headers, the captured request's headers, the CloudEvent.

use std::borrow::Cow;
use std::cell::Cell;

use crate::model::Record;

use super::envelope::CloudEvent;
use super::json::Value;
use super::producer::scalar_text;

/// Everything known of a payload beside its bytes.
#[derive(Clone)]
pub(super) struct Context<'a> {
    pub(super) record: &'a Record<'a>,
    /// The CloudEvent that carried the payload.
    pub(super) cloud_event: Option<&'a CloudEvent<'a>>,
    /// The headers of a captured HTTP request.
    pub(super) request_headers: Option<Value<'a>>,
    /// Envelopes opened so far.
    pub(super) envelopes: u8,
    /// The payload is one of several in its record.
    pub(super) in_batch: bool,
    /// The next event's place in its record.
    pub(super) next_sequence: &'a Cell<u32>,
}

impl<'a> Context<'a> {
    pub(super) fn new(record: &'a Record<'a>, next_sequence: &'a Cell<u32>) -> Self {
        Self { record, cloud_event: None, request_headers: None, envelopes: 0, in_batch: false, next_sequence }
    }

    /// The place of an event in its record; every call gives the next one.
    pub(super) fn take_sequence(&self) -> u32 {
        let sequence = self.next_sequence.get();
        self.next_sequence.set(sequence.saturating_add(1));
        sequence
    }

    /// A header of the captured request, or else of the record. Names compare without regard to case.
    pub(super) fn header(&self, name: &str) -> Option<Cow<'a, str>> {
        let of_request = self.request_headers.as_ref().and_then(|headers| {
            let (_, value) = headers.members().find(|(header, _)| header.eq_ignore_ascii_case(name))?;
            match &value {
                Value::Array(_) => value.elements().next().as_ref().and_then(scalar_text),
                other => scalar_text(other),
            }
        });
        of_request.or_else(|| self.record.header(name).map(Cow::Borrowed)).filter(|value| !value.is_empty())
    }
}
