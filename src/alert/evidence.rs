//! The contributing events as a list of objects, oldest first as the alert has them.

use serde_json::{Map, Value};

use super::bounded::Bounded;
use super::nest::nest;
use crate::model::Evidence;

/// Events of one document; correlation keeps no more either.
pub(super) const EVENTS: usize = 64;

/// One object per event. With `lines`, the offset is given as the line number that it is in a file.
pub(super) fn events(evidence: &[Evidence], lines: bool, bounded: &mut Bounded) -> Vec<Value> {
    let newest = evidence.len().saturating_sub(EVENTS);
    evidence.iter().skip(newest).map(|event| one(event, lines, bounded)).collect()
}

fn one(event: &Evidence, lines: bool, bounded: &mut Bounded) -> Value {
    let place = &event.coordinates;
    let mut object = Map::new();
    object.insert("time".to_owned(), event.time.to_string().into());
    object.insert("time_source".to_owned(), event.time_source.name().into());
    if lines {
        object.insert("line".to_owned(), place.offset.into());
    } else {
        object.insert("topic".to_owned(), bounded.text(&place.topic).into());
        object.insert("partition".to_owned(), place.partition.into());
        object.insert("offset".to_owned(), place.offset.into());
    }
    object.insert("sequence".to_owned(), place.sequence.into());
    if let Some(id) = &event.id {
        object.insert("id".to_owned(), bounded.text(id).into());
    }
    if !event.rules.is_empty() {
        let rules: Vec<String> = event.rules.iter().map(|rule| bounded.text(rule)).collect();
        object.insert("rules".to_owned(), rules.into());
    }
    if !event.fields.is_empty() {
        let fields = event.fields.iter().map(|(name, values)| (bounded.name(name), bounded.values(values))).collect();
        object.insert("fields".to_owned(), nest(fields).into());
    }
    object.into()
}
