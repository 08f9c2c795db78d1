//! ServiceNow: events as its event collector takes them (`{"records": […]}`, each with `message_key`), and records of
//! tables (each with `sys_id`), whose values are texts or `{"display_value": …}`.

use std::borrow::Cow;

use crate::decode::error::DecodeError;
use crate::decode::json::{Scanner, Value};
use crate::model::LogSource;

use super::Origin::{Constant, Derived};
use super::{Described, Emit, Facts, Producer, assessment, scalar_text};

/// Members are looked up by name, not by index: events and table records have little in common, and both have members of
/// the installation's own.
pub(in crate::decode) static SERVICENOW: Producer = Producer {
    prefix: "servicenow",
    logsource: LogSource::of("ticket", "servicenow", "event"),
    captures: &[
        &["records"],
        &["result"],
        &["sys_id"],
        &["number"],
        &["message_key"],
        &["time_of_event"],
        &["sys_updated_on"],
        &["sys_created_on"],
        &["state"],
        &["approval"],
        &["type"],
        &["u_type"],
        &["category"],
        &["sys_class_name"],
        &["event_class"],
        &["short_description"],
        &["description"],
        &["priority"],
        &["severity"],
        &["assignment_group"],
        &["opened_by"],
        &["caller_id"],
        &["source"],
        &["assigned_to"],
        &["sys_updated_by"],
        &["additional_info"],
        &["sys_mod_count"],
        &["previous_state"],
        &["resource"],
        &["node"],
    ],
    fields: &[
        ("event.action", Derived(|facts, out| out.text(action(facts)))),
        ("event.outcome", Constant("success")),
        ("event.dataset", Constant("aigov.ticket")),
        ("event.provider", Constant("servicenow")),
        ("user.name", Derived(|facts, out| first(facts, out, &["sys_updated_by", "opened_by"]))),
        ("source.address", Derived(|facts, out| first(facts, out, &["node"]))),
        ("message", Derived(|facts, out| first(facts, out, &["short_description", "description"]))),
        ("aigov.ticket.id", Derived(|facts, out| first(facts, out, &["number", "ticket", "message_key", "sys_id"]))),
        ("aigov.ticket.type", Derived(|facts, out| first(facts, out, &TYPES))),
        ("aigov.ticket.status", Derived(|facts, out| first(facts, out, &["state", "status"]))),
        (
            "aigov.ticket.previous_status",
            Derived(|facts, out| first(facts, out, &["previous_state", "previous_status"])),
        ),
        ("aigov.ticket.priority", Derived(|facts, out| first(facts, out, &["priority", "severity"]))),
        ("aigov.ticket.category", Derived(|facts, out| first(facts, out, &["category", "event_class"]))),
        ("aigov.ticket.project", Derived(|facts, out| first(facts, out, &["assignment_group", "project"]))),
        ("aigov.ticket.summary", Derived(|facts, out| first(facts, out, &["short_description", "description"]))),
        ("aigov.ticket.reporter", Derived(|facts, out| first(facts, out, &["opened_by", "caller_id", "source"]))),
        ("aigov.ticket.assignee", Derived(|facts, out| first(facts, out, &["assigned_to"]))),
        ("aigov.model.name", Derived(|facts, out| first(facts, out, &["u_model", "model", "model_name"]))),
        ("aigov.model.version", Derived(|facts, out| first(facts, out, &["u_model_version", "model_version"]))),
        ("aigov.endpoint.id", Derived(|facts, out| first(facts, out, &["u_endpoint", "endpoint", "endpoint_id"]))),
        (
            "aigov.assessment.id",
            Derived(|facts, out| {
                if kind(facts).is_some() {
                    first(facts, out, &["number", "ticket", "message_key", "sys_id"]);
                }
            }),
        ),
        (
            "aigov.assessment.kind",
            Derived(|facts, out| {
                if let Some(kind) = kind(facts) {
                    out.text(kind);
                }
            }),
        ),
        (
            "aigov.assessment.outcome",
            Derived(|facts, out| {
                if let Some(outcome) = outcome(facts) {
                    out.text(outcome);
                }
            }),
        ),
        ("aigov.assessment.risk_score", Derived(|facts, out| first(facts, out, &["u_risk_score", "risk_score"]))),
        (
            "aigov.assessment.approver",
            Derived(|facts, out| {
                if matches!(outcome(facts), Some("pass" | "fail")) {
                    first(facts, out, &["u_approver", "approver", "sys_updated_by"]);
                }
            }),
        ),
    ],
    batch,
    describe,
};

