//! What a panel must show, computed from the documents by the plainest means: the twin of the searches that a server answers.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use clarion::dashboard::{Bucket, Calculation, Conditions, Cut, Measure, Order, Source, Terms};
use clarion::model::{Span, Timestamp};
use serde_json::Value;

/// A row of an answer: the buckets from the outermost inwards, and what was measured in them.
pub(super) type Row = (Vec<String>, Vec<Option<f64>>);

/// Longest text that the templates index.
const IGNORED_ABOVE: usize = 1024;
/// Width of a bucket of time.
pub(super) const INTERVAL: Span = Span::seconds(3 * 3600);
/// Only the server knows it: when it was sent.
pub(super) const SENT: &str = "event.ingested";

/// All scalar values under a dotted name.
pub(super) fn values<'d>(document: &'d Value, field: &str) -> Vec<&'d Value> {
    let found = field.split('.').try_fold(document, |value, name| value.get(name));
    match found {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(several)) => several.iter().collect(),
        Some(one) => vec![one],
    }
}

/// The terms of a keyword field, as the server indexes them.
pub(super) fn terms(document: &Value, field: &str) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let all = values(document, field).into_iter().map(text);
    all.filter(|term| term.encode_utf16().count() <= IGNORED_ABOVE).collect()
}

pub(super) fn time(document: &Value) -> Timestamp {
    Timestamp::parse(document["@timestamp"].as_str().unwrap()).unwrap()
}

/// The documents that a panel looks at.
pub(super) fn chosen<'d>(
    documents: &[&'d Value],
    conditions: &Conditions,
    from: Timestamp,
    to: Timestamp,
) -> Vec<&'d Value> {
    let fits = |document: &Value| {
        let has = |(field, allowed): (&String, &Vec<String>)| {
            terms(document, field).iter().any(|term| allowed.contains(term))
        };
        from <= time(document) && time(document) <= to && conditions.iter().all(has)
    };
    documents.iter().copied().filter(|document| fits(document)).collect()
}

fn measured(source: Source, measure: &Measure, documents: &[&Value]) -> Option<f64> {
    let Some(field) = measure.field.as_deref() else { return Some(documents.len() as f64) };
    let number = |value: &Value| match source.field_type(field) {
        Some("date") => Some(Timestamp::parse(value.as_str().unwrap()).unwrap().millis() as f64),
        _ => value.as_f64(),
    };
    let all: Vec<f64> = documents.iter().flat_map(|document| values(document, field)).filter_map(number).collect();
    let fold = |better: fn(f64, f64) -> f64| all.iter().copied().reduce(better);
    match measure.calculate {
        Calculation::Count => Some(documents.len() as f64),
        Calculation::Unique => {
            let distinct: BTreeSet<String> = documents.iter().flat_map(|document| terms(document, field)).collect();
            Some(distinct.len() as f64)
        }
        Calculation::Sum => Some(all.iter().sum()),
        Calculation::Average => (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64),
        Calculation::Maximum => fold(f64::max),
        Calculation::Minimum => fold(f64::min),
    }
}

/// Buckets in the order in which the server gives them.
fn divided<'d>(cut: &Cut<'_>, bucket: &Bucket<'_>, documents: &[&'d Value]) -> Vec<(String, Vec<&'d Value>)> {
    let Bucket::Terms(Terms { field, size, order, .. }) = bucket else {
        let mut buckets: BTreeMap<i64, Vec<&Value>> = BTreeMap::new();
        for document in documents {
            let start = time(document).0.div_euclid(INTERVAL.0) * INTERVAL.0 / 1_000_000;
            buckets.entry(start).or_default().push(document);
        }
        return buckets.into_iter().map(|(start, inside)| (start.to_string(), inside)).collect();
    };
    let mut buckets: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for document in documents {
        for term in terms(document, field) {
            buckets.entry(term).or_default().push(document);
        }
    }
    let mut ordered: Vec<(String, Vec<&Value>)> = buckets.into_iter().collect();
    let rank = |inside: &[&Value]| cut.measures.first().and_then(|measure| measured(cut.source, measure, inside));
    let worth = |one: &[&Value], other: &[&Value]| match order {
        Order::Falling => rank(other).partial_cmp(&rank(one)),
        Order::Rising => rank(one).partial_cmp(&rank(other)),
    };
    // stable: equals stay in the order of their terms
    ordered.sort_by(|(_, one), (_, other)| worth(one, other).unwrap_or(Ordering::Equal));
    ordered.truncate(*size as usize);
    ordered
}

/// The answer to a cut of documents that were chosen already.
pub(super) fn computed(cut: &Cut<'_>, documents: &[&Value]) -> Vec<Row> {
    fn inwards(cut: &Cut<'_>, level: usize, keys: &[String], documents: &[&Value], rows: &mut Vec<Row>) {
        let Some(bucket) = cut.buckets.get(level) else {
            let measures = cut.measures.iter().map(|measure| measured(cut.source, measure, documents));
            rows.push((keys.to_vec(), measures.collect()));
            return;
        };
        for (key, inside) in divided(cut, bucket, documents) {
            inwards(cut, level + 1, &[keys, &[key]].concat(), &inside, rows);
        }
    }
    let mut rows = Vec::new();
    inwards(cut, 0, &[], documents, &mut rows);
    rows
}

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
