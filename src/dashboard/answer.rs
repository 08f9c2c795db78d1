//! What a panel must show of given documents, by the plainest means: the twin of the searches that a server answers. The
//! end-to-end tests hold a real Elasticsearch to it, and the pictures in docs/pictures are drawn from it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Bucket, Calculation, Conditions, Cut, Documents, Measure, Order, Source, Terms};
use crate::model::{Span, Timestamp};

/// A row of an answer: the buckets from the outermost inwards, a time in milliseconds, and what was measured in them.
pub type Row = (Vec<String>, Vec<Option<f64>>);

/// Longest text that the index templates index, in UTF-16 units as the server counts.
const IGNORED_ABOVE: usize = 1024;

/// All values under a dotted name.
#[must_use]
pub fn values<'d>(document: &'d Value, field: &str) -> Vec<&'d Value> {
    let found = field.split('.').try_fold(document, |value, name| value.get(name));
    match found {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(several)) => several.iter().collect(),
        Some(one) => vec![one],
    }
}

/// The terms of a keyword field, as the server indexes them.
fn terms(document: &Value, field: &str) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let all = values(document, field).into_iter().map(text);
    all.filter(|term| term.encode_utf16().count() <= IGNORED_ABOVE).collect()
}

/// The time of a document.
fn time(document: &Value) -> Option<Timestamp> {
    document.get(Source::TIME).and_then(Value::as_str).and_then(|text| Timestamp::parse(text).ok())
}

/// The documents that a panel looks at: those of a range, both ends included, that fit all conditions.
#[must_use]
pub fn chosen<'d>(documents: &[&'d Value], conditions: &Conditions, from: Timestamp, to: Timestamp) -> Vec<&'d Value> {
    let fits = |document: &Value| {
        let has = |(field, allowed): (&String, &Vec<String>)| {
            terms(document, field).iter().any(|term| allowed.contains(term))
        };
        time(document).is_some_and(|time| from <= time && time <= to) && conditions.iter().all(has)
    };
    documents.iter().copied().filter(|document| fits(document)).collect()
}

/// Documents that were chosen already, newest first, each as the texts of its time and of the columns. Those of one time
/// stay as they are.
#[must_use]
pub fn listed(documents: &Documents, chosen: &[&Value]) -> Vec<Vec<String>> {
    let mut newest: Vec<&Value> = chosen.to_vec();
    newest.sort_by_key(|document| std::cmp::Reverse(time(document)));
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let cell = |document: &Value, field: &str| {
        values(document, field).into_iter().map(text).collect::<Vec<String>>().join(", ")
    };
    let columns = || [Source::TIME].into_iter().chain(documents.columns.iter().map(String::as_str));
    newest.into_iter().map(|document| columns().map(|field| cell(document, field)).collect()).collect()
}

/// The answer to a cut of documents that were chosen already, in the order in which a server gives it. Time is divided into
/// multiples of `interval`.
#[must_use]
pub fn computed(cut: &Cut<'_>, documents: &[&Value], interval: Span) -> Vec<Row> {
    let mut rows = Vec::new();
    inwards(cut, interval, &[], documents, &mut rows);
    rows
}

fn inwards(cut: &Cut<'_>, interval: Span, keys: &[String], documents: &[&Value], rows: &mut Vec<Row>) {
    let Some(bucket) = cut.buckets.get(keys.len()) else {
        let measures = cut.measures.iter().map(|measure| measured(cut.source, measure, documents));
        rows.push((keys.to_vec(), measures.collect()));
        return;
    };
    let divided = match bucket {
        Bucket::Time => over_time(documents, interval),
        Bucket::Terms(terms) => by_terms(cut, terms, documents),
    };
    for (key, inside) in divided {
        inwards(cut, interval, &[keys, &[key]].concat(), &inside, rows);
    }
}

fn over_time<'d>(documents: &[&'d Value], interval: Span) -> Vec<(String, Vec<&'d Value>)> {
    let mut buckets: BTreeMap<i64, Vec<&Value>> = BTreeMap::new();
    for document in documents {
        if let Some(time) = time(document) {
            let start = Timestamp(time.0.div_euclid(interval.0) * interval.0);
            buckets.entry(start.millis()).or_default().push(document);
        }
    }
    buckets.into_iter().map(|(start, inside)| (start.to_string(), inside)).collect()
}

fn by_terms<'d>(cut: &Cut<'_>, wanted: &Terms, documents: &[&'d Value]) -> Vec<(String, Vec<&'d Value>)> {
    let mut buckets: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for document in documents {
        for term in terms(document, &wanted.field) {
            buckets.entry(term).or_default().push(document);
        }
    }
    let mut ordered: Vec<(String, Vec<&Value>)> = buckets.into_iter().collect();
    let rank = |inside: &[&Value]| cut.measures.first().and_then(|measure| measured(cut.source, measure, inside));
    let worth = |one: &[&Value], other: &[&Value]| match wanted.order {
        Order::Falling => rank(other).partial_cmp(&rank(one)),
        Order::Rising => rank(one).partial_cmp(&rank(other)),
    };
    // stable: equals stay in the order of their terms
    ordered.sort_by(|(_, one), (_, other)| worth(one, other).unwrap_or(Ordering::Equal));
    ordered.truncate(wanted.size as usize);
    ordered
}

fn measured(source: Source, measure: &Measure, documents: &[&Value]) -> Option<f64> {
    let Some(field) = measure.field.as_deref() else { return Some(documents.len() as f64) };
    let number = |value: &Value| match source.field_type(field) {
        Some("date") => Timestamp::parse(value.as_str()?).ok().map(|time| time.millis() as f64),
        _ => value.as_f64(),
    };
    let all: Vec<f64> = documents.iter().flat_map(|document| values(document, field)).filter_map(number).collect();
    match measure.calculate {
        Calculation::Count => Some(documents.len() as f64),
        Calculation::Unique => {
            let distinct: BTreeSet<String> = documents.iter().flat_map(|document| terms(document, field)).collect();
            Some(distinct.len() as f64)
        }
        Calculation::Sum => Some(all.iter().sum()),
        Calculation::Average => (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64),
        Calculation::Maximum => all.into_iter().reduce(f64::max),
        Calculation::Minimum => all.into_iter().reduce(f64::min),
    }
}
