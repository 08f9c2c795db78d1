//! A panel as a Lens visualization that is kept in the dashboard itself.

use serde_json::{Map, Value, json};

use super::super::condition::{KQL, written};
use super::super::member::set;
use super::super::{Cut, Panel, Show};
use super::columns::columns;
use super::reference;

/// The only layer of every visualization.
const LAYER: &str = "layer";

/// The name of the reference to the layer's data view.
pub(super) const DATA_VIEW: &str = "indexpattern-datasource-layer-layer";

/// The `attributes` of the visualization.
pub(super) fn attributes(panel: &Panel, cut: &Cut<'_>) -> Value {
    let columns = columns(cut);
    let order: Vec<&String> = columns.keys().collect();
    let (kind, visualization) = visualization(panel, cut);
    json!({
        "title": panel.title,
        "description": panel.note.as_deref().unwrap_or_default(),
        "visualizationType": kind,
        "type": "lens",
        "references": [reference(DATA_VIEW, "index-pattern", cut.source.data_view())],
        "state": {
            "visualization": visualization,
            "query": {"query": written(cut.conditions, KQL, str::to_owned), "language": "kuery"},
            "filters": [],
            "datasourceStates": {
                "formBased": {"layers": {LAYER: {
                    "columnOrder": order,
                    "columns": columns,
                    "incompleteColumns": {},
                    "sampling": 1,
                }}},
            },
            "internalReferences": [],
            "adHocDataViews": {},
        },
    })
}

fn visualization(panel: &Panel, cut: &Cut<'_>) -> (&'static str, Value) {
    match &panel.show {
        Show::Line(_) => ("lnsXY", chart(cut, "line")),
        Show::Bar(chart_of) if chart_of.along.is_some() => ("lnsXY", chart(cut, "bar_horizontal_stacked")),
        Show::Bar(_) => ("lnsXY", chart(cut, "bar_stacked")),
        Show::Pie(_) => ("lnsPie", pie()),
        Show::Table(_) => ("lnsDatatable", table(cut)),
        // documents and text never come here: they have no cut
        Show::Metric(_) | Show::Documents(_) | Show::Markdown(_) => (
            "lnsMetric",
            json!({"layerId": LAYER, "layerType": "data", "metricAccessor": "m0", "subtitle": panel.note.as_deref().unwrap_or_default()}),
        ),
    }
}

fn chart(cut: &Cut<'_>, series: &str) -> Value {
    let last = cut.buckets.len().saturating_sub(1);
    let mut layer = json!({
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": series,
        "xAccessor": format!("b{last}"),
        "accessors": ["m0"],
        "position": "top",
        "showGridlines": false,
    });
    if last > 0 {
        set(&mut layer, "splitAccessor", "b0");
    }
    json!({
        "layers": [layer],
        "preferredSeriesType": series,
        "legend": {"isVisible": true, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": if series == "line" { "Linear" } else { "None" },
        "axisTitlesVisibilitySettings": {"x": false, "yLeft": true, "yRight": true},
    })
}

fn pie() -> Value {
    json!({
        "shape": "donut",
        "layers": [{
            "layerId": LAYER,
            "layerType": "data",
            "primaryGroups": ["b0"],
            "metrics": ["m0"],
            "numberDisplay": "percent",
            "categoryDisplay": "default",
            "legendDisplay": "default",
            "nestedLegend": false,
        }],
    })
}

fn table(cut: &Cut<'_>) -> Value {
    let column = |name: String, metric: bool| {
        let mut column = Map::new();
        column.insert("columnId".to_owned(), name.into());
        column.insert("isTransposed".to_owned(), false.into());
        column.insert("isMetric".to_owned(), metric.into());
        Value::from(column)
    };
    let rows = (0..cut.buckets.len()).map(|index| column(format!("b{index}"), false));
    let measures = (0..cut.measures.len()).map(|index| column(format!("m{index}"), true));
    json!({
        "layerId": LAYER,
        "layerType": "data",
        "columns": rows.chain(measures).collect::<Vec<Value>>(),
        "sorting": {"columnId": "m0", "direction": cut.order().word()},
    })
}
