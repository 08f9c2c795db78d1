//! Splunk's HTTP Event Collector, with and without acknowledgements.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::servers::{Hec, HecOptions, ServerError, wait_until};

fn splunk(hec: &Hec, token: &SecretFile, ack: &str, more: Value) -> Value {
    let mut config = json!({
        "type": "splunk_hec", "url": hec.url(), "token": token.source(), "ack": ack, "ack_poll": "50ms",
        "retry": quick_retries(),
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn hec_receipts_come_with_the_acknowledgement() -> Result<(), ServerError> {
    let hec = Hec::start(&HecOptions::with_ack())?;
    let token = SecretFile::new(hec.token());
    let mut running = run(splunk(&hec, &token, "indexer", json!({"index": "ai"}))).await;
    for (ticket, alert) in [an_alert(1, 1), an_alert(2, 1), an_alert(1, 2), a_hostile_alert(3)].into_iter().enumerate()
    {
        running.sink.send(outgoing(ticket as u64, alert)).await;
    }
    running.sink.send(outgoing_metric(4, a_metric(5, Some(2.5)))).await;
    running.delivered(5).await;
    let received = wait_until("the events", SOON, || hec.received(), |events| events.len() >= 5)?;
    let (metrics, received): (Vec<Value>, Vec<Value>) =
        received.into_iter().partition(|event| event["sourcetype"] == "clarion:metric");
    assert_eq!(metrics.len(), 1);
    assert_eq!(metrics[0]["event"], alert::metric_document(&a_metric(5, Some(2.5))));
    assert_eq!(metrics[0]["index"], "ai");
    let mut revisions: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for event in &received {
        let id = event["fields"]["alert_id"].as_str().unwrap();
        revisions.entry(id).or_default().push(event["fields"]["revision"].as_f64().unwrap() as u64);
    }
    let [one, two, three] = [1, 2, 3].map(|id| AlertId(id).to_string());
    assert_eq!(
        revisions,
        BTreeMap::from([(one.as_str(), vec![1, 2]), (two.as_str(), vec![1]), (three.as_str(), vec![1])]),
        "a later revision comes after an earlier one"
    );
    let event = received.iter().find(|event| event["fields"]["alert_id"] == two.as_str()).unwrap();
    assert_eq!(event["event"], alert::document(&an_alert(2, 1)));
    assert_eq!(event["sourcetype"], "clarion:alert");
    assert_eq!(event["index"], "ai");
    assert_eq!(event["fields"]["severity"], "critical");
    assert!((event["time"].as_f64().unwrap() - 1_795_248_000.123).abs() < 1e-6);
    running.close().await;

    // beside it a sink of another format
    let config = json!({"name": "findings", "format": "ocsf"});
    let mut findings = run(splunk(&hec, &token, "indexer", config)).await;
    findings.sink.send(outgoing_finding(0, an_alert(6, 1))).await;
    findings.delivered(1).await;
    let received = wait_until("the finding", SOON, || hec.received(), |events| events.len() >= 6)?;
    let finding = received.iter().find(|event| event["sourcetype"] == "clarion:alert:ocsf").unwrap();
    assert_eq!(finding["event"], alert::ocsf_document(&an_alert(6, 1)));
    assert_eq!(finding["fields"]["alert_id"], AlertId(6).to_string());
    findings.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hec_tokens_are_checked_at_start_without_an_event() -> Result<(), ServerError> {
    let (plain, acking) =
        (Hec::start(&HecOptions { tls: true, ..HecOptions::default() })?, Hec::start(&HecOptions::with_ack())?);
    let token = SecretFile::new("wrong");
    let trust = || json!({"tls": {"ca_file": plain.ca_pem_path()}});
    for config in [
        splunk(&plain, &token, "none", trust()),
        splunk(&acking, &token, "indexer", json!({})),
        splunk(&acking, &token, "none", json!({})),
    ] {
        let error = try_run(config).await.err().unwrap();
        assert!(matches!(&error, SinkError::Refused { .. }), "{error}");
    }
    token.write(plain.token());
    let mut running = run(splunk(&plain, &token, "none", trust())).await;
    assert_eq!(running.sink.health(), Health::Starting);
    assert_eq!(plain.received()?.len() + acking.received()?.len(), 0, "a check sends no event");
    running.sink.send(outgoing(1, an_alert(1, 1))).await;
    running.delivered(1).await;
    running.close().await;
    let untrusted = run(splunk(&plain, &token, "none", json!({}))).await;
    assert!(untrusted.down().await.contains("certificate"));
    untrusted.close().await;
    let error = try_run(splunk(&plain, &token, "indexer", trust())).await.err();
    assert!(
        matches!(&error, Some(SinkError::NoAcknowledgement { .. })),
        "a token that cannot acknowledge is found out at start: {error:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hec_loses_nothing_when_the_collector_restarts_and_finds_documents_that_are_too_large()
-> Result<(), ServerError> {
    let mut hec = Hec::start(&HecOptions { max_body_bytes: 40_000, ..HecOptions::with_ack() })?;
    let token = SecretFile::new(hec.token());
    let config = json!({
        "compress": false, "ack_timeout": "3s", "request_timeout": "3s",
        "batch": {"documents": 50, "max_bytes": "1MiB", "linger": "20ms"},
    });
    let mut running = run(splunk(&hec, &token, "indexer", config)).await;
    for ticket in 0..100 {
        running.sink.send(outgoing(ticket, an_alert(u128::from(ticket), 1))).await;
    }
    let before = running.outcomes(10).await.len();
    // Stopped in order: what this collector has acknowledged is then in its file, as it is in an indexer's.
    hec.stop();
    for ticket in 100..130 {
        running.sink.send(outgoing(ticket, an_alert(u128::from(ticket), 1))).await;
    }
    running.down().await;
    hec.restart()?;
    running.delivered(130 - before).await;
    hec.freeze();
    running.sink.send(outgoing(130, an_alert(130, 1))).await;
    running.down().await;
    hec.thaw();
    running.delivered(1).await;

    let mut large = an_alert(131, 1);
    large.rule = Arc::new(RuleCard { triage: vec!["step".repeat(20_000)], ..(*rule()).clone() });
    running.sink.send(outgoing(131, large)).await;
    running.sink.send(outgoing(132, an_alert(132, 1))).await;
    let outcomes = running.outcomes(2).await;
    assert!(matches!(&outcomes[&131], Outcome::Rejected { .. }), "{outcomes:?}");
    assert_eq!(outcomes[&132], Outcome::Delivered);
    running.close().await;

    // All but the one that is too large; a document may be there twice.
    let expected: BTreeSet<String> = (0..=132).filter(|id| *id != 131).map(|id| AlertId(id).to_string()).collect();
    let ids = |events: &[Value]| -> BTreeSet<String> {
        events.iter().map(|event| event["fields"]["alert_id"].as_str().unwrap().to_owned()).collect()
    };
    wait_until("every alert", SOON, || hec.received(), |events| ids(events).len() >= expected.len())?;
    assert_eq!(ids(&hec.received()?), expected);
    Ok(())
}
