//! Domain fields at the document's top level. Evidence keeps its fields event by event; what an analyst filters and counts
//! by (which model, which endpoint, whose decision) is lifted out of group and evidence, distinct values in order of
//! appearance. A value that is not of the field's type stays in the evidence only, so that no mapping refuses the alert.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::bounded::Bounded;
use super::nest::nest;
use crate::model::Alert;

/// Distinct values of one lifted field.
pub(super) const VALUES: usize = 64;

/// How a lifted field is mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Keyword,
    Boolean,
    Long,
    Double,
}

use Kind::{Boolean, Double, Keyword, Long};

/// Every field that is lifted: the canonical fields of models, prompts, endpoints, decisions and so on.
pub(super) const LIFTED: [(&str, Kind); 64] = [
    ("user.name", Keyword),
    ("user.email", Keyword),
    ("user.id", Keyword),
    ("source.address", Keyword),
    ("trace.id", Keyword),
    ("aigov.model.name", Keyword),
    ("aigov.model.version", Keyword),
    ("aigov.model.alias", Keyword),
    ("aigov.model.stage", Keyword),
    ("aigov.model.source", Keyword),
    ("aigov.model.run_id", Keyword),
    ("aigov.model.description", Keyword),
    ("aigov.model.tag.key", Keyword),
    ("aigov.model.tag.value", Keyword),
    ("aigov.prompt.name", Keyword),
    ("aigov.prompt.version", Keyword),
    ("aigov.prompt.alias", Keyword),
    ("aigov.prompt.tag.key", Keyword),
    ("aigov.prompt.tag.value", Keyword),
    ("aigov.budget.policy_id", Keyword),
    ("aigov.budget.amount", Double),
    ("aigov.budget.spend", Double),
    ("aigov.budget.scope", Keyword),
    ("aigov.budget.target", Keyword),
    ("aigov.endpoint.id", Keyword),
    ("aigov.policy.name", Keyword),
    ("aigov.policy.revision", Keyword),
    ("aigov.decision.id", Keyword),
    ("aigov.decision.kind", Keyword),
    ("aigov.decision.outcome", Keyword),
    ("aigov.decision.approver", Keyword),
    ("aigov.decision.reason", Keyword),
    ("aigov.decision.subject", Keyword),
    ("aigov.decision.reviewed_id", Keyword),
    ("aigov.decision.signature", Keyword),
    ("aigov.decision.sequence", Long),
    ("aigov.decision.hash", Keyword),
    ("aigov.decision.previous_hash", Keyword),
    ("aigov.decision.chain_valid", Boolean),
    ("aigov.drift.detected", Boolean),
    ("aigov.drift.share", Double),
    ("aigov.drift.score", Double),
    ("aigov.drift.columns", Keyword),
    ("aigov.drift.columns_count", Long),
    ("aigov.drift.method", Keyword),
    ("aigov.drift.threshold", Double),
    ("aigov.ticket.id", Keyword),
    ("aigov.ticket.type", Keyword),
    ("aigov.ticket.status", Keyword),
    ("aigov.ticket.previous_status", Keyword),
    ("aigov.ticket.priority", Keyword),
    ("aigov.ticket.category", Keyword),
    ("aigov.ticket.project", Keyword),
    ("aigov.ticket.summary", Keyword),
    ("aigov.ticket.reporter", Keyword),
    ("aigov.ticket.assignee", Keyword),
    ("aigov.assessment.id", Keyword),
    ("aigov.assessment.kind", Keyword),
    ("aigov.assessment.outcome", Keyword),
    ("aigov.assessment.risk_score", Double),
    ("aigov.assessment.approver", Keyword),
    ("event.provider", Keyword),
    ("event.outcome", Keyword),
    ("service.name", Keyword),
];

/// Fields that name a person.
pub(super) const PEOPLE: [&str; 7] = [
    "user.name",
    "user.email",
    "user.id",
    "aigov.decision.approver",
    "aigov.assessment.approver",
    "aigov.ticket.reporter",
    "aigov.ticket.assignee",
];

