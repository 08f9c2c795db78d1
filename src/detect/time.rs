//! Which time an event gets (RULES S1): its own, the broker's, or that of its arrival.

use crate::model::{Span, TimeSource, Timestamp};

/// The clock that arrivals are read from. Live it is the machine's; in a replay, where nothing arrives, it is the
/// highest event time so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrivalClock {
    /// Now: what lies further ahead than the allowed skew is in the future.
    pub now: Timestamp,
    /// The time of arrival.
    pub arrival: Timestamp,
}

/// The time of an event and where it came from. Times further ahead of now than `max_skew` give way to arrival.
#[must_use]
pub fn resolve_time(
    own: Option<Timestamp>, broker: Option<Timestamp>, clock: ArrivalClock, max_skew: Span,
) -> (Timestamp, TimeSource) {
    let chosen = own.map(|time| (time, TimeSource::Event)).or(broker.map(|time| (time, TimeSource::Kafka)));
    match chosen {
        None => (clock.arrival, TimeSource::Arrival),
        Some((time, _)) if time > clock.now.plus(max_skew) => (clock.arrival, TimeSource::Skewed),
        Some(chosen) => chosen,
    }
}
