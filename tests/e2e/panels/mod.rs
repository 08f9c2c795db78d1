//! Every panel of the shipped dashboards, asked of a real Elasticsearch that the program filled from the demonstration's
//! week, under the shipped templates with `dynamic: strict`. What it answers is held against the documents themselves and
//! against what is known of the planted incidents.

mod answer;

use std::collections::BTreeMap;
use std::time::Duration;

use answer::{INTERVAL, answered, same};
use clarion::alert::metric_document;
use clarion::dashboard::{
    Conditions, Dashboard, Panel, Row, SHIPPED, Show, Source, Window, chosen, computed, read, search_body,
};
use clarion::demo::generator::{GeneratedRecord, GeneratorSettings, MLFLOW_TOPIC, generate};
use clarion::demo::shipped_rules;
use clarion::model::{Span, Timestamp};
use clarion::telemetry::clock;
use serde_json::{Value, json};

use crate::engine::Workspace;
use crate::pipeline::{Expected, TOPICS, expected_until, indexed, kafka_with_topics, place, produce};
use crate::servers::{Elasticsearch, ElasticsearchOptions, wait_until};

const SOON: Duration = Duration::from_secs(180);
const WEEK: Span = Span::seconds(7 * 86_400);
/// What has nothing to show when nothing is wrong with the engine, and no event came too late.
const QUIET: [&str; 2] = ["engine-health/engine-alerts", "alert-triage/retracted-alerts"];

/// Names of models that were never assessed. Of the last two the server indexes nothing, and keeps what it is given.
fn odd_names() -> Vec<String> {
    let mut names: Vec<String> =
        ["模型 🤖 e\u{301}", "\u{202e}gnp.exe", "a\u{0}b\nc", "\"quoted\\ 'name'* AND (x)", " ", "\u{10ffff}\u{feff}"]
            .map(str::to_owned)
            .into();
    names.extend(["é".repeat(1024), "long".repeat(500), "longer".repeat(10_000)]);
    names
}

/// The week, and deployments of models with odd names behind the planted one of `fraud-scorer`.
fn records(start: Timestamp) -> Vec<GeneratedRecord> {
    let mut records = generate(&GeneratorSettings { events: 6_000, ..GeneratorSettings::new(11, start) }).records;
    let is_it = |record: &GeneratedRecord| {
        let body: Value = serde_json::from_slice(&record.value).unwrap();
        record.topic == MLFLOW_TOPIC
            && record.event_time >= start
            && body["data"]["name"] == "fraud-scorer"
            && body["data"]["alias"] == "production"
    };
    let at = records.iter().position(is_it).unwrap();
    let deployed = records[at].clone();
    for (number, name) in odd_names().iter().enumerate() {
        let mut body: Value = serde_json::from_slice(&deployed.value).unwrap();
        body["data"]["name"] = json!(name);
        let mut headers = deployed.headers.clone();
        for (key, value) in &mut headers {
            if key == "X-MLflow-Delivery-Id" {
                *value = format!("odd-{number}").into_bytes();
            }
        }
        records.insert(at + 1, GeneratedRecord { headers, value: body.to_string().into_bytes(), ..deployed.clone() });
    }
    records
}

/// A Monday whose week is over, so that only what is read and a moment of silence move the watermark behind it. Everything
/// in the week is counted from it, so nothing that is asserted depends on which Monday it is.
fn monday() -> Timestamp {
    let day = 86_400_000_000_000;
    let days = clock::now().0.div_euclid(day) - 8;
    // 1970-01-05 was a Monday
    Timestamp((days - (days - 4).rem_euclid(7)) * day)
}

/// The documents of a kind in the index up to a moment, by id, without the time of sending.
fn written(node: &Elasticsearch, source: Source, until: Timestamp) -> BTreeMap<String, Value> {
    let documents = node.search_all(source.index()).unwrap_or_default().into_iter().map(|mut hit| {
        let mut document = hit["_source"].take();
        assert!(document["event"].as_object_mut().unwrap().remove("ingested").is_some());
        (hit["_id"].as_str().unwrap().to_owned(), document)
    });
    documents.filter(|(_, document)| time(document) <= until).collect()
}

