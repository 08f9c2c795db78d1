//! What a test of the console begins with: Apache Kafka, the program with a console, and a browser; and at the end, that
//! the browser had nothing to complain of and asked nobody but the console.

use std::time::Duration;

use serde_json::{Value, json};

use super::browser::Browser;
use crate::engine::{Engine, Workspace};
use crate::servers::{Kafka, KafkaOptions, wait_until};

pub(super) const EVENTS: [(&str, &str); 1] = [("events", "json")];
/// Long enough on a busy machine.
pub(super) const SOON: Duration = Duration::from_secs(90);

/// One alert for each event with an endpoint, at once.
pub(super) const PROBED: &str = "
title: An endpoint was probed
id: 5a1d7b1e-6f3b-4a55-9d0e-00000000c001
name: endpoint_probed
level: high
tags: [attack.t1595]
logsource: {category: test}
detection: {probed: {endpoint|exists: true, aigov.model.name|exists: true}, condition: probed}
";

/// Everything of a test; it ends from the top down.
pub(super) struct Stage {
    pub(super) browser: Browser,
    pub(super) engine: Option<Engine>,
    pub(super) workspace: Workspace,
    pub(super) kafka: Kafka,
    /// Where the console is.
    pub(super) address: String,
}

impl Stage {
    /// With one topic of JSON events and one rule.
    pub(super) fn of_events(token: Option<&str>) -> Self {
        let kafka = Kafka::start(&KafkaOptions::default()).unwrap();
        kafka.create_topic_with("events", 1, &[("retention.ms", "-1")]).unwrap();
        let mut workspace = Workspace::new(&kafka.bootstrap());
        workspace.only_rule("endpoint_probed.yml", PROBED);
        workspace.file();
        let address = workspace.console(token);
        Self::start(kafka, workspace, address, &EVENTS, "1s")
    }

    /// Starts the program and the browser.
    pub(super) fn start(
        kafka: Kafka,
        workspace: Workspace,
        address: String,
        topics: &[(&str, &str)],
        idle_timeout: &str,
    ) -> Self {
        let engine = workspace.start(topics, idle_timeout);
        let stage = Self { browser: Browser::start(), engine: Some(engine), workspace, kafka, address };
        stage.wait_for_console();
        stage
    }

    pub(super) fn wait_for_console(&self) {
        let host = self.address.trim_start_matches("http://");
        let waited = wait_until("the console", SOON, || Ok(std::net::TcpStream::connect(host).is_ok()), |open| *open);
        waited.map_or_else(|error| panic!("{error}\n{}", self.workspace.log_tail()), drop);
    }

    /// Opens a view and waits until it is live.
    pub(super) fn open(&self, route: &str) {
        self.browser.open(&format!("{}/#/{route}", self.address));
        self.browser.until("document.querySelector('#live').dataset.state === 'open'");
    }

    /// Goes to another view without loading the page anew.
    pub(super) fn go(&self, route: &str) {
        self.browser.run("location.hash = arguments[0];", &[json!(format!("#/{route}"))]);
    }

    /// Writes events, each with these members beside those that all have.
    pub(super) fn produce(&self, events: &[Value]) {
        let texts: Vec<String> = events
            .iter()
            .map(|event| {
                let mut whole = json!({"@timestamp": "2026-10-05T08:00:00Z", "logsource": {"category": "test"}});
                whole.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
                whole.to_string()
            })
            .collect();
        let records: Vec<(&str, &[u8])> = texts.iter().map(|text| ("k", text.as_bytes())).collect();
        self.kafka.produce("events", &records).unwrap();
    }

    /// Waits until that many alerts are delivered to another sink than the console.
    pub(super) fn until_delivered(&self, alerts: usize) {
        let look = || Ok(self.workspace.alerts().len());
        let waited = wait_until("alerts in the file", SOON, look, |found| *found >= alerts);
        waited.map_or_else(|error| panic!("{error}\n{}", self.workspace.log_tail()), drop);
    }

    /// Nothing was wrong in the browser's eyes, and every request of the page went to the console.
    pub(super) fn check_browser(&self) {
        self.check_browser_but(|_| false);
    }

    /// The same, where complaints of one kind are meant to be.
    pub(super) fn check_browser_but(&self, is_meant: impl Fn(&str) -> bool) {
        let complaints: Vec<String> =
            self.browser.complaints().into_iter().filter(|complaint| !is_meant(complaint)).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
        let requests = self.browser.requests();
        assert!(requests.len() > 2, "requests are not seen: {requests:?}");
        let own = format!("{}/", self.address);
        // `data:` is a picture in the style sheet, and asks nobody
        let foreign: Vec<&String> = requests
            .iter()
            .filter(|address| !address.starts_with(&own) && !address.starts_with("data:image/"))
            .collect();
        assert!(foreign.is_empty(), "{foreign:?}");
    }
}
