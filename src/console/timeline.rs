//! An alert's time line, made of its document: what happened, what was expected and did not, until when it was waited for,
//! and when the rule said so.

use serde::Serialize;
use serde_json::{Value, json};

use super::history::flatten;
use crate::alert::harmless;

/// Most characters of a title.
const TITLE: usize = 500;

/// A moment of a time line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Moment {
    /// `event`, `missing`, `deadline` or `alert`.
    kind: &'static str,
    time: String,
    title: String,
    fields: Vec<(String, Option<String>)>,
    /// Where the record lies.
    coordinates: Option<Value>,
}

/// The moments, oldest first.
pub(super) fn timeline(document: &Value) -> Vec<Moment> {
    let text = |path: &str| document.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let list = |path: &str| document.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut moments: Vec<Moment> = list("/events").iter().map(event).collect();
    let missing = list("/alert/missing");
    let bare = |kind, time: &str, title: &str| Moment {
        kind,
        time: time.to_owned(),
        title: harmless(title, TITLE),
        fields: Vec::new(),
        coordinates: None,
    };
    for title in missing {
        moments.push(bare("missing", text("/alert/waited_from"), title.as_str().unwrap_or_default()));
    }
    if !missing.is_empty() {
        moments.push(bare("deadline", text("/alert/waited_until"), "it had not come by then"));
    }
    moments.push(bare("alert", text("/@timestamp"), text("/event/reason")));
    // all times are of one spelling with a fixed number of digits before the fraction; what is equal stays in order
    moments.sort_by_key(|moment| crate::model::Timestamp::parse(&moment.time).ok());
    moments
}

fn event(event: &Value) -> Moment {
    let member = |key: &str| event.get(key).cloned().unwrap_or_default();
    let rules: Vec<&str> = match event.get("rules") {
        Some(Value::Array(rules)) => rules.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let title = if rules.is_empty() { "event".to_owned() } else { rules.join(", ") };
    Moment {
        kind: "event",
        time: event.get("time").and_then(Value::as_str).unwrap_or_default().to_owned(),
        title: harmless(&title, TITLE),
        fields: event.get("fields").map(flatten).unwrap_or_default(),
        coordinates: Some(json!({
            "topic": member("topic"),
            "partition": member("partition"),
            "offset": member("offset"),
            "sequence": member("sequence"),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_comes_before_what_did_not() {
        let document = json!({
            "@timestamp": "2026-11-21T08:00:00.000Z",
            "event": {"reason": "no assessment\u{202e}"},
            "alert": {"missing": ["Risk assessment passed"], "waited_from": "2026-10-22T08:00:00.000Z", "waited_until": "2026-11-21T08:00:00.000Z"},
            "events": [{"time": "2026-11-20T08:00:00.5Z", "rules": ["Model deployed"], "topic": "t", "partition": 1, "offset": 7, "sequence": 0,
                "fields": {"aigov": {"model": {"name": "<b>"}}}}],
        });
        let moments = timeline(&document);
        let kinds: Vec<&str> = moments.iter().map(|moment| moment.kind).collect();
        assert_eq!(kinds, ["missing", "event", "deadline", "alert"]);
        assert_eq!(moments[1].fields, [("aigov.model.name".to_owned(), Some("<b>".to_owned()))]);
        assert_eq!(moments[1].coordinates, Some(json!({"topic": "t", "partition": 1, "offset": 7, "sequence": 0})));
        assert_eq!(moments[3].title, "no assessment\u{fffd}");
        assert_eq!(timeline(&json!({})).len(), 1);
    }
}