fn time(document: &Value) -> Timestamp {
    Timestamp::parse(document["@timestamp"].as_str().unwrap()).unwrap()
}

/// How many documents up to a moment are there.
fn count(node: &Elasticsearch, source: Source, until: Timestamp) -> usize {
    let index = source.index();
    let body =
        json!({"size": 0, "track_total_hits": true, "query": {"range": {"@timestamp": {"lte": until.to_string()}}}});
    // an index that was made a moment ago cannot be searched yet
    let reply = node.http().expect("POST", &format!("/{index}/_search?allow_no_indices=true"), Some(&body));
    reply
        .ok()
        .and_then(|reply| reply["hits"]["total"]["value"].as_u64())
        .map_or(0, |count| usize::try_from(count).unwrap())
}

/// A server that holds everything, and what that is.
struct Filled {
    node: Elasticsearch,
    end: Timestamp,
    documents: BTreeMap<Source, BTreeMap<String, Value>>,
}

fn fill() -> Filled {
    let start = monday();
    let end = start.plus(WEEK);
    let records = records(start);
    let placed = place(&records);
    let Expected { documents: alerts, metrics, .. } = expected_until(&placed, clock::now(), shipped_rules());
    let metrics: BTreeMap<String, Value> = metrics
        .iter()
        .filter(|metric| metric.time <= end)
        .map(|metric| (metric.id.to_string(), metric_document(metric)))
        .collect();

    let kafka = kafka_with_topics();
    let node = Elasticsearch::start(&ElasticsearchOptions::default()).unwrap();
    let mut workspace = Workspace::new(&kafka.bootstrap());
    workspace.strict_elasticsearch(&node);
    // some 80,000 values come at once: a snapshot has those that are still owed
    workspace.snapshot_interval("5s");
    produce(&kafka.bootstrap(), &placed);
    let engine = workspace.start(&TOPICS, "2s");
    let all = wait_until(
        "all alerts and the values of the week",
        SOON,
        || Ok((count(&node, Source::Alerts, Timestamp::MAX), count(&node, Source::Metrics, end))),
        |(indexed, values)| (*indexed, *values) == (alerts.len(), metrics.len()),
    );
    all.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));
    let all = wait_until("all revisions", SOON, || Ok(indexed(&node)), |indexed| *indexed == alerts);
    all.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));
    assert_eq!(engine.stop(Duration::from_secs(60)), Some(0), "{}", workspace.log_tail());
    assert_eq!(workspace.dead_letters(), Vec::<Value>::new());
    let there = written(&node, Source::Metrics, end);
    let odd = there.iter().find(|(id, document)| metrics.get(*id) != Some(document));
    assert_eq!((odd, there.len()), (None, metrics.len()));
    Filled { node, end, documents: [(Source::Alerts, alerts), (Source::Metrics, metrics)].into() }
}

/// A length of time such as `7d`.
fn span(text: &str) -> Span {
    Span::parse(text).unwrap()
}

impl Filled {
    fn of(&self, source: Source) -> Vec<&Value> {
        self.documents[&source].values().collect()
    }

    fn search(&self, source: Source, body: &Value) -> Value {
        let path = format!("/{}/_search", source.index());
        let reply = self.node.http().expect("POST", &path, Some(body)).unwrap();
        assert_eq!((&reply["timed_out"], &reply["_shards"]["failed"]), (&json!(false), &json!(0)), "{reply}");
        reply
    }

    /// The range of a dashboard, and at least the week.
    fn from(&self, dashboard: &Dashboard) -> Timestamp {
        self.end.minus(span(&dashboard.range).max(WEEK))
    }

