//! What goes when there is too much, or it is too old.

use redb::{ReadableTable as _, ReadableTableMetadata as _, WriteTransaction};

use super::tables::{CHANGES, DOCUMENTS, PLACES, SEEN, SUMMARIES, TRAILS, VALUES};
use super::{History, HistoryError};
use crate::model::{Span, Timestamp};

/// Changes that are remembered, for streams that come back.
const CHANGES_KEPT: u64 = 10_000;
/// Most that goes at once, so that no write takes long.
const AT_ONCE: u64 = 5_000;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// How long an alert is kept after it was first seen, and how far back values go from the newest one.
    pub age: Span,
    /// Most alerts.
    pub alerts: u64,
    /// Most values of metrics.
    pub values: u64,
}

impl History {
    /// Lets go what has become too old.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn forget_old(&self, now: Timestamp) -> Result<(), HistoryError> {
        let transaction = self.database.begin_write()?;
        prune(&transaction, &self.keep, now)?;
        transaction.commit()?;
        Ok(())
    }
}

pub(super) fn prune(transaction: &WriteTransaction, keep: &Keep, now: Timestamp) -> Result<(), HistoryError> {
    for _ in 0..AT_ONCE {
        let first = transaction.open_table(SEEN)?.first()?.map(|(key, _)| key.value());
        match first {
            Some((seen, id)) if now.since(Timestamp(seen)) > keep.age => forget(transaction, id)?,
            _ => break,
        }
    }
    let excess = transaction.open_table(SUMMARIES)?.len()?.saturating_sub(keep.alerts);
    for _ in 0..excess.min(AT_ONCE) {
        let first = transaction.open_table(SUMMARIES)?.first()?.map(|(key, _)| key.value());
        if let Some((_, id)) = first {
            forget(transaction, id)?;
        }
    }
    let mut changes = transaction.open_table(CHANGES)?;
    for _ in 0..changes.len()?.saturating_sub(CHANGES_KEPT) {
        changes.pop_first()?;
    }
    prune_values(transaction, keep)
}

fn prune_values(transaction: &WriteTransaction, keep: &Keep) -> Result<(), HistoryError> {
    let mut values = transaction.open_table(VALUES)?;
    let Some((newest, _)) = values.last()?.map(|(key, _)| key.value()) else { return Ok(()) };
    let horizon = Timestamp(newest).minus(keep.age);
    for _ in 0..AT_ONCE {
        let too_many = values.len()? > keep.values;
        let oldest = values.first()?.map(|(key, _)| key.value().0);
        if !oldest.is_some_and(|oldest| too_many || Timestamp(oldest) < horizon) {
            break;
        }
        values.pop_first()?;
    }
    Ok(())
}

fn forget(transaction: &WriteTransaction, id: u128) -> Result<(), HistoryError> {
    let place = transaction.open_table(PLACES)?.remove(id)?.map(|place| place.value());
    if let Some((time, seen)) = place {
        transaction.open_table(SUMMARIES)?.remove((time, id))?;
        transaction.open_table(SEEN)?.remove((seen, id))?;
    }
    transaction.open_table(DOCUMENTS)?.remove(id)?;
    transaction.open_table(TRAILS)?.remove(id)?;
    Ok(())
}
