//! The week against its promises, and against a plain evaluation of the five mission rules that shares nothing with the
//! engine.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const HOUR: i64 = 3_600_000_000_000;

fn monday() -> Timestamp {
    Timestamp::parse("2026-11-16T00:00:00Z").unwrap()
}

fn week(seed: u64, events: usize) -> Week {
    generate(&GeneratorSettings { seed, start: monday(), events })
}

/// Records in order of event time, parsed.
fn in_event_order(week: &Week) -> Vec<(&GeneratedRecord, Value)> {
    let mut records: Vec<_> =
        week.records.iter().map(|record| (record, serde_json::from_slice(&record.value).unwrap())).collect();
    records.sort_by_key(|(record, _)| record.event_time);
    records
}

type Found = BTreeSet<(&'static str, String, Timestamp)>;

/// A plain evaluation of the mission rules.
fn evaluate(week: &Week) -> Found {
    let mut found = BTreeSet::new();
    let mut passes: BTreeMap<(String, String), Timestamp> = BTreeMap::new();
    let mut denials: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    let mut complaints: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    let mut spikes: Vec<(String, Timestamp)> = Vec::new();
    let mut drifts: Vec<(String, Timestamp)> = Vec::new();
    let mut high_risk: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut reviews: BTreeMap<String, Timestamp> = BTreeMap::new();
    // time, model and score of every alert
    let mut risks: Vec<(Timestamp, String, i64)> = Vec::new();
    let mut model_of: BTreeMap<String, String> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for (record, body) in in_event_order(week) {
        let at = record.event_time;
        match record.topic {
            DECISION_LOG_TOPIC => {
                let payload = &body["payload"];
                if body["action"] == "risk_assessment" && payload["outcome"] == "pass" {
                    passes.insert((text(&payload["model"]), text(&payload["version"])), at);
                }
                if body["action"] == "review" {
                    reviews.entry(text(&payload["reviewed_decision_id"])).or_insert(at);
                }
            }
            JIRA_TOPIC => {
                let fields = &body["issue"]["fields"];
                let labels: Vec<String> = fields["labels"].as_array().unwrap().iter().map(text).collect();
                let label = |prefix: &str| {
                    labels.iter().find_map(|label| label.strip_prefix(prefix)).unwrap_or_default().to_owned()
                };
                if fields["issuetype"]["name"] == "Risk Assessment" && fields["status"]["name"] == "Approved" {
                    passes.insert((label("model:"), label("model-version:")), at);
                }
                if labels[0] == "complaint" && body["webhookEvent"] == "jira:issue_created" {
                    let of_model = complaints.entry(label("model:")).or_default();
                    of_model.retain(|earlier| earlier.0 >= at.0 - HOUR);
                    of_model.push(at);
                    if of_model.len() >= 10 {
                        spikes.push((label("model:"), at));
                    }
                }
            }
            MLFLOW_TOPIC if body["entity"] == "model_version_alias" && body["data"]["alias"] == "production" => {
                let version = (text(&body["data"]["name"]), text(&body["data"]["version"]));
                let passed = passes.get(&version).is_some_and(|passed| passed.0 >= at.0 - 30 * 24 * HOUR);
                if !passed {
                    risks.push((at, version.0.clone(), 80));
                    found.insert((rule_names::DEPLOYMENT, format!("{}/{}", version.0, version.1), at));
                }
            }
            EVIDENTLY_TOPIC => {
                let count = &body["data"]["metrics"][0];
                if count["value"]["share"].as_f64() >= count["config"]["drift_share"].as_f64() {
                    drifts.push((text(&body["subject"]).split('/').next().unwrap().to_owned(), at));
                }
            }
            OPA_TOPIC => {
                let endpoint = text(&body["input"]["endpoint"]["id"]);
                let of_endpoint = denials.entry(endpoint.clone()).or_default();
                if body["result"] == true {
                    of_endpoint.clear();
                } else {
                    of_endpoint.push(at);
                    of_endpoint.retain(|earlier| earlier.0 >= at.0 - HOUR / 6);
                    if of_endpoint.len() == 5 {
                        risks.push((at, text(&body["input"]["model"]["name"]), 60));
                        found.insert((rule_names::STREAK, endpoint, at));
                    }
                    if body["input"]["risk_tier"] == "high" {
                        model_of.insert(text(&body["decision_id"]), text(&body["input"]["model"]["name"]));
                        high_risk.insert(text(&body["decision_id"]), at);
                    }
                }
            }
            _ => {}
        }
    }
    for (model, drifted) in &drifts {
        let nearest = spikes.iter().filter(|(of, at)| of == model && (at.0 - drifted.0).abs() <= 6 * HOUR);
        if let Some(at) = nearest.map(|(_, at)| *at.max(drifted)).min() {
            risks.push((at, model.clone(), 60));
            found.insert((rule_names::DRIFT, model.clone(), at));
        }
    }
    for (decision, at) in high_risk {
        let deadline = at.plus(Span(24 * HOUR));
        if reviews.get(&decision).is_none_or(|reviewed| *reviewed > deadline) {
            risks.push((deadline, model_of[&decision].clone(), 60));
            found.insert((rule_names::REVIEW, decision, deadline));
        }
    }
    risks.sort();
    for (place, (at, model, _)) in risks.iter().enumerate() {
        let sum = |last: usize| {
            let week = risks[..=last].iter().filter(|(time, of, _)| of == model && at.0 - time.0 <= 7 * 24 * HOUR);
            week.map(|(_, _, score)| score).sum::<i64>()
        };
        let before = risks[..place].iter().rposition(|(_, of, _)| of == model);
        if sum(place) >= 100 && before.is_none_or(|before| sum(before) < 100) {
            found.insert((rule_names::RISK, format!("model/{model}"), *at));
        }
    }
    found
}

fn planted(week: &Week) -> Found {
    let key = |planted: &Planted| planted.key.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join("/");
    week.planted.iter().filter(|one| !one.near_miss).map(|one| (one.incident, key(one), one.at)).collect()
}

#[test]
fn a_week_holds_what_was_asked_for() {
    let week = week(1, 60_000);
    assert!((59_000..=61_000).contains(&week.records.len()), "{}", week.records.len());
    let mut by_topic: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &week.records {
        *by_topic.entry(record.topic).or_default() += 1;
    }
    assert_eq!(by_topic.len(), 5, "{by_topic:?}");
    assert_eq!(by_topic[EVIDENTLY_TOPIC], 84, "a report a night and model");
    let rules = [rule_names::DEPLOYMENT, rule_names::STREAK, rule_names::DRIFT, rule_names::REVIEW, rule_names::RISK];
    for rule in rules {
        for near_miss in [true, false] {
            assert!(week.planted.iter().any(|one| one.incident == rule && one.near_miss == near_miss), "{rule}");
        }
    }
    let last = week.records.iter().map(|record| record.event_time).max().unwrap();
    assert!(last < monday().plus(Span(7 * 24 * HOUR)) && last > monday().plus(Span(6 * 24 * HOUR)));
}

#[test]
fn days_are_busier_than_nights_and_weekdays_than_weekends() {
    let week = week(1, 60_000);
    let mut by_hour = vec![0_usize; 7 * 24];
    for record in &week.records {
        let hour = (record.event_time.0 - monday().0).div_euclid(HOUR);
        if let Some(count) = usize::try_from(hour).ok().and_then(|hour| by_hour.get_mut(hour)) {
            *count += 1;
        }
    }
    assert!(by_hour[24 + 10] > 10 * by_hour[24 + 3], "{by_hour:?}");
    assert!(by_hour[24 + 10] > 2 * by_hour[5 * 24 + 10], "{by_hour:?}");
}

#[test]
fn times_in_the_bodies_are_the_event_times() {
    for (record, body) in in_event_order(&week(3, 3_000)) {
        let said = match record.topic {
            OPA_TOPIC | MLFLOW_TOPIC => &body["timestamp"],
            EVIDENTLY_TOPIC => &body["time"],
            DECISION_LOG_TOPIC => &body["ts"],
            _ => &body["timestamp"],
        };
        let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
        let said = Timestamp::parse(&said).unwrap();
        assert_eq!(said.millis(), record.event_time.millis(), "{}", record.topic);
        assert!(record.topic == JIRA_TOPIC || said == record.event_time);
    }
}

#[test]
fn ids_are_unique() {
    let week = week(5, 20_000);
    let mut ids = BTreeSet::new();
    for (record, body) in in_event_order(&week) {
        let header = |name: &str| record.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let id = match record.topic {
            OPA_TOPIC => body["decision_id"].to_string(),
            EVIDENTLY_TOPIC => body["id"].to_string(),
            DECISION_LOG_TOPIC => body["seq"].to_string(),
            MLFLOW_TOPIC => format!("{:?}", header("X-MLflow-Delivery-Id").unwrap()),
            _ => format!("{:?}", header("X-Atlassian-Webhook-Identifier").unwrap()),
        };
        assert!(ids.insert((record.topic, id)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_week_keeps_its_promises(seed in any::<u64>(), events in 0_usize..12_000) {
        let week = week(seed, events);
        prop_assert_eq!(&week, &generate(&GeneratorSettings { seed, start: monday(), events }));

        // bounded disorder: nothing comes after an event that is more than the largest delay newer
        let mut newest = Timestamp::MIN;
        for record in &week.records {
            newest = newest.max(record.event_time);
            prop_assert!(newest.since(record.event_time) <= LARGEST_DELAY);
        }

        // the chain is whole, and arrives in its order
        let mut previous = "0".repeat(64);
        let mut sequence = 0;
        let mut time = Timestamp::MIN;
        for record in week.records.iter().filter(|record| record.topic == DECISION_LOG_TOPIC) {
            let mut body: Value = serde_json::from_slice(&record.value).unwrap();
            let hash = body.as_object_mut().unwrap().shift_remove("hash").unwrap();
            sequence += 1;
            prop_assert_eq!(&body["seq"], &Value::from(sequence));
            prop_assert_eq!(&body["prev_hash"], &Value::from(previous.as_str()));
            prop_assert_eq!(hash.as_str().unwrap(), decision_log::hash(&body));
            prop_assert!(record.event_time >= time);
            time = record.event_time;
            previous = hash.as_str().unwrap().to_owned();
        }

        // what is planted is found, and nothing else
        prop_assert_eq!(evaluate(&week), planted(&week));
    }
}

#[test]
fn a_full_week_holds_exactly_the_planted_incidents() {
    for seed in 0..4 {
        let week = week(seed, 60_000);
        assert_eq!(evaluate(&week), planted(&week), "seed {seed}");
    }
}
