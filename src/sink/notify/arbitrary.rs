//! Alerts to tell of, good and hostile, for the tests of this folder.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use serde_json::json;

use super::notice::{Notice, Told};
use crate::model::{Alert, AlertStatus, RuleCard};
use crate::sink::{Content, Document, Outgoing};

/// Texts that break what they are put into as they are.
pub(super) const HOSTILE: [&str; 10] = [
    "<!channel> <@U1> @here @all `x` [a](https://evil.example.com)",
    "</td><script>alert(1)</script>\" onload='x'",
    "subject\r\nBcc: victim@example.com\r\n\r\nbody",
    "\u{202e}gnp.exe\u{200b}\u{feff}\u{0}\u{1b}[2J\u{7}\u{85}\u{2028}",
    "{{ 7 * 7 }}{% raw %}",
    "\"quoted\\\" and \\u0000",
    "\r\n.\r\nQUIT\r\n",
    "=?utf-8?B?aGFja2Vk?=",
    "模型 – größer 🙂",
    "",
];

/// An alert of a rule with everything.
pub(super) fn alert(id: u128, revision: u64) -> Alert {
    let like = crate::sink::deliver::tests::document(id, revision, "{}");
    let Content::Alert(alert) = &like.content else { panic!("an alert") };
    let rule = RuleCard {
        title: "Model promoted without approval".into(),
        tags: vec!["atlas.aml.t0010".into()],
        references: vec!["https://example.com/runbook".into(), "see the wiki".into()],
        triage: vec!["Ask the owner".into()],
        ..(*alert.rule).clone()
    };
    let status = if revision > 1 { AlertStatus::Closed } else { AlertStatus::Open };
    let group = vec![("aigov.model.name".into(), Some("credit".into()))];
    Alert { rule: Arc::new(rule), status, group, ..(**alert).clone() }
}

/// The same with a text in every place that text can come from.
pub(super) fn hostile(id: u128, text: &str) -> Alert {
    let mut alert = alert(id, 1);
    let rule = RuleCard {
        title: text.into(),
        description: Some(text.into()),
        tags: vec![text.into()],
        references: vec![text.into(), format!("https://example.com/{text}")],
        triage: vec![text.into()],
        falsepositives: vec![text.into()],
        ..(*alert.rule).clone()
    };
    alert.rule = Arc::new(rule);
    alert.group = vec![("aigov.model.name".into(), Some(text.into())), (text.into(), Some(text.into()))];
    alert
}

/// Its document, in the shape of the real one.
pub(super) fn document(alert: Alert) -> Arc<Document> {
    let reason = format!("Model {} did what it should not", alert.group[0].1.as_deref().unwrap_or_default());
    let body = json!({
        "message": alert.rule.title,
        "event": {"kind": "alert", "reason": reason},
        "alert": {"id": alert.id.to_string(), "revision": alert.revision},
        "threat": {"technique": {"id": ["AML.T0010"], "name": ["AI Supply Chain Compromise"], "reference": ["https://atlas.mitre.org/techniques/AML.T0010"]}},
    });
    Arc::new(Document {
        id: alert.id,
        revision: alert.revision,
        time: alert.time,
        body: body.to_string().into(),
        content: Content::Alert(Arc::new(alert)),
    })
}

/// The document under a ticket.
pub(super) fn outgoing(ticket: u64, alert: Alert) -> Outgoing {
    Outgoing { ticket, document: document(alert) }
}

/// A message of these alerts.
pub(super) fn told(alerts: Vec<Alert>, more: Vec<Alert>) -> Told {
    let notices = |alerts: Vec<Alert>, in_full| -> Vec<Notice> {
        alerts
            .into_iter()
            .map(|alert| Notice::of(&document(alert), Some("https://clarion.example.com/"), in_full).unwrap())
            .collect()
    };
    Told::new("on-call", vec![("rule".into(), "r".into())], notices(alerts, true), notices(more, false))
}

/// Messages with hostile texts in them, a very long one and a very full one.
pub(super) fn hostile_messages() -> Vec<Told> {
    let long = "<&@here\r\n".repeat(1 << 17);
    let texts = HOSTILE.iter().copied().chain([long.as_str()]);
    let mut messages: Vec<Told> = texts.map(|text| told(vec![hostile(1, text)], vec![hostile(2, text)])).collect();
    let many = |from: u128| (from..from + 250).map(|id| hostile(id, "&<@all>\r\n")).collect();
    messages.push(told(many(1000), many(2000)));
    messages
}
