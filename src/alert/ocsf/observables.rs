//! What an analyst searches for in other places: people, addresses and resources, each with the attribute of this document
//! that it stands in.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::lifecycle::Caption;
use super::resources::Resource;
use crate::alert::bounded::Bounded;
use crate::alert::lift::{PEOPLE, texts};
use crate::model::Alert;

const HOSTNAME: Caption = (1, "Hostname");
const IP_ADDRESS: Caption = (2, "IP Address");
const USER_NAME: Caption = (4, "User Name");
const EMAIL_ADDRESS: Caption = (5, "Email Address");
const RESOURCE_UID: Caption = (10, "Resource UID");
const USER_UID: Caption = (31, "User Object: uid");

/// All observables, each attribute's values once.
pub(super) fn observables(alert: &Alert, resources: &[Resource], bounded: &mut Bounded) -> Vec<Value> {
    let mut all: Vec<Value> =
        resources.iter().map(|resource| observable(RESOURCE_UID, "resources.uid", &resource.uid())).collect();
    for field in PEOPLE {
        for value in texts(alert, field) {
            all.push(observable(person(field, &value), &format!("unmapped.{field}"), &bounded.text(&value)));
        }
    }
    for address in texts(alert, "source.address") {
        let kind = if address.parse::<IpAddr>().is_ok() { IP_ADDRESS } else { HOSTNAME };
        all.push(observable(kind, "unmapped.source.address", &bounded.text(&address)));
    }
    all
}

/// Approvers, reporters and assignees go by a name in one system and by an address in another.
fn person(field: &str, value: &str) -> Caption {
    match field {
        "user.id" => USER_UID,
        "user.email" => EMAIL_ADDRESS,
        _ if value.contains('@') => EMAIL_ADDRESS,
        _ => USER_NAME,
    }
}

fn observable((type_id, kind): Caption, name: &str, value: &str) -> Value {
    json!({"name": name, "type_id": type_id, "type": kind, "value": value})
}

#[cfg(test)]
mod tests {
    use super::super::super::arbitrary::{alert, event};
    use super::super::resources::resources;
    use super::*;

    #[test]
    fn people_addresses_and_resources_are_observed_where_they_stand() {
        let mut alert = alert("detection");
        alert.group = vec![("aigov.model.name".into(), Some("m".into()))];
        alert.evidence = vec![event(
            "A",
            "2026-11-21T08:00:00Z",
            &[
                ("user.name", json!("kim")),
                ("user.id", json!("u-1")),
                ("aigov.decision.approver", json!("ana@example.com")),
                ("source.address", json!("192.0.2.7")),
            ],
        )];
        let mut bounded = Bounded::default();
        let resources = resources(&alert, &mut bounded);
        let found = observables(&alert, &resources, &mut bounded);
        let row = |name: &str, type_id: u8, kind: &str, value: &str| json!({"name": name, "type_id": type_id, "type": kind, "value": value});
        assert_eq!(
            found,
            [
                row("resources.uid", 10, "Resource UID", "m"),
                row("unmapped.user.name", 4, "User Name", "kim"),
                row("unmapped.user.id", 31, "User Object: uid", "u-1"),
                row("unmapped.aigov.decision.approver", 5, "Email Address", "ana@example.com"),
                row("unmapped.source.address", 2, "IP Address", "192.0.2.7"),
            ]
        );
        let document = super::super::ocsf_document(&alert);
        for observable in document["observables"].as_array().unwrap().iter().skip(1) {
            let place = format!("/{}", observable["name"].as_str().unwrap().replace('.', "/"));
            assert_eq!(document.pointer(&place), Some(&observable["value"]), "{place}");
        }
        alert.evidence[0].fields = vec![("source.address".into(), vec![json!("fe80::1%eth0")])];
        assert_eq!(
            observables(&alert, &[], &mut bounded),
            [row("unmapped.source.address", 1, "Hostname", "fe80::1%eth0")]
        );
    }
}
