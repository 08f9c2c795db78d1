//! The log between detect and correlate: one compact binary record per matching event and distinct group key.
//!
//! A signal is kept in its encoded form from the detect stage to the evidence of an alert, so that buffering it costs one
//! allocation and snapshotting it a copy. [`Signal`] is the decoded view, borrowing from those bytes.
//!
//! Layout (integers are LEB128, signed ones zig-zag): version · source · event time · time source · topic · partition ·
//! offset · sequence · id flag and id · key hash (16 bytes) · group values · channel · detections (count, ids) ·
//! fields (count, then slot, value count, and per value a type tag and text).

mod reader;

use smallvec::SmallVec;

use reader::Reader;

use super::{KeyHash, Scalar, Slot, StableHasher, TimeSource, Timestamp};

const VERSION: u8 = 1;

/// Why bytes are no signal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// The bytes end too early or hold a value that no encoder writes.
    #[error("signal is damaged at byte {0}: delete the snapshot and replay, or restore it from a copy")]
    Damaged(usize),
    /// Written by another version of the engine.
    #[error(
        "signal has format version {0}, this engine reads {VERSION}: run the version that wrote it, or replay from the sources"
    )]
    Version(u8),
}

/// A matching event under one group key.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal<'a> {
    /// Index of the source in the configuration.
    pub source: u32,
    /// Event time (RULES S1).
    pub time: Timestamp,
    /// Where that time came from.
    pub time_source: TimeSource,
    /// Topic or file name.
    pub topic: &'a str,
    /// Partition of the topic.
    pub partition: i32,
    /// Offset in the partition, or line number.
    pub offset: i64,
    /// Index within the record.
    pub sequence: u32,
    /// Producer's id (RULES S1b).
    pub id: Option<&'a str>,
    /// Hash of the group key.
    pub key: KeyHash,
    /// The group key's values, canonical; `None` is a missing one under `missing-key: group`.
    pub group: SmallVec<[Option<std::borrow::Cow<'a, str>>; 2]>,
    /// Which group-key specification this signal was made for.
    pub channel: u32,
    /// Detections that matched, as indices into the compiled rule set, ascending.
    pub detections: SmallVec<[u32; 4]>,
    /// Projected fields: slot and values.
    pub fields: Vec<(Slot, SmallVec<[Scalar<'a>; 1]>)>,
}

impl<'a> Signal<'a> {
    /// Appends the encoded signal to a buffer.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let head = SignalHead {
            source: self.source,
            time: self.time,
            time_source: self.time_source,
            topic: self.topic,
            partition: self.partition,
            offset: self.offset,
            sequence: self.sequence,
            id: self.id,
        };
        head.encode(out);
        let mut writer = SignalWriter(out);
        writer.key(self.key, self.group.iter().map(Option::as_deref));
        writer.detections(self.channel, &self.detections);
        writer.count(self.fields.len());
        for (slot, values) in &self.fields {
            writer.field(*slot, values.len(), values.iter());
        }
    }

    /// Reads an encoded signal.
    ///
    /// # Errors
    /// [`SignalError`] when the bytes were cut, changed, or written by another version.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, SignalError> {
        let mut reader = Self::begin(bytes)?;
        let signal = Self::head(&mut reader).and_then(|mut signal| {
            for _ in 0..reader.small()? {
                let slot = Slot(reader.small()?);
                let count = reader.small()?;
                signal.fields.push((slot, (0..count).map(|_| reader.scalar()).collect::<Option<_>>()?));
            }
            Some(signal)
        });
        signal.ok_or_else(|| reader.damaged())
    }

    /// The values of one projected field of an encoded signal, read from among the others: what [`Self::decode`] and
    /// [`Self::values`] give. Empty when it is missing.
    ///
    /// # Errors
    /// As [`Self::decode`], for damage in front of the field or in it.
    pub fn values_in(bytes: &'a [u8], slot: Slot) -> Result<SmallVec<[Scalar<'a>; 1]>, SignalError> {
        let mut reader = Self::begin(bytes)?;
        Self::find(&mut reader, slot).ok_or_else(|| reader.damaged())
    }

    fn find(reader: &mut Reader<'a>, slot: Slot) -> Option<SmallVec<[Scalar<'a>; 1]>> {
        SignalRoute::read(reader)?;
        for _ in 0..reader.small()? {
            let found = reader.small()? == slot.0;
            let count = reader.small()?;
            if found {
                return (0..count).map(|_| reader.scalar()).collect();
            }
            for _ in 0..count {
                reader.skip_scalar()?;
            }
        }
        Some(SmallVec::new())
    }

    /// Reads an encoded signal up to its fields, which stay empty: all that tells where it goes and which event it is.
    ///
    /// # Errors
    /// As [`Self::decode`], without a look at the fields.
    pub fn decode_head(bytes: &'a [u8]) -> Result<Self, SignalError> {
        let mut reader = Self::begin(bytes)?;
        Self::head(&mut reader).ok_or_else(|| reader.damaged())
    }

    /// Behind the version.
    fn begin(bytes: &'a [u8]) -> Result<Reader<'a>, SignalError> {
        let mut reader = Reader::new(bytes);
        match reader.byte() {
            Some(VERSION) => Ok(reader),
            Some(version) => Err(SignalError::Version(version)),
            None => Err(reader.damaged()),
        }
    }

    fn head(reader: &mut Reader<'a>) -> Option<Self> {
        Some(Self {
            source: reader.small()?,
            time: Timestamp(reader.signed()?),
            time_source: reader.time_source()?,
            topic: reader.text()?,
            partition: i32::try_from(reader.signed()?).ok()?,
            offset: reader.signed()?,
            sequence: reader.small()?,
            id: if reader.byte()? == 0 { None } else { Some(reader.text()?) },
            key: KeyHash(reader.wide()?),
            group: {
                let count = reader.small()?;
                let value = |_| Some(if reader.byte()? == 0 { None } else { Some(reader.text()?.into()) });
                (0..count).map(value).collect::<Option<_>>()?
            },
            channel: reader.small()?,
            detections: reader.detections()?,
            fields: Vec::new(),
        })
    }

    /// Where the event lies in the log, in the order of RULES S3 behind its time.
    #[must_use]
    pub fn place(&self) -> (&'a str, i32, i64, u32) {
        (self.topic, self.partition, self.offset, self.sequence)
    }

    /// What tells this event from all others, whatever copy of the log it is read from (RULES S1b, S11): its producer's
    /// id and its time, else its place.
    #[must_use]
    pub fn anchor(&self, hasher: StableHasher) -> StableHasher {
        match self.id {
            Some(id) => hasher.part(b"id").part(id.as_bytes()).number(self.time.0),
            None => hasher
                .part(b"place")
                .part(self.topic.as_bytes())
                .number(i64::from(self.partition))
                .number(self.offset)
                .number(i64::from(self.sequence)),
        }
    }

    /// The values of a projected field; empty when it is missing.
    #[must_use]
    pub fn values(&self, slot: Slot) -> &[Scalar<'a>] {
        self.fields.iter().find(|(candidate, _)| *candidate == slot).map_or(&[], |(_, values)| values.as_slice())
    }
}

