//! What the real producers write, through Apache Kafka and the program, to alerts: decisions that Open Policy Agent posted,
//! webhooks of an MLflow registry, a report that Evidently made. Nothing of it was written by this project.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::{Value, json};

use crate::engine::Workspace;
use crate::servers::{
    Delivery, Hec, HecOptions, Kafka, KafkaOptions, MlFlow, OpenPolicyAgent, Receiver, drift_report, wait_until,
};

const SOON: Duration = Duration::from_secs(120);
const TOPICS: [(&str, &str); 3] =
    [("opa.decisions", "opa_decision_log"), ("mlflow.webhooks", "mlflow_webhook"), ("drift.reports", "evidently")];
/// Says what the shipped rules only use inside correlations.
const RULE: &str = "
title: Drift report says drifted
name: drift_reported
logsource: {category: drift_report}
detection: {s: {aigov.drift.detected: true, aigov.drift.columns: [income, age]}, condition: s}
";

/// What a bridge from HTTP to Kafka does: body and headers as they came.
fn forward(producer: &BaseProducer, topic: &str, deliveries: &[Delivery]) {
    for delivery in deliveries {
        let headers = delivery
            .headers
            .iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
        let record = BaseRecord::<str, [u8]>::to(topic).payload(&delivery.body).headers(headers);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
}

fn asked_opa(receiver: &Receiver) -> Vec<Delivery> {
    let agent = OpenPolicyAgent::start(&receiver.url()).unwrap();
    for amount in [60_000, 70_000, 80_000, 90_000, 100_000] {
        assert_eq!(agent.asks(amount).unwrap(), json!(false));
    }
    assert_eq!(agent.asks(1_000).unwrap(), json!(true));
    let decisions = |deliveries: &Vec<Delivery>| {
        let read = |delivery: &Delivery| {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(delivery.body.as_slice()), &mut text)
                .unwrap();
            serde_json::from_str::<Vec<Value>>(&text).unwrap().len()
        };
        deliveries.iter().map(read).sum::<usize>() == 6
    };
    wait_until("OPA's decision log", SOON, || Ok(receiver.deliveries("/logs")), decisions).unwrap()
}

fn deployed_with_mlflow(receiver: &Receiver) -> Vec<Delivery> {
    let server = MlFlow::start().unwrap();
    server.webhook(&format!("{}/mlflow", receiver.url())).unwrap();
    server.post("registered-models/create", &json!({"name": "credit-risk"})).unwrap();
    let version = json!({"name": "credit-risk", "source": "s3://models/credit-risk/1"});
    server.post("model-versions/create", &version).unwrap();
    let alias = json!({"name": "credit-risk", "alias": "production", "version": "1"});
    server.post("registered-models/alias", &alias).unwrap();
    wait_until("MLflow's webhooks", SOON, || Ok(receiver.deliveries("/mlflow")), |all| all.len() == 2).unwrap()
}

#[test]
fn what_real_producers_write_becomes_alerts() {
    let kafka = Kafka::start(&KafkaOptions::default()).unwrap();
    for (topic, _) in TOPICS {
        kafka.create_topic(topic, 1).unwrap();
    }
    let hec = Hec::start(&HecOptions::with_ack()).unwrap();
    let mut workspace = Workspace::new(&kafka.bootstrap());
    workspace.splunk(&hec);
    workspace.add_rule("drift_reported.yml", RULE);
    // the events are of this moment: the watermark passes them when it follows the clock
    workspace.lateness("2s");

    let receiver = Receiver::start().unwrap();
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", kafka.bootstrap()).create().unwrap();
    forward(&producer, "mlflow.webhooks", &deployed_with_mlflow(&receiver));
    forward(&producer, "opa.decisions", &asked_opa(&receiver));
    let report = Delivery { path: String::new(), headers: Vec::new(), body: drift_report().unwrap() };
    forward(&producer, "drift.reports", &[report]);
    producer.flush(Duration::from_secs(10)).unwrap();

    let engine = workspace.start(&TOPICS, "2s");
    let alerts = || {
        let received = hec.received()?;
        // values of metrics come beside them whenever one of their intervals happens to end
        let mut alerts: Vec<(String, String)> = received
            .iter()
            .filter(|event| event["sourcetype"] == "clarion:alert")
            .map(|event| {
                let of = |pointer: &str| event["event"].pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                (of("/rule/name").to_owned(), of("/event/reason").to_owned())
            })
            .collect();
        alerts.sort();
        alerts.dedup_by(|one, two| one.0 == two.0);
        Ok(alerts)
    };
    let found = wait_until("three alerts", SOON, alerts, |alerts| alerts.len() == 3);
    let found = found.unwrap_or_else(|error| panic!("{error}\n{:#?}\n{}", alerts(), workspace.log_tail()));
    assert_eq!(found[0].0, "Drift report says drifted");
    assert!(found[0].1.contains("Model credit-risk version 1"), "{found:#?}");
    assert_eq!(found[1].0, "Five policy violations of one endpoint in a row");
    assert!(found[1].1.contains("loan-scoring"), "{found:#?}");
    assert!(found[2].1.contains("Model credit-risk version 1"), "{found:#?}");
    assert!(found[2].1.contains("deployed to production"), "{found:#?}");
    assert_eq!(workspace.dead_letters(), Vec::<Value>::new());
    assert_eq!(engine.stop(Duration::from_secs(20)), Some(0), "{}", workspace.log_tail());
}
