//! Exceptions from the console, in the program as a process: what somebody writes over the interface comes into use in the
//! running engine, ends by the time of events, and can be ended before.

use std::path::PathBuf;
use std::time::Duration;

use clarion::model::{Span, Timestamp};
use clarion::telemetry::clock;
use serde_json::{Value, json};

use crate::engine::{Engine, Workspace};
use crate::servers::{Http, Kafka, KafkaOptions, wait_until};

const SOON: Duration = Duration::from_secs(60);
const EVENTS: [(&str, &str); 1] = [("events", "json")];
const TOKEN: &str = "token-of-a-test";

const RULES: &str = "
title: A model was used
id: 5a1d7b1e-6f3b-4a55-9d0e-0000000000a1
name: used
level: high
generate: true
logsource: {category: test}
detection: {s: {event.action: used}, condition: s}
---
title: A model is used again and again
id: 5a1d7b1e-6f3b-4a55-9d0e-0000000000a2
name: again
level: critical
correlation:
    type: event_count
    rules: [used]
    group-by: [model]
    timespan: 1h
    condition: {gte: 3}
";

/// An engine with a console over a Kafka.
pub(crate) struct Watched {
    pub(crate) kafka: Kafka,
    pub(crate) workspace: Workspace,
    pub(crate) console: Http,
    pub(crate) folder: PathBuf,
    _engine: Engine,
}

impl Watched {
    pub(crate) fn start() -> Self {
        let kafka = Kafka::start(&KafkaOptions::default()).unwrap();
        kafka.create_topic_with("events", 1, &[("retention.ms", "-1")]).unwrap();
        let mut workspace = Workspace::new(&kafka.bootstrap());
        let folder = workspace.only_rule("rules.yml", RULES).join("exceptions");
        std::fs::create_dir(&folder).unwrap();
        let console = workspace.console_with_exceptions(TOKEN, &folder);
        let engine = workspace.start(&EVENTS, "1h");
        let listens = || Ok(console.send("GET", "/api/v1/status", None).is_ok_and(|reply| reply.status == 200));
        wait_until("the console", SOON, listens, |listens| *listens).unwrap();
        Self { kafka, workspace, console, folder, _engine: engine }
    }

    /// Writes events of a model; each has its name as its id.
    pub(crate) fn produce(&self, model: &str, events: &[(&str, Timestamp)]) {
        let event = |(id, time): &(&str, Timestamp)| {
            let (time, event) = (time.to_string(), json!({"id": id, "action": "used"}));
            let event = json!({"@timestamp": time, "logsource": {"category": "test"}, "event": event, "model": model});
            event.to_string().into_bytes()
        };
        let values: Vec<Vec<u8>> = events.iter().map(event).collect();
        let records: Vec<(&str, &[u8])> = values.iter().map(|value| ("k", value.as_slice())).collect();
        self.kafka.produce("events", &records).unwrap();
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let reply = self.console.send("GET", path, None).unwrap();
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    /// Waits until so many alerts are in the history.
    pub(crate) fn await_alerts(&self, wanted: u64) -> Value {
        let found = wait_until(
            "alerts",
            SOON,
            || Ok(self.get("/api/v1/alerts?limit=500")),
            |page| page["matching"].as_u64() >= Some(wanted),
        );
        found.unwrap_or_else(|error| panic!("{error}\n{}", self.workspace.log_tail()))
    }

    /// Waits until an exception is in a state, or is not there.
    fn await_state(&self, id: &str, state: Option<&str>) {
        let found = || {
            let list = self.get("/api/v1/exceptions");
            let one = list["exceptions"].as_array().unwrap().iter().find(|one| one["id"] == id).cloned();
            Ok(one.map(|one| one["state"].as_str().unwrap().to_owned()))
        };
        wait_until("the exception", SOON, found, |found| found.as_deref() == state).unwrap();
    }
}

fn evidence(page: &Value, model: &str) -> Vec<String> {
    let of =
        |alert: &&Value| alert["rule"]["name"] == "A model was used" && alert["message"].to_string().contains(model);
    let alerts = page["alerts"].as_array().unwrap().iter().filter(of);
    alerts.map(|alert| alert["time"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_exception_silences_what_was_seen_until_it_expires_and_can_be_ended() {
    let watched = Watched::start();
    let now = Timestamp::from_millis(clock::now().millis() / 1000 * 1000);
    let at = |seconds: i64| now.plus(Span::seconds(seconds));
    watched.produce("fraud: *", &[("1", at(0))]);
    let seen = watched.await_alerts(1)["alerts"][0].clone();
    // by the time of events: nothing is waited for
    let expires = at(120);
    let mut wish = json!({
        "title": "Known", "rules": [seen["rule"]["id"]], "fields": {"model": "fraud: *"}, "expires": expires.to_string(),
        "reason": "CAB-4711", "owner": "owner@example.com", "alert": seen["id"],
    });
    let refused = watched.console.send("POST", "/api/v1/exceptions", Some(&wish)).unwrap();
    assert_eq!((refused.status, &refused.body["also"][0]["name"]), (409, &json!("again")), "{}", refused.body);
    wish["also_accepted"] = json!(true);
    let written = watched.console.send("POST", "/api/v1/exceptions", Some(&wish)).unwrap();
    assert_eq!(written.status, 201, "{}", written.body);
    let id = written.body["id"].as_str().unwrap();
    watched.await_state(id, Some("in use"));
    watched.produce("fraud: *", &[("2", at(60)), ("3", at(150))]);
    watched.produce("Fraud: *", &[("4", at(61))]);
    watched.produce("fraud: x", &[("5", at(62))]);
    let page = watched.await_alerts(4);
    let mut times = evidence(&page, "");
    times.sort();
    assert_eq!(times, [at(0), at(61), at(62), at(150)].map(|time| time.to_string()), "{page}");
    let first = || Ok(watched.get("/api/v1/exceptions")["exceptions"][0].clone());
    // numbers are gathered now and then
    let shown = wait_until("the count", SOON, first, |shown| shown["matches"] == 1).unwrap();
    assert_eq!((&shown["matches"], &shown["owner"]), (&json!(1), &json!("owner@example.com")), "{shown}");
    let seen = watched.get(&format!("/api/v1/alerts/{}", seen["id"].as_str().unwrap()));
    assert_eq!(seen["life"]["state"], "acknowledged");
    assert!(watched.workspace.has_logged(&["an exception was written", "owner@example.com", "CAB-4711"]));
    let ended = watched.console.send("DELETE", &format!("/api/v1/exceptions/{id}?by=Ada"), None).unwrap();
    assert_eq!(ended.status, 204, "{}", ended.body);
    assert_eq!(std::fs::read_dir(&watched.folder).unwrap().count(), 0);
    watched.await_state(id, None);
    watched.produce("fraud: *", &[("6", at(63))]);
    watched.await_alerts(5);
    assert!(watched.workspace.has_logged(&["an exception was ended", "Ada"]));
}
