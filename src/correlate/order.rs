//! The total order of what one group sees (RULES S3, S13): event time; at one time the events by their place in the log,
//! then hits by child rule, child group, their newest event, and the order in which they were said.

use std::cmp::Ordering;

use super::input::{HitFacts, Input};
use crate::model::{Coordinates, Signal, Timestamp};

/// Topic, partition, offset, place in the record.
pub(super) type Place<'a> = (&'a str, i32, i64, u32);

impl Input {
    /// Its place in the total order. Only copies of one signal are equal.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.time.cmp(&other.time).then_with(|| match (&self.hit, &other.hit) {
            (None, None) => self.place().cmp(&other.place()),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(one), Some(two)) => {
                let entity = |facts: &HitFacts| facts.alert.as_ref().map(|alert| alert.entity);
                (&one.child, &one.group, self.newest_event(), entity(one), one.said).cmp(&(
                    &two.child,
                    &two.group,
                    other.newest_event(),
                    entity(two),
                    two.said,
                ))
            }
        })
    }

    /// Where an event lies in the log; hits lie nowhere.
    pub(super) fn place(&self) -> Option<Place<'_>> {
        self.event().map(|signal| signal.place())
    }

    fn newest_event(&self) -> Option<(Timestamp, Place<'_>)> {
        self.events.last().and_then(|bytes| event_order(bytes))
    }

    /// Source and id of an event whose producer gave it one: with its time, what makes it one event (RULES S1b).
    pub(super) fn identity(&self) -> Option<(u32, &str)> {
        self.event().and_then(|signal| signal.id.map(|id| (signal.source, id)))
    }

    fn event(&self) -> Option<Signal<'_>> {
        if self.hit.is_some() {
            return None;
        }
        self.events.first().and_then(|bytes| Signal::decode_head(bytes).ok())
    }

    /// The words by which an alert names the event: the producer's id, else its place as `topic[partition]@offset`.
    pub(super) fn named(&self) -> String {
        let newest = self.events.last().and_then(|bytes| Signal::decode_head(bytes).ok());
        newest.map_or_else(String::new, |signal| match signal.id {
            Some(id) => id.to_owned(),
            None => {
                let (topic, partition, offset, sequence) = signal.place();
                Coordinates { topic: topic.into(), partition, offset, sequence }.to_string()
            }
        })
    }
}

/// The place of an encoded base event in the order.
pub(super) fn event_order(bytes: &[u8]) -> Option<(Timestamp, Place<'_>)> {
    let signal = Signal::decode_head(bytes).ok()?;
    Some((signal.time, signal.place()))
}
