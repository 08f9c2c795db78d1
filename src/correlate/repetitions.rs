//! Events of one source with one id and one time are one event: the first in the order of the log (RULES S1b).

use foldhash::HashMap;

use crate::model::Signal;

/// A log coordinate: topic, partition, offset, place in the record.
type Place<'a> = (&'a str, i32, i64, u32);

/// The events of one moment. Most moments hold one event only, so the first costs no map.
#[derive(Default)]
pub(super) struct Repetitions<'a> {
    first: Option<((u32, &'a str), Place<'a>)>,
    others: HashMap<(u32, &'a str), Place<'a>>,
}

impl<'a> Repetitions<'a> {
    /// Whether an event with this one's id came from another place of the log. One event may come under several keys.
    pub(super) fn repeats(&mut self, signal: &Signal<'a>) -> bool {
        let Some(id) = signal.id else { return false };
        let (identity, place) = ((signal.source, id), signal.place());
        match &self.first {
            None => {
                self.first = Some((identity, place));
                false
            }
            Some((known, at)) if *known == identity => *at != place,
            Some(_) => *self.others.entry(identity).or_insert(place) != place,
        }
    }
}
