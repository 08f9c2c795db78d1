//! Grafana: one dashboard a file, in the classic form that it reads by import, by provisioning and by
//! `POST /api/dashboards/db`, over two Elasticsearch data sources.

mod panel;
mod target;

use serde_json::{Value, json};

use super::condition::quoted;
use super::{Artefact, Control, Dashboard, Description, Source};

/// The schema of dashboards that Grafana 10 and later read without a migration that matters here.
const SCHEMA: u32 = 39;

/// The id of a dashboard, and its address.
fn uid(id: &str) -> String {
    format!("clarion-{id}")
}

/// The variable that holds the data source of a kind of documents.
fn data_source_variable(source: Source) -> &'static str {
    match source {
        Source::Alerts => "alerts",
        Source::Metrics => "metrics",
    }
}

fn data_source(source: Source) -> Value {
    json!({"type": "elasticsearch", "uid": format!("${{{}}}", data_source_variable(source))})
}

/// The variable of a control with one value at a time: `aigov.model.name` is `model_name`.
fn control_variable(control: &Control) -> String {
    control.field.trim_start_matches("aigov.").replace('.', "_")
}

/// All files for Grafana.
#[must_use]
pub fn files(description: &Description) -> Vec<Artefact> {
    let file = |dashboard: &Dashboard| Artefact {
        path: format!("grafana/{}.json", uid(&dashboard.id)),
        text: format!("{:#}\n", self::dashboard(dashboard, description)),
    };
    description.dashboards.iter().map(file).collect()
}

/// One dashboard.
#[must_use]
pub fn dashboard(dashboard: &Dashboard, description: &Description) -> Value {
    let panels: Vec<Value> = (1_u32..)
        .zip(&dashboard.panels)
        .map(|(number, panel)| panel::panel(number, dashboard, panel, description))
        .collect();
    json!({
        "uid": uid(&dashboard.id),
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["clarion", "ai-governance"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": true,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": {"from": format!("now-{}", dashboard.range), "to": "now"},
        "refresh": "1m",
        "annotations": {"list": []},
        "links": [],
        "templating": {"list": variables(dashboard)},
        "panels": panels,
    })
}

/// The data sources, and what a reader narrows the dashboard by: one value at a time by a variable of its own, anything else
/// by filters that the reader puts together, because `field:*` would hide all documents without the field.
fn variables(dashboard: &Dashboard) -> Vec<Value> {
    let mut variables: Vec<Value> = Source::ALL
        .into_iter()
        .map(|source| {
            json!({
                "name": data_source_variable(source),
                "label": source.title(),
                "type": "datasource",
                "query": "elasticsearch",
                "regex": format!("/{}/", source.title()),
                "hide": 0,
                "refresh": 1,
            })
        })
        .collect();
    for control in dashboard.controls.iter().filter(|control| control.single) {
        let find = format!("{{\"find\": \"terms\", \"field\": {}, \"size\": 500}}", quoted(&control.field));
        variables.push(json!({
            "name": control_variable(control),
            "label": control.title,
            "type": "query",
            "datasource": data_source(control.source),
            "definition": find,
            "query": find,
            "refresh": 2,
            "sort": 1,
            "multi": false,
            "includeAll": true,
            "allValue": "*",
            "current": {"text": "All", "value": "$__all"},
        }));
    }
    let mut filtered: Vec<Source> =
        dashboard.controls.iter().filter(|control| !control.single).map(|control| control.source).collect();
    filtered.dedup();
    for source in filtered {
        variables.push(json!({
            "name": format!("{}_filters", data_source_variable(source)),
            "label": "Filters",
            "type": "adhoc",
            "datasource": data_source(source),
            "filters": [],
        }));
    }
    variables
}
