//! The contributing events: whole under `evidences[].data`, with the person and the address beside it where an event names
//! exactly one, and as `finding_info.related_events`, which has their times.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::finding::millis;
use crate::alert::bounded::Bounded;
use crate::alert::evidence::{EVENTS, events};
use crate::alert::lift::text;
use crate::alert::object::Object;
use crate::model::Evidence;

/// The newest events that a document has room for, oldest first.
fn newest(evidence: &[Evidence]) -> impl Iterator<Item = &Evidence> {
    evidence.iter().skip(evidence.len().saturating_sub(EVENTS))
}

/// `evidences`.
pub(super) fn evidences(evidence: &[Evidence], lines: bool, bounded: &mut Bounded) -> Vec<Value> {
    let all = events(evidence, lines, bounded);
    newest(evidence).zip(all).map(|(event, data)| one(event, data, lines, bounded)).collect()
}

fn one(event: &Evidence, data: Value, lines: bool, bounded: &mut Bounded) -> Value {
    let mut object = Object::default();
    object.put("uid", uid(event, lines, bounded));
    object.put_if("name", name(event, bounded));
    object.put_if("user", user(event, bounded));
    object.put_if("src_endpoint", src_endpoint(event, bounded));
    object.put("data", data);
    object.0.into()
}

/// `finding_info.related_events`.
pub(super) fn related_events(evidence: &[Evidence], lines: bool, bounded: &mut Bounded) -> Vec<Value> {
    let one = |event: &Evidence| {
        let mut object = Object::default();
        object.put("uid", uid(event, lines, bounded));
        object.put_if("title", name(event, bounded));
        object.put("created_time", millis(event.time));
        object.0.into()
    };
    newest(evidence).map(one).collect()
}

/// Names of the topics that the events came from, each once.
pub(super) fn data_sources(evidence: &[Evidence], bounded: &mut Bounded) -> Vec<Value> {
    let mut topics: Vec<Value> = Vec::new();
    for event in newest(evidence) {
        let topic = Value::from(bounded.text(&event.coordinates.topic));
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    topics
}

/// The producer's id, else where the record lies.
fn uid(event: &Evidence, lines: bool, bounded: &mut Bounded) -> String {
    let place = &event.coordinates;
    match &event.id {
        Some(id) if !id.is_empty() => bounded.text(id),
        _ if lines => format!("line {}, member {}", place.offset, place.sequence),
        _ => format!("{}/{}/{}/{}", bounded.text(&place.topic), place.partition, place.offset, place.sequence),
    }
}

/// What it was to the rule.
fn name(event: &Evidence, bounded: &mut Bounded) -> Option<String> {
    (!event.rules.is_empty()).then(|| bounded.text(&event.rules.join(", ")))
}

/// The value of a field that an event has one of.
fn only(event: &Evidence, field: &str) -> Option<String> {
    let mut values = event.fields.iter().filter(|(name, _)| name == field).flat_map(|(_, values)| values);
    let value = values.next().and_then(text).filter(|value| !value.is_empty());
    if values.next().is_some() { None } else { value }
}

/// OCSF knows nobody by an address alone: it is the name then.
fn user(event: &Evidence, bounded: &mut Bounded) -> Option<Map<String, Value>> {
    let [name, email, uid] =
        ["user.name", "user.email", "user.id"].map(|field| only(event, field).map(|value| bounded.text(&value)));
    let name = if name.is_none() && uid.is_none() { email.clone() } else { name };
    let mut user = Object::default();
    user.put_if("name", name);
    user.put_if("email_addr", email);
    user.put_if("uid", uid);
    (!user.0.is_empty()).then_some(user.0)
}

fn src_endpoint(event: &Evidence, bounded: &mut Bounded) -> Option<Map<String, Value>> {
    let address = only(event, "source.address")?;
    let mut endpoint = Object::default();
    let kind = if address.parse::<IpAddr>().is_ok() { "ip" } else { "hostname" };
    endpoint.put(kind, bounded.text(&address));
    Some(endpoint.0)
}

#[cfg(test)]
mod tests {
    use super::super::super::arbitrary::event;
    use super::*;
    use serde_json::json;

    fn of(fields: &[(&str, Value)]) -> Value {
        let event = event("Model deployed", "2026-11-21T08:00:00.5Z", fields);
        evidences(&[event], false, &mut Bounded::default()).remove(0)
    }

    #[test]
    fn an_event_is_whole_with_its_person_and_address_beside_it() {
        let fields = [("user.name", json!("kim")), ("user.id", json!(7)), ("source.address", json!("192.0.2.7"))];
        assert_eq!(
            of(&fields),
            json!({
                "uid": "event-1",
                "name": "Model deployed",
                "user": {"name": "kim", "uid": "7"},
                "src_endpoint": {"ip": "192.0.2.7"},
                "data": {
                    "time": "2026-11-21T08:00:00.500Z", "time_source": "event", "topic": "events", "partition": 0,
                    "offset": 17, "sequence": 0, "id": "event-1", "rules": ["Model deployed"],
                    "fields": {"user": {"name": "kim", "id": 7}, "source": {"address": "192.0.2.7"}},
                },
            })
        );
    }

    #[test]
    fn what_would_be_guessed_or_refused_is_left_to_the_data() {
        assert_eq!(of(&[("user.email", json!("a@example.com"))])["user"]["name"], "a@example.com");
        assert_eq!(of(&[("user.name", json!(""))]).get("user"), None);
        assert_eq!(of(&[("user.name", json!({"a": 1}))]).get("user"), None);
        assert_eq!(
            of(&[("source.address", json!("fe80::1%eth0"))])["src_endpoint"],
            json!({"hostname": "fe80::1%eth0"})
        );
        let mut several = event("A", "2026-11-21T08:00:00Z", &[]);
        several.fields = vec![("user.name".into(), vec![json!("ana"), json!("kim")])];
        assert_eq!(evidences(&[several], false, &mut Bounded::default())[0].get("user"), None);
    }

    #[test]
    fn an_event_without_an_id_goes_by_its_place() {
        let mut nameless = event("A", "2026-11-21T08:00:00Z", &[]);
        nameless.id = None;
        let of = |lines| related_events(std::slice::from_ref(&nameless), lines, &mut Bounded::default()).remove(0);
        assert_eq!(of(false), json!({"uid": "events/0/17/0", "title": "A", "created_time": 1_795_248_000_000_i64}));
        assert_eq!(of(true)["uid"], "line 17, member 0");
    }

    #[test]
    fn the_newest_events_are_kept() {
        let many: Vec<Evidence> = (0..100)
            .map(|offset| {
                let mut event = event("A", "2026-11-21T08:00:00Z", &[]);
                (event.id, event.coordinates.offset) = (None, offset);
                event
            })
            .collect();
        let (evidences, related) =
            (evidences(&many, false, &mut Bounded::default()), related_events(&many, false, &mut Bounded::default()));
        assert_eq!((evidences.len(), related.len()), (EVENTS, EVENTS));
        assert_eq!((&evidences[0]["uid"], &related[0]["uid"]), (&json!("events/0/36/0"), &json!("events/0/36/0")));
        assert_eq!(evidences[0]["data"]["offset"], 36);
        assert_eq!(data_sources(&many, &mut Bounded::default()), [json!("events")]);
    }
}