/// What tells where a signal goes, read from its encoded form without a look at the texts in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalRoute<'a> {
    /// Index of the source in the configuration.
    pub source: u32,
    /// Event time (RULES S1).
    pub time: Timestamp,
    /// The bytes that tell the event from others: all signals of one event have the same.
    pub event: &'a [u8],
    /// Hash of the group key.
    pub key: KeyHash,
    /// Which group-key specification this signal was made for.
    pub channel: u32,
    /// Detections that matched.
    pub detections: SmallVec<[u32; 4]>,
}

impl<'a> SignalRoute<'a> {
    /// Of an encoded signal.
    ///
    /// # Errors
    /// As [`Signal::decode_head`], without a look at the texts.
    pub fn of(bytes: &'a [u8]) -> Result<Self, SignalError> {
        let mut reader = Signal::begin(bytes)?;
        Self::read(&mut reader).ok_or_else(|| reader.damaged())
    }

    /// Whether two encoded signals come from one event, under whatever keys; damaged ones do not.
    #[must_use]
    pub fn is_one_event(one: &[u8], two: &[u8]) -> bool {
        let (one, two) = (SignalRoute::of(one), SignalRoute::of(two));
        one.is_ok_and(|one| two.is_ok_and(|two| one.event == two.event))
    }

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let source = reader.small()?;
        let time = Timestamp(reader.signed()?);
        reader.time_source()?;
        reader.skip_place()?;
        let event = reader.passed();
        let key = KeyHash(reader.wide()?);
        reader.skip_group()?;
        let channel = reader.small()?;
        Some(Self { source, time, event, key, channel, detections: reader.detections()? })
    }
}

/// What all signals of one event begin with.
#[derive(Debug, Clone, Copy)]
pub struct SignalHead<'a> {
    /// Index of the source in the configuration.
    pub source: u32,
    /// Event time (RULES S1).
    pub time: Timestamp,
    /// Where that time came from.
    pub time_source: TimeSource,
    /// Topic or file name.
    pub topic: &'a str,
    /// Partition of the topic.
    pub partition: i32,
    /// Offset in the partition, or line number.
    pub offset: i64,
    /// Index within the record.
    pub sequence: u32,
    /// Producer's id (RULES S1b).
    pub id: Option<&'a str>,
}

impl SignalHead<'_> {
    /// Appends the encoded beginning to a buffer.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        put_unsigned(out, u64::from(self.source));
        put_signed(out, self.time.0);
        out.push(time_source_tag(self.time_source));
        put_text(out, self.topic);
        put_signed(out, i64::from(self.partition));
        put_signed(out, self.offset);
        put_unsigned(out, u64::from(self.sequence));
        match self.id {
            None => out.push(0),
            Some(id) => {
                out.push(1);
                put_text(out, id);
            }
        }
    }
}

/// Writes the rest of a signal behind its [`SignalHead`], piece by piece and in this order, straight from where the pieces
/// lie: what [`Signal::encode`] writes, without a [`Signal`].
#[derive(Debug)]
pub struct SignalWriter<'o>(pub &'o mut Vec<u8>);

