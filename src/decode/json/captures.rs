//! What the decoder itself reads of an event, each with the rank of the spelling that it came from.

use super::Value;

/// Captured values. Few of the many that a plan knows are in a document, so emptying costs no more than those.
#[derive(Debug, Default)]
pub(in crate::decode) struct Captures<'a> {
    /// For each capture the place of its value, plus one; zero when there is none.
    places: Vec<usize>,
    values: Vec<(usize, u8, Value<'a>)>,
}

impl<'a> Captures<'a> {
    /// The memory of `self`, emptied, for an event that borrows from another buffer.
    pub(in crate::decode) fn recycle<'b>(mut self) -> Captures<'b> {
        self.clear();
        // Collecting from an empty iterator of the same layout reuses the allocation.
        let values = self.values.into_iter().map(|_| (0, 0, Value::Object(""))).collect();
        Captures { places: self.places, values }
    }

    /// What was captured.
    pub(in crate::decode) fn get(&self, index: usize) -> Option<&Value<'a>> {
        let place = self.places.get(index)?.checked_sub(1)?;
        self.values.get(place).map(|(_, _, value)| value)
    }

    /// Empties all and makes room for that many.
    pub(in crate::decode) fn reset(&mut self, count: usize) {
        self.clear();
        self.places.resize(count, 0);
    }

    fn clear(&mut self) {
        for (index, _, _) in self.values.drain(..) {
            if let Some(place) = self.places.get_mut(index) {
                *place = 0;
            }
        }
    }

    /// Captures a value unless one of the same or a better rank is there.
    #[inline]
    pub(super) fn offer(&mut self, index: usize, rank: u8, value: Value<'a>) {
        let Some(place) = self.places.get_mut(index) else { return };
        match place.checked_sub(1).and_then(|place| self.values.get_mut(place)) {
            None => {
                self.values.push((index, rank, value));
                *place = self.values.len();
            }
            Some((_, best, known)) if rank < *best => (*best, *known) = (rank, value),
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scalar;

    #[test]
    fn the_best_rank_stays_and_nothing_outlives_a_reset() {
        let value = |text: &'static str| Value::Scalar(Scalar::Number(text));
        let mut captures = Captures::default();
        captures.reset(3);
        for (index, rank, text) in [(2, 1, "a"), (2, 1, "b"), (0, 5, "c"), (2, 0, "d"), (3, 0, "beyond")] {
            captures.offer(index, rank, value(text));
        }
        fn shown<'a>(captures: &Captures<'a>) -> [Option<Value<'a>>; 4] {
            [0, 1, 2, 3].map(|index| captures.get(index).cloned())
        }
        assert_eq!(shown(&captures), [Some(value("c")), None, Some(value("d")), None]);
        captures.reset(4);
        assert_eq!(shown(&captures), [None, None, None, None]);
        captures.offer(3, 0, value("e"));
        assert_eq!(shown(&captures.recycle()), [None, None, None, None]);
    }
}
