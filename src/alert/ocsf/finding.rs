//! Puts the document together. Like the ECS document it is a pure function of the alert.

use serde_json::{Map, Value, json};

use super::attacks::attacks;
use super::evidences::{data_sources, evidences, related_events};
use super::lifecycle::{Caption, activity, status, status_detail};
use super::observables::observables;
use super::resources::{Resource, resources};
use super::unmapped::unmapped;
use crate::alert::bounded::Bounded;
use crate::alert::document::{DocumentOptions, action, group, long};
use crate::alert::lift::lift;
use crate::alert::object::Object;
use crate::alert::sentence;
use crate::model::{Alert, Level, RuleCard, Timestamp};

/// The OCSF release whose attributes are used.
const OCSF_VERSION: &str = "1.8.0";
const CLASS_UID: u32 = 2004;

/// The OCSF Detection Finding of an alert, as the sinks deliver it. `metadata.logged_time` is not in it: it is when a sink
/// sends.
#[must_use]
pub fn ocsf_document(alert: &Alert) -> Value {
    ocsf_document_with(alert, DocumentOptions::default())
}

/// The OCSF Detection Finding of an alert, with options.
#[must_use]
pub fn ocsf_document_with(alert: &Alert, options: DocumentOptions) -> Value {
    let mut bounded = Bounded::default();
    let rule = &alert.rule;
    // what comes from outside is made first, because it is what may have to be cut
    let lifted = lift(alert, &mut bounded);
    let group = group(alert, &mut bounded);
    let resources = resources(alert, &mut bounded);
    let observables = observables(alert, &resources, &mut bounded);
    let evidences = evidences(&alert.evidence, options.lines, &mut bounded);
    let finding_info = finding_info(alert, options, &mut bounded);
    let unmapped = unmapped(alert, lifted, group, &mut bounded);
    let (activity_id, activity_name) = activity(alert);
    let (status_id, status) = status(alert);
    let (severity_id, severity) = severity(rule.level);

    let mut root = Object::default();
    root.put("time", millis(alert.time));
    root.put("category_uid", 2);
    root.put("category_name", "Findings");
    root.put("class_uid", CLASS_UID);
    root.put("class_name", "Detection Finding");
    root.put("activity_id", activity_id);
    root.put("activity_name", activity_name);
    root.put("type_uid", CLASS_UID * 100 + u32::from(activity_id));
    root.put("type_name", format!("Detection Finding: {activity_name}"));
    root.put("severity_id", severity_id);
    root.put("severity", severity);
    root.put("status_id", status_id);
    root.put("status", status);
    root.put("status_code", alert.status.name());
    root.put("status_detail", status_detail(alert));
    root.put("is_alert", true);
    root.put("risk_score", rule.risk_score.min(100));
    root.put("message", sentence(alert));
    root.put("count", long(alert.count));
    root.put("start_time", millis(alert.first_seen));
    root.put("end_time", millis(alert.last_seen));
    root.put("metadata", metadata(alert, &bounded));
    root.put("finding_info", finding_info);
    let resources: Vec<Value> = resources.iter().map(Resource::object).collect();
    root.put_if("resources", (!resources.is_empty()).then_some(resources));
    root.put_if("observables", (!observables.is_empty()).then_some(observables));
    root.put_if("evidences", (!evidences.is_empty()).then_some(evidences));
    root.put_if("remediation", remediation(rule));
    root.put("unmapped", unmapped);
    root.0.into()
}

/// Milliseconds since the epoch, rounded down.
pub(super) fn millis(time: Timestamp) -> i64 {
    time.0.div_euclid(1_000_000)
}

fn severity(level: Level) -> Caption {
    match level {
        Level::Informational => (1, "Informational"),
        Level::Low => (2, "Low"),
        Level::Medium => (3, "Medium"),
        Level::High => (4, "High"),
        Level::Critical => (5, "Critical"),
    }
}

/// One event, which is one revision, among all events.
fn metadata(alert: &Alert, bounded: &Bounded) -> Map<String, Value> {
    let mut metadata = Object::default();
    metadata.put("version", OCSF_VERSION);
    metadata.put("uid", format!("{}-{}", alert.id, alert.revision));
    metadata.put("sequence", long(alert.revision));
    metadata.put("event_code", action(alert));
    metadata.put("log_name", "clarion.alerts");
    metadata.put("product", json!({"vendor_name": "Clarion", "name": "Clarion", "version": env!("CARGO_PKG_VERSION")}));
    metadata.put_if("is_truncated", (bounded.cut() > 0).then_some(true));
    metadata.0
}

fn finding_info(alert: &Alert, options: DocumentOptions, bounded: &mut Bounded) -> Map<String, Value> {
    let rule = &alert.rule;
    let related_events = related_events(&alert.evidence, options.lines, bounded);
    let data_sources = if options.lines { Vec::new() } else { data_sources(&alert.evidence, bounded) };
    let attacks = attacks(&rule.tags);
    let tags: Vec<Value> = rule.tags.iter().map(|tag| key_and_value(tag)).collect();
    let mut info = Object::default();
    info.put("uid", alert.id.to_string());
    info.put("title", rule.title.as_str());
    info.put_if("desc", rule.description.clone());
    info.put("analytic", analytic(rule));
    info.put("created_time", millis(alert.time));
    info.put("first_seen_time", millis(alert.first_seen));
    info.put("last_seen_time", millis(alert.last_seen));
    info.put_if("data_sources", (!data_sources.is_empty()).then_some(data_sources));
    info.put_if("related_events", (!related_events.is_empty()).then_some(related_events));
    info.put("related_events_count", long(alert.count));
    info.put_if("attacks", (!attacks.is_empty()).then_some(attacks));
    info.put_if("tags", (!tags.is_empty()).then_some(tags));
    info.0
}

/// The rule. One that is loaded is active, whatever else its author thinks of it.
fn analytic(rule: &RuleCard) -> Map<String, Value> {
    let (state_id, state) =
        if rule.status.as_deref() == Some("experimental") { (3, "Experimental") } else { (1, "Active") };
    let mut analytic = Object::default();
    analytic.put("uid", rule.id.as_str());
    analytic.put("name", rule.title.as_str());
    analytic.put("type_id", 1);
    analytic.put("type", "Rule");
    analytic.put("category", rule.kind.as_str());
    analytic.put("state_id", state_id);
    analytic.put("state", state);
    analytic.0
}

/// A Sigma tag, `namespace.value`.
fn key_and_value(tag: &str) -> Value {
    let (name, value) = tag.split_once('.').unwrap_or(("tag", tag));
    json!({"name": name, "value": value})
}

/// What to do about it, step by step.
fn remediation(rule: &RuleCard) -> Option<Map<String, Value>> {
    if rule.triage.is_empty() {
        return None;
    }
    let steps: Vec<String> =
        rule.triage.iter().zip(1_u32..).map(|(step, number)| format!("{number}. {step}")).collect();
    let mut remediation = Object::default();
    remediation.put("desc", steps.join("\n"));
    remediation.put_list("references", &rule.references);
    Some(remediation.0)
}

#[cfg(test)]
#[path = "finding_tests.rs"]
mod tests;
