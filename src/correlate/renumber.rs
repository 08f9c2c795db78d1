//! State that moves to other rules. Within a run rules, fields, channels and sources go by their numbers; when the rules have
//! changed since a snapshot, what stayed has other numbers, and what the state holds is numbered anew.

use std::sync::Arc;

use crate::model::{Signal, Slot};

/// Number by number what a thing is called now; `None` when it is gone.
pub(super) type Numbers = Vec<Option<u32>>;

/// The new numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Renumbering {
    pub(super) correlations: Numbers,
    pub(super) detections: Numbers,
    pub(super) slots: Numbers,
    pub(super) sources: Numbers,
}

/// What of a thing that is gone is called: a number that nothing has.
const GONE: u32 = u32::MAX;

impl Renumbering {
    /// The new number, if the thing is still there.
    pub(super) fn of(numbers: &Numbers, before: u32) -> Option<u32> {
        numbers.get(before as usize).copied().flatten()
    }

    /// An encoded signal for a channel. Fields that no rule reads any more are left out, and so are detections that are gone.
    pub(super) fn signal(&self, bytes: &[u8], channel: u32) -> Option<Vec<u8>> {
        let mut signal = Signal::decode(bytes).ok()?;
        signal.channel = channel;
        signal.source = Self::of(&self.sources, signal.source).unwrap_or(GONE);
        signal.detections = signal.detections.iter().filter_map(|number| Self::of(&self.detections, *number)).collect();
        signal.detections.sort_unstable();
        signal.fields = std::mem::take(&mut signal.fields)
            .into_iter()
            .filter_map(|(slot, values)| Some((Slot(Self::of(&self.slots, slot.0)?), values)))
            .collect();
        signal.fields.sort_by_key(|(slot, _)| slot.0);
        let mut renumbered = Vec::with_capacity(bytes.len());
        signal.encode(&mut renumbered);
        Some(renumbered)
    }
}

/// Something that holds numbers.
pub(super) trait Renumber {
    /// Numbers it anew. Everything in it that matters is still there.
    fn renumber(&mut self, with: &Renumbering);
}

impl Renumber for Arc<[u8]> {
    /// A base event of a group: its channel does not matter any more.
    fn renumber(&mut self, with: &Renumbering) {
        if let Some(bytes) = with.signal(self, GONE) {
            *self = bytes.into();
        }
    }
}

impl<T: Renumber> Renumber for Option<T> {
    fn renumber(&mut self, with: &Renumbering) {
        self.iter_mut().for_each(|inner| inner.renumber(with));
    }
}

impl<T: Renumber> Renumber for Box<T> {
    fn renumber(&mut self, with: &Renumbering) {
        (**self).renumber(with);
    }
}

impl<T: Renumber> Renumber for [T] {
    fn renumber(&mut self, with: &Renumbering) {
        self.iter_mut().for_each(|inner| inner.renumber(with));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{KeyHash, Scalar, TimeSource, Timestamp};
    use smallvec::smallvec;

    #[test]
    fn a_signal_keeps_what_is_still_there() {
        let with = Renumbering {
            correlations: Vec::new(),
            detections: vec![Some(4), None, Some(1)],
            slots: vec![Some(9), Some(2), None],
            sources: vec![None, Some(0)],
        };
        let text = |text: &'static str| smallvec![Scalar::Text(text.into())];
        let signal = Signal {
            source: 1,
            time: Timestamp(5),
            time_source: TimeSource::Event,
            topic: "t",
            partition: 0,
            offset: 7,
            sequence: 0,
            id: Some("a"),
            key: KeyHash(3),
            group: smallvec![None],
            channel: 8,
            detections: smallvec![0, 1, 2],
            fields: vec![(Slot(0), text("x")), (Slot(1), text("y")), (Slot(2), text("z"))],
        };
        let mut bytes = Vec::new();
        signal.encode(&mut bytes);
        let renumbered = with.signal(&bytes, 6).unwrap();
        let now = Signal::decode(&renumbered).unwrap();
        assert_eq!((now.source, now.channel, now.detections.as_slice()), (0, 6, &[1, 4][..]));
        let fields: Vec<_> = now.fields.iter().map(|(slot, values)| (slot.0, values[0].as_text())).collect();
        assert_eq!(fields, [(2, Some("y")), (9, Some("x"))]);
        assert_eq!((now.place(), now.id, now.key), (signal.place(), signal.id, signal.key));
        assert_eq!(now.group.as_slice(), [None]);
    }
}
