//! Events of one source with one id and one time are one event: the first in the order of the log (RULES S1b).

use foldhash::HashMap;

use crate::model::Signal;

/// A log coordinate: topic, partition, offset, place in the record.
type Place = (String, i32, i64, u32);

/// The events of one moment. Most moments hold one event only, so the first costs no map.
#[derive(Default)]
pub(super) struct Repetitions {
    first: Option<((u32, String), Place)>,
    others: HashMap<(u32, String), Place>,
}

impl Repetitions {
    /// Whether no event with an id was seen yet.
    pub(super) fn is_new(&self) -> bool {
        self.first.is_none()
    }

    /// Whether an event with this one's id came from another place of the log. One event may come under several keys.
    pub(super) fn repeats(&mut self, signal: &Signal<'_>) -> bool {
        let Some(id) = signal.id else { return false };
        let identity = (signal.source, id.to_owned());
        let (topic, partition, offset, sequence) = signal.place();
        let place = (topic.to_owned(), partition, offset, sequence);
        match &self.first {
            None => {
                self.first = Some((identity, place));
                false
            }
            Some((known, at)) if *known == identity => *at != place,
            Some(_) => *self.others.entry(identity).or_insert_with(|| place.clone()) != place,
        }
    }
}
