//! Reads an encoded signal piece by piece. What the pieces mean, and their order, is in `signal`. Nothing is an error here:
//! a piece that is not there is `None`, and the place where it should be stays, for [`Reader::damaged`].

use smallvec::SmallVec;

use super::{SignalError, TimeSource};
use crate::model::Scalar;

/// A position in the bytes.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// At the beginning.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Something is wrong at this place.
    pub(super) fn damaged(&self) -> SignalError {
        SignalError::Damaged(self.at)
    }

    /// What was read so far.
    pub(super) fn passed(&self) -> &'a [u8] {
        self.bytes.get(..self.at).unwrap_or_default()
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        let first = self.byte()?;
        if first < 0x80 { Some(u64::from(first)) } else { self.long(first) }
    }

    /// The rest of an integer of several bytes.
    fn long(&mut self, first: u8) -> Option<u64> {
        let mut value = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    #[inline]
    pub(super) fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    #[inline]
    pub(super) fn small(&mut self) -> Option<u32> {
        u32::try_from(self.unsigned()?).ok()
    }

    #[inline]
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let part = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(part)
    }

    pub(super) fn wide(&mut self) -> Option<u128> {
        <[u8; 16]>::try_from(self.take(16)?).ok().map(u128::from_le_bytes)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.skip_text()?).ok()
    }

    /// Passes a text without a look at its characters.
    #[inline]
    pub(super) fn skip_text(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.unsigned()?).ok()?;
        self.take(length)
    }

    pub(super) fn time_source(&mut self) -> Option<TimeSource> {
        match self.byte()? {
            0 => Some(TimeSource::Event),
            1 => Some(TimeSource::Kafka),
            2 => Some(TimeSource::Arrival),
            3 => Some(TimeSource::Skewed),
            _ => None,
        }
    }

    pub(super) fn scalar(&mut self) -> Option<Scalar<'a>> {
        match self.byte()? {
            0 => Some(Scalar::Null),
            1 => Some(Scalar::Bool(false)),
            2 => Some(Scalar::Bool(true)),
            3 => Some(Scalar::Number(self.text()?)),
            4 => Some(Scalar::Text(self.text()?.into())),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn skip_scalar(&mut self) -> Option<()> {
        match self.byte()? {
            0..=2 => Some(()),
            3 | 4 => self.skip_text().map(drop),
            _ => None,
        }
    }

    /// Passes topic, partition, offset, sequence and id: which event it is.
    pub(super) fn skip_place(&mut self) -> Option<()> {
        self.skip_text()?;
        for _ in 0..3 {
            self.unsigned()?;
        }
        if self.byte()? != 0 {
            self.skip_text()?;
        }
        Some(())
    }

    /// Passes the group's values.
    pub(super) fn skip_group(&mut self) -> Option<()> {
        for _ in 0..self.small()? {
            if self.byte()? != 0 {
                self.skip_text()?;
            }
        }
        Some(())
    }

    pub(super) fn detections(&mut self) -> Option<SmallVec<[u32; 4]>> {
        let count = self.small()?;
        (0..count).map(|_| self.small()).collect()
    }
}
