//! The form of the Dashboards API: what its published schema asks for, as far as these dashboards use it.

use clarion::dashboard::kibana::api_dashboard;
use serde_json::Value;

use super::shipped;

#[test]
fn every_panel_has_a_known_type_a_place_and_a_data_source() {
    let description = shipped();
    for one in &description.dashboards {
        let written = api_dashboard(one, &description);
        assert_eq!(written["title"], one.title.as_str());
        assert_eq!(written["panels"].as_array().unwrap().len(), one.panels.len());
        for panel in written["panels"].as_array().unwrap() {
            let config = &panel["config"];
            assert!(panel["grid"]["x"].as_u64().unwrap() + panel["grid"]["w"].as_u64().unwrap() <= 48);
            let source = match (panel["type"].as_str().unwrap(), config["type"].as_str()) {
                ("markdown", _) => {
                    assert!(config["content"].is_string());
                    continue;
                }
                ("discover_session", _) => &config["tabs"][0]["data_source"],
                ("vis", Some("xy")) => {
                    let layer = &config["layers"][0];
                    assert!(layer["x"]["operation"].is_string() && layer["y"][0]["operation"].is_string());
                    &layer["data_source"]
                }
                ("vis", Some("metric")) => {
                    assert_eq!(config["metrics"][0]["type"], "primary");
                    &config["data_source"]
                }
                ("vis", Some("pie")) => {
                    assert_eq!(config["group_by"][0]["operation"], "terms");
                    &config["data_source"]
                }
                ("vis", Some("data_table")) => {
                    assert_eq!(config["rows"][0]["operation"], "terms");
                    &config["data_source"]
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(source["type"], "data_view_reference");
            assert!(["clarion-alerts", "clarion-metrics"].contains(&source["ref_id"].as_str().unwrap()));
        }
    }
}

#[test]
fn it_shows_the_same_as_the_saved_objects() {
    let description = shipped();
    let text = clarion::dashboard::kibana::ndjson(&clarion::dashboard::kibana::objects(&description));
    let saved: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for one in &description.dashboards {
        let api = api_dashboard(one, &description);
        let object = saved.iter().find(|object| object["id"] == format!("clarion-{}", one.id)).unwrap();
        let panels: Value = serde_json::from_str(object["attributes"]["panelsJSON"].as_str().unwrap()).unwrap();
        for (api, saved) in api["panels"].as_array().unwrap().iter().zip(panels.as_array().unwrap()) {
            assert_eq!(api["id"], saved["panelIndex"]);
            if let Some(attributes) = saved["embeddableConfig"].get("attributes") {
                let query = attributes["state"]["query"]["query"].as_str().unwrap();
                assert_eq!(api["config"]["query"]["expression"].as_str().unwrap_or_default(), query);
            }
        }
    }
}
