//! Notifications against receivers that this project did not write: aiosmtpd for mail, an OpenTelemetry collector and
//! standardwebhooks for webhooks, Slack's SDK for chats. The promise is that of every sink: nothing is told twice while all goes well,
//! nothing is lost when it does not.

mod mail;
mod restart;
mod webhook;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use clarion::alert;
use clarion::model::{Alert, RuleCard};
use clarion::sink::{Content, Document, Health, Outcome, Outgoing, Receipt, SinkConfig, SinkHandle, start};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::servers::ServerError;

pub(super) use crate::sinks::{a_hostile_alert, an_alert};

const SOON: Duration = Duration::from_secs(60);

struct Route {
    sink: SinkHandle,
    receipts: mpsc::UnboundedReceiver<Receipt>,
    next: u64,
}

/// Starts a route; waits are short unless the configuration says otherwise.
async fn route(mut config: Value) -> Route {
    let quick = json!({"group_wait": "200ms", "group_interval": "200ms"});
    let own = config["route"].as_object().cloned().unwrap_or_default();
    config["route"] = quick;
    config["route"].as_object_mut().unwrap().extend(own);
    config["retry"] = json!({"initial": "50ms", "max": "300ms"});
    let config: SinkConfig = serde_json::from_value(config).unwrap();
    let (sender, receipts) = mpsc::unbounded_channel();
    Route { sink: start(0, &config, sender).await.unwrap(), receipts, next: 0 }
}

impl Route {
    async fn tell(&mut self, alert: Alert) {
        let document = Document {
            id: alert.id,
            revision: alert.revision,
            time: alert.time,
            body: alert::document(&alert).to_string().into(),
            content: Content::Alert(Arc::new(alert)),
        };
        self.sink.send(Outgoing { ticket: self.next, document: Arc::new(document) }).await;
        self.next += 1;
    }

    /// The outcome of the next receipts, by ticket.
    async fn outcomes(&mut self, count: usize) -> Vec<(u64, Outcome)> {
        let mut found = Vec::new();
        for _ in 0..count {
            let receipt = tokio::time::timeout(SOON, self.receipts.recv()).await;
            let receipt = receipt.unwrap_or_else(|_| panic!("{found:?}, {:?}", self.sink.health())).unwrap();
            found.push((receipt.ticket, receipt.outcome));
        }
        found.sort_by_key(|(ticket, _)| *ticket);
        found
    }

    async fn delivered(&mut self, count: usize) {
        let outcomes = self.outcomes(count).await;
        assert!(outcomes.iter().all(|(_, outcome)| *outcome == Outcome::Delivered), "{outcomes:?}");
    }

    /// Waits until the receiver cannot be told, and returns why.
    async fn down(&self) -> String {
        let mut health = self.sink.watch_health();
        let down = health.wait_for(|health| matches!(health, Health::Down { .. }));
        match tokio::time::timeout(SOON, down).await.unwrap().unwrap().clone() {
            Health::Down { since_message } => since_message,
            other => panic!("{other:?}"),
        }
    }
}

/// Alerts with every kind of text that breaks something, in the places where text comes from outside.
fn hostile_alerts() -> Vec<Alert> {
    let long = "<&@here \r\n".repeat(1 << 17);
    let texts = [
        "<!channel> @here `x` [a](https://evil.example.com)",
        "</td><script>alert(1)</script>\" onload='x'",
        "subject\r\nBcc: victim@example.com\r\n\r\nbody",
        "\u{202e}gnp.exe\u{200b}\u{0}\u{1b}[2J\u{7}",
        "\r\n.\r\nQUIT\r\n",
        long.as_str(),
    ];
    let hostile = |(id, text): (u128, &str)| {
        let mut alert = an_alert(id, 1);
        let rule = (*alert.rule).clone();
        let texts = || vec![text.to_owned()];
        alert.rule =
            Arc::new(RuleCard { title: text.to_owned(), references: texts(), triage: texts(), tags: texts(), ..rule });
        alert.group = vec![("aigov.model.name".into(), Some(text.to_owned())), (text.to_owned(), None)];
        alert
    };
    let mut alerts: Vec<Alert> = (100..).zip(texts).map(hostile).collect();
    alerts.push(a_hostile_alert(200));
    alerts
}

/// Runs the program.
fn clarion(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_clarion")).args(arguments).current_dir(folder).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.code(), text)
}