impl SignalWriter<'_> {
    /// First the group key.
    pub fn key<'v>(&mut self, hash: KeyHash, values: impl ExactSizeIterator<Item = Option<&'v str>>) {
        self.0.extend_from_slice(&hash.0.to_le_bytes());
        put_unsigned(self.0, values.len() as u64);
        for value in values {
            match value {
                None => self.0.push(0),
                Some(value) => {
                    self.0.push(1);
                    put_text(self.0, value);
                }
            }
        }
    }

    /// Then the channel and the detections.
    pub fn detections(&mut self, channel: u32, detections: &[u32]) {
        put_unsigned(self.0, u64::from(channel));
        put_unsigned(self.0, detections.len() as u64);
        for detection in detections {
            put_unsigned(self.0, u64::from(*detection));
        }
    }

    /// Then the number of fields.
    pub fn count(&mut self, fields: usize) {
        put_unsigned(self.0, fields as u64);
    }

    /// Then each of them, with the number of its values.
    pub fn field<'v>(&mut self, slot: Slot, count: usize, values: impl Iterator<Item = &'v Scalar<'v>>) {
        put_unsigned(self.0, u64::from(slot.0));
        put_unsigned(self.0, count as u64);
        values.for_each(|value| put_scalar(self.0, value));
    }
}

fn time_source_tag(time_source: TimeSource) -> u8 {
    match time_source {
        TimeSource::Event => 0,
        TimeSource::Kafka => 1,
        TimeSource::Arrival => 2,
        TimeSource::Skewed => 3,
    }
}

fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_unsigned(out, ((value << 1) ^ (value >> 63)) as u64);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_unsigned(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn put_scalar(out: &mut Vec<u8>, scalar: &Scalar<'_>) {
    match scalar {
        Scalar::Null => out.push(0),
        Scalar::Bool(false) => out.push(1),
        Scalar::Bool(true) => out.push(2),
        Scalar::Number(text) => {
            out.push(3);
            put_text(out, text);
        }
        Scalar::Text(text) => {
            out.push(4);
            put_text(out, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use smallvec::smallvec;

    fn sample<'a>() -> Signal<'a> {
        Signal {
            source: 3,
            time: Timestamp(1_795_229_631_698_655_000),
            time_source: TimeSource::Event,
            topic: "mlflow.webhooks",
            partition: 7,
            offset: 123_456,
            sequence: 0,
            id: Some("649cc0e0-16a7-4583-82ca-ee11e821d47c"),
            key: KeyHash(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
            group: smallvec![Some("credit-risk".into()), None],
            channel: 2,
            detections: smallvec![4, 17],
            fields: vec![
                (Slot(1), smallvec![Scalar::Text("credit-risk".into())]),
                (Slot(5), smallvec![Scalar::Number("3"), Scalar::Null, Scalar::Bool(true)]),
            ],
        }
    }

    #[test]
    fn a_signal_is_small_and_reads_back() {
        let mut bytes = Vec::new();
        sample().encode(&mut bytes);
        assert!(bytes.len() < 150, "{} bytes", bytes.len());
        assert_eq!(Signal::decode(&bytes), Ok(sample()));
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let mut bytes = Vec::new();
        sample().encode(&mut bytes);
        for cut in 0..bytes.len() {
            assert!(Signal::decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        bytes[0] = 9;
        assert_eq!(Signal::decode(&bytes), Err(SignalError::Version(9)));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Signal::decode(&bytes);
        }

        #[test]
        fn the_head_is_that_of_the_whole(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..200) {
            let mut sampled = Vec::new();
            sample().encode(&mut sampled);
            sampled.truncate(cut);
            for bytes in [bytes, sampled] {
                if let Ok(whole) = Signal::decode(&bytes) {
                    let head = Signal { fields: Vec::new(), ..whole };
                    let route = SignalRoute::of(&bytes).unwrap();
                    let (source, time) = (head.source, head.time);
                    prop_assert_eq!((route.source, route.time, route.key, route.channel), (source, time, head.key, head.channel));
                    prop_assert_eq!(&route.detections, &head.detections);
                    prop_assert_eq!(Signal::decode_head(&bytes), Ok(head));
                }
            }
        }

        #[test]
        fn one_field_is_that_of_the_whole(bytes in proptest::collection::vec(any::<u8>(), 0..200), slot in 0_u32..8) {
            let mut sampled = Vec::new();
            sample().encode(&mut sampled);
            for bytes in [bytes, sampled] {
                if let Ok(whole) = Signal::decode(&bytes) {
                    let one = Signal::values_in(&bytes, Slot(slot));
                    prop_assert_eq!(one.as_deref(), Ok(whole.values(Slot(slot))));
                }
            }
        }

        #[test]
        fn extreme_numbers_read_back(time in any::<i64>(), offset in any::<i64>(), partition in any::<i32>()) {
            let mut bytes = Vec::new();
            let signal = Signal { time: Timestamp(time), offset, partition, ..sample() };
            signal.encode(&mut bytes);
            prop_assert_eq!(Signal::decode(&bytes), Ok(signal));
        }
    }
}
