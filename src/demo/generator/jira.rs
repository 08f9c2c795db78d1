//! Jira's webhooks: complaints about a model's decisions, and risk assessments as tickets. The model is a label.

use serde_json::{Value, json};

use crate::model::Timestamp;

use super::JIRA_TOPIC;
use super::script::Script;

const SUMMARIES: [&str; 6] = [
    "Application refused without a reason",
    "Decision does not match the documents sent",
    "Rate offered differs from the one shown before",
    "Same data, different answer the next day",
    "Identity check fails again and again",
    "Asked for a person to look at the decision",
];

const REPORTERS: [&str; 3] = ["service.desk@example.com", "branch.office@example.com", "app.feedback@example.com"];

impl Script {
    /// A complaint about a model; gives its key.
    pub(super) fn complaint(&mut self, time: Timestamp, model: &str) -> String {
        let key = format!("COMP-{}", self.next_issue());
        let summary = self.pick(&SUMMARIES, "Complaint");
        let fields = fields("Complaint", "Open", summary, &["complaint", &format!("model:{model}")], "COMP");
        self.issue(time, "jira:issue_created", "issue_created", &key, &fields, None);
        key
    }

    /// The same complaint, settled.
    pub(super) fn complaint_settled(&mut self, time: Timestamp, key: &str, model: &str) {
        let fields = fields("Complaint", "Done", "Complaint", &["complaint", &format!("model:{model}")], "COMP");
        self.issue(time, "jira:issue_updated", "issue_generic", key, &fields, Some(("Open", "Done")));
    }

    /// A risk assessment as a ticket, opened and approved.
    pub(super) fn assessment_ticket(&mut self, opened: Timestamp, approved: Timestamp, model: &str, version: u32) {
        let key = format!("RISK-{}", self.next_issue());
        let labels = [format!("model:{model}"), format!("model-version:{version}")];
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let summary = format!("Risk assessment of {model} version {version}");
        let open = fields("Risk Assessment", "In Review", &summary, &labels, "RISK");
        self.issue(opened, "jira:issue_created", "issue_created", &key, &open, None);
        let done = fields("Risk Assessment", "Approved", &summary, &labels, "RISK");
        self.issue(approved, "jira:issue_updated", "issue_generic", &key, &done, Some(("In Review", "Approved")));
    }

    fn issue(
        &mut self,
        time: Timestamp,
        event: &str,
        kind: &str,
        key: &str,
        fields: &Value,
        change: Option<(&str, &str)>,
    ) {
        let reporter = self.pick(&REPORTERS, "service.desk@example.com");
        let id = key.bytes().filter(u8::is_ascii_digit).fold(0_u32, |id, digit| id * 10 + u32::from(digit - b'0'));
        let mut body = json!({
            "timestamp": time.millis(),
            "webhookEvent": event,
            "issue_event_type_name": kind,
            "user": {"accountId": reporter, "displayName": reporter, "emailAddress": reporter},
            "issue": {"id": id.to_string(), "key": key, "fields": fields},
        });
        if let (Some((from, to)), Value::Object(body)) = (change, &mut body) {
            let item = json!({
                "field": "status", "fieldtype": "jira", "fieldId": "status",
                "from": "1", "fromString": from, "to": "2", "toString": to,
            });
            body.insert("changelog".to_owned(), json!({ "id": format!("{id}1"), "items": [item] }));
        }
        let headers = vec![
            ("content-type".to_owned(), b"application/json".to_vec()),
            ("X-Atlassian-Webhook-Identifier".to_owned(), self.uuid().into_bytes()),
        ];
        self.add(JIRA_TOPIC, key, headers, &body, time);
    }
}

fn fields(kind: &str, status: &str, summary: &str, labels: &[&str], project: &str) -> Value {
    json!({
        "summary": summary,
        "issuetype": {"name": kind},
        "status": {"name": status},
        "priority": {"name": "Medium"},
        "project": {"key": project},
        "labels": labels,
    })
}
