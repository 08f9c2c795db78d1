//! The way of one record: gzip, UTF-8, envelopes, batches, down to the events, each walked along its format's plan.

use std::borrow::Cow;

use crate::model::{EventMeta, Row, Scalar, Timestamp};

use super::context::Context;
use super::decoder::{Compiled, Each, Scratch};
use super::envelope::{self, CloudEvent, Payload};
use super::error::DecodeError;
use super::json::{Captures, ScanError, Scanner, Value, Walk, Walked};
use super::plan::{Plan, Standard, capture};
use super::producer::{Arena, Emit, Facts, Producer};
use super::{Format, plain, shape};

/// One record on its way.
pub(super) struct Reading<'d> {
    compiled: &'d Compiled,
    scratch: &'d mut Scratch,
}

/// What a document turned out to be.
enum Document<'a> {
    Event(EventMeta<'a>),
    Envelope(Envelope<'a>),
    /// A format's own batch: the text of an array.
    Batch {
        members: &'a str,
        format: Format,
    },
}

/// An envelope and what is in it.
enum Envelope<'a> {
    CloudEvent { event: CloudEvent<'a>, payload: Payload<'a> },
    Request { headers: Value<'a>, body: Cow<'a, str> },
}

impl<'d> Reading<'d> {
    pub(super) fn new(compiled: &'d Compiled, scratch: &'d mut Scratch) -> Self {
        Self { compiled, scratch }
    }

    /// The record's value, with what its headers say of it.
    pub(super) fn record(&mut self, value: &[u8], context: &Context<'_>, each: Each<'_>) -> Result<(), DecodeError> {
        let format = self.compiled.settings.format;
        if !context.record.headers.is_empty()
            && !CloudEvent::is_declared(context.record)
            && let Some(event) = CloudEvent::from_headers(context.record)
        {
            let inner = Context { cloud_event: Some(&event), envelopes: 1, ..context.clone() };
            return self.bytes(value, self.format_within(format, &event), &inner, each);
        }
        self.bytes(value, format, context, each)
    }

    /// The format of what a CloudEvent carries: the configured one, else the one that the event's type names.
    fn format_within(&self, format: Format, event: &CloudEvent<'_>) -> Format {
        if format == Format::Auto { event.format().unwrap_or_default() } else { format }
    }

    fn bytes(
        &mut self,
        bytes: &[u8],
        format: Format,
        context: &Context<'_>,
        each: Each<'_>,
    ) -> Result<(), DecodeError> {
        let limit = self.compiled.settings.max_bytes;
        if bytes.len() > limit {
            return Err(DecodeError::TooLarge { bytes: bytes.len(), limit });
        }
        if envelope::is_gzip(bytes) {
            let inflated = envelope::inflate(bytes, limit)?;
            return self.document(utf8(&inflated)?, format, context, each);
        }
        self.document(utf8(bytes)?, format, context, each)
    }

    /// One event or an array of them.
    fn document(
        &mut self,
        text: &str,
        format: Format,
        context: &Context<'_>,
        each: Each<'_>,
    ) -> Result<(), DecodeError> {
        match first_byte(text) {
            Some(b'[') => {
                // The whole text is validated before the first event is handed out: a torn record is one fault.
                let members =
                    array_members(text, self.compiled.settings.depth()).map_err(|error| error.explain(text))?;
                self.batch(&members, format, context, each);
                Ok(())
            }
            _ => self.event(text, format, context, each),
        }
    }

    /// Several events of one record. A broken one is a fault of its own.
    fn batch(&mut self, members: &[&str], format: Format, context: &Context<'_>, each: Each<'_>) {
        let context = Context { in_batch: true, ..context.clone() };
        for member in members {
            if let Err(error) = self.event(member, format, &context, each) {
                let mut coordinates = context.record.coordinates();
                coordinates.sequence = context.take_sequence();
                each(Err(error.into_fault(coordinates, member.as_bytes())));
            }
        }
    }

    /// One event, or an envelope around some.
    fn event(&mut self, text: &str, format: Format, context: &Context<'_>, each: Each<'_>) -> Result<(), DecodeError> {
        let arena = Arena::default();
        let mut row = std::mem::take(&mut self.scratch.row);
        let mut captures = std::mem::take(&mut self.scratch.captures);
        let outcome = self.read(text, format, context, &arena, &mut row, &mut captures);
        if let Ok(Document::Event(meta)) = &outcome {
            self.compiled.joins.apply(&mut row);
            row.read_elements_with(&self.compiled.elements);
            each(Ok((&row, meta)));
        }
        self.scratch.row = row.recycle();
        self.scratch.captures = captures.recycle();
        match outcome? {
            Document::Event(_) => Ok(()),
            Document::Batch { members, format } => self.document(members, format, context, each),
            Document::Envelope(envelope) => self.envelope(envelope, format, context, each),
        }
    }

