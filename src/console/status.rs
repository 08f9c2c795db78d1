//! `/api/v1/status` and `/api/v1/dead-letters`: how the engine, its sources and its sinks are, and what could not be used.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use serde_json::{Value, json};

use super::problem::{Answer, Problem, json_answer};
use super::query::{limit, pairs};
use super::state::Shared;
use crate::model::Timestamp;
use crate::pipeline::{LatestStatus, PartitionStatus};
use crate::sink::Health;
use crate::telemetry::clock;

/// Dead letters unless asked otherwise, and at most.
const LETTERS: (usize, usize) = (100, 1000);

/// `GET /api/v1/status`.
pub(super) async fn get(State(shared): State<Arc<Shared>>) -> Answer {
    json_answer(&status(&shared))
}

/// How everything is now.
pub(super) fn status(shared: &Shared) -> Value {
    let now = clock::now();
    json!({
        "instances": [instance(shared, shared.status.latest().as_ref(), now)],
        "now": now.to_string(),
        "demo": shared.demo,
        "history": {"missed": shared.missed.count()},
    })
}

fn instance(shared: &Shared, latest: Option<&LatestStatus>, now: Timestamp) -> Value {
    let why_not = latest.map_or_else(|| Some("starting".to_owned()), |latest| latest.not_ready(now));
    let details = latest.map(|latest| &*latest.details);
    let rules = details.and_then(|details| details.rules.as_ref());
    let snapshot = details.and_then(|details| details.snapshot);
    json!({
        "name": shared.instance,
        "version": env!("CARGO_PKG_VERSION"),
        "started": shared.started,
        "turned": latest.map(|latest| latest.turned.to_string()),
        "ready": why_not.is_none(),
        "why_not": why_not,
        "events": details.map(|details| details.events),
        "rules": rules.map(|rules| rules.cards().count()),
        "watermark": details.and_then(|details| details.watermark).map(|time| time.to_string()),
        "held_by": details.and_then(|details| details.held_by.as_ref())
            .map(|(source, partition)| json!({"source": source, "partition": partition})),
        "owed": latest.map(|latest| latest.owed),
        "owed_limit": latest.map(|latest| latest.owed_limit),
        "dead_letters": shared.status.faults.newest(0).0,
        "snapshot": snapshot.map(|(taken, bytes)| json!({"taken": taken.to_string(), "bytes": bytes})),
        "sources": details.map(|details| details.partitions.iter().map(source).collect::<Vec<Value>>()).unwrap_or_default(),
        "sinks": latest.map(|latest| sinks(shared, latest)).unwrap_or_default(),
    })
}

fn source(partition: &PartitionStatus) -> Value {
    json!({
        "name": partition.source,
        "topic": partition.topic,
        "partition": partition.partition,
        "offset": partition.offset,
        "lag": partition.lag,
        "watermark": partition.watermark.map(|time| time.to_string()),
        "idle": partition.idle,
    })
}

fn sinks(shared: &Shared, latest: &LatestStatus) -> Vec<Value> {
    let numbers = latest.details.sinks.iter().map(Some).chain(std::iter::repeat(None));
    let kinds = shared.sink_kinds.iter().map(Some).chain(std::iter::repeat(None));
    let all = latest.sinks.iter().zip(numbers).zip(kinds);
    all.map(|(((name, health), numbers), kind)| {
        let (health, reason) = match health {
            Health::Starting => ("starting", None),
            Health::Up => ("up", None),
            Health::Down { since_message } => ("down", Some(crate::alert::harmless(since_message, 1000))),
        };
        json!({
            "name": name,
            "kind": kind,
            "health": health,
            "reason": reason,
            "owed": numbers.map(|numbers| numbers.owed),
            "delivered": numbers.map(|numbers| numbers.delivered),
            "rejected": numbers.map(|numbers| numbers.rejected),
        })
    })
    .collect()
}

/// `GET /api/v1/dead-letters`.
pub(super) async fn dead_letters(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Answer {
    let mut shown = LETTERS.0;
    for (key, value) in pairs(query.as_deref()) {
        match key.as_str() {
            "limit" => shown = limit(&value, LETTERS.1)?,
            _ => return Err(Problem::bad_request("the query has a key that is not known here")),
        }
    }
    let (total, newest) = shared.status.faults.newest(shown);
    let letters: Vec<Value> = newest
        .iter()
        .map(|letter| {
            json!({
                "time": letter.time.to_string(),
                "topic": letter.coordinates.topic,
                "partition": letter.coordinates.partition,
                "offset": letter.coordinates.offset,
                "sequence": letter.coordinates.sequence,
                "kind": letter.kind,
                "reason": letter.reason,
                "bytes": letter.bytes,
                "text": letter.text,
            })
        })
        .collect();
    json_answer(&json!({"total": total, "letters": letters}))
}