/// The distinct texts of a field, in group and evidence, in order of appearance.
pub(super) fn texts(alert: &Alert, field: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let group = alert.group.iter().filter(|(name, _)| name == field).filter_map(|(_, value)| value.clone());
    let fields = alert.evidence.iter().flat_map(|event| &event.fields).filter(|(name, _)| name == field);
    let evidence = fields.flat_map(|(_, values)| values).filter_map(text);
    for value in group.chain(evidence) {
        if found.len() == VALUES {
            break;
        }
        if !value.is_empty() && !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// The lifted fields as nested objects.
pub(super) fn lift(alert: &Alert, bounded: &mut Bounded) -> Map<String, Value> {
    let mut fields = Vec::new();
    for (field, kind) in LIFTED {
        let values: Vec<Value> = texts(alert, field).iter().filter_map(|value| typed(value, kind, bounded)).collect();
        match values.as_slice() {
            [] => {}
            [only] => fields.push((field.to_owned(), only.clone())),
            _ => fields.push((field.to_owned(), values.into())),
        }
    }
    nest(fields)
}

/// The fields of a group that are lifted, as nested objects.
pub(super) fn lift_group(group: &[(String, Option<String>)], bounded: &mut Bounded) -> Map<String, Value> {
    let mut fields = Vec::new();
    for (field, kind) in LIFTED {
        let value = group.iter().find(|(name, _)| name == field).and_then(|(_, value)| value.as_deref());
        let value = value.filter(|text| !text.is_empty()).and_then(|text| typed(text, kind, bounded));
        fields.extend(value.map(|value| (field.to_owned(), value)));
    }
    nest(fields)
}

/// ECS `related`: everybody and every address that the evidence names.
pub(super) fn related(alert: &Alert, bounded: &mut Bounded) -> Option<Value> {
    let mut users: Vec<String> = Vec::new();
    for name in PEOPLE.iter().flat_map(|field| texts(alert, field)) {
        if users.len() < VALUES && !users.contains(&name) {
            users.push(bounded.text(&name));
        }
    }
    let addresses = texts(alert, "source.address");
    let (ips, hosts): (Vec<String>, Vec<String>) =
        addresses.into_iter().partition(|address| address.parse::<IpAddr>().is_ok());
    let hosts: Vec<String> = hosts.iter().map(|host| bounded.text(host)).collect();
    let mut object = Map::new();
    for (name, values) in [("user", users), ("ip", ips), ("hosts", hosts)] {
        if !values.is_empty() {
            object.insert(name.to_owned(), values.into());
        }
    }
    (!object.is_empty()).then(|| object.into())
}

pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn typed(value: &str, kind: Kind, bounded: &mut Bounded) -> Option<Value> {
    match kind {
        Keyword => Some(bounded.text(value).into()),
        Boolean => value.parse::<bool>().ok().map(Value::from),
        Long => value.parse::<i64>().ok().map(Value::from),
        Double => value.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| json!(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{alert, event};
    use super::*;

    #[test]
    fn group_and_evidence_give_each_value_once() {
        let mut alert = alert("temporal");
        alert.group = vec![("aigov.model.name".into(), Some("credit-risk".into())), ("other".into(), None)];
        alert.evidence = vec![
            event(
                "A",
                "2026-11-21T08:00:00Z",
                &[("aigov.model.name", json!("credit-risk")), ("user.name", json!("kim"))],
            ),
            event(
                "B",
                "2026-11-21T08:01:00Z",
                &[("aigov.model.name", json!("fraud")), ("aigov.model.version", json!(7))],
            ),
        ];
        let lifted = Value::Object(lift(&alert, &mut Bounded::default()));
        assert_eq!(
            lifted,
            json!({"user": {"name": "kim"}, "aigov": {"model": {"name": ["credit-risk", "fraud"], "version": "7"}}})
        );
    }

    #[test]
    fn what_a_mapping_would_refuse_is_not_lifted() {
        let mut alert = alert("detection");
        alert.evidence = vec![event(
            "A",
            "2026-11-21T08:00:00Z",
            &[
                ("aigov.drift.share", json!("n/a")),
                ("aigov.drift.score", json!("NaN")),
                ("aigov.drift.detected", json!("yes")),
                ("aigov.drift.threshold", json!("0.5")),
                ("aigov.decision.sequence", json!(1.5)),
                ("aigov.model.name", json!({"not": "a scalar"})),
            ],
        )];
        assert_eq!(
            Value::Object(lift(&alert, &mut Bounded::default())),
            json!({"aigov": {"drift": {"threshold": 0.5}}})
        );
    }

    #[test]
    fn people_and_addresses_are_related() {
        let mut alert = alert("detection");
        alert.evidence = vec![event(
            "A",
            "2026-11-21T08:00:00Z",
            &[
                ("aigov.decision.approver", json!("ana@example.com")),
                ("user.email", json!("ana@example.com")),
                ("user.name", json!("ana")),
                ("source.address", json!("192.0.2.7")),
            ],
        )];
        let related = related(&alert, &mut Bounded::default()).unwrap();
        assert_eq!(related, json!({"user": ["ana", "ana@example.com"], "ip": ["192.0.2.7"]}));
        alert.evidence[0].fields = vec![("source.address".into(), vec![json!("fe80::1%eth0")])];
        assert_eq!(super::related(&alert, &mut Bounded::default()).unwrap(), json!({"hosts": ["fe80::1%eth0"]}));
    }
}