    /// What an envelope carries.
    fn envelope(
        &mut self,
        envelope: Envelope<'_>,
        format: Format,
        context: &Context<'_>,
        each: Each<'_>,
    ) -> Result<(), DecodeError> {
        let envelopes = context.envelopes + 1;
        if envelopes > envelope::DEEPEST {
            return Err(DecodeError::TooManyEnvelopes { limit: envelope::DEEPEST });
        }
        match envelope {
            Envelope::CloudEvent { event, payload } => {
                let format = self.format_within(format, &event);
                let inner = Context { cloud_event: Some(&event), envelopes, ..context.clone() };
                match payload {
                    Payload::Text(text) => self.document(&text, format, &inner, each),
                    Payload::Bytes(bytes) => self.bytes(&bytes, format, &inner, each),
                }
            }
            Envelope::Request { headers, body } => {
                let inner = Context { request_headers: Some(headers), envelopes, ..context.clone() };
                self.document(&body, format, &inner, each)
            }
        }
    }

    /// Walks one document with the plan of its format and says what it is.
    fn read<'a>(
        &mut self,
        text: &'a str,
        format: Format,
        context: &Context<'a>,
        arena: &'a Arena,
        row: &mut Row<'a>,
        captures: &mut Captures<'a>,
    ) -> Result<Document<'a>, DecodeError>
    where
        'd: 'a,
    {
        let compiled: &'d Compiled = self.compiled;
        let Some(asked) = compiled.plan(format) else {
            return Err(DecodeError::WrongSchema { expected: "readable", problem: format!("no plan for {format}") });
        };
        // Where shapes decide, the document is read as the likely one at first: mostly it is, and one walk is enough.
        let by_shape = format == Format::Auto;
        let likely = self.scratch.likely.format().filter(|_| by_shape).and_then(|likely| compiled.plan(likely));
        let mut plan = likely.unwrap_or(asked);
        let mut walked = self.walk(text, plan, row, captures)?;
        if first_byte(text) != Some(b'{') {
            return Err(not_an_object(text));
        }
        let is_canonical = asked.producer.is_none() && captures.get(capture::LOGSOURCE).is_some_and(Value::is_object);
        let mut native = None;
        if !is_canonical {
            if let Some(envelope) = self.open(text, format, context, captures)? {
                return Ok(Document::Envelope(envelope));
            }
            native = recognise(plan, captures).filter(|_| by_shape);
        }
        if by_shape {
            self.scratch.likely.learn(native);
        }
        let right = native.and_then(|native| compiled.plan(native)).unwrap_or(asked);
        if !std::ptr::eq(plan, right) {
            plan = right;
            *row = std::mem::take(row).recycle();
            walked = self.walk(text, plan, row, captures)?;
        }
        walked.unique(text)?;
        let mut meta = match plan.producer {
            None => plain::describe(captures, plan, &compiled.settings.logsource),
            Some(producer) => {
                let facts = Facts { captures, first: plan.native, document: text, context };
                if let Some(members) = (producer.batch)(&facts).filter(|_| !context.in_batch) {
                    return Ok(Document::Batch { members, format: plan.format });
                }
                native_meta(producer, plan, &facts)?
            }
        };
        envelope_meta(&mut meta, context);
        meta.sequence = context.take_sequence();
        let facts = Facts { captures, first: plan.native, document: text, context };
        fill(plan, &meta, &facts, arena, row);
        Ok(Document::Event(meta))
    }

    fn walk<'a>(
        &mut self,
        text: &'a str,
        plan: &Plan,
        row: &mut Row<'a>,
        captures: &mut Captures<'a>,
    ) -> Result<Walked, DecodeError> {
        captures.reset(plan.captures);
        let scanner = Scanner::new(text, self.compiled.settings.depth());
        let Scratch { seen, guesses, .. } = &mut *self.scratch;
        let walk = Walk::new(scanner, &plan.trie, row, captures, seen, guesses);
        let walked = if self.compiled.leaves { walk.document::<true>() } else { walk.document::<false>() };
        walked.map_err(|error| error.explain(text))
    }

    /// Opens the envelope that a document is, if it is one. Plain JSON is only opened when the record's headers say that
    /// it is a CloudEvent.
    fn open<'a>(
        &self,
        text: &'a str,
        format: Format,
        context: &Context<'a>,
        captures: &Captures<'a>,
    ) -> Result<Option<Envelope<'a>>, DecodeError> {
        let declared = context.envelopes == 0 && CloudEvent::is_declared(context.record);
        if format == Format::Json && !declared {
            return Ok(None);
        }
        if captures.get(capture::SPECVERSION).is_some_and(|version| version.string().is_some())
            && let Some(event) = CloudEvent::from_object(text)
        {
            return Ok(Some(Envelope::CloudEvent { event, payload: CloudEvent::payload(text)? }));
        }
        let (Some(headers), Some(body)) = (captures.get(capture::HEADERS), captures.get(capture::BODY)) else {
            return Ok(None);
        };
        Ok(envelope::captured_request(headers, body).map(|body| Envelope::Request { headers: headers.clone(), body }))
    }
}

