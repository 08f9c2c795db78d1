//! A panel of Grafana, whose grid has 24 columns and rows one and a half times as high as Kibana's.

use serde_json::{Value, json};

use super::super::member::set;
use super::super::{Dashboard, Description, Panel, Place, Show, Unit};
use super::{control_variable, data_source, target, uid};

/// The panel with that number.
pub(super) fn panel(number: u32, dashboard: &Dashboard, panel: &Panel, description: &Description) -> Value {
    let kind = match &panel.show {
        Show::Metric(_) => "stat",
        Show::Bar(chart) if chart.along.is_some() => "barchart",
        Show::Line(_) | Show::Bar(_) => "timeseries",
        Show::Table(_) | Show::Documents(_) => "table",
        Show::Pie(_) => "piechart",
        Show::Markdown(_) => "text",
    };
    let mut written = json!({
        "id": number,
        "type": kind,
        "title": panel.title,
        "description": panel.note.as_deref().unwrap_or_default(),
        "gridPos": place(panel.at),
        "options": options(panel, description),
    });
    if let Some(source) = panel.source() {
        set(&mut written, "datasource", data_source(source));
        set(&mut written, "targets", json!([target::target(dashboard, panel)]));
        set(&mut written, "fieldConfig", field_configuration(panel, description));
    }
    if let Some(span) = panel.cut().and_then(|cut| cut.recent.map(str::to_owned)) {
        set(&mut written, "timeFrom", span);
    }
    written
}

/// Edges are rounded and not heights, so that neighbours stay neighbours.
fn place(at: Place) -> Value {
    let row = |row: u32| (row * 2 + 1) / 3;
    json!({"x": at.x / 2, "y": row(at.y), "w": at.w / 2, "h": row(at.y + at.h) - row(at.y)})
}

fn options(panel: &Panel, description: &Description) -> Value {
    match &panel.show {
        Show::Metric(_) => json!({
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": false},
            "colorMode": "none",
            "graphMode": "none",
        }),
        Show::Pie(_) => json!({
            "pieType": "donut",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": true},
            "legend": {"displayMode": "list", "placement": "right", "showLegend": true},
        }),
        Show::Bar(chart) if chart.along.is_some() => json!({
            "orientation": "horizontal",
            "xField": chart.along.as_ref().map(|terms| terms.field.as_str()),
            "legend": {"showLegend": false},
        }),
        Show::Line(_) | Show::Bar(_) => json!({
            "legend": {"displayMode": "list", "placement": "right", "showLegend": true},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }),
        Show::Table(_) | Show::Documents(_) => json!({"showHeader": true}),
        Show::Markdown(markdown) => {
            let links: Vec<String> = markdown
                .links
                .iter()
                .filter_map(|id| description.dashboard(id))
                .map(|dashboard| format!("[{}](/d/{})", dashboard.title, uid(&dashboard.id)))
                .collect();
            json!({"mode": "markdown", "content": format!("{}\n\n{}", markdown.text.trim(), links.join(" · "))})
        }
    }
}

fn field_configuration(panel: &Panel, description: &Description) -> Value {
    let mut defaults = json!({});
    let mut overrides = Vec::new();
    if let Some(cut) = panel.cut() {
        let unit = |unit: Unit| match unit {
            Unit::Number => "short",
            Unit::Percent => "percentunit",
            Unit::Date => "dateTimeAsIso",
        };
        match cut.measures.as_slice() {
            [only] => set(&mut defaults, "unit", unit(only.unit)),
            several => overrides.extend(several.iter().map(|measure| {
                json!({
                    "matcher": {"id": "byName", "options": target::column(measure, several)},
                    "properties": [
                        {"id": "unit", "value": unit(measure.unit)},
                        {"id": "displayName", "value": measure.title},
                    ],
                })
            })),
        }
    }
    if let Show::Bar(chart) = &panel.show
        && chart.along.is_none()
    {
        set(
            &mut defaults,
            "custom",
            json!({"drawStyle": "bars", "fillOpacity": 80, "stacking": {"group": "A", "mode": "normal"}}),
        );
    }
    overrides.extend(links(panel, description));
    json!({"defaults": defaults, "overrides": overrides})
}

/// A click on a value in a table opens the page about that value.
fn links(panel: &Panel, description: &Description) -> Option<Value> {
    let Show::Table(table) = &panel.show else { return None };
    let target = description.dashboard(panel.opens.as_ref()?)?;
    let control = target.controls.iter().find(|control| control.single)?;
    let row = table.rows.iter().find(|row| row.field == control.field)?;
    let address = format!(
        "/d/{}?var-{}=${{__value.raw:percentencode}}&${{__url_time_range}}",
        uid(&target.id),
        control_variable(control)
    );
    Some(json!({
        "matcher": {"id": "byName", "options": row.field},
        "properties": [
            {"id": "links", "value": [{"title": format!("Open: {}", target.title), "url": address}]},
        ],
    }))
}
