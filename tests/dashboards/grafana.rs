//! What Grafana would show wrong.

use std::collections::BTreeSet;

use clarion::dashboard::grafana::dashboard;
use serde_json::Value;

use super::shipped;

#[test]
fn panels_stand_on_the_grid_and_none_over_another() {
    let description = shipped();
    for one in &description.dashboards {
        let written = dashboard(one, &description);
        let mut taken = BTreeSet::new();
        for panel in written["panels"].as_array().unwrap() {
            let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(at("w") > 0 && at("h") > 1 && at("x") + at("w") <= 24, "{}", panel["title"]);
            for x in at("x")..at("x") + at("w") {
                for y in at("y")..at("y") + at("h") {
                    assert!(taken.insert((x, y)), "{} {}", one.id, panel["title"]);
                }
            }
        }
    }
}

#[test]
fn every_data_source_is_a_variable_and_every_order_a_metric() {
    let description = shipped();
    for one in &description.dashboards {
        let written = dashboard(one, &description);
        let variables: Vec<String> = written["templating"]["list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|variable| variable["name"].as_str().unwrap().to_owned())
            .collect();
        for panel in written["panels"].as_array().unwrap() {
            if panel["type"] == "text" {
                assert!(panel.get("targets").is_none());
                continue;
            }
            let uid = panel["datasource"]["uid"].as_str().unwrap();
            assert!(variables.contains(&uid.trim_start_matches("${").trim_end_matches('}').to_owned()), "{uid}");
            let target = &panel["targets"][0];
            let metrics = target["metrics"].as_array().unwrap();
            let ids: Vec<&Value> = metrics.iter().map(|metric| &metric["id"]).collect();
            let buckets = target["bucketAggs"].as_array().unwrap();
            let raw = metrics[0]["type"] == "raw_data";
            assert_eq!(buckets.is_empty(), raw, "{}", panel["title"]);
            for bucket in buckets {
                assert!(!ids.contains(&&bucket["id"]), "{}: two of one id", panel["title"]);
                let order = &bucket["settings"]["orderBy"];
                assert!(order.is_null() || order == "_count" || ids.contains(&order), "{}", panel["title"]);
            }
            // a histogram of time is the innermost bucket, as Grafana wants it
            let times = buckets.iter().position(|bucket| bucket["type"] == "date_histogram");
            assert!(times.is_none_or(|at| at + 1 == buckets.len()), "{}", panel["title"]);
        }
    }
}

#[test]
fn the_page_of_one_model_is_about_one_model() {
    let description = shipped();
    let written = dashboard(description.dashboard("model").unwrap(), &description);
    for panel in written["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "text") {
        let query = panel["targets"][0]["query"].as_str().unwrap();
        assert!(query.ends_with("aigov.model.name:${model_name:lucene}"), "{query}");
    }
    let overview = dashboard(description.dashboard("overview").unwrap(), &description).to_string();
    assert!(overview.contains("/d/clarion-model?var-model_name="));
}
