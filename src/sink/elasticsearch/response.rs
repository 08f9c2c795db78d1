//! What a cluster's answers mean. The table of `docs/sinks.md` in code.

use serde::Deserialize;
use serde_json::Value;

use crate::sink::deliver::{Reply, Trouble, TroubleKind, Verdict};

/// Characters of a server's words that are kept.
const WORDS: usize = 2000;

/// The body of a bulk answer.
#[derive(Debug, Deserialize)]
struct BulkAnswer {
    items: Vec<BulkItem>,
}

/// One item; we only send `index` actions.
#[derive(Debug, Deserialize)]
struct BulkItem {
    index: ItemResult,
}

#[derive(Debug, Deserialize)]
struct ItemResult {
    status: u16,
    #[serde(default)]
    error: Value,
    /// Where the failure store of a data stream is on, a document that was not indexed is reported as a success.
    #[serde(default)]
    failure_store: Option<String>,
}

/// The reply for a whole bulk request of that many documents.
pub(super) fn bulk_reply(status: u16, body: &str, documents: usize) -> Reply {
    if !(200..300).contains(&status) {
        return request_reply(status, body, documents);
    }
    let answer: BulkAnswer = match serde_json::from_str(body) {
        Ok(answer) => answer,
        Err(error) => {
            let message = format!("the answer to a bulk request is no bulk answer ({error}): {}", words(body));
            return Reply::again(documents, TroubleKind::Misconfigured, message);
        }
    };
    if answer.items.len() != documents {
        let message = format!("the answer has {} items for {documents} documents", answer.items.len());
        return Reply::again(documents, TroubleKind::Misconfigured, message);
    }
    let mut trouble = None;
    let verdicts = answer.items.into_iter().map(|item| item_verdict(&item.index, &mut trouble)).collect();
    Reply::Items { verdicts, trouble }
}

fn item_verdict(item: &ItemResult, trouble: &mut Option<Trouble>) -> Verdict {
    let kind = item.error.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut again = |kind: TroubleKind, message: String| {
        trouble.get_or_insert(Trouble { kind, message, wait: None });
        Verdict::Again
    };
    match item.status {
        200..=299 => match item.failure_store.as_deref() {
            Some(state @ ("used" | "failed")) => {
                Verdict::Refused { reason: format!("not indexed (failure store: {state}): {}", reason(&item.error)) }
            }
            _ => Verdict::Done,
        },
        // This revision or a later one is there already.
        409 if kind == "version_conflict_engine_exception" => Verdict::Done,
        429 => again(TroubleKind::Overloaded, format!("the cluster rejects documents: {}", reason(&item.error))),
        401 => again(TroubleKind::Credentials, reason(&item.error)),
        403 if kind == "security_exception" => again(TroubleKind::Credentials, reason(&item.error)),
        400..=499 => Verdict::Refused { reason: format!("status {}: {}", item.status, reason(&item.error)) },
        status => again(TroubleKind::Unreachable, format!("status {status}: {}", reason(&item.error))),
    }
}

/// The reply for a request that was answered as a whole with an error.
fn request_reply(status: u16, body: &str, documents: usize) -> Reply {
    let said = said(status, body);
    let kind = match status {
        413 => return Reply::TooLarge { said },
        401 | 403 => TroubleKind::Credentials,
        429 => TroubleKind::Overloaded,
        408 | 500..=599 => TroubleKind::Unreachable,
        _ => TroubleKind::Misconfigured,
    };
    Reply::again(documents, kind, said)
}

/// A whole answer in words: its status and the error in its body.
pub(super) fn said(status: u16, body: &str) -> String {
    let parsed: Value = serde_json::from_str(body).unwrap_or_default();
    match parsed.get("error") {
        Some(error) => format!("status {status}: {}", reason(error)),
        None if body.trim().is_empty() => format!("status {status}"),
        None => format!("status {status}: {}", words(body)),
    }
}

/// An error object in the server's words, with its causes.
fn reason(error: &Value) -> String {
    let mut parts = Vec::new();
    let mut at = Some(error);
    while let Some(error) = at {
        match (error.get("type").and_then(Value::as_str), error.get("reason").and_then(Value::as_str)) {
            (Some(kind), Some(reason)) => parts.push(format!("{kind}: {reason}")),
            (Some(only), None) | (None, Some(only)) => parts.push(only.to_owned()),
            (None, None) => parts.extend(error.as_str().map(str::to_owned)),
        }
        at = error.get("caused_by");
        if parts.len() > 5 {
            break;
        }
    }
    if parts.is_empty() { "no reason given".to_owned() } else { words(&parts.join(", caused by ")) }
}

fn words(text: &str) -> String {
    text.trim().chars().take(WORDS).map(|symbol| if symbol.is_control() { ' ' } else { symbol }).collect()
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
