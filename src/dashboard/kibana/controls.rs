//! What a reader narrows a dashboard by, above its panels.

use serde_json::{Map, Value, json};

use super::super::Dashboard;
use super::reference;

fn control_id(index: usize) -> String {
    format!("control-{index}")
}

/// The `controlGroupInput` of a dashboard.
pub(super) fn group(dashboard: &Dashboard) -> Value {
    let mut panels = Map::new();
    for (index, control) in dashboard.controls.iter().enumerate() {
        let id = control_id(index);
        let panel = json!({
            "order": index,
            "width": "medium",
            "grow": true,
            "type": "optionsListControl",
            "explicitInput": {
                "id": id,
                "dataViewId": control.source.data_view(),
                "fieldName": control.field,
                "title": control.title,
                "searchTechnique": "prefix",
                "selectedOptions": [],
                "singleSelect": control.single,
                "runPastTimeout": false,
                "sort": {"by": "_count", "direction": "desc"},
            },
        });
        panels.insert(id, panel);
    }
    let ignored = json!({
        "ignoreFilters": false,
        "ignoreQuery": false,
        "ignoreTimerange": false,
        "ignoreValidations": false,
    });
    json!({
        "chainingSystem": "HIERARCHICAL",
        "controlStyle": "oneLine",
        "showApplySelections": false,
        "ignoreParentSettingsJSON": ignored.to_string(),
        "panelsJSON": Value::from(panels).to_string(),
    })
}

/// The references of the controls to their data views.
pub(super) fn references(dashboard: &Dashboard) -> impl Iterator<Item = Value> {
    dashboard.controls.iter().enumerate().map(|(index, control)| {
        let name = format!("controlGroup_{}:optionsListDataView", control_id(index));
        reference(&name, "index-pattern", control.source.data_view())
    })
}