    /// Asks for a panel, with a filter that somebody set at the top of the dashboard, and holds the answer against what
    /// the documents say. Gives its rows, one for each document that is shown as it is.
    fn ask(&self, dashboard: &Dashboard, panel: &Panel, filter: &Conditions) -> Vec<Row> {
        let place = format!("{}/{} {filter:?}", dashboard.id, panel.id);
        let from = self.from(dashboard);
        let window = Window { from: from.to_string(), to: self.end.to_string(), interval: "3h".to_owned() };
        let source = panel.source().unwrap();
        let mut body = search_body(panel, &window).unwrap();
        for (field, allowed) in filter {
            body["query"]["bool"]["filter"].as_array_mut().unwrap().push(json!({"terms": {field.as_str(): allowed}}));
        }
        let reply = self.search(source, &body);
        let with = |conditions: &Conditions| {
            conditions.iter().chain(filter).map(|(field, allowed)| (field.clone(), allowed.clone())).collect()
        };
        if let Show::Documents(shown) = &panel.show {
            let expected = chosen(&self.of(source), &with(&shown.conditions), from, self.end);
            let hits = reply["hits"]["hits"].as_array().unwrap();
            assert_eq!(reply["hits"]["total"]["value"], expected.len(), "{place}");
            let times: Vec<&str> = hits.iter().map(|hit| hit["_source"]["@timestamp"].as_str().unwrap()).collect();
            assert!(times.is_sorted_by(|one, next| one >= next), "{place}: {times:?}");
            return hits.iter().map(|hit| (vec![hit["_id"].to_string()], Vec::new())).collect();
        }
        let cut = panel.cut().unwrap();
        let from = cut.recent.map_or(from, |recent| self.end.minus(span(recent)));
        let expected = computed(&cut, &chosen(&self.of(source), &with(cut.conditions), from, self.end), INTERVAL);
        let rows = answered(&cut, &reply);
        assert!(same(&cut, &rows, &expected), "{place}\nsays     {rows:?}\nshould   {expected:?}\nto {body}");
        rows
    }
}

/// Whether a row says something: no measure is missing, and what is counted is there.
fn says_something(panel: &Panel, row: &Row) -> bool {
    let counts = panel.cut().is_some_and(|cut| cut.measures[0].field.is_none());
    row.1.iter().all(Option::is_some) && !(counts && row.1[0] == Some(0.0))
}

