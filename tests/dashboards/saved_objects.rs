//! The seven things about a file of saved objects that can be checked without Kibana.

use std::collections::BTreeMap;

use clarion::dashboard::Source;
use clarion::dashboard::kibana::{ndjson, objects};
use serde_json::Value;

use super::shipped;

/// Versions above which an old Kibana refuses an object.
const PINS: [(&str, &str); 3] = [("index-pattern", "8.0.0"), ("search", "8.0.0"), ("dashboard", "10.2.0")];

fn lines() -> Vec<Value> {
    ndjson(&objects(&shipped())).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_kind(kind: &str) -> Vec<Value> {
    lines().into_iter().filter(|object| object["type"] == kind).collect()
}

/// A text that holds JSON.
fn inner(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap_or_else(|| panic!("{text} is no text"))).unwrap()
}

fn panels(dashboard: &Value) -> Vec<Value> {
    inner(&dashboard["attributes"]["panelsJSON"]).as_array().unwrap().clone()
}

fn references(object: &Value) -> BTreeMap<String, (String, String)> {
    let list = object["references"].as_array().unwrap();
    let named: BTreeMap<String, (String, String)> = list
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            (text("name"), (text("type"), text("id")))
        })
        .collect();
    assert_eq!(named.len(), list.len(), "two references have one name in {}", object["id"]);
    named
}

#[test]
fn one_every_line_is_an_object_and_no_two_are_the_same() {
    let mut ids: Vec<String> = lines().iter().map(|object| format!("{} {}", object["type"], object["id"])).collect();
    assert_eq!(of_kind("dashboard").len(), shipped().dashboards.len());
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn two_texts_of_json_are_json() {
    for object in lines() {
        let attributes = &object["attributes"];
        for key in ["panelsJSON", "optionsJSON", "fieldFormatMap", "fieldAttrs", "runtimeFieldMap"] {
            if attributes[key] != Value::Null {
                inner(&attributes[key]);
            }
        }
        if let Some(meta) = attributes.get("kibanaSavedObjectMeta") {
            inner(&meta["searchSourceJSON"]);
        }
        if let Some(controls) = attributes.get("controlGroupInput") {
            inner(&controls["panelsJSON"]);
            inner(&controls["ignoreParentSettingsJSON"]);
        }
    }
}

#[test]
fn three_panels_stand_on_the_grid_and_none_over_another() {
    for dashboard in of_kind("dashboard") {
        let mut taken: BTreeMap<(u64, u64), String> = BTreeMap::new();
        for panel in panels(&dashboard) {
            let at = |key: &str| panel["gridData"][key].as_u64().unwrap();
            assert_eq!(panel["gridData"]["i"], panel["panelIndex"]);
            assert!(at("w") > 0 && at("h") > 0 && at("x") + at("w") <= 48, "{}", panel["panelIndex"]);
            for x in at("x")..at("x") + at("w") {
                for y in at("y")..at("y") + at("h") {
                    let other = taken.insert((x, y), panel["panelIndex"].to_string());
                    assert_eq!(other, None, "{} {}", dashboard["id"], panel["panelIndex"]);
                }
            }
        }
    }
}

#[test]
fn four_every_reference_is_there_at_both_levels_and_leads_somewhere() {
    let all: Vec<(String, String)> = lines()
        .iter()
        .map(|object| (object["type"].as_str().unwrap().to_owned(), object["id"].as_str().unwrap().to_owned()))
        .collect();
    for object in lines() {
        for (name, target) in references(&object) {
            assert!(all.contains(&target), "{} refers by {name} to {target:?}, which is not in the file", object["id"]);
        }
    }
    for dashboard in of_kind("dashboard") {
        let known = references(&dashboard);
        let mut needed = Vec::new();
        for panel in panels(&dashboard) {
            let index = panel["panelIndex"].as_str().unwrap();
            if let Some(attributes) = panel["embeddableConfig"].get("attributes") {
                let own = references(attributes);
                for (layer, _) in attributes["state"]["datasourceStates"]["formBased"]["layers"].as_object().unwrap() {
                    let name = format!("indexpattern-datasource-layer-{layer}");
                    let outer = format!("{index}:{name}");
                    assert_eq!(own.get(&name), known.get(&outer), "{outer}");
                    assert!(own.contains_key(&name), "{outer}");
                    needed.push(outer);
                }
            }
            if let Some(name) = panel.get("panelRefName") {
                needed.push(format!("{index}:{}", name.as_str().unwrap()));
            }
            let actions = &panel["embeddableConfig"]["enhancements"]["dynamicActions"]["events"];
            for event in actions.as_array().into_iter().flatten() {
                let id = event["eventId"].as_str().unwrap();
                needed.push(format!("{index}:drilldown:DASHBOARD_TO_DASHBOARD_DRILLDOWN:{id}:dashboardId"));
            }
        }
        let controls = inner(&dashboard["attributes"]["controlGroupInput"]["panelsJSON"]);
        needed.extend(
            controls.as_object().unwrap().keys().map(|control| format!("controlGroup_{control}:optionsListDataView")),
        );
        needed.sort();
        assert_eq!(needed, known.into_keys().collect::<Vec<_>>(), "{}", dashboard["id"]);
    }
    for search in of_kind("search") {
        let source = inner(&search["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"]);
        assert!(references(&search).contains_key(source["indexRefName"].as_str().unwrap()));
    }
}

/// Every text behind a key that names a column.
fn accessors(node: &Value, key: &str, found: &mut Vec<String>) {
    const NAMES: [&str; 8] = [
        "metricAccessor",
        "xAccessor",
        "splitAccessor",
        "columnId",
        "accessors",
        "primaryGroups",
        "metrics",
        "yAccessor",
    ];
    match node {
        Value::String(text) if NAMES.contains(&key) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| accessors(item, key, found)),
        Value::Object(members) => members.iter().for_each(|(key, value)| accessors(value, key, found)),
        _ => {}
    }
}

