//! Values of metrics, for the overview's charts. A series is a metric of one rule for one group.

use redb::{ReadableDatabase as _, ReadableTable as _, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::tables::{self, SERIES, SERIES_NUMBERS, VALUES};
use super::{History, HistoryError};
use crate::alert::harmless;
use crate::model::{Metric, StableHasher, Timestamp};

/// Most characters of a name or a value of a group.
const TEXT: usize = 1000;
/// Most values that one question looks at.
const LOOKED_AT: usize = 2_000_000;

/// A series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricSeries {
    /// What is measured.
    pub name: String,
    /// The rule that measures.
    pub rule: String,
    /// For whom.
    pub group: Vec<(String, Option<String>)>,
    /// Length of the window that each value is of, in nanoseconds.
    pub window: i64,
}

/// A value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricValue {
    /// Event time.
    pub time: Timestamp,
    /// The value.
    pub value: f64,
    /// The events that it was made of.
    pub samples: u64,
}

impl MetricSeries {
    /// The group's value of a field.
    #[must_use]
    pub fn group(&self, field: &str) -> Option<&str> {
        self.group.iter().find(|(name, _)| name == field).and_then(|(_, value)| value.as_deref())
    }
}

/// Puts a value; where there is none, nothing is to be shown.
pub(super) fn put(transaction: &WriteTransaction, metric: &Metric) -> Result<(), HistoryError> {
    let Some(value) = metric.value.filter(|value| value.is_finite()) else { return Ok(()) };
    let mut hasher = StableHasher::new("console series").part(metric.name.as_bytes()).part(metric.rule.id.as_bytes());
    for (field, value) in &metric.group {
        let value = value.as_deref();
        hasher = hasher.part(field.as_bytes()).number(i64::from(value.is_some())).part(value.unwrap_or("").as_bytes());
    }
    let hash = hasher.finish();
    let mut numbers = transaction.open_table(SERIES_NUMBERS)?;
    let known = numbers.get(hash)?.map(|number| number.value());
    let number = match known {
        Some(number) => number,
        None => {
            let mut all = transaction.open_table(SERIES)?;
            let number = all.last()?.map_or(0, |(number, _)| number.value().saturating_add(1));
            let text = |text: &String| harmless(text, TEXT);
            let series = MetricSeries {
                name: text(&metric.name),
                rule: text(&metric.rule.id),
                group: metric.group.iter().map(|(field, value)| (text(field), value.as_ref().map(text))).collect(),
                window: metric.rule.timespan.0,
            };
            all.insert(number, tables::write(&series)?.as_slice())?;
            numbers.insert(hash, number)?;
            number
        }
    };
    transaction.open_table(VALUES)?.insert((metric.time.0, number), (value, metric.samples))?;
    Ok(())
}

impl History {
    /// Event time of the newest value.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn newest_value(&self) -> Result<Option<Timestamp>, HistoryError> {
        let transaction = self.database.begin_read()?;
        let values = transaction.open_table(VALUES)?;
        Ok(values.last()?.map(|(key, _)| Timestamp(key.value().0)))
    }

    /// The values of the metrics of these names from `from` to `to`, both included, oldest first.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn values(
        &self,
        names: &[&str],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(MetricSeries, Vec<MetricValue>)>, HistoryError> {
        let transaction = self.database.begin_read()?;
        let mut wanted: BTreeMap<u32, (MetricSeries, Vec<MetricValue>)> = BTreeMap::new();
        for entry in transaction.open_table(SERIES)?.iter()? {
            let (number, series) = entry?;
            let series: MetricSeries = tables::read(series.value())?;
            if names.contains(&series.name.as_str()) {
                wanted.insert(number.value(), (series, Vec::new()));
            }
        }
        if from > to {
            return Ok(Vec::new());
        }
        let values = transaction.open_table(VALUES)?;
        for entry in values.range((from.0, 0)..=(to.0, u32::MAX))?.rev().take(LOOKED_AT) {
            let (key, value) = entry?;
            let ((time, number), (value, samples)) = (key.value(), value.value());
            if let Some((_, values)) = wanted.get_mut(&number) {
                values.push(MetricValue { time: Timestamp(time), value, samples });
            }
        }
        let oldest_first = |(series, mut values): (MetricSeries, Vec<MetricValue>)| {
            values.reverse();
            (series, values)
        };
        Ok(wanted.into_values().filter(|(_, values)| !values.is_empty()).map(oldest_first).collect())
    }
}
