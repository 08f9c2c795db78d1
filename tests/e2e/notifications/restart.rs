//! The engine and its receivers go down: what has not been told is still owed.

use serde_json::{Value, json};

use super::*;
use crate::engine::Workspace;
use crate::servers::{Kafka, KafkaOptions, People, wait_until};

const EVENTS: [(&str, &str); 1] = [("events", "json")];
const RULE: &str = "
title: An endpoint was used
id: 5a1d7b1e-6f3b-4a55-9d0e-00000000000a
level: high
logsource: {category: test}
detection: {used: {endpoint: '*'}, condition: used}
";

fn produce(kafka: &Kafka, ids: std::ops::Range<u32>) {
    let event = |id: u32| {
        json!({
            "@timestamp": "2026-10-05T08:00:00Z", "logsource": {"category": "test"},
            "event": {"id": format!("e{id}")}, "endpoint": format!("endpoint-{id}"),
        })
    };
    let values: Vec<Vec<u8>> = ids.map(|id| event(id).to_string().into_bytes()).collect();
    let records: Vec<(&str, &[u8])> = values.iter().map(|value| ("k", value.as_slice())).collect();
    kafka.produce("events", &records).unwrap();
}

/// The ids of all alerts that were told, in full.
fn told(server: &People) -> Vec<String> {
    let mut ids: Vec<String> = server
        .taken()
        .unwrap()
        .iter()
        .flat_map(|taken| taken["body"]["data"]["alerts"].as_array().cloned().unwrap_or_default())
        .map(|alert| alert["alert"]["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[test]
fn notifications_that_were_not_told_are_owed_across_a_kill_of_the_engine() {
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let mut server = People::receiver("signed", key).unwrap();
    let kafka = Kafka::start(&KafkaOptions::default()).unwrap();
    kafka.create_topic_with("events", 1, &[("retention.ms", "-1")]).unwrap();
    let mut workspace = Workspace::new(&kafka.bootstrap());
    workspace.only_rule("used.yml", RULE);
    let key = workspace.secret("key", key);
    let webhook = |name: &str, wait: &str| {
        json!({
            "type": "webhook", "name": name, "url": format!("{}/{name}", server.url()), "signing_key": key,
            "retry": {"initial": "50ms", "max": "500ms"}, "route": {"group_wait": wait, "group_interval": "1s"},
        })
    };
    // the second one would wait for company longer than the test runs
    let (quick, patient) = (webhook("quick", "100ms"), webhook("patient", "10m"));
    workspace.sink(quick);
    workspace.sink(patient);
    workspace.file();

    server.kill();
    produce(&kafka, 0..5);
    let engine = workspace.start(&EVENTS, "1s");
    let raised = wait_until("the alerts", SOON, || Ok(workspace.alerts()), |alerts: &Vec<Value>| alerts.len() >= 5);
    raised.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));
    let waits = |words| wait_until("the outage to show", SOON, || Ok(workspace.has_logged(&[words])), |seen| *seen);
    waits("alerts wait for the receiver").unwrap();
    wait_until("a snapshot", SOON, || Ok(workspace.has_snapshot()), |there| *there).unwrap();
    // one that was taken when all of them were owed: the first may have been taken before
    let first = workspace.snapshot_taken();
    wait_until("another snapshot", SOON, || Ok(workspace.snapshot_taken()), |taken| *taken > first).unwrap();
    engine.kill();

    server.restart().unwrap();
    let engine = workspace.start(&EVENTS, "1s");
    let all = wait_until("all alerts to be told", SOON, || Ok(told(&server)), |ids| ids.len() == 5);
    let all = all.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));
    let mut raised: Vec<String> =
        workspace.alerts().iter().map(|alert| alert["alert"]["id"].as_str().unwrap().to_owned()).collect();
    raised.sort_unstable();
    raised.dedup();
    assert_eq!(all, raised);

    // told to stop, the engine tells what waits for company, and owes nothing
    let before = server.taken().unwrap().len();
    assert_eq!(engine.stop(Duration::from_secs(30)), Some(0), "{}", workspace.log_tail());
    assert!(server.taken().unwrap().len() > before, "the patient route told at the end");
    assert!(workspace.has_logged(&["stopped; what is owed is in the snapshot", "owed=0"]), "{}", workspace.log_tail());
    assert_eq!(workspace.dead_letters(), Vec::<Value>::new());
}
