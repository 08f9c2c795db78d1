//! The sinks against real servers: Elasticsearch 9 and 8 with TLS and a user of few rights, OpenSearch 2 and 3, and an HEC
//! collector that acknowledges. Here is what they are given and how a sink is run; beside it one file a destination.
//! What is asserted is the promise of every sink: one receipt for each document, given when the destination
//! has it for good or has refused it for good, whatever happens in between.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test, and what only tests call"
)]

mod elasticsearch;
mod opensearch;
mod search_engine;
mod splunk_hec;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clarion::alert;
use clarion::model::{
    Absence, Alert, AlertId, AlertStatus, Coordinates, Evidence, Level, Metric, RuleCard, Span, TimeSource, Timestamp,
};
use clarion::sink::{Content, Document, Health, Outcome, Outgoing, Receipt, SinkConfig, SinkError, SinkHandle, start};
use serde_json::{Value, json};
use tokio::sync::mpsc;

const SOON: Duration = Duration::from_secs(60);
const INDICES: &str = "logs-clarion.alerts-*";
const FINDINGS: &str = "alerts-clarion.ocsf-*";
const METRICS: &str = "metrics-clarion.governance-*";

// --- documents ---------------------------------------------------------------------------------------------------------

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

pub(crate) fn an_alert(id: u128, revision: u64) -> Alert {
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
pub(crate) fn a_hostile_alert(id: u128) -> Alert {
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

/// A value of a series.
fn a_metric(id: u128, value: Option<f64>) -> Metric {
    let time = Timestamp::parse("2026-11-21T09:00:00Z").unwrap();
    Metric {
        id: AlertId(id),
        time,
        rule: rule(),
        name: "aigov.complaints".into(),
        unit: Some("{ticket}".into()),
        group: vec![("aigov.model.name".into(), Some("credit".into()))],
        value,
        samples: u64::from(value.is_some()),
        from: time.minus(Span::seconds(3600)),
    }
}

fn outgoing_metric(ticket: u64, metric: Metric) -> Outgoing {
    let document = Document {
        id: metric.id,
        revision: 1,
        time: metric.time,
        body: alert::metric_document(&metric).to_string().into(),
        content: Content::Metric(Arc::new(metric)),
    };
    Outgoing { ticket, document: Arc::new(document) }
}

fn outgoing(ticket: u64, alert: Alert) -> Outgoing {
    let body = alert::document(&alert).to_string();
    with_body(ticket, alert, &body)
}

fn outgoing_finding(ticket: u64, alert: Alert) -> Outgoing {
    let body = alert::ocsf_document(&alert).to_string();
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
