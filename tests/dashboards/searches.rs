//! The search behind each panel: its shape, and that it needs nothing that a server may lack.

use clarion::dashboard::{Panel, Show, Window, read, search_body};
use serde_json::{Value, json};

use super::shipped;

/// Aggregations that every supported server has.
const EVERYWHERE: [&str; 7] = ["date_histogram", "terms", "cardinality", "sum", "avg", "max", "min"];

fn window() -> Window {
    Window { from: "now-7d".into(), to: "now".into(), interval: "3h".into() }
}

/// The names of all aggregations, from the outermost inwards.
fn kinds(aggregations: &Value, found: &mut Vec<String>) {
    for (_, aggregation) in aggregations.as_object().into_iter().flatten() {
        for (key, value) in aggregation.as_object().unwrap() {
            if key == "aggs" {
                kinds(value, found);
            } else {
                found.push(key.clone());
            }
        }
    }
}

#[test]
fn every_panel_but_text_has_a_search_that_every_server_answers() {
    for dashboard in shipped().dashboards {
        for panel in &dashboard.panels {
            let place = format!("{}/{}", dashboard.id, panel.id);
            let body = search_body(panel, &window());
            assert_eq!(body.is_none(), matches!(panel.show, Show::Markdown(_)), "{place}");
            let Some(body) = body else { continue };
            let mut found = Vec::new();
            kinds(&body["aggs"], &mut found);
            assert!(found.iter().all(|kind| EVERYWHERE.contains(&kind.as_str())), "{place}: {found:?}");
            assert!(body["query"]["bool"]["filter"][0]["range"]["@timestamp"].is_object(), "{place}");
            let text = body.to_string();
            assert!(!text.contains("null"), "{place}: {text}");
        }
    }
}

fn panel(show: &str) -> Panel {
    let text = format!(
        "dashboards:\n  - id: a\n    title: A\n    description: A.\n    range: 1d\n    panels:\n      - {{id: p, title: P, at: {{x: 0, y: 0, w: 48, h: 5}}, show: {show}}}\n"
    );
    read(&text).unwrap_or_else(|error| panic!("{error}")).dashboards.remove(0).panels.remove(0)
}

#[test]
fn a_number_of_the_recent_past_asks_for_the_recent_past() {
    let panel = panel(
        "{metric: {source: metrics, where: {clarion.metric.name: [x]}, recent: 1d, measure: {calculate: average, field: clarion.metric.value, title: V}}}",
    );
    let expected = |from: &str, to: &str| {
        json!({
            "size": 0,
            "query": {"bool": {"filter": [
                {"range": {"@timestamp": {"gte": from, "lte": to}}},
                {"terms": {"clarion.metric.name": ["x"]}},
            ]}},
            "track_total_hits": true,
            "aggs": {"m0": {"avg": {"field": "clarion.metric.value"}}},
        })
    };
    assert_eq!(search_body(&panel, &window()), Some(expected("now-1d", "now")));
    let fixed = Window { to: "2026-11-21T00:00:00Z".into(), ..window() };
    let from = "2026-11-21T00:00:00Z||-1d";
    assert_eq!(search_body(&panel, &fixed), Some(expected(from, "2026-11-21T00:00:00Z")));
}

#[test]
fn lines_are_terms_with_time_in_them_in_the_order_of_what_is_measured() {
    let panel = panel(
        "{line: {source: metrics, measure: {calculate: maximum, field: clarion.metric.value, title: V}, by: {field: aigov.model.name, title: M, size: 3}}}",
    );
    let value = json!({"max": {"field": "clarion.metric.value"}});
    let over_time = json!({
        "date_histogram": {"field": "@timestamp", "fixed_interval": "3h", "min_doc_count": 1},
        "aggs": {"m0": value},
    });
    let expected = json!({"b0": {
        "terms": {"field": "aigov.model.name", "size": 3, "order": {"order": "desc"}},
        "aggs": {"b1": over_time, "order": value},
    }});
    assert_eq!(search_body(&panel, &window()).unwrap()["aggs"], expected);
}

#[test]
fn the_lowest_come_first_where_they_are_asked_for() {
    let panel = panel(
        "{line: {source: metrics, measure: {calculate: average, field: clarion.metric.value, title: V}, by: {field: aigov.model.name, title: M, size: 3, order: rising}}}",
    );
    let body = search_body(&panel, &window()).unwrap();
    assert_eq!(body["aggs"]["b0"]["terms"]["order"], json!({"order": "asc"}));
}

#[test]
fn a_count_needs_no_aggregation_of_its_own() {
    let count = "measure: {calculate: count, title: N}";
    let figure = panel(&format!("{{metric: {{source: alerts, {count}}}}}"));
    let body = search_body(&figure, &window()).unwrap();
    assert_eq!((&body["track_total_hits"], body.get("aggs")), (&Value::from(true), None));
    let pie = panel(&format!("{{pie: {{source: alerts, slices: {{field: rule.level, title: L, size: 5}}, {count}}}}}"));
    assert_eq!(
        search_body(&pie, &window()).unwrap()["aggs"],
        json!({"b0": {"terms": {"field": "rule.level", "size": 5, "order": {"_count": "desc"}}}})
    );
}

#[test]
fn documents_come_newest_first() {
    let panel = panel("{documents: {source: alerts, where: {rule.level: [high, critical]}, columns: [message]}}");
    let body = search_body(&panel, &window()).unwrap();
    assert_eq!(body["sort"], json!([{"@timestamp": {"order": "desc"}}]));
    assert_eq!(body["_source"], json!(["@timestamp", "message"]));
    assert_eq!(body["query"]["bool"]["filter"][1], json!({"terms": {"rule.level": ["high", "critical"]}}));
}
