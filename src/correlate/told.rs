//! What was told of alerts that may still be taken back: bounded in number, the oldest are forgotten first (RULES S19). What
//! is told, and to whom, is in `alert_events`.

use std::collections::{BTreeMap, BTreeSet};

use super::alert_events::Told;
use crate::model::{AlertId, Timestamp};

/// What was told of each alert, by its identity.
#[derive(Debug, Clone, Default)]
pub(super) struct ToldAlerts {
    by_id: BTreeMap<AlertId, Told>,
    /// The same by the time of its last revision.
    by_age: BTreeSet<(Timestamp, AlertId)>,
}

impl ToldAlerts {
    /// Those of a snapshot.
    pub(super) fn of(by_id: BTreeMap<AlertId, Told>) -> Self {
        let by_age = by_id.iter().map(|(id, told)| (told.last, *id)).collect();
        Self { by_id, by_age }
    }

    /// As a snapshot has them.
    pub(super) fn saved(&self) -> BTreeMap<AlertId, Told> {
        self.by_id.clone()
    }

    /// Takes an alert out.
    pub(super) fn remove(&mut self, id: AlertId) -> Option<Told> {
        let told = self.by_id.remove(&id)?;
        self.by_age.remove(&(told.last, id));
        Some(told)
    }

    /// Puts an alert in that is not there, and forgets the oldest beyond `most`. Gives how many were forgotten.
    pub(super) fn insert(&mut self, id: AlertId, told: Told, most: usize) -> u64 {
        self.by_age.insert((told.last, id));
        self.by_id.insert(id, told);
        let mut forgotten = 0;
        while self.by_id.len() > most
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.by_id.remove(&oldest);
            forgotten += 1;
        }
        forgotten
    }

    /// Forgets those that nothing changes any more.
    pub(super) fn expire(&mut self, horizon_of: impl Fn(u32) -> Timestamp) {
        let by_age = &mut self.by_age;
        self.by_id.retain(|id, told| {
            let is_over = told.is_over(&horizon_of);
            if is_over {
                by_age.remove(&(told.last, *id));
            }
            !is_over
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is put in and taken out, the newest are kept, whatever happened before a restart.
        #[test]
        fn the_newest_are_kept_and_both_orders_agree(
            steps in proptest::collection::vec((0_u128..12, 0_i64..20, 0_u8..8), 0..60),
            most in 0_usize..6,
        ) {
            let mut told = ToldAlerts::default();
            let mut plain: BTreeMap<AlertId, Timestamp> = BTreeMap::new();
            for (id, time, action) in steps {
                let (id, time) = (AlertId(id), Timestamp(time));
                match action {
                    0 => told = ToldAlerts::of(told.saved()),
                    1 => {
                        told.expire(|_| time);
                        plain.retain(|_, last| *last >= time);
                    }
                    _ => {
                        prop_assert_eq!(told.remove(id).map(|told| told.last), plain.remove(&id));
                        let forgotten = told.insert(id, Told::at(time), most);
                        plain.insert(id, time);
                        let before = plain.len();
                        while plain.len() > most {
                            let oldest = plain.iter().map(|(id, last)| (*last, *id)).min().map(|(_, id)| id);
                            plain.remove(&oldest.unwrap());
                        }
                        prop_assert_eq!(forgotten as usize, before - plain.len());
                    }
                }
                let kept: BTreeMap<AlertId, Timestamp> = told.by_id.iter().map(|(id, told)| (*id, told.last)).collect();
                prop_assert_eq!(&kept, &plain);
                let ages: BTreeSet<(Timestamp, AlertId)> = kept.iter().map(|(id, last)| (*last, *id)).collect();
                prop_assert_eq!(&told.by_age, &ages);
            }
        }
    }
}
