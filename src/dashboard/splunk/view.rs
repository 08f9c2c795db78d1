//! A dashboard as a Dashboard Studio view: a JSON definition within a little XML. Its grid is 1200 units wide.

use serde_json::{Map, Value, json};

use super::super::member::set;
use super::super::{Control, Dashboard, Description, Panel, Show, Unit};
use super::{APP, fields, search, view_name};

/// Units of the layout for a column and for a row.
const COLUMN: u32 = 25;
const ROW: u32 = 22;

/// The view.
pub(super) fn xml(dashboard: &Dashboard, description: &Description) -> String {
    // `]]>` would end the definition; within a JSON text this spelling of `>` is the same
    let definition = format!("{:#}", definition(dashboard, description)).replace("]]>", "]]\\u003e");
    format!(
        "<dashboard version=\"2\" theme=\"light\">\n  <label>{}</label>\n  <description>{}</description>\n  <definition><![CDATA[\n{definition}\n  ]]></definition>\n</dashboard>\n",
        escaped(&dashboard.title),
        escaped(&dashboard.description)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The definition.
pub(super) fn definition(dashboard: &Dashboard, description: &Description) -> Value {
    let mut sources = Map::new();
    let mut visualizations = Map::new();
    let mut structure = Vec::new();
    for panel in &dashboard.panels {
        let (source, item) = (format!("ds_{}", panel.id), format!("viz_{}", panel.id));
        let mut visualization = visualization(panel, description);
        if let Some(query) = query(dashboard, panel) {
            sources.insert(source.clone(), data_source(&panel.title, &query));
            set(&mut visualization, "dataSources", json!({"primary": source}));
        }
        visualizations.insert(item.clone(), visualization);
        let at = panel.at;
        structure.push(json!({
            "item": item,
            "type": "block",
            "position": {"x": at.x * COLUMN, "y": at.y * ROW, "w": at.w * COLUMN, "h": at.h * ROW},
        }));
    }
    let mut inputs = Map::new();
    inputs.insert(
        "input_time".to_owned(),
        json!({
            "type": "input.timerange",
            "title": "Time",
            "options": {"token": "global_time", "defaultValue": format!("-{},now", dashboard.range)},
        }),
    );
    for (index, control) in dashboard.controls.iter().enumerate() {
        let source = format!("ds_control_{index}");
        sources.insert(source.clone(), data_source(&control.title, &search::choices(control)));
        inputs.insert(format!("input_control_{index}"), input(control, &source));
    }
    let names: Vec<&String> = inputs.keys().collect();
    let layout = json!({"type": "grid", "options": {}, "globalInputs": names, "structure": structure});
    json!({
        "title": dashboard.title,
        "description": dashboard.description,
        "dataSources": sources,
        "visualizations": visualizations,
        "inputs": inputs,
        "layout": layout,
        "defaults": {},
    })
}

fn query(dashboard: &Dashboard, panel: &Panel) -> Option<String> {
    match &panel.show {
        Show::Documents(documents) => Some(search::newest(dashboard, documents)),
        _ => panel.cut().map(|cut| search::cut(dashboard, &cut)),
    }
}

fn data_source(title: &str, query: &str) -> Value {
    json!({
        "type": "ds.search",
        "name": title,
        "options": {
            "query": query,
            "queryParameters": {"earliest": "$global_time.earliest$", "latest": "$global_time.latest$"},
        },
    })
}

/// A list of values to choose from, with `All` first.
fn input(control: &Control, source: &str) -> Value {
    let column = |name: &str| {
        format!(">primary | seriesByName(\"{name}\") | renameSeries(\"{name}\") | formatByType(formattedConfig)")
    };
    json!({
        "type": "input.dropdown",
        "title": control.title,
        "dataSources": {"primary": source},
        "options": {
            "items": ">frame(label, value) | prepend(formattedStatics) | objects()",
            "token": search::token(control),
            "defaultValue": "*",
        },
        "context": {
            "formattedConfig": {"number": {"prefix": ""}},
            "formattedStatics": ">statics | formatByType(formattedConfig)",
            "statics": [["All"], ["*"]],
            "label": column("label"),
            "value": column("value"),
        },
    })
}

fn visualization(panel: &Panel, description: &Description) -> Value {
    let kind = match &panel.show {
        Show::Metric(_) => "splunk.singlevalue",
        Show::Line(_) => "splunk.line",
        Show::Bar(chart) if chart.along.is_some() => "splunk.bar",
        Show::Bar(_) => "splunk.column",
        Show::Table(_) | Show::Documents(_) => "splunk.table",
        Show::Pie(_) => "splunk.pie",
        Show::Markdown(_) => "splunk.markdown",
    };
    let mut visualization = json!({"type": kind, "title": panel.title, "options": options(panel, description)});
    if let Some(note) = &panel.note {
        set(&mut visualization, "description", note.as_str());
    }
    if let Some(handler) = drill_down(panel, description) {
        set(&mut visualization, "eventHandlers", json!([handler]));
    }
    visualization
}

fn options(panel: &Panel, description: &Description) -> Value {
    match &panel.show {
        Show::Markdown(markdown) => {
            let links: Vec<String> = markdown
                .links
                .iter()
                .filter_map(|id| description.dashboard(id))
                .map(|dashboard| format!("[{}](/app/{APP}/{})", dashboard.title, view_name(&dashboard.id)))
                .collect();
            json!({"markdown": format!("{}\n\n{}", markdown.text.trim(), links.join(" · "))})
        }
        Show::Bar(chart) if chart.along.is_none() => json!({"stackMode": "stacked"}),
        Show::Metric(figure) if figure.measure.unit == Unit::Percent => json!({"unit": "%", "numberPrecision": 1}),
        Show::Table(_) | Show::Documents(_) => json!({"count": 20}),
        _ => json!({}),
    }
}

/// A click on a row opens the page about what it is about.
fn drill_down(panel: &Panel, description: &Description) -> Option<Value> {
    let Show::Table(table) = &panel.show else { return None };
    let target = description.dashboard(panel.opens.as_ref()?)?;
    let control = target.controls.iter().find(|control| control.single)?;
    let row = table.rows.iter().find(|row| fields::name(&row.field) == fields::name(&control.field))?;
    Some(json!({
        "type": "drilldown.linkToDashboard",
        "options": {
            "app": APP,
            "dashboard": view_name(&target.id),
            "newTab": false,
            "tokens": [{"token": search::token(control), "value": format!("row.{}.value", row.title)}],
        },
    }))
}
