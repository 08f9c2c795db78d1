//! The sinks against real servers: Elasticsearch with TLS and a user of few rights, OpenSearch, and an HEC collector that
//! acknowledges. What is asserted is the promise of every sink: one receipt for each document, given when the destination
//! has it for good or has refused it for good, whatever happens in between.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test, and what only tests call"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use clarion::alert;
use clarion::model::{
    Absence, Alert, AlertId, AlertStatus, Coordinates, Evidence, Level, RuleCard, Span, TimeSource, Timestamp,
};
use clarion::sink::{Content, Document, Health, Outcome, Outgoing, Receipt, SinkConfig, SinkError, SinkHandle, start};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::servers::{Elasticsearch, ElasticsearchOptions, Hec, HecOptions, OpenSearch, ServerError, wait_until};

const SOON: Duration = Duration::from_secs(60);
const INDICES: &str = "logs-clarion.alerts-*";

// --- alerts ------------------------------------------------------------------------------------------------------------

fn rule() -> Arc<RuleCard> {
    Arc::new(RuleCard {
        id: "6b6f2a1e-58d7-4d0a-9c5a-6f1f6b6d7d11".into(),
        title: "Model deployed without a risk assessment".into(),
        name: Some("deploy_without_assessment".into()),
        description: Some("A model reached production unassessed".into()),
        level: Level::Critical,
        status: Some("stable".into()),
        author: Some("Governance team".into()),
        tags: vec!["atlas.aml.t0010.003".into(), "attack.t1562".into(), "eu_ai_act.art9".into()],
        references: vec!["https://example.com/policy".into()],
        falsepositives: vec!["Emergency fix".into()],
        triage: vec!["Ask the owner".into()],
        kind: "temporal_ordered".into(),
        timespan: Span::seconds(2_592_000),
        file: "rules/deploy.yml".into(),
        risk_score: 90,
        entities: Vec::new(),
        lookups: Vec::new(),
    })
}

fn an_alert(id: u128, revision: u64) -> Alert {
    let time = Timestamp::parse("2026-11-21T08:00:00.123Z").unwrap();
    let field = |name: &str, value: Value| (name.to_owned(), vec![value]);
    Alert {
        id: AlertId(id),
        revision,
        status: if revision > 1 { AlertStatus::Closed } else { AlertStatus::Open },
        time,
        rule: rule(),
        group: vec![("aigov.model.name".into(), Some(format!("model-{id}"))), ("region".into(), None)],
        count: revision,
        suppressed: 0,
        first_seen: time,
        last_seen: time,
        value: Some(0.25),
        threshold: Some("> 0.2".into()),
        absence: Some(Absence {
            missing: vec!["Risk assessment passed".into()],
            from: time.minus(Span::seconds(2_592_000)),
            until: time,
        }),
        cold_start: false,
        evidence: vec![Evidence {
            time,
            time_source: TimeSource::Event,
            coordinates: Coordinates { topic: "mlflow".into(), partition: 3, offset: 17, sequence: 0 },
            id: Some("delivery-1".into()),
            rules: vec!["Model deployed".into()],
            fields: vec![
                field("aigov.model.version", json!("7")),
                field("aigov.drift.share", json!(0.5)),
                field("user.email", json!("ana@example.com")),
                field("source.address", json!("192.0.2.7")),
                field("labels.team", json!("credit")),
            ],
        }],
        cause: None,
    }
}

/// Values and names that a search engine would refuse as they are.
fn a_hostile_alert(id: u128) -> Alert {
    let mut alert = an_alert(id, 1);
    let long = "x".repeat(1 << 20);
    let deep = vec!["deep"; 60].join(".");
    alert.group = vec![
        ("a".into(), Some("1".into())),
        ("a.b".into(), Some("2".into())),
        ("null".into(), None),
        (String::new(), Some(long.clone())),
        ("..".into(), Some("dots".into())),
        ("nul\0name".into(), Some("nul\0value".into())),
    ];
    let fields = &mut alert.evidence[0].fields;
    fields.push(("message".into(), vec![json!(long)]));
    fields.push((deep, vec![json!(1)]));
    fields.push(("n".repeat(100_000), vec![json!("long name")]));
    fields.push(("mixed".into(), vec![json!(1), json!("two"), Value::Null, json!({"three": [3]})]));
    fields.push(("mixed.inner".into(), vec![json!(true)]));
    fields.push(("nothing".into(), vec![]));
    fields.push(("aigov.drift.score".into(), vec![json!("not a number")]));
    fields.push(("aigov.decision.sequence".into(), vec![json!(u64::MAX)]));
    fields.push(("source.address".into(), vec![json!("not an address")]));
    fields.push(("bidi".into(), vec![json!("\u{202e}gnp.exe\u{7}")]));
    alert.count = u64::MAX;
    alert.rule = Arc::new(RuleCard { title: "t".repeat(100_000), ..(*rule()).clone() });
    alert
}

