//! A panel's question as a search of Elasticsearch, with the aggregations that Kibana makes of it. Nobody needs it to see a
//! dashboard; it shows that the server can answer every panel, and what.

use serde_json::{Map, Value, json};

use super::member::set;
use super::{Bucket, Calculation, Conditions, Cut, Measure, Panel, Show, Source};

/// The range that a dashboard looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// A time, or date mathematics such as `now-7d`.
    pub from: String,
    /// A time with `Z`, or `now`.
    pub to: String,
    /// Width of a bucket of time, such as `1h`.
    pub interval: String,
}

impl Window {
    /// The last `span` before the end.
    fn recent(&self, span: &str) -> String {
        if self.to == "now" { format!("now-{span}") } else { format!("{}||-{span}", self.to) }
    }
}

/// The body of the search behind a panel, for the indices of its [`Panel::source`]; `None` for text. Buckets are named `b0`,
/// `b1`, … from the outermost inwards, measures `m0`, `m1`, ….
#[must_use]
pub fn search_body(panel: &Panel, window: &Window) -> Option<Value> {
    if let Show::Documents(documents) = &panel.show {
        let mut source = vec![Source::TIME.to_owned()];
        source.extend(documents.columns.iter().cloned());
        return Some(json!({
            "size": 100,
            "query": query(&documents.conditions, &window.from, &window.to),
            "sort": [{(Source::TIME): {"order": "desc"}}],
            "_source": source,
        }));
    }
    let cut = panel.cut()?;
    let from = cut.recent.map_or_else(|| window.from.clone(), |span| window.recent(span));
    let mut body = json!({"size": 0, "query": query(cut.conditions, &from, &window.to)});
    if cut.buckets.is_empty() {
        set(&mut body, "track_total_hits", true);
    }
    let aggregations = aggregations(&cut, 0, window);
    if !aggregations.is_empty() {
        set(&mut body, "aggs", aggregations);
    }
    Some(body)
}

fn query(conditions: &Conditions, from: &str, to: &str) -> Value {
    let mut filter = vec![json!({"range": {(Source::TIME): {"gte": from, "lte": to}}})];
    filter.extend(conditions.iter().map(|(field, values)| json!({"terms": {field.as_str(): values}})));
    json!({"bool": {"filter": filter}})
}

/// The buckets from one level inwards, and the measures in the innermost.
fn aggregations(cut: &Cut<'_>, level: usize, window: &Window) -> Map<String, Value> {
    let mut aggregations = Map::new();
    let Some(bucket) = cut.buckets.get(level) else {
        for (index, measure) in cut.measures.iter().enumerate() {
            if let Some(value) = calculation(measure) {
                aggregations.insert(format!("m{index}"), value);
            }
        }
        return aggregations;
    };
    let mut inner = self::aggregations(cut, level + 1, window);
    let mut named = match bucket {
        Bucket::Time => {
            json!({"date_histogram": {"field": Source::TIME, "fixed_interval": window.interval, "min_doc_count": 1}})
        }
        Bucket::Terms(terms) => {
            // the order of an outer bucket is that of the whole bucket, whatever it is divided into
            let order = cut.measures.first().and_then(|measure| calculation(measure)).map(|value| {
                inner.insert("order".to_owned(), value);
                "order"
            });
            json!({"terms": {
                "field": terms.field,
                "size": terms.size,
                "order": {order.unwrap_or("_count"): terms.order.word()},
            }})
        }
    };
    if !inner.is_empty() {
        set(&mut named, "aggs", inner);
    }
    aggregations.insert(format!("b{level}"), named);
    aggregations
}

/// `None` for a count, which every bucket has.
fn calculation(measure: &Measure) -> Option<Value> {
    let name = match measure.calculate {
        Calculation::Count => return None,
        Calculation::Unique => "cardinality",
        Calculation::Sum => "sum",
        Calculation::Average => "avg",
        Calculation::Maximum => "max",
        Calculation::Minimum => "min",
    };
    Some(json!({name: {"field": measure.field}}))
}
