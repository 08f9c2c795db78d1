//! The alerts of the chart, without any program of others: they read metrics and labels that the program has, and each has its
//! entry in the runbook. What Helm makes of them, and when they fire, is in `tests/chart`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod source_tree;

use std::collections::{BTreeMap, BTreeSet};

use clarion::model::{Level, Timestamp};
use clarion::telemetry::{
    BoundLabel, BufferLabel, FaultLabels, FilterLabel, LookupLabel, Metrics, PartitionLabels, ReloadLabel,
    RuleAlertLabels, RuleLabel, SinkLabel, SourceLabel,
};
use regex::Regex;
use serde_json::Value;
use source_tree::root;

/// Labels that Prometheus adds to what it scrapes.
const ADDED: [&str; 3] = ["job", "namespace", "pod"];

fn alerts() -> Vec<Value> {
    let text = std::fs::read_to_string(root().join("helm/clarion/alerts.yaml")).unwrap();
    let alerts: Vec<Value> = serde_saphyr::from_str(&text).unwrap();
    assert!(alerts.len() >= 10);
    alerts
}

/// What `/metrics` prints when everything has been counted once: the labels of each name.
fn printed() -> BTreeMap<String, BTreeSet<String>> {
    let metrics = Metrics::new();
    let source = SourceLabel::of("s");
    for counter in [
        &metrics.records_read,
        &metrics.events_decoded,
        &metrics.late_events,
        &metrics.skewed_events,
        &metrics.records_lost,
    ] {
        counter.get_or_create(&source).inc();
    }
    for counter in [&metrics.sink_delivered, &metrics.sink_rejected, &metrics.sink_retries] {
        counter.get_or_create(&SinkLabel::of("s")).inc();
    }
    metrics.set_sink("s", true, 1);
    metrics.set_snapshot(Timestamp(1), 1);
    metrics.faults.get_or_create(&FaultLabels::of("decode", "not_json")).inc();
    metrics.filtered_matches.get_or_create(&FilterLabel::of("f")).inc();
    metrics.alerts.get_or_create(&RuleAlertLabels::of("r", Level::High)).inc();
    metrics.metrics.get_or_create(&RuleLabel::of("r")).inc();
    metrics.bounds_reached.get_or_create(&BoundLabel::of("outbox")).inc();
    metrics.buffered.get_or_create(&BufferLabel::of("outbox")).set(1);
    metrics.lag.get_or_create(&PartitionLabels::of("s", "t", 0)).set(1);
    metrics.lookup_failures.get_or_create(&LookupLabel::of("l")).inc();
    metrics.reloads.get_or_create(&ReloadLabel::of("refused")).inc();
    metrics.set_table_in_use("l", 1, Timestamp(1));
    metrics.set_table_read("l", Timestamp(1));
    metrics.set_watermark("s", Timestamp(1));
    metrics.set_watermark_holder(Some("s"));
    let line = Regex::new(r"^(clarion_\w+)(?:\{(.*)\})? ").unwrap();
    let label = Regex::new(r#"(\w+)="#).unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for sample in metrics.render().lines().filter_map(|text| line.captures(text)) {
        let labels = sample.get(2).map_or("", |labels| labels.as_str());
        let labels = label.captures_iter(labels).map(|name| name[1].to_owned());
        found.entry(sample[1].to_owned()).or_default().extend(labels);
    }
    found
}

#[test]
fn they_read_metrics_that_are_there() {
    let printed = printed();
    let name = Regex::new(r"\bclarion_\w+").unwrap();
    let selector = Regex::new(r"(clarion_\w+)\{<selector>(?:,([^}]*))?\}").unwrap();
    let matcher = Regex::new(r#"(\w+)(?:!?=~?)""#).unwrap();
    let grouping = Regex::new(r"\bby \(([^)]*)\)").unwrap();
    let shown = Regex::new(r"\$labels\.(\w+)").unwrap();
    for alert in alerts() {
        let (title, expression) = (&alert["alert"], alert["expr"].as_str().unwrap());
        let names: Vec<&str> = name.find_iter(expression).map(|found| found.as_str()).collect();
        assert!(!names.is_empty(), "{title}");
        let mut labels = BTreeSet::from(ADDED);
        for name in &names {
            let own = printed.get(*name).unwrap_or_else(|| panic!("{title}: {name} is not among {:?}", printed.keys()));
            labels.extend(own.iter().map(String::as_str));
        }
        let selectors: Vec<_> = selector.captures_iter(expression).collect();
        assert_eq!(selectors.len(), names.len(), "{title}: every metric has the selector of the release");
        for found in selectors {
            for wanted in matcher.captures_iter(found.get(2).map_or("", |rest| rest.as_str())) {
                assert!(printed[&found[1]].contains(&wanted[1]), "{title}: {} has no {}", &found[1], &wanted[1]);
            }
        }
        for by in
            grouping.captures_iter(expression).flat_map(|by| by[1].split(", ").map(str::to_owned).collect::<Vec<_>>())
        {
            assert!(labels.contains(by.as_str()), "{title}: no metric has {by}");
        }
        for found in shown.captures_iter(alert["description"].as_str().unwrap()) {
            assert!(labels.contains(&found[1]), "{title}: no metric has {}", &found[1]);
        }
    }
}

#[test]
fn each_has_its_entry_in_the_runbook_and_nothing_else_has() {
    let page = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let entries: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .filter(|title| title.starts_with("Clarion"))
        .collect();
    let alerts = alerts();
    let names: BTreeSet<&str> = alerts.iter().map(|alert| alert["alert"].as_str().unwrap()).collect();
    assert_eq!(names.len(), alerts.len(), "each name once");
    assert_eq!(entries, names);
}

#[test]
fn every_metric_is_described_for_operators() {
    let page = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    for name in printed().keys() {
        assert!(page.contains(name.as_str()), "{name} is not in docs/operations.md");
    }
}

#[test]
fn thresholds_have_values_and_are_used() {
    let text = std::fs::read_to_string(root().join("helm/clarion/alerts.yaml")).unwrap();
    let values: Value =
        serde_saphyr::from_str(&std::fs::read_to_string(root().join("helm/clarion/values.yaml")).unwrap()).unwrap();
    let thresholds = values["prometheusRule"]["thresholds"].as_object().unwrap();
    let used = Regex::new(r"<(\w+)>").unwrap();
    let used: BTreeSet<&str> = used.captures_iter(&text).map(|found| found.get(1).unwrap().as_str()).collect();
    let known: BTreeSet<&str> = thresholds.keys().map(String::as_str).chain(["selector"]).collect();
    assert_eq!(used, known);
}
