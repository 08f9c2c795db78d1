//! Dashboards in the form of Kibana's Dashboards API (9.5), `PUT /api/dashboards/{id}`: no strings of JSON, no references, no
//! layers. The data views must be there already.

use serde_json::{Map, Value, json};

use super::super::condition::{KQL, written};
use super::super::member::set;
use super::super::{Bucket, Calculation, Conditions, Cut, Dashboard, Description, Measure, Panel, Show, Source, Unit};
use super::{dashboard_id, markdown};

/// The body of the request.
#[must_use]
pub fn dashboard(dashboard: &Dashboard, description: &Description) -> Value {
    let controls: Vec<Value> = dashboard
        .controls
        .iter()
        .map(|control| {
            json!({
                "type": "options_list_control",
                "width": "medium",
                "grow": true,
                "config": {
                    "title": control.title,
                    "data_view_id": control.source.data_view(),
                    "field_name": control.field,
                    "single_select": control.single,
                },
            })
        })
        .collect();
    json!({
        "title": dashboard.title,
        "description": dashboard.description,
        "time_range": {"from": format!("now-{}", dashboard.range), "to": "now"},
        "pinned_panels": controls,
        "panels": dashboard.panels.iter().map(|panel| self::panel(panel, description)).collect::<Vec<Value>>(),
    })
}

fn panel(panel: &Panel, description: &Description) -> Value {
    let (kind, config) = match &panel.show {
        Show::Markdown(shown) => {
            ("markdown", json!({"title": panel.title, "content": markdown::text(shown, description)}))
        }
        Show::Documents(documents) => (
            "discover_session",
            json!({
                "title": panel.title,
                "tabs": [{
                    "query": query(&documents.conditions),
                    "data_source": data_source(documents.source),
                    "column_order": documents.columns,
                    "sort": [{"name": Source::TIME, "direction": "desc"}],
                }],
            }),
        ),
        _ => ("vis", panel.cut().map_or(Value::Null, |cut| visualization(panel, &cut, description))),
    };
    let at = panel.at;
    json!({
        "type": kind,
        "id": panel.id,
        "grid": {"x": at.x, "y": at.y, "w": at.w, "h": at.h},
        "config": config,
    })
}

fn visualization(panel: &Panel, cut: &Cut<'_>, description: &Description) -> Value {
    let mut config = Map::new();
    let mut put = |key: &str, value: Value| config.insert(key.to_owned(), value);
    let kind = match &panel.show {
        Show::Line(_) | Show::Bar(_) => "xy",
        Show::Table(_) => "data_table",
        Show::Pie(_) => "pie",
        Show::Metric(_) | Show::Documents(_) | Show::Markdown(_) => "metric",
    };
    put("type", kind.into());
    put("title", panel.title.as_str().into());
    if let Some(note) = &panel.note {
        put("description", note.as_str().into());
    }
    if !cut.conditions.is_empty() {
        put("query", query(cut.conditions));
    }
    let source = data_source(cut.source);
    let measures = || cut.measures.iter().map(|measure| measured(measure, cut.recent));
    let buckets = || cut.buckets.iter().map(bucket).collect::<Vec<Value>>();
    match kind {
        "xy" => {
            let mut layer = json!({"type": series(panel), "data_source": source});
            let mut buckets = buckets();
            set(&mut layer, "x", buckets.pop().unwrap_or_default());
            set(&mut layer, "y", measures().collect::<Vec<Value>>());
            if let Some(split) = buckets.pop() {
                set(&mut layer, "breakdown_by", split);
            }
            put("axis", json!({"x": {"title": {"visible": false}}}));
            put("layers", json!([layer]));
        }
        "metric" => {
            put("data_source", source);
            let primary = |mut measure: Value| {
                set(&mut measure, "type", "primary");
                measure
            };
            put("metrics", measures().map(primary).collect());
        }
        _ => {
            put("data_source", source);
            put("metrics", measures().collect());
            put(if kind == "pie" { "group_by" } else { "rows" }, buckets().into());
        }
    }
    if let Some(target) = &panel.opens {
        let title = description.dashboard(target).map_or(target.as_str(), |target| target.title.as_str());
        let drill_down = json!({
            "type": "dashboard_drilldown",
            "trigger": "on_apply_filter",
            "dashboard_id": dashboard_id(target),
            "label": format!("Open: {title}"),
            "use_filters": true,
            "use_time_range": true,
            "open_in_new_tab": false,
        });
        put("drilldowns", json!([drill_down]));
    }
    config.into()
}

fn series(panel: &Panel) -> &'static str {
    match &panel.show {
        Show::Line(_) => "line",
        Show::Bar(chart) if chart.along.is_some() => "bar_horizontal_stacked",
        _ => "bar_stacked",
    }
}

fn data_source(source: Source) -> Value {
    json!({"type": "data_view_reference", "ref_id": source.data_view()})
}

fn query(conditions: &Conditions) -> Value {
    json!({"expression": written(conditions, KQL, str::to_owned), "language": "kql"})
}

fn bucket(bucket: &Bucket<'_>) -> Value {
    match bucket {
        Bucket::Time => json!({"operation": "date_histogram", "field": Source::TIME}),
        Bucket::Terms(terms) => json!({
            "operation": "terms",
            "fields": [terms.field],
            "label": terms.title,
            "limit": terms.size,
            "rank_by": {"type": "metric", "metric_index": 0, "direction": terms.order.word()},
        }),
    }
}

fn measured(measure: &Measure, recent: Option<&str>) -> Value {
    let operation = match measure.calculate {
        Calculation::Count => "count",
        Calculation::Unique => "unique_count",
        Calculation::Sum => "sum",
        Calculation::Average => "average",
        Calculation::Maximum => "max",
        Calculation::Minimum => "min",
    };
    let mut written = json!({"operation": operation, "label": measure.title});
    if let Some(field) = &measure.field {
        set(&mut written, "field", field.as_str());
    }
    if let Some(span) = recent {
        set(&mut written, "reduced_time_range", span);
    }
    if measure.unit == Unit::Percent {
        set(&mut written, "format", json!({"type": "percent", "decimals": 1}));
    }
    written
}
