//! Jira webhooks: issues and what happens to them.

use std::borrow::Cow;

use crate::decode::error::DecodeError;
use crate::decode::json::Value;
use crate::model::LogSource;

use super::Origin::{Constant, Derived, Paths};
use super::{Described, Emit, Facts, Producer, assessment, no_batch, part_of, scalar_text};

const EVENT: usize = 0;
const TIMESTAMP: usize = 1;
const KEY: usize = 2;
const TYPE: usize = 3;
const STATUS: usize = 4;
const CHANGES: usize = 5;
const LABELS: usize = 6;
const USER: usize = 7;

pub(in crate::decode) static JIRA: Producer = Producer {
    prefix: "jira",
    logsource: LogSource::of("ticket", "jira", "webhook"),
    captures: &[
        &["webhookEvent"],
        &["timestamp"],
        &["issue", "key"],
        &["issue", "fields", "issuetype", "name"],
        &["issue", "fields", "status", "name"],
        &["changelog", "items"],
        &["issue", "fields", "labels"],
        &["user"],
    ],
    fields: &[
        ("event.action", Derived(|facts, out| out.text(action(facts)))),
        ("event.outcome", Constant("success")),
        ("event.dataset", Constant("aigov.ticket")),
        ("event.provider", Constant("jira")),
        ("user.name", Paths(&[&["user", "displayName"], &["user", "name"]])),
        ("user.email", Paths(&[&["user", "emailAddress"]])),
        ("user.id", Paths(&[&["user", "accountId"], &["user", "key"]])),
        ("message", Paths(&[&["issue", "fields", "summary"]])),
        ("aigov.ticket.id", Paths(&[&["issue", "key"]])),
        ("aigov.ticket.type", Paths(&[&["issue", "fields", "issuetype", "name"]])),
        ("aigov.ticket.status", Paths(&[&["issue", "fields", "status", "name"]])),
        ("aigov.ticket.previous_status", Derived(|facts, out| emit(out, changed(facts, "fromString")))),
        ("aigov.ticket.priority", Paths(&[&["issue", "fields", "priority", "name"]])),
        ("aigov.ticket.category", Paths(&[&["issue", "fields", "components", "name"]])),
        ("aigov.ticket.project", Paths(&[&["issue", "fields", "project", "key"]])),
        ("aigov.ticket.summary", Paths(&[&["issue", "fields", "summary"]])),
        (
            "aigov.ticket.reporter",
            Paths(&[
                &["issue", "fields", "reporter", "emailAddress"],
                &["issue", "fields", "reporter", "displayName"],
                &["issue", "fields", "reporter", "name"],
            ]),
        ),
        (
            "aigov.ticket.assignee",
            Paths(&[
                &["issue", "fields", "assignee", "emailAddress"],
                &["issue", "fields", "assignee", "displayName"],
                &["issue", "fields", "assignee", "name"],
            ]),
        ),
        ("aigov.model.name", Derived(|facts, out| emit(out, label(facts, "model:")))),
        ("aigov.model.version", Derived(|facts, out| emit(out, label(facts, "model-version:")))),
        ("aigov.endpoint.id", Derived(|facts, out| emit(out, label(facts, "endpoint:")))),
        ("aigov.assessment.id", Derived(|facts, out| emit(out, kind(facts).and_then(|_| facts.word(KEY))))),
        ("aigov.assessment.kind", Derived(|facts, out| emit(out, kind(facts).map(Cow::Borrowed)))),
        ("aigov.assessment.outcome", Derived(|facts, out| emit(out, outcome(facts).map(Cow::Borrowed)))),
        (
            "aigov.assessment.risk_score",
            Derived(|facts, out| emit(out, kind(facts).and_then(|_| label(facts, "risk-score:")))),
        ),
        ("aigov.assessment.approver", Derived(approver)),
    ],
    batch: no_batch,
    describe,
};

fn describe<'a>(facts: &Facts<'_, 'a>) -> Result<Described<'a>, DecodeError> {
    let wrong = |problem: &str| DecodeError::WrongSchema { expected: "a Jira webhook", problem: problem.to_owned() };
    if facts.get(EVENT).and_then(Value::string).is_none() {
        return Err(wrong("`webhookEvent` is missing or no text"));
    }
    if facts.get(KEY).and_then(Value::string).is_none() {
        return Err(wrong("`issue.key` is missing: only events of issues are tickets"));
    }
    Ok(Described { time: facts.word(TIMESTAMP), id: facts.context.header("x-atlassian-webhook-identifier") })
}

fn emit<'a>(out: &mut Emit<'_, 'a>, text: Option<Cow<'a, str>>) {
    if let Some(text) = text {
        out.text(text);
    }
}

fn action(facts: &Facts<'_, '_>) -> &'static str {
    let event = facts.text(EVENT).unwrap_or("");
    match event.strip_prefix("jira:").unwrap_or(event) {
        "issue_created" => "ticket.created",
        "issue_deleted" => "ticket.deleted",
        comment if comment.starts_with("comment_") => "ticket.commented",
        _ => "ticket.updated",
    }
}

/// A member of the change of the status, if this event is one. The new value's key is literally `toString`.
fn changed<'a>(facts: &Facts<'_, 'a>, member: &str) -> Option<Cow<'a, str>> {
    let is_status = |item: &Value<'_>| item.get("field").as_ref().and_then(Value::string) == Some("status");
    let item = facts.get(CHANGES)?.elements().find(is_status)?;
    scalar_text(&item.get(member)?)
}

/// The rest of the first label that begins so, such as `model:credit-risk`.
fn label<'a>(facts: &Facts<'_, 'a>, prefix: &str) -> Option<Cow<'a, str>> {
    let labels = facts.get(LABELS)?.elements().filter_map(|label| scalar_text(&label));
    labels
        .filter(|label| label.len() > prefix.len() && label.starts_with(prefix))
        .map(|label| part_of(&label, |text| text.get(prefix.len()..).unwrap_or("")))
        .next()
}

/// The assessment that the ticket is, by its type, such as `Risk Assessment`.
fn kind(facts: &Facts<'_, '_>) -> Option<&'static str> {
    assessment::kind(facts.text(TYPE)?)
}

/// How the assessment went, in events that bring it to a status: an edit of an old ticket is no new assessment.
fn outcome(facts: &Facts<'_, '_>) -> Option<&'static str> {
    kind(facts)?;
    let brings_status = match action(facts) {
        "ticket.created" => true,
        "ticket.updated" => facts.get(CHANGES).is_none() || changed(facts, "field").is_some(),
        _ => false,
    };
    if !brings_status {
        return None;
    }
    Some(facts.text(STATUS).and_then(assessment::outcome).unwrap_or("pending"))
}

/// Who moved an assessment to the status that passes or fails it.
fn approver<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    let decided = matches!(outcome(facts), Some("pass" | "fail")) && changed(facts, "field").is_some();
    if let Some(user) = facts.get(USER).filter(|_| decided) {
        let name = ["emailAddress", "displayName", "name"].iter().find_map(|key| scalar_text(&user.get(key)?));
        emit(out, name);
    }
}