/// Every layer of every visualization, with the visualization's state.
fn layers() -> Vec<(String, Value, Value, Value)> {
    let mut found = Vec::new();
    for dashboard in of_kind("dashboard") {
        for panel in panels(&dashboard) {
            let Some(attributes) = panel["embeddableConfig"].get("attributes") else { continue };
            let state = &attributes["state"];
            for (id, layer) in state["datasourceStates"]["formBased"]["layers"].as_object().unwrap() {
                let view = references(attributes)[&format!("indexpattern-datasource-layer-{id}")].1.clone();
                let place = format!("{} {}", dashboard["id"], panel["panelIndex"]);
                found.push((place, layer.clone(), state["visualization"].clone(), Value::from(view)));
            }
        }
    }
    found
}

#[test]
fn five_columns_and_accessors_are_there() {
    let layers = layers();
    assert!(layers.len() > 30);
    for (place, layer, visualization, _) in layers {
        let columns = layer["columns"].as_object().unwrap();
        let order: Vec<&str> = layer["columnOrder"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        assert_eq!(order, columns.keys().map(String::as_str).collect::<Vec<_>>(), "{place}");
        // buckets come before measures
        let bucketed: Vec<bool> = order.iter().map(|id| columns[*id]["isBucketed"].as_bool().unwrap()).collect();
        assert!(bucketed.is_sorted_by(|one, other| one >= other), "{place}");
        let mut named = Vec::new();
        accessors(&visualization, "", &mut named);
        assert!(!named.is_empty(), "{place}");
        for name in &named {
            assert!(columns.contains_key(name), "{place}: {name}");
        }
        // what is calculated is shown
        for id in columns.keys() {
            assert!(named.contains(id), "{place}: {id} is shown nowhere");
        }
        for column in columns.values() {
            assert!(column["scale"].is_string());
            if column["operationType"] == "terms" {
                let by = column["params"]["orderBy"]["columnId"].as_str().unwrap();
                assert_eq!(columns[by]["isBucketed"], false, "{place}");
            }
            // what compiles to aggregations that some server has not
            assert!(!["last_value", "formula"].contains(&column["operationType"].as_str().unwrap()));
        }
    }
}

#[test]
fn six_every_field_is_in_the_shipped_index_template() {
    let source = |view: &Value| Source::ALL.into_iter().find(|source| view == source.data_view()).unwrap();
    for (place, layer, _, view) in layers() {
        for column in layer["columns"].as_object().unwrap().values() {
            let field = column["sourceField"].as_str().unwrap();
            let kind = source(&view).field_type(field);
            let fits = match column["operationType"].as_str().unwrap() {
                "count" => field == "___records___",
                "terms" => kind == Some("keyword"),
                "date_histogram" => kind == Some("date"),
                "unique_count" => kind.is_some(),
                _ => matches!(kind, Some("long" | "double" | "date")),
            };
            assert!(fits, "{place}: {field} is {kind:?}");
        }
    }
    for search in of_kind("search") {
        let view = Value::from(references(&search).into_values().next().unwrap().1);
        for column in search["attributes"]["columns"].as_array().unwrap() {
            assert!(source(&view).field_type(column.as_str().unwrap()).is_some(), "{column}");
        }
    }
}

#[test]
fn seven_versions_are_those_that_old_kibanas_know() {
    for object in lines() {
        assert_eq!(object["coreMigrationVersion"], "8.8.0");
        let pin = PINS.iter().find(|(kind, _)| object["type"] == *kind);
        assert_eq!(object["typeMigrationVersion"], pin.unwrap().1, "{}", object["type"]);
    }
}
