//! What a server answered to a panel's search, and whether that is what was computed from the documents.

use clarion::dashboard::{Cut, Measure, Row};
use clarion::model::Span;
use serde_json::Value;

/// Width of a bucket of time.
pub(super) const INTERVAL: Span = Span::seconds(3 * 3600);
/// Only the server knows it: when it was sent.
const SENT: &str = "event.ingested";

/// The answer of a server.
pub(super) fn answered(cut: &Cut<'_>, reply: &Value) -> Vec<Row> {
    fn inwards(cut: &Cut<'_>, level: usize, keys: &[String], node: &Value, count: &Value, rows: &mut Vec<Row>) {
        if level == cut.buckets.len() {
            let read = |(index, measure): (usize, &&Measure)| match measure.field {
                None => count.as_f64(),
                Some(_) => node[format!("m{index}")]["value"].as_f64(),
            };
            rows.push((keys.to_vec(), cut.measures.iter().enumerate().map(read).collect()));
            return;
        }
        for bucket in node[format!("b{level}")]["buckets"].as_array().unwrap() {
            let key = bucket["key"].as_str().map_or_else(|| bucket["key"].to_string(), str::to_owned);
            inwards(cut, level + 1, &[keys, &[key]].concat(), bucket, &bucket["doc_count"], rows);
        }
    }
    let mut rows = Vec::new();
    inwards(cut, 0, &[], &reply["aggregations"], &reply["hits"]["total"]["value"], &mut rows);
    rows
}

/// Whether two answers say the same; sums may be added up in another order.
pub(super) fn same(cut: &Cut<'_>, one: &[Row], other: &[Row]) -> bool {
    let close = |(one, other): (&Option<f64>, &Option<f64>)| match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * one.abs().max(1.0),
        (one, other) => one == other,
    };
    let equal = |(one, other): (&Row, &Row)| {
        let figures = one.1.iter().zip(&other.1).zip(&cut.measures);
        one.0 == other.0
            && one.1.len() == other.1.len()
            && figures.into_iter().all(|(pair, measure)| match measure.field.as_deref() {
                Some(SENT) => pair.0.is_some(),
                _ => close(pair),
            })
    };
    one.len() == other.len() && one.iter().zip(other).all(equal)
}