fn outgoing(ticket: u64, alert: Alert) -> Outgoing {
    let body = alert::document(&alert).to_string();
    with_body(ticket, alert, &body)
}

fn with_body(ticket: u64, alert: Alert, body: &str) -> Outgoing {
    let document = Document {
        id: alert.id,
        revision: alert.revision,
        time: alert.time,
        body: body.into(),
        content: Content::Alert(Arc::new(alert)),
    };
    Outgoing { ticket, document: Arc::new(document) }
}

// --- a sink under test ---------------------------------------------------------------------------------------------------

struct Running {
    sink: SinkHandle,
    receipts: mpsc::UnboundedReceiver<Receipt>,
}

async fn try_run(config: Value) -> Result<Running, SinkError> {
    let config: SinkConfig = serde_json::from_value(config).unwrap();
    let (sender, receipts) = mpsc::unbounded_channel();
    Ok(Running { sink: start(0, &config, sender).await?, receipts })
}

async fn run(config: Value) -> Running {
    try_run(config).await.unwrap()
}

impl Running {
    /// Waits for that many receipts; each ticket may come once.
    async fn outcomes(&mut self, count: usize) -> BTreeMap<u64, Outcome> {
        let mut outcomes = BTreeMap::new();
        while outcomes.len() < count {
            let receipt = tokio::time::timeout(SOON, self.receipts.recv()).await;
            let Ok(Some(receipt)) = receipt else {
                panic!("{} of {count} receipts, health {:?}", outcomes.len(), self.sink.health());
            };
            assert_eq!(outcomes.insert(receipt.ticket, receipt.outcome), None, "a second receipt");
        }
        outcomes
    }

    async fn delivered(&mut self, count: usize) {
        let outcomes = self.outcomes(count).await;
        assert!(outcomes.values().all(|outcome| *outcome == Outcome::Delivered), "{outcomes:?}");
    }

    /// Waits until the sink is down and returns why.
    async fn down(&self) -> String {
        let mut health = self.sink.watch_health();
        let down = health.wait_for(|health| matches!(health, Health::Down { .. }));
        match tokio::time::timeout(SOON, down).await.unwrap().unwrap().clone() {
            Health::Down { since_message } => since_message,
            other => panic!("{other:?}"),
        }
    }

    async fn close(mut self) {
        self.sink.close(Duration::from_secs(5)).await;
        assert_eq!(self.receipts.recv().await, None, "a receipt too many");
    }
}

/// A file that holds a secret.
struct SecretFile(tempfile::TempDir);

impl SecretFile {
    fn new(secret: &str) -> Self {
        let file = Self(tempfile::tempdir().unwrap());
        file.write(secret);
        file
    }

    fn write(&self, secret: &str) {
        std::fs::write(self.0.path().join("secret"), format!("{secret}\n")).unwrap();
    }

    fn source(&self) -> Value {
        json!({"file": self.0.path().join("secret")})
    }
}

fn quick_retries() -> Value {
    json!({"initial": "50ms", "max": "500ms"})
}

