//! Pages of alerts, newest first, and walking over all that fit a filter.

use std::ops::ControlFlow;

use redb::{ReadableDatabase as _, ReadableTableMetadata as _};

use super::tables::{self, CHANGES, PLACES, SUMMARIES};
use super::{AlertFilter, Change, History, HistoryError, Summary};

/// Most alerts that one question looks at.
const LOOKED_AT: u64 = 250_000;
/// Most alerts that are counted as fitting.
const COUNTED: u64 = 10_000;

/// Where a page ends: event time and alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Event time, in nanoseconds since 1970.
    pub time: i64,
    /// The alert.
    pub id: u128,
}

impl Cursor {
    /// Reads what [`Display`](std::fmt::Display) wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (time, id) = text.split_once('_')?;
        Some(Self { time: time.parse().ok()?, id: u128::from_str_radix(id, 16).ok()? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}_{:032x}", self.time, self.id)
    }
}

/// Alerts, newest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The alerts.
    pub alerts: Vec<Summary>,
    /// Where the next page begins; none when this is the last.
    pub cursor: Option<Cursor>,
    /// How many fit the filter.
    pub matching: u64,
    /// There are more than that: not all were counted.
    pub more_than: bool,
}

impl History {
    /// A page of the alerts that fit.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn page(&self, filter: &AlertFilter, limit: usize, after: Option<Cursor>) -> Result<Page, HistoryError> {
        let mut page = Page::default();
        let mut last: Option<Cursor> = None;
        let looked = self.walk(filter, after, &mut |cursor, alert| {
            if page.alerts.len() == limit {
                page.cursor = last;
                return ControlFlow::Break(());
            }
            last = Some(cursor);
            page.alerts.push(alert);
            ControlFlow::Continue(())
        })?;
        page.cursor = page.cursor.or(looked);
        (page.matching, page.more_than) = self.count(filter)?;
        Ok(page)
    }

    fn count(&self, filter: &AlertFilter) -> Result<(u64, bool), HistoryError> {
        if filter.is_open() && filter.from.is_none() && filter.to.is_none() {
            return Ok((self.database.begin_read()?.open_table(SUMMARIES)?.len()?, false));
        }
        let mut counted = 0;
        let looked = self.walk(filter, None, &mut |_, _| {
            counted += 1;
            if counted > COUNTED { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok((counted.min(COUNTED), counted > COUNTED || looked.is_some()))
    }

    /// Shows alerts that fit, newest first, until `take` has enough. Gives the place where it ended because it had looked at
    /// too many.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn walk(
        &self,
        filter: &AlertFilter,
        after: Option<Cursor>,
        take: &mut dyn FnMut(Cursor, Summary) -> ControlFlow<()>,
    ) -> Result<Option<Cursor>, HistoryError> {
        let transaction = self.database.begin_read()?;
        let summaries = transaction.open_table(SUMMARIES)?;
        let first = filter.from.map_or(i64::MIN, |from| from.0);
        let last = (filter.to.map_or(i64::MAX, |to| to.0), u128::MAX);
        if first > last.0 {
            return Ok(None);
        }
        let end = after.map_or(last, |after| last.min((after.time, after.id)));
        if (first, 0) > end {
            return Ok(None);
        }
        let mut looked = 0;
        for entry in summaries.range((first, 0)..=end)?.rev() {
            let (key, summary) = entry?;
            let (time, id) = key.value();
            let cursor = Cursor { time, id };
            if after == Some(cursor) {
                continue;
            }
            let alert: Summary = tables::read(summary.value())?;
            if filter.fits(&alert) && take(cursor, alert).is_break() {
                return Ok(None);
            }
            looked += 1;
            if looked >= LOOKED_AT {
                return Ok(Some(cursor));
            }
        }
        Ok(None)
    }

    /// What has changed since that change, oldest first, each alert as it is now. Nothing when that is too much, or too long
    /// ago to know.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn changes_since(&self, number: u64, limit: usize) -> Result<Option<Vec<Change>>, HistoryError> {
        let transaction = self.database.begin_read()?;
        let changes = transaction.open_table(CHANGES)?;
        let oldest = redb::ReadableTable::first(&changes)?.map(|(number, _)| number.value());
        let newest = redb::ReadableTable::last(&changes)?.map_or(0, |(number, _)| number.value());
        // a number from another history
        if number > newest || oldest.is_some_and(|oldest| number + 1 < oldest) {
            return Ok(None);
        }
        let (places, summaries) = (transaction.open_table(PLACES)?, transaction.open_table(SUMMARIES)?);
        let mut found = Vec::new();
        for entry in changes.range(number + 1..)? {
            let (number, id) = entry?;
            if found.len() == limit {
                return Ok(None);
            }
            let Some(place) = redb::ReadableTable::get(&places, id.value())?.map(|place| place.value()) else {
                continue;
            };
            if let Some(summary) = redb::ReadableTable::get(&summaries, (place.0, id.value()))? {
                found.push(Change { number: number.value(), alert: tables::read(summary.value())? });
            }
        }
        Ok(Some(found))
    }
}
