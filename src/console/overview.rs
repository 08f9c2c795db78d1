//! `/api/v1/overview`: the governance metrics and the alerts of a range, in few enough points to draw.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use serde_json::{Map, Value, json};

use super::history::{AlertFilter, History, HistoryError, MetricSeries, MetricValue};
use super::problem::{Answer, Problem, json_answer};
use super::query::{pairs, time};
use super::state::Shared;
use crate::model::{Span, Timestamp};
use crate::telemetry::clock;

/// The range unless asked otherwise.
const RANGE: Span = Span::seconds(14 * 86_400);
/// Most points of a series.
const POINTS: i64 = 200;
/// Most series of a chart.
const SERIES: usize = 8;
/// Most models of the table.
const MODELS: usize = 20;

const POSTURE: &str = "aigov.posture";
const RISK: &str = "aigov.model.risk_score";
const COMPLETENESS: &str = "aigov.audit.completeness";
const DRIFT: &str = "aigov.drift.score";
const VIOLATIONS: &str = "aigov.policy.violations";
const MODEL: &str = "aigov.model.name";
const VERSION: &str = "aigov.model.version";

/// `GET /api/v1/overview`.
pub(super) async fn get(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Answer {
    let (mut from, mut to) = (None, None);
    for (key, value) in pairs(query.as_deref()) {
        match key.as_str() {
            "from" => from = Some(time(&key, &value)?),
            "to" => to = Some(time(&key, &value)?),
            _ => return Err(Problem::bad_request("the query has a key that is not known here")),
        }
    }
    let overview = shared
        .ask(move |history| {
            let newest = if to.is_none() { history.newest_value()? } else { None };
            let to = to.or(newest).unwrap_or_else(clock::now);
            let from = from.unwrap_or_else(|| to.minus(RANGE));
            overview(history, Range { from, to })
        })
        .await?;
    json_answer(&overview)
}

#[derive(Debug, Clone, Copy)]
struct Range {
    from: Timestamp,
    to: Timestamp,
}

impl Range {
    /// Length of a bucket, in nanoseconds: whole minutes, so that buckets of neighbouring ranges fall together.
    fn bucket(self) -> i64 {
        const MINUTE: i64 = 60_000_000_000;
        let length = self.to.since(self.from).0.max(0);
        (length / (POINTS - 2) / MINUTE + 1) * MINUTE
    }

    /// The end of the bucket that a time is in; a bucket holds its end.
    fn bucket_of(self, time: Timestamp) -> Timestamp {
        let bucket = self.bucket();
        let into = time.0.rem_euclid(bucket);
        if into == 0 { time } else { time.plus(Span(bucket - into)) }
    }
}

type Points = Vec<(String, f64)>;
type SeriesOfValues = (MetricSeries, Vec<MetricValue>);

fn overview(history: &History, range: Range) -> Result<Value, HistoryError> {
    let names = [POSTURE, RISK, COMPLETENESS, DRIFT, VIOLATIONS];
    let mut all = history.values(&names, range.from, range.to)?;
    let mut of =
        |name: &str| -> Vec<SeriesOfValues> { all.extract_if(.., |(series, _)| series.name == name).collect() };
    let [posture, mut risk, completeness, drift, violations] = names.map(&mut of);
    risk.sort_by(|one, other| last(&other.1).total_cmp(&last(&one.1)));
    let (alerts, of_model) = alerts(history, range)?;
    let posture = posture.first().map(|(_, values)| {
        let last = values.last();
        json!({
            "value": last.map(|value| value.value),
            "time": last.map(|value| value.time.to_string()),
            "series": latest(range, values),
        })
    });
    let named = |(series, values): &SeriesOfValues| json!({"model": series.group(MODEL), "version": series.group(VERSION), "series": latest(range, values)});
    let charted = |series: &[SeriesOfValues]| series.iter().take(SERIES).map(named).collect::<Vec<Value>>();
    Ok(json!({
        "from": range.from.to_string(),
        "to": range.to.to_string(),
        "posture": posture,
        "models": models(&risk, &completeness, &drift, &of_model),
        "risk": charted(&risk),
        "violations": of_policies(range, &violations),
        "drift": charted(&by_last(drift, false)),
        "completeness": charted(&by_last(completeness, true)),
        "alerts": alerts,
    }))
}

/// The series with the highest last value first, or the lowest.
fn by_last(mut series: Vec<SeriesOfValues>, rising: bool) -> Vec<SeriesOfValues> {
    series.sort_by(|one, other| last(&other.1).total_cmp(&last(&one.1)));
    if rising {
        series.reverse();
    }
    series
}

fn last(values: &[MetricValue]) -> f64 {
    values.last().map_or(f64::MIN, |value| value.value)
}

/// The last value of each bucket.
fn latest(range: Range, values: &[MetricValue]) -> Points {
    let buckets: BTreeMap<Timestamp, f64> =
        values.iter().map(|value| (range.bucket_of(value.time), value.value)).collect();
    buckets.into_iter().map(|(time, value)| (time.to_string(), value)).collect()
}

/// What is counted in windows that overlap: those that lie side by side are added up, so that nothing counts twice.
fn sums(range: Range, series: &MetricSeries, values: &[MetricValue]) -> (Points, f64) {
    let window = series.window.max(1);
    let mut buckets: BTreeMap<Timestamp, f64> = BTreeMap::new();
    let mut total = 0.0;
    for value in values.iter().filter(|value| value.time.0.rem_euclid(window) == 0) {
        *buckets.entry(range.bucket_of(value.time)).or_default() += value.value;
        total += value.value;
    }
    (buckets.into_iter().map(|(time, value)| (time.to_string(), value)).collect(), total)
}

fn of_policies(range: Range, violations: &[SeriesOfValues]) -> Vec<Value> {
    let summed = |(series, values): &SeriesOfValues| {
        let (points, total) = sums(range, series, values);
        let group = |field| series.group(field).map(str::to_owned);
        (total, group("aigov.endpoint.id"), group("aigov.policy.name"), points)
    };
    let mut all: Vec<(f64, Option<String>, Option<String>, Points)> =
        violations.iter().map(summed).filter(|(total, ..)| *total > 0.0).collect();
    all.sort_by(|one, other| other.0.total_cmp(&one.0));
    all.truncate(SERIES);
    let shown = |(total, endpoint, policy, series): (f64, Option<String>, Option<String>, Points)| json!({"endpoint": endpoint, "policy": policy, "series": series, "total": total});
    all.into_iter().map(shown).collect()
}

fn models(
    risk: &[SeriesOfValues],
    completeness: &[SeriesOfValues],
    drift: &[SeriesOfValues],
    alerts: &HashMap<String, u64>,
) -> Vec<Value> {
    let of_model = |all: &[SeriesOfValues], model: Option<&str>| {
        let found = all.iter().find(|(series, _)| series.group(MODEL) == model)?;
        found.1.last().map(|value| value.value)
    };
    let shown = |(series, values): &SeriesOfValues| {
        let model = series.group(MODEL);
        json!({
            "name": model,
            "version": series.group(VERSION),
            "risk": values.last().map(|value| value.value),
            "completeness": of_model(completeness, model),
            "drift": of_model(drift, model),
            "alerts": model.and_then(|model| alerts.get(model)).copied().unwrap_or(0),
        })
    };
    risk.iter().take(MODELS).map(shown).collect()
}

/// Alerts for each bucket and level, and for each model.
fn alerts(history: &History, range: Range) -> Result<(Vec<Value>, HashMap<String, u64>), HistoryError> {
    const LEVELS: [&str; 5] = ["critical", "high", "medium", "low", "informational"];
    let filter = AlertFilter { from: Some(range.from), to: Some(range.to), ..AlertFilter::default() };
    let mut buckets: BTreeMap<Timestamp, HashMap<String, u64>> = BTreeMap::new();
    let mut models: HashMap<String, u64> = HashMap::new();
    history.walk(&filter, None, &mut |cursor, alert| {
        let bucket = buckets.entry(range.bucket_of(Timestamp(cursor.time))).or_default();
        *bucket.entry(alert.level).or_default() += 1;
        if let Some(model) = alert.model.name {
            *models.entry(model).or_default() += 1;
        }
        ControlFlow::Continue(())
    })?;
    let shown = |(time, counted): (Timestamp, HashMap<String, u64>)| {
        let levels: Map<String, Value> = LEVELS
            .iter()
            .map(|level| ((*level).to_owned(), counted.get(*level).copied().unwrap_or(0).into()))
            .collect();
        json!([time.to_string(), levels])
    };
    Ok((buckets.into_iter().map(shown).collect(), models))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_series_has_at_most_so_many_points(from in 0_i64..1 << 60, length in 0_i64..1 << 58, offsets in prop::collection::vec(0.0..1.0, 0..500)) {
            let range = Range { from: Timestamp(from), to: Timestamp(from + length) };
            let mut values: Vec<MetricValue> = offsets.iter().map(|offset| {
                #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any point of the range")]
                let time = Timestamp(from + (length as f64 * offset) as i64);
                MetricValue { time, value: 1.0, samples: 1 }
            }).collect();
            values.sort_by_key(|value| value.time);
            let points = latest(range, &values);
            prop_assert!(points.len() <= usize::try_from(POINTS).unwrap(), "{}", points.len());
            let series = MetricSeries { name: String::new(), rule: String::new(), group: Vec::new(), window: 1 };
            let (points, total) = sums(range, &series, &values);
            prop_assert!(points.iter().map(|(_, value)| value).sum::<f64>() == total && points.len() <= 200);
        }
    }
}
