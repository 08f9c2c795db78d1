//! Signals that wait for their lane's watermark, by moment. Within a moment they are taken in the order of RULES S3: topic,
//! partition, offset.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use crate::model::{Signal, SignalRoute, Timestamp};

/// An encoded signal that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) bytes: Arc<[u8]>,
    /// It is for correlations that take what is late: its time lies behind the watermark, but is not decided yet.
    pub(super) late: bool,
}

/// All signals of one moment. An event is often in two of them, under two group keys.
pub(super) type Moment = SmallVec<[Waiting; 2]>;

/// The reorder buffer of a lane.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffer {
    /// Moments that came one after the other, which most do.
    run: VecDeque<(Timestamp, Moment)>,
    /// Those that came behind a later one. A moment may be in both.
    others: BTreeMap<Timestamp, Moment>,
    len: usize,
}

impl Buffer {
    pub(super) fn push(&mut self, time: Timestamp, waiting: Waiting) {
        self.len += 1;
        match self.run.back_mut() {
            Some((newest, moment)) if *newest == time => moment.push(waiting),
            Some((newest, _)) if *newest > time => self.others.entry(time).or_default().push(waiting),
            _ => self.run.push_back((time, smallvec![waiting])),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Time of the oldest signal.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        let in_run = self.run.front().map(|(time, _)| *time);
        let other = self.others.first_key_value().map(|(time, _)| *time);
        in_run.into_iter().chain(other).min()
    }

    /// The signals of this moment, if it is the oldest, as they came.
    pub(super) fn take(&mut self, now: Timestamp) -> Moment {
        let of_run = self.run.pop_front_if(|(time, _)| *time == now);
        let mut moment = of_run.map(|(_, moment)| moment).unwrap_or_default();
        if let Some(entry) = self.others.first_entry().filter(|entry| *entry.key() == now) {
            moment.extend(entry.remove());
        }
        self.len -= moment.len();
        moment
    }

    fn moments(&self) -> impl Iterator<Item = (Timestamp, &Moment)> {
        let run = self.run.iter().map(|(time, moment)| (*time, moment));
        run.chain(self.others.iter().map(|(time, moment)| (*time, moment)))
    }

    /// Times of everything that waits, in no order.
    pub(super) fn times(&self) -> impl Iterator<Item = Timestamp> {
        self.moments().flat_map(|(time, moment)| std::iter::repeat_n(time, moment.len()))
    }

    /// Everything that waits, in no order, for a snapshot.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.moments().flat_map(|(_, moment)| moment)
    }
}

/// A signal of a moment, with what tells where it goes.
pub(super) struct Routed<'m> {
    pub(super) route: SignalRoute<'m>,
    pub(super) waiting: &'m Waiting,
    /// Which event it is, if the moment has several.
    pub(super) event: Option<Box<Signal<'m>>>,
}

impl Routed<'_> {
    /// The order within a moment.
    fn compare(&self, other: &Self) -> Ordering {
        let place = |one: &Self| one.event.as_ref().map(|event| event.place());
        place(self)
            .cmp(&place(other))
            .then_with(|| self.waiting.bytes.cmp(&other.waiting.bytes))
            .then_with(|| self.waiting.late.cmp(&other.waiting.late))
    }
}

/// The signals of a moment in their order. What is damaged is left out.
pub(super) fn in_order(moment: &[Waiting]) -> SmallVec<[Routed<'_>; 2]> {
    let routed = moment.iter().filter_map(|waiting| Some((SignalRoute::of(&waiting.bytes).ok()?, waiting)));
    let mut routed: SmallVec<[_; 2]> = routed.map(|(route, waiting)| Routed { route, waiting, event: None }).collect();
    let first = routed.first().map(|one| one.route.event);
    if routed.iter().any(|one| Some(one.route.event) != first) {
        for one in &mut routed {
            one.event = Signal::decode_head(&one.waiting.bytes).ok().map(Box::new);
        }
        routed.retain(|one| one.event.is_some());
    }
    if routed.len() > 1 {
        routed.sort_by(Routed::compare);
    }
    routed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn waiting(tag: u8) -> Waiting {
        Waiting { bytes: Arc::from([tag].as_slice()), late: false }
    }

    proptest! {
        /// Held to a plain map, whatever comes in between.
        #[test]
        fn moments_come_out_whole_and_in_order(steps in proptest::collection::vec((0_i64..8, any::<bool>()), 0..60)) {
            let (mut buffer, mut plain) = (Buffer::default(), BTreeMap::<Timestamp, Vec<u8>>::new());
            for (tag, (time, takes)) in (0..).zip(steps) {
                buffer.push(Timestamp(time), waiting(tag));
                plain.entry(Timestamp(time)).or_default().push(tag);
                if takes {
                    let oldest = buffer.oldest().unwrap();
                    let mut tags: Vec<u8> = buffer.take(oldest).iter().map(|one| one.bytes[0]).collect();
                    tags.sort_unstable();
                    prop_assert_eq!(plain.pop_first(), Some((oldest, tags)));
                }
                let mut times: Vec<Timestamp> = buffer.times().collect();
                times.sort();
                let expected: Vec<Timestamp> =
                    plain.iter().flat_map(|(time, tags)| std::iter::repeat_n(*time, tags.len())).collect();
                prop_assert_eq!(times, expected);
                prop_assert_eq!(buffer.len(), plain.values().map(Vec::len).sum::<usize>());
                prop_assert_eq!(buffer.waiting().count(), buffer.len());
                prop_assert_eq!(buffer.take(Timestamp(-1)).len(), 0);
            }
        }
    }
}
