//! A record that owns its bytes, on its way from a source's thread to the decoder.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::model::{Header, Record, Timestamp};

/// A header that owns its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedHeader {
    /// Header name.
    pub name: String,
    /// Header value; empty where Kafka has none.
    pub value: Vec<u8>,
}

/// A record without the topic and partition that it shares with its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedRecord {
    /// Kafka offset, or line number from 1.
    pub offset: i64,
    /// The time that the broker or the producer's client stamped on it.
    pub timestamp: Option<Timestamp>,
    /// Headers; empty for files.
    pub headers: Vec<OwnedHeader>,
    /// The value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// The clock when it was read.
    pub arrived: Timestamp,
}

impl OwnedRecord {
    /// Lends the record, with the topic and partition of its batch, as the decoders take it.
    pub fn as_record<R>(&self, topic: &Arc<str>, partition: i32, read: impl FnOnce(&Record<'_>) -> R) -> R {
        let headers: SmallVec<[Header<'_>; 8]> =
            self.headers.iter().map(|header| Header { name: &header.name, value: &header.value }).collect();
        read(&Record {
            topic,
            partition,
            offset: self.offset,
            timestamp: self.timestamp,
            headers: &headers,
            value: self.value.as_deref(),
        })
    }

    /// Bytes of value and headers, for bounds on batches.
    #[must_use]
    pub fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|header| header.name.len() + header.value.len()).sum();
        headers + self.value.as_ref().map_or(0, Vec::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lent_record_is_the_owned_one() {
        let owned = OwnedRecord {
            offset: 7,
            timestamp: Some(Timestamp(5)),
            headers: vec![OwnedHeader { name: "ce_id".into(), value: b"x".to_vec() }],
            value: None,
            arrived: Timestamp(9),
        };
        let topic = Arc::from("t");
        let (coordinates, id, value) = owned.as_record(&topic, 3, |record| {
            (record.coordinates().to_string(), record.header("CE_ID").map(str::to_owned), record.value.is_none())
        });
        assert_eq!((coordinates.as_str(), id.as_deref(), value), ("t[3]@7", Some("x"), true));
        assert_eq!(owned.size(), 6);
    }
}
