//! `/api/v1/exceptions`: the filters that are in use, which may have an end, a reason and an owner.

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};

use super::problem::{Answer, json_answer};
use super::state::Shared;
use crate::pipeline::StatusDetails;
use crate::rule::{FilterRule, RuleSet};

/// `GET /api/v1/exceptions`.
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Answer {
    let details = shared.status.latest().map(|latest| latest.details).unwrap_or_default();
    let shown: Vec<Value> = match &details.rules {
        Some(set) => {
            let filters = (0_usize..).zip(&set.filters);
            filters.map(|(index, filter)| exception(set, index, filter, &details)).collect()
        }
        None => Vec::new(),
    };
    json_answer(&json!({"exceptions": shown}))
}

fn exception(set: &RuleSet, index: usize, filter: &FilterRule, details: &StatusDetails) -> Value {
    let applies = |filters: &[usize]| filters.contains(&index);
    let rules: Vec<&str> =
        set.detections.iter().filter(|rule| applies(&rule.filters)).map(|rule| rule.card.id.as_str()).collect();
    let matches = details.filtered.iter().find(|(id, _)| *id == filter.id).map(|(_, matches)| *matches);
    json!({
        "id": filter.id,
        "title": filter.title,
        "rule": rules,
        "expires": filter.expires.map(|expires| expires.to_string()),
        "reason": filter.reason,
        "owner": filter.owner,
        "file": filter.file,
        "matches": matches,
    })
}