/// Where a ticket's type is, first choice first.
const TYPES: [&str; 4] = ["u_type", "type", "sys_class_name", "event_class"];

/// The events of a push, or the records of a table query.
fn batch<'a>(facts: &Facts<'_, 'a>) -> Option<&'a str> {
    ["records", "result"].iter().find_map(|name| match captured(facts, name)? {
        Value::Array(text) => Some(*text),
        _ => None,
    })
}

fn describe<'a>(facts: &Facts<'_, 'a>) -> Result<Described<'a>, DecodeError> {
    let id = find(facts, &["message_key", "sys_id"]);
    if id.is_none() && find(facts, &["number"]).is_none() && find(facts, &["event_class", "source"]).is_none() {
        return Err(DecodeError::WrongSchema {
            expected: "a ServiceNow event or table record",
            problem: "it has none of `records`, `message_key`, `sys_id`, `number`, `event_class` and `source`"
                .to_owned(),
        });
    }
    Ok(Described { time: find(facts, &["time_of_event", "sys_updated_on", "sys_created_on"]), id })
}

fn captured_at(name: &str) -> Option<usize> {
    SERVICENOW.captures.iter().position(|keys| matches!(keys, [key] if *key == name))
}

fn captured<'f, 'a>(facts: &'f Facts<'_, 'a>, name: &str) -> Option<&'f Value<'a>> {
    facts.get(captured_at(name)?)
}

/// The text of a member: a scalar, or the `display_value` of a reference.
fn shown<'a>(value: &Value<'a>) -> Option<Cow<'a, str>> {
    let text = match value {
        Value::Object(_) => value.get("display_value").or_else(|| value.get("value")).as_ref().and_then(scalar_text),
        other => scalar_text(other),
    };
    text.filter(|text| !text.is_empty())
}

/// The first of these members that has a text: of the record, or of the JSON text in its `additional_info`, or else a
/// member that is the installation's own.
fn find<'a>(facts: &Facts<'_, 'a>, names: &[&str]) -> Option<Cow<'a, str>> {
    names.iter().find_map(|name| {
        let own = || shown(&Value::Object(facts.document).get(name)?);
        let of_record = if captured_at(name).is_some() { captured(facts, name).and_then(shown) } else { own() };
        of_record.or_else(|| additional(facts, name))
    })
}

/// A member of the JSON text that `additional_info` holds.
fn additional<'a>(facts: &Facts<'_, 'a>, name: &str) -> Option<Cow<'a, str>> {
    let text = captured(facts, "additional_info")?.string()?.trim();
    let scanner = Scanner::new(text, 64);
    let (value, end) = Value::read(&scanner, 0).ok()?;
    scanner.finish(end).ok()?;
    shown(&value.get(name)?).map(|text| Cow::Owned(text.into_owned()))
}

fn first<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>, names: &[&str]) {
    if let Some(text) = find(facts, names) {
        out.text(text);
    }
}

/// A table record that was never changed is new. Events say what happened in `additional_info.action`, if at all.
fn action(facts: &Facts<'_, '_>) -> &'static str {
    let said = find(facts, &["action"]).map(|word| word.to_ascii_lowercase());
    match said.as_deref() {
        Some("created" | "create" | "insert" | "inserted") => return "ticket.created",
        Some("deleted" | "delete") => return "ticket.deleted",
        Some("closed" | "close" | "resolved") => return "ticket.closed",
        _ => {}
    }
    if find(facts, &["sys_mod_count"]).as_deref() == Some("0") { "ticket.created" } else { "ticket.updated" }
}

/// The assessment that the ticket is, by its type or category, such as `Risk Assessment` or `u_risk_assessment`.
fn kind(facts: &Facts<'_, '_>) -> Option<&'static str> {
    let names = TYPES.iter().chain(&["category"]);
    names.filter_map(|name| find(facts, &[name])).find_map(|word| assessment::kind(word.trim_start_matches("u_")))
}

/// How it went: the approval if there was one, else the state. An edit that leaves the state as it was is no new
/// assessment.
fn outcome(facts: &Facts<'_, '_>) -> Option<&'static str> {
    kind(facts)?;
    let previous = find(facts, &["previous_state", "previous_status"]);
    if action(facts) == "ticket.deleted" || (previous.is_some() && previous == find(facts, &["state", "status"])) {
        return None;
    }
    let read = |names: &[&str]| find(facts, names).as_deref().and_then(assessment::outcome);
    Some(read(&["approval"]).or_else(|| read(&["state", "status"])).unwrap_or("pending"))
}