fn every_panel_shows_something(filled: &Filled) -> BTreeMap<String, Vec<Row>> {
    let (mut answers, mut wrong) = (BTreeMap::new(), Vec::new());
    for dashboard in &read(SHIPPED).unwrap().dashboards {
        for panel in dashboard.panels.iter().filter(|panel| panel.source().is_some()) {
            let place = format!("{}/{}", dashboard.id, panel.id);
            let rows = filled.ask(dashboard, panel, &Conditions::new());
            let shows = !rows.is_empty() && rows.iter().any(|row| says_something(panel, row));
            if shows == QUIET.contains(&place.as_str()) {
                wrong.push(format!("{place}: {rows:?}"));
            }
            answers.insert(place, rows);
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    answers
}

/// What is known of the planted incidents, without looking at any document.
fn the_planted_incidents_are_seen(answers: &BTreeMap<String, Vec<Row>>) {
    let odd = odd_names().len() as f64;
    let levels = &answers["alert-triage/levels"];
    let deployed_and_accumulated = Some(4.0 + 4.0 + odd);
    assert_eq!(
        *levels,
        [(vec!["critical".to_owned()], vec![deployed_and_accumulated]), (vec!["high".to_owned()], vec![Some(6.0)])]
    );
    let risk: BTreeMap<(&str, &str), f64> = answers["overview/top-models"]
        .iter()
        .map(|(keys, figures)| ((keys[0].as_str(), keys[1].as_str()), figures[0].unwrap()))
        .collect();
    // deployed, and never assessed; of the third the assessment failed
    for version in [("fraud-scorer", "32"), ("chat-assistant", "5"), ("document-ocr", "23")] {
        assert_eq!(risk[&version], 100.0, "{version:?}");
    }
    assert!(risk[&("fraud-scorer", "31")] < 100.0, "{risk:?}");
    for name in &odd_names()[..7] {
        assert_eq!(risk[&(name.as_str(), "32")], 100.0, "{name}");
    }
    let incomplete: Vec<&str> =
        answers["overview/audit-completeness"].iter().map(|(keys, _)| keys[0].as_str()).collect();
    assert!(incomplete.contains(&"fraud-scorer"), "the worst are shown: {incomplete:?}");
    let streak = answers["overview/policy-violations"].iter().filter_map(|(_, figures)| figures[0]).fold(0.0, f64::max);
    assert!(streak >= 6.0, "six denials of fraud-screen within an hour: {streak}");
    let endpoints: Vec<&str> = answers["overview/violation-ratio"].iter().map(|(keys, _)| keys[0].as_str()).collect();
    assert!(endpoints.contains(&"fraud-screen"), "{endpoints:?}");
    let techniques: Vec<&str> = answers["alert-triage/techniques"].iter().map(|(keys, _)| keys[0].as_str()).collect();
    assert!(techniques.contains(&"Erode AI Model Integrity"), "{techniques:?}");
}

/// The page of one model, as the filter at its top leaves it.
fn the_page_of_a_model_is_about_that_model(filled: &Filled) {
    let description = read(SHIPPED).unwrap();
    let dashboard = description.dashboard("model").unwrap();
    let of = |model: &str, panel: &str| {
        let filter = Conditions::from([("aigov.model.name".to_owned(), vec![model.to_owned()])]);
        let panel = dashboard.panels.iter().find(|one| one.id == panel).unwrap();
        filled.ask(dashboard, panel, &filter)
    };
    let highest = |rows: Vec<Row>| rows.iter().filter_map(|(_, figures)| figures[0]).fold(0.0, f64::max);
    assert_eq!(of("fraud-scorer", "risk"), [(vec![], vec![Some(100.0)])]);
    assert_eq!(of("fraud-scorer", "completeness"), [(vec![], vec![Some(0.0)])], "deployed, and nobody decided it");
    assert_eq!(of("churn-propensity", "completeness"), [(vec![], vec![Some(1.0)])]);
    assert!(highest(of("credit-risk", "drift-share")) >= 0.5, "drifted");
    assert!(highest(of("kyc-face-match", "drift-share")) < 0.5, "did not");
    assert_eq!(of("fraud-scorer", "alerts").len(), 3, "deployment, streak, and both together");
    for name in &odd_names()[..7] {
        assert_eq!(of(name, "risk"), [(vec![], vec![Some(100.0)])], "{name}");
        assert_eq!(of(name, "alerts").len(), 1, "{name}");
    }
}

/// What can be chosen at the top of each dashboard.
fn every_control_offers_something(filled: &Filled) {
    for dashboard in &read(SHIPPED).unwrap().dashboards {
        for control in &dashboard.controls {
            let body = json!({"size": 0, "aggs": {"choices": {"terms": {"field": control.field, "size": 100}}}});
            let reply = filled.search(control.source, &body);
            let choices = reply["aggregations"]["choices"]["buckets"].as_array().unwrap();
            assert!(!choices.is_empty(), "{}/{}", dashboard.id, control.title);
        }
    }
}

/// What is longer than the index takes is kept and found by everything else; the server says what it did not index.
fn what_is_too_long_is_kept(filled: &Filled) {
    let reply = filled.search(Source::Alerts, &json!({"query": {"term": {"_ignored": "aigov.model.name"}}}));
    let hits = reply["hits"]["hits"].as_array().unwrap();
    let name = |hit: &Value| hit["_source"]["aigov"]["model"]["name"].as_str().unwrap().to_owned();
    assert!(hits.iter().any(|hit| name(hit) == "long".repeat(500)), "whole");
    assert!(
        hits.iter()
            .any(|hit| name(hit).starts_with("longerlonger") && hit["_source"]["alert"]["cut_values"] != json!(null))
    );
    assert_eq!(hits.len(), 2);
}

#[test]
fn every_panel_answers_from_what_the_engine_wrote() {
    assert_eq!(INTERVAL, span("3h"));
    let filled = fill();
    let answers = every_panel_shows_something(&filled);
    the_page_of_a_model_is_about_that_model(&filled);
    every_control_offers_something(&filled);
    what_is_too_long_is_kept(&filled);
    the_planted_incidents_are_seen(&answers);
}
