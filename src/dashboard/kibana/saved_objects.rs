//! Dashboards as saved objects for `POST /api/saved_objects/_import`: what they refer to first, then the dashboards.

use serde_json::{Map, Value, json};

use super::super::member::set;
use super::super::{Dashboard, Description, Panel, Show};
use super::{controls, dashboard_id, data_view, documents, lens, markdown, object, reference};

/// The version of dashboards that Kibana 8.8 and everything since reads as it is.
const DASHBOARD: &str = "10.2.0";

/// All objects.
#[must_use]
pub fn objects(description: &Description) -> Vec<Value> {
    let mut objects = data_view::objects();
    for dashboard in &description.dashboards {
        objects.extend(dashboard.panels.iter().filter_map(|panel| match &panel.show {
            Show::Documents(shown) => Some(documents::search(&dashboard.id, panel, shown)),
            _ => None,
        }));
    }
    objects.extend(description.dashboards.iter().map(|dashboard| saved(dashboard, description)));
    objects
}

fn saved(dashboard: &Dashboard, description: &Description) -> Value {
    let mut references = Vec::new();
    let panels: Vec<Value> =
        dashboard.panels.iter().map(|panel| self::panel(dashboard, panel, description, &mut references)).collect();
    references.extend(controls::references(dashboard));
    let options = json!({
        "useMargins": true,
        "syncColors": true,
        "syncCursor": true,
        "syncTooltips": false,
        "hidePanelTitles": false,
    });
    let search_source = json!({"query": {"query": "", "language": "kuery"}, "filter": []});
    let attributes = json!({
        "title": dashboard.title,
        "description": dashboard.description,
        "version": 1,
        "timeRestore": true,
        "timeFrom": format!("now-{}", dashboard.range),
        "timeTo": "now",
        "optionsJSON": options.to_string(),
        "panelsJSON": Value::from(panels).to_string(),
        "controlGroupInput": controls::group(dashboard),
        "kibanaSavedObjectMeta": {"searchSourceJSON": search_source.to_string()},
    });
    object("dashboard", DASHBOARD, &dashboard_id(&dashboard.id), &attributes, &references)
}

/// A panel; what it refers to is added to the dashboard's references, with the panel's name before it.
fn panel(dashboard: &Dashboard, panel: &Panel, description: &Description, references: &mut Vec<Value>) -> Value {
    let id = panel.id.as_str();
    let mut embedded = Map::new();
    let mut enhancements = Map::new();
    if let Some(target) = &panel.opens {
        let event = format!("open-{target}");
        let name = format!("{id}:drilldown:DASHBOARD_TO_DASHBOARD_DRILLDOWN:{event}:dashboardId");
        references.push(reference(&name, "dashboard", &dashboard_id(target)));
        let title = description.dashboard(target).map_or(target.as_str(), |target| target.title.as_str());
        enhancements.insert("dynamicActions".to_owned(), json!({"events": [drill_down(&event, title)]}));
    }
    let mut kind = "lens";
    let mut search = None;
    match &panel.show {
        Show::Markdown(shown) => {
            kind = "visualization";
            embedded.insert("savedVis".to_owned(), markdown::saved_visualization(panel, shown, description));
        }
        Show::Documents(_) => {
            kind = "search";
            let name = format!("panel_{id}");
            references.push(reference(&format!("{id}:{name}"), "search", &documents::search_id(&dashboard.id, id)));
            embedded.insert("title".to_owned(), panel.title.as_str().into());
            search = Some(name);
        }
        _ => {
            if let Some(cut) = panel.cut() {
                let name = format!("{id}:{}", lens::DATA_VIEW);
                references.push(reference(&name, "index-pattern", cut.source.data_view()));
                embedded.insert("attributes".to_owned(), lens::attributes(panel, &cut));
            }
        }
    }
    embedded.insert("enhancements".to_owned(), enhancements.into());
    let at = panel.at;
    let mut written = json!({
        "type": kind,
        "title": panel.title,
        "panelIndex": id,
        "gridData": {"x": at.x, "y": at.y, "w": at.w, "h": at.h, "i": id},
        "embeddableConfig": embedded,
    });
    if let Some(name) = search {
        set(&mut written, "panelRefName", name);
    }
    written
}

fn drill_down(event: &str, title: &str) -> Value {
    json!({
        "eventId": event,
        "triggers": ["FILTER_TRIGGER"],
        "action": {
            "factoryId": "DASHBOARD_TO_DASHBOARD_DRILLDOWN",
            "name": format!("Open: {title}"),
            "config": {"useCurrentFilters": true, "useCurrentDateRange": true, "openInNewTab": false},
        },
    })
}