/// The format whose shape a plain document has, when the plan looks for shapes.
fn recognise(plan: &Plan, captures: &Captures<'_>) -> Option<Format> {
    let first = plan.signature?;
    shape::recognise(|key| captures.get(first + shape::KEYS.iter().position(|known| *known == key)?))
}

/// What a native event says of itself. The source's own time fields come first.
fn native_meta<'a>(
    producer: &'static Producer,
    plan: &Plan,
    facts: &Facts<'_, 'a>,
) -> Result<EventMeta<'a>, DecodeError> {
    let described = (producer.describe)(facts)?;
    let own_time = || described.time.as_deref().and_then(|time| Timestamp::parse(time).ok());
    Ok(EventMeta {
        time: plain::first_time(facts.captures, &plan.times).or_else(own_time),
        id: described.id,
        logsource: plain::borrowed(&producer.logsource),
        sequence: 0,
    })
}

/// What the envelope says of the event: it identifies a single event (RULES S1b) and dates one that has no time.
fn envelope_meta(meta: &mut EventMeta<'_>, context: &Context<'_>) {
    let Some(event) = context.cloud_event else { return };
    if meta.time.is_none() {
        meta.time = event.get("time").and_then(|time| Timestamp::parse(time).ok());
    }
    if !context.in_batch {
        meta.id = event.identity().map(Cow::Owned);
    } else if meta.id.is_none() {
        meta.id = event.identity().map(|id| Cow::Owned(format!("{id}#{}", context.next_sequence.get())));
    }
}

/// Fields that do not lie in the document as they are: constants, computed ones, the envelope's.
fn fill<'a>(plan: &Plan, meta: &EventMeta<'a>, facts: &Facts<'_, 'a>, arena: &'a Arena, row: &mut Row<'a>) {
    for (slot, text) in &plan.constants {
        row.push(*slot, 0, Scalar::Text(Cow::Borrowed(text)));
    }
    for (slot, standard) in &plan.standard {
        let text = match standard {
            Standard::Id => meta.id.clone(),
            Standard::Time => meta.time.map(|time| Cow::Owned(time.to_string())),
        };
        if let Some(text) = text {
            row.push(*slot, 0, Scalar::Text(text));
        }
    }
    for (slot, derive) in &plan.derived {
        derive(facts, &mut Emit { row, slot: *slot, arena });
    }
    if let Some(event) = facts.context.cloud_event {
        for (slot, attribute) in &plan.cloud_event {
            if let Some(value) = event.get(attribute) {
                row.push(*slot, 0, Scalar::Text(Cow::Borrowed(value.as_ref())));
            }
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, DecodeError> {
    simdutf8::basic::from_utf8(bytes).map_err(|_| {
        let byte = simdutf8::compat::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
        DecodeError::NotUtf8 { byte }
    })
}

fn first_byte(text: &str) -> Option<u8> {
    text.bytes().find(|byte| !matches!(byte, b' ' | b'\n' | b'\t' | b'\r'))
}

fn not_an_object(text: &str) -> DecodeError {
    let found = match first_byte(text) {
        Some(b'[') => "an array within an array",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    };
    DecodeError::WrongSchema { expected: "an event, which is an object", problem: format!("it is {found}") }
}

/// The texts of an array's members. Validates the whole text.
fn array_members(text: &str, depth: usize) -> Result<Vec<&str>, Box<ScanError>> {
    let scanner = Scanner::new(text, depth);
    let mut members = Vec::new();
    let end = scanner.elements(scanner.skip_whitespace(0), |member| members.push(member))?;
    scanner.finish(end)?;
    Ok(members)
}
