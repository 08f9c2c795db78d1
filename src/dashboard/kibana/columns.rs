//! A cut as the columns of a Lens layer: `b0`, `b1`, … for buckets and `m0`, `m1`, … for measures, as in the search that
//! they make. Only operations whose aggregations every server has.

use serde_json::{Map, Value, json};

use super::super::member::set;
use super::super::{Bucket, Calculation, Cut, Measure, Source, Terms, Unit};

/// The columns of a cut, in order, with their names.
pub(super) fn columns(cut: &Cut<'_>) -> Map<String, Value> {
    let mut columns = Map::new();
    for (index, bucket) in cut.buckets.iter().enumerate() {
        let column = match bucket {
            Bucket::Time => over_time(),
            Bucket::Terms(terms) => values(terms),
        };
        columns.insert(format!("b{index}"), column);
    }
    for (index, measure) in cut.measures.iter().enumerate() {
        columns.insert(format!("m{index}"), measured(measure, cut.recent));
    }
    columns
}

fn over_time() -> Value {
    json!({
        "label": Source::TIME,
        "dataType": "date",
        "operationType": "date_histogram",
        "sourceField": Source::TIME,
        "isBucketed": true,
        "scale": "interval",
        "params": {"interval": "auto", "includeEmptyRows": true, "dropPartials": false},
    })
}

fn values(terms: &Terms) -> Value {
    json!({
        "label": terms.title,
        "customLabel": true,
        "dataType": "string",
        "operationType": "terms",
        "sourceField": terms.field,
        "isBucketed": true,
        "scale": "ordinal",
        "params": {
            "size": terms.size,
            "orderBy": {"type": "column", "columnId": "m0"},
            "orderDirection": terms.order.word(),
            "otherBucket": false,
            "missingBucket": false,
            "parentFormat": {"id": "terms"},
            "include": [],
            "exclude": [],
            "includeIsRegex": false,
            "excludeIsRegex": false,
        },
    })
}

fn measured(measure: &Measure, recent: Option<&str>) -> Value {
    let (operation, empty_as_null) = match measure.calculate {
        Calculation::Count => ("count", true),
        Calculation::Unique => ("unique_count", true),
        Calculation::Sum => ("sum", true),
        Calculation::Average => ("average", false),
        Calculation::Maximum => ("max", false),
        Calculation::Minimum => ("min", false),
    };
    let mut parameters = Map::new();
    if empty_as_null {
        parameters.insert("emptyAsNull".to_owned(), true.into());
    }
    if measure.unit == Unit::Percent {
        parameters.insert("format".to_owned(), json!({"id": "percent", "params": {"decimals": 1}}));
    }
    let mut column = json!({
        "label": measure.title,
        "customLabel": true,
        "dataType": if measure.unit == Unit::Date { "date" } else { "number" },
        "operationType": operation,
        "sourceField": measure.field.as_deref().unwrap_or("___records___"),
        "isBucketed": false,
        "scale": "ratio",
        "params": parameters,
    });
    if let Some(span) = recent {
        set(&mut column, "reducedTimeRange", span);
    }
    column
}