fn elasticsearch(node: &Elasticsearch, password: &SecretFile, more: Value) -> Value {
    let mut config = json!({
        "type": "elasticsearch",
        "hosts": [node.url()],
        "auth": {"basic": {"user": node.writer_user(), "password": password.source()}},
        "tls": {"ca_file": node.ca_pem_path()},
        "strict_mapping": true,
        "retry": quick_retries(),
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

// --- Elasticsearch -------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_holds_the_newest_revision_of_every_alert_once() -> Result<(), ServerError> {
    let node = Elasticsearch::start(&ElasticsearchOptions::default())?;
    let password = SecretFile::new(node.writer_password());
    let mut running = run(elasticsearch(&node, &password, json!({}))).await;
    for (ticket, alert) in [an_alert(1, 1), an_alert(2, 1), an_alert(1, 2), an_alert(1, 1)].into_iter().enumerate() {
        running.sink.send(outgoing(ticket as u64, alert)).await;
    }
    let mut old = an_alert(3, 1);
    old.time = Timestamp::parse("2025-01-31T23:59:59Z").unwrap();
    running.sink.send(outgoing(4, old)).await;
    running.sink.send(outgoing(5, a_hostile_alert(4))).await;
    running.delivered(6).await;
    assert_eq!(running.sink.health(), Health::Up);

    let hits = node.search_all(INDICES)?;
    let found: Vec<(String, String, u64)> = hits
        .iter()
        .map(|hit| {
            let text = |name: &str| hit[name].as_str().unwrap().to_owned();
            (text("_index"), text("_id"), hit["_version"].as_u64().unwrap())
        })
        .collect();
    let row = |index: &str, id: u128, version: u64| (index.to_owned(), AlertId(id).to_string(), version);
    assert_eq!(
        found,
        [
            row("logs-clarion.alerts-2025.01", 3, 1),
            row("logs-clarion.alerts-2026.11", 1, 2),
            row("logs-clarion.alerts-2026.11", 2, 1),
            row("logs-clarion.alerts-2026.11", 4, 1),
        ]
    );
    let mut source = hits[1]["_source"].clone();
    let ingested = source["event"].as_object_mut().unwrap().remove("ingested").unwrap();
    assert!(Timestamp::parse(ingested.as_str().unwrap()).unwrap() > Timestamp(0));
    assert_eq!(source, alert::document(&an_alert(1, 2)), "what is stored is the document");
    searches_find_what_is_mapped(&|query| node.http().expect("POST", &format!("/{INDICES}/_search"), Some(query)))?;
    running.close().await;
    Ok(())
}

/// What rules, dashboards and analysts search by is indexed: exact, by range, nested under the group and in the evidence.
fn searches_find_what_is_mapped(search: &dyn Fn(&Value) -> Result<Value, ServerError>) -> Result<(), ServerError> {
    for query in [
        json!({"term": {"rule.level": "critical"}}),
        json!({"term": {"threat.technique.id": "AML.T0010"}}),
        json!({"range": {"@timestamp": {"gte": "2026-11-21", "lt": "2026-11-22"}}}),
        json!({"range": {"aigov.drift.share": {"gt": 0.4}}}),
        json!({"term": {"related.ip": "192.0.2.0/24"}}),
        json!({"term": {"aigov.model.name": "model-2"}}),
        json!({"term": {"group.aigov.model.name": "model-2"}}),
        json!({"term": {"events.fields.labels.team": "credit"}}),
        json!({"match": {"message": "assessment"}}),
        json!({"term": {"event.kind": "alert"}}),
        json!({"exists": {"field": "event.ingested"}}),
    ] {
        let found = search(&json!({"query": query}))?;
        let ids: Vec<&str> =
            found["hits"]["hits"].as_array().unwrap().iter().map(|hit| hit["_id"].as_str().unwrap()).collect();
        assert!(ids.contains(&AlertId(2).to_string().as_str()), "{query} finds {ids:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_refuses_one_document_in_its_own_words_and_keeps_the_others() -> Result<(), ServerError> {
    let node = Elasticsearch::start(&ElasticsearchOptions::default())?;
    let password = SecretFile::new(node.writer_password());
    let mut running = run(elasticsearch(&node, &password, json!({}))).await;
    running.sink.send(outgoing(1, an_alert(1, 1))).await;
    running.sink.send(with_body(2, an_alert(2, 1), r#"{"@timestamp":"2026-11-21T08:00:00Z","surprise":1}"#)).await;
    running.sink.send(with_body(3, an_alert(3, 1), r#"{"@timestamp":"tomorrow"}"#)).await;
    running.sink.send(outgoing(4, an_alert(4, 1))).await;
    let outcomes = running.outcomes(4).await;
    assert_eq!((&outcomes[&1], &outcomes[&4]), (&Outcome::Delivered, &Outcome::Delivered));
    for (ticket, words) in [(2, "surprise"), (3, "tomorrow")] {
        let Outcome::Rejected { reason } = &outcomes[&ticket] else { panic!("{outcomes:?}") };
        assert!(reason.contains(words), "{reason}");
    }
    node.put_index_settings(INDICES, &json!({"index.blocks.read_only_allow_delete": true}))?;
    running.sink.send(outgoing(5, an_alert(5, 1))).await;
    let why = running.down().await;
    assert!(why.contains("read-only-allow-delete"), "{why}");
    node.put_index_settings(INDICES, &json!({"index.blocks.read_only_allow_delete": null}))?;
    running.delivered(1).await;
    running.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_credentials_are_checked_at_start_and_read_again_when_refused() -> Result<(), ServerError> {
    let mut node = Elasticsearch::start(&ElasticsearchOptions::default())?;
    let password = SecretFile::new("wrong");
    for more in [json!({}), json!({"manage_template": false})] {
        let error = try_run(elasticsearch(&node, &password, more)).await.err().unwrap();
        assert!(matches!(&error, SinkError::Refused { said, .. } if said.contains("401")), "{error}");
    }
    password.write(node.writer_password());
    run(elasticsearch(&node, &password, json!({"manage_template": false}))).await.close().await;
    let stranger = json!({"tls": {"ca_file": node.stranger_ca_pem_path()}});
    let untrusted = run(elasticsearch(&node, &password, stranger)).await;
    let why = untrusted.down().await;
    assert!(why.contains("certificate"), "{why}");
    untrusted.close().await;

    node.stop();
    password.write("wrong again");
    let mut running = run(elasticsearch(&node, &password, json!({}))).await;
    running.sink.send(outgoing(1, an_alert(1, 1))).await;
    let why = running.down().await;
    assert!(why.contains("cannot be reached"), "{why}");
    node.restart()?;
    let mut health = running.sink.watch_health();
    let refused = |health: &Health| matches!(health, Health::Down { since_message } if since_message.contains("401"));
    tokio::time::timeout(SOON, health.wait_for(refused)).await.unwrap().unwrap();
    password.write(node.writer_password());
    running.delivered(1).await;
    running.close().await;
    assert_eq!(node.search_all(INDICES)?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_gets_everything_once_through_outages_and_limits() -> Result<(), ServerError> {
    let mut node = Elasticsearch::start(&ElasticsearchOptions::default())?;
    let password = SecretFile::new(node.writer_password());
    let dead_first = json!({
        "hosts": ["https://127.0.0.1:9", node.url()],
        "request_timeout": "3s",
        "batch": {"documents": 40, "max_bytes": "1MiB", "linger": "20ms"},
    });
    let mut running = run(elasticsearch(&node, &password, dead_first)).await;
    let total = 600_u64;
    for ticket in 0..200 {
        running.sink.send(outgoing(ticket, an_alert(u128::from(ticket), 1))).await;
    }
    running.outcomes(50).await;
    node.kill();
    let (handle, rest) = (&running.sink, 200..400);
    let feed = async {
        for ticket in rest {
            handle.send(outgoing(ticket, an_alert(u128::from(ticket), 1))).await;
        }
    };
    // Requests of about 40 kB uncompressed per ten documents: most are too large, many are too much at once.
    let limits = ElasticsearchOptions::default().coordinating_limit("60kb").max_content_length("48kb");
    let restart = async { tokio::task::block_in_place(|| node.restart_with(&limits)) };
    let ((), restarted) = tokio::join!(feed, restart);
    restarted?;
    running.delivered(350).await;
    node.freeze();
    for ticket in 400..total {
        if running.sink.try_send(outgoing(ticket, an_alert(u128::from(ticket), 1))).is_err() {
            node.thaw();
            running.sink.send(outgoing(ticket, an_alert(u128::from(ticket), 1))).await;
        }
    }
    running.down().await;
    node.thaw();
    running.delivered(200).await;

    let mut large = an_alert(u128::from(total), 1);
    large.rule = Arc::new(RuleCard {
        triage: (0..3000).map(|step| format!("step {step} {step:x}")).collect(),
        ..(*rule()).clone()
    });
    running.sink.send(outgoing(total, large)).await;
    let outcomes = running.outcomes(1).await;
    assert!(
        matches!(&outcomes[&total], Outcome::Rejected { reason } if reason.contains("413")),
        "a document that alone is too large is refused: {outcomes:?}"
    );
    running.close().await;
    let hits = node.search_all(INDICES)?;
    assert_eq!(hits.len() as u64, total);
    assert!(hits.iter().all(|hit| hit["_version"] == 1));
    Ok(())
}

// --- OpenSearch ----------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread")]
async fn opensearch_takes_the_same_alerts() -> Result<(), ServerError> {
    let mut node = OpenSearch::start()?;
    let config = json!({
        "type": "elasticsearch", "hosts": [node.url()], "strict_mapping": true, "retry": quick_retries(),
    });
    let mut running = run(config).await;
    for (ticket, alert) in [an_alert(2, 1), an_alert(1, 2), an_alert(1, 1), a_hostile_alert(4)].into_iter().enumerate()
    {
        running.sink.send(outgoing(ticket as u64, alert)).await;
    }
    running.delivered(4).await;
    let hits = node.search_all(INDICES)?;
    assert_eq!(hits.iter().map(|hit| hit["_version"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 1, 1]);
    searches_find_what_is_mapped(&|query| node.http().expect("POST", &format!("/{INDICES}/_search"), Some(query)))?;

    running.sink.send(with_body(10, an_alert(10, 1), r#"{"surprise":1}"#)).await;
    assert!(matches!(&running.outcomes(1).await[&10], Outcome::Rejected { reason } if reason.contains("surprise")));
    node.kill();
    running.sink.send(outgoing(11, an_alert(11, 1))).await;
    running.down().await;
    node.restart()?;
    running.delivered(1).await;
    running.close().await;
    assert_eq!(node.search_all(INDICES)?.len(), 4);
    Ok(())
}

// --- Splunk HEC ----------------------------------------------------------------------------------------------------------

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
    running.delivered(4).await;
    let received = wait_until("the events", SOON, || hec.received(), |events| events.len() >= 4)?;
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
