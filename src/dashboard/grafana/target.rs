//! The query of a panel, as Grafana's Elasticsearch data source keeps it.

use serde_json::{Value, json};

use super::super::condition::{LUCENE, written};
use super::super::member::set;
use super::super::{Bucket, Calculation, Conditions, Dashboard, Measure, Panel, Show, Source, Terms};
use super::control_variable;

/// The query; of text there is none.
pub(super) fn target(dashboard: &Dashboard, panel: &Panel) -> Value {
    if let Show::Documents(documents) = &panel.show {
        return json!({
            "refId": "A",
            "query": query(dashboard, &documents.conditions),
            "metrics": [{"id": "1", "type": "raw_data", "settings": {"size": "100"}}],
            "bucketAggs": [],
            "timeField": Source::TIME,
        });
    }
    let Some(cut) = panel.cut() else { return Value::Null };
    let metrics: Vec<Value> =
        (1_u32..).zip(&cut.measures).map(|(number, measure)| metric(&number.to_string(), measure)).collect();
    let counts = cut.measures.first().is_none_or(|measure| measure.calculate == Calculation::Count);
    let first = 1 + metrics.len();
    let mut buckets: Vec<Value> = (first..)
        .zip(&cut.buckets)
        .map(|(number, bucket)| match bucket {
            Bucket::Time => json!({
                "id": number.to_string(),
                "type": "date_histogram",
                "field": Source::TIME,
                "settings": {"interval": "auto", "min_doc_count": "0", "trimEdges": "0"},
            }),
            Bucket::Terms(terms) => values(number, terms, counts),
        })
        .collect();
    if buckets.is_empty() {
        // the data source wants a bucket; this one has everything in it
        buckets.push(json!({
            "id": first.to_string(),
            "type": "filters",
            "settings": {"filters": [{"query": "*", "label": "all"}]},
        }));
    }
    json!({
        "refId": "A",
        "query": query(dashboard, cut.conditions),
        "metrics": metrics,
        "bucketAggs": buckets,
        "timeField": Source::TIME,
    })
}

fn values(number: usize, terms: &Terms, counts: bool) -> Value {
    json!({
        "id": number.to_string(),
        "type": "terms",
        "field": terms.field,
        "settings": {
            "min_doc_count": "1",
            "size": terms.size.to_string(),
            "order": terms.order.word(),
            "orderBy": if counts { "_count" } else { "1" },
        },
    })
}

fn metric(id: &str, measure: &Measure) -> Value {
    let mut metric = json!({"id": id, "type": name(measure.calculate)});
    if let Some(field) = &measure.field {
        set(&mut metric, "field", field.as_str());
    }
    metric
}

fn name(calculation: Calculation) -> &'static str {
    match calculation {
        Calculation::Count => "count",
        Calculation::Unique => "cardinality",
        Calculation::Sum => "sum",
        Calculation::Average => "avg",
        Calculation::Maximum => "max",
        Calculation::Minimum => "min",
    }
}

/// What Grafana calls the column of one measure among all of a table: those of one kind are told apart by their fields.
pub(super) fn column(measure: &Measure, all: &[&Measure]) -> String {
    let word = match measure.calculate {
        Calculation::Count => return "Count".to_owned(),
        Calculation::Unique => "Unique Count",
        Calculation::Sum => "Sum",
        Calculation::Average => "Average",
        Calculation::Maximum => "Max",
        Calculation::Minimum => "Min",
    };
    let alike = all.iter().filter(|other| other.calculate == measure.calculate).count();
    match &measure.field {
        Some(field) if alike > 1 => format!("{word} {field}"),
        _ => word.to_owned(),
    }
}

/// The conditions, and those of the dashboard's variables with one value.
fn query(dashboard: &Dashboard, conditions: &Conditions) -> String {
    let mut parts = vec![written(conditions, LUCENE, str::to_owned)];
    parts.retain(|part| !part.is_empty());
    for control in dashboard.controls.iter().filter(|control| control.single) {
        parts.push(format!("{}:${{{}:lucene}}", control.field, control_variable(control)));
    }
    if parts.is_empty() { "*".to_owned() } else { parts.join(" AND ") }
}
