//! The program against a cluster that demands TLS and a password, with OpenSearch behind it and the dead letters in a
//! topic: what a cluster in earnest looks like.

use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::Workspace;
use crate::servers::{Kafka, KafkaOptions, OpenSearch, OpenSearchVersion, wait_until};

const SOON: Duration = Duration::from_secs(90);

/// Five denials within seconds, and an allowed request minutes later, so that the watermark passes them.
fn streak(hour: u32) -> Vec<Vec<u8>> {
    let decision = |time: &str, outcome: &str| {
        json!({
            "@timestamp": format!("2026-10-05T{hour:02}:{time}Z"),
            "logsource": {"category": "policy_decision", "product": "opa", "service": "decision_log"},
            "event": {"action": "policy.decision", "id": format!("{hour}:{time}")},
            "aigov": {"decision": {"outcome": outcome}, "endpoint": {"id": "loan"}},
        })
        .to_string()
        .into_bytes()
    };
    let denied = (0..5).map(|second| decision(&format!("00:{second:02}"), "deny"));
    denied.chain([decision("05:00", "allow")]).collect()
}

fn produce(kafka: &Kafka, values: &[Vec<u8>]) {
    let records: Vec<(&str, &[u8])> = values.iter().map(|value| ("k", value.as_slice())).collect();
    kafka.produce("decisions.eu", &records).unwrap();
}

fn documents(node: &OpenSearch) -> Vec<Value> {
    node.search_all("logs-clarion.alerts-*").unwrap_or_default()
}

#[test]
fn a_refused_password_is_said_and_the_right_one_goes_from_tls_to_opensearch() {
    let kafka = Kafka::start(&KafkaOptions::with_sasl()).unwrap();
    kafka.create_topic_with("decisions.eu", 1, &[("retention.ms", "-1")]).unwrap();
    kafka.create_topic("clarion.dead-letters", 1).unwrap();
    let mut values = streak(8);
    values.insert(2, b"{\"cut\":".to_vec());
    produce(&kafka, &values);
    let node = OpenSearch::start(OpenSearchVersion::Three).unwrap();

    let mut workspace = Workspace::secured(&kafka, "SCRAM-SHA-512", "not-the-password");
    workspace.opensearch(&node);
    workspace.bury_in_topic("clarion.dead-letters");
    let topics = [("^decisions\\..*", "json")];
    let mut engine = workspace.start(&topics, "1h");
    let said = || Ok(workspace.has_logged(&["security.sasl"]));
    let refused = wait_until("a message about the password", SOON, said, |said| *said);
    refused.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));
    assert!(engine.is_running(), "it tries again: {}", workspace.log_tail());
    assert!(!workspace.has_logged(&["not-the-password"]), "a secret in the log");
    engine.kill();

    // the second streak also makes the risk of the endpoint reach a hundred
    for (mechanism, alerts) in [("SCRAM-SHA-512", 1), ("PLAIN", 3)] {
        workspace.authenticate(&kafka, mechanism, &kafka.sasl_user().password);
        let engine = workspace.start(&topics, "1h");
        let found = wait_until("the alert", SOON, || Ok(documents(&node)), |found| found.len() == alerts);
        let found = found.unwrap_or_else(|error| panic!("{mechanism}: {error}\n{}", workspace.log_tail()));
        assert_eq!(found[0]["_source"]["group"]["aigov"]["endpoint"]["id"], "loan");
        assert_eq!(engine.stop(Duration::from_secs(20)), Some(0), "{}", workspace.log_tail());
        // for the next way to authenticate
        produce(&kafka, &streak(9));
    }
    let letters = kafka.read_all("clarion.dead-letters").unwrap();
    let letters: Vec<Value> =
        letters.iter().map(|record| serde_json::from_slice(record.payload.as_deref().unwrap()).unwrap()).collect();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!((&letters[0]["offset"], &letters[0]["kind"]), (&json!(2), &json!("truncated")));
    assert!(!workspace.has_logged(&[kafka.sasl_user().password.as_str()]), "a secret in the log");
}
