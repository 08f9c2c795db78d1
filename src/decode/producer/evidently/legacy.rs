//! The generation up to 0.6 (`evidently.legacy` since): reports that state the verdict, and test suites.

use crate::decode::json::Value;
use crate::decode::producer::scalar_text;

use super::drift::{Column, Drift, is_drift};

/// Whether `metrics` are those of a legacy report: they have `metric` and `result`.
pub(super) fn is_legacy(metrics: &Value<'_>) -> bool {
    metrics.elements().next().is_some_and(|first| first.get("metric").is_some() && first.get("result").is_some())
}

/// A report: `DatasetDriftMetric`, `DataDriftTable`, `ColumnDriftMetric`.
pub(super) fn of_report<'a>(metrics: &Value<'a>) -> Drift<'a> {
    let mut drift = Drift::default();
    for metric in metrics.elements() {
        let Some(result) = metric.get("result") else { continue };
        let number = |key: &str| result.get(key).and_then(|value| value.number());
        if let Some(verdict) = result.get("dataset_drift").and_then(|value| value.boolean()) {
            drift.stated.get_or_insert(verdict);
        }
        drift.stated_share = drift.stated_share.or_else(|| number("share_of_drifted_columns"));
        drift.stated_count = drift.stated_count.or_else(|| number("number_of_drifted_columns"));
        for (_, column) in result.get("drift_by_columns").iter().flat_map(Value::members) {
            add_column(&mut drift, &column);
        }
        if metric.get("metric").as_ref().and_then(Value::string) == Some("ColumnDriftMetric") {
            add_column(&mut drift, &result);
        }
    }
    drift
}

fn add_column<'a>(drift: &mut Drift<'a>, column: &Value<'a>) {
    let text = |key: &str| scalar_text(&column.get(key)?);
    let Some(name) = text("column_name") else { return };
    drift.add(Column {
        name,
        method: text("stattest_name").unwrap_or_default(),
        score: column.get("drift_score").and_then(|value| value.number()).unwrap_or(f64::NAN),
        threshold: column
            .get("stattest_threshold")
            .or_else(|| column.get("threshold"))
            .and_then(|value| value.number()),
        drifted: column.get("drift_detected").and_then(|value| value.boolean()).unwrap_or(false),
    });
}

/// A test suite: the tests of the group `data_drift`. The verdict on the data set is that of the test on the share or the
/// number of drifted columns.
pub(super) fn of_suite<'a>(tests: &Value<'a>) -> Drift<'a> {
    let mut drift = Drift::default();
    for test in tests.elements() {
        let text = |key: &str| scalar_text(&test.get(key)?);
        if text("group").as_deref() != Some("data_drift") {
            continue;
        }
        let Some(parameters) = test.get("parameters") else { continue };
        let name = text("name").unwrap_or_default();
        if name == "Share of Drifted Columns" || name == "Number of Drifted Features" {
            drift.stated.get_or_insert(text("status").as_deref() == Some("FAIL"));
        }
        for (column, feature) in parameters.get("features").iter().flat_map(Value::members) {
            add_feature(&mut drift, column, &feature);
        }
        if let Some(column) = parameters.get("column_name").as_ref().and_then(scalar_text) {
            add_feature(&mut drift, column, &parameters);
        }
    }
    drift
}

fn add_feature<'a>(drift: &mut Drift<'a>, name: std::borrow::Cow<'a, str>, feature: &Value<'a>) {
    let method = feature.get("stattest").as_ref().and_then(scalar_text).unwrap_or_default();
    let number = |key: &str| feature.get(key).and_then(|value| value.number());
    let (score, threshold) = (number("score").unwrap_or(f64::NAN), number("threshold"));
    let stated = feature.get("detected").and_then(|value| value.boolean());
    let drifted = stated.unwrap_or_else(|| threshold.is_some_and(|threshold| is_drift(&method, score, threshold)));
    drift.add(Column { name, method, score, threshold, drifted });
}
