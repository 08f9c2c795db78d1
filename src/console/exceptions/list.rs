//! `GET /api/v1/exceptions`: the filters in use, and what was written or ended and waits for the engine.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};

use super::Writer;
use super::writer::touched;
use crate::console::problem::{Answer, json_answer};
use crate::console::state::Shared;
use crate::pipeline::StatusDetails;
use crate::rule::{FilterRule, RuleSet};
use crate::telemetry::clock;

/// `GET /api/v1/exceptions`.
pub(in crate::console) async fn list(State(shared): State<Arc<Shared>>) -> Answer {
    let details = shared.status.latest().map(|latest| latest.details).unwrap_or_default();
    let writer = shared.exceptions.clone();
    let shown = shared.work(move || all(&details, writer.as_deref())).await?;
    json_answer(&json!({"exceptions": shown, "writable": shared.exceptions.is_some()}))
}

fn all(details: &StatusDetails, writer: Option<&Writer>) -> Vec<Value> {
    let set = details.rules.as_deref();
    let filters = set.map(|set| set.filters.as_slice()).unwrap_or_default();
    let in_use: HashSet<&str> = filters.iter().map(|filter| filter.id.as_str()).collect();
    let (mut shown, ended) = writer.map(|writer| writer.pending(&in_use)).unwrap_or_default();
    let Some(set) = set else { return shown };
    shown.extend(
        (0_usize..).zip(filters).map(|(index, filter)| exception(set, index, filter, details, (writer, &ended))),
    );
    shown
}

fn exception(
    set: &RuleSet,
    index: usize,
    filter: &FilterRule,
    details: &StatusDetails,
    (writer, ended): (Option<&Writer>, &HashSet<String>),
) -> Value {
    let detections: foldhash::HashSet<usize> = set
        .detections
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.filters.contains(&index))
        .map(|(detection, _)| detection)
        .collect();
    let mut rules: Vec<&str> =
        detections.iter().filter_map(|detection| Some(set.detections.get(*detection)?.card.id.as_str())).collect();
    rules.sort_unstable();
    let touches = touched(set, &detections);
    let matches = details.filtered.iter().find(|(id, _)| *id == filter.id).map(|(_, matches)| *matches);
    // the time of events decides, and the clock only before there were any
    let now = details.watermark.unwrap_or_else(clock::now);
    let state = if ended.contains(&filter.id) {
        "ending"
    } else if filter.expires.is_some_and(|expires| expires <= now) {
        "expired"
    } else {
        "in use"
    };
    json!({
        "id": filter.id,
        "title": filter.title,
        "rule": rules,
        "touches": touches,
        "expires": filter.expires.map(|expires| expires.to_string()),
        "reason": filter.reason,
        "owner": filter.owner,
        "file": filter.file,
        "matches": matches,
        "state": state,
        "removable": state != "ending" && writer.is_some_and(|writer| writer.could_end(&filter.file)),
    })
}
