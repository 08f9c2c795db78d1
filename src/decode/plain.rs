//! What a plain event says of itself: time, id and log, from whichever of the configured fields has them.

use std::borrow::Cow;

use crate::model::{EventMeta, LogSource, Scalar, Timestamp};

use super::json::{Captures, Value};
use super::plan::{Plan, capture};
use super::producer::scalar_text;

/// Time, id and log of a plain event. `fallback` is the log that the source is configured with.
pub(super) fn describe<'a>(captures: &Captures<'a>, plan: &Plan, fallback: &'a LogSource<'static>) -> EventMeta<'a> {
    EventMeta {
        time: first_time(captures, &plan.times),
        id: plan.ids.iter().find_map(|index| id_text(captures.get(*index)?)),
        logsource: logsource(captures, fallback),
        sequence: 0,
    }
}

/// The first of the captured times that parses (RULES S1).
pub(super) fn first_time(captures: &Captures<'_>, times: &[usize]) -> Option<Timestamp> {
    times.iter().find_map(|index| time_of(captures.get(*index)?))
}

/// The time that a text or a number is.
pub(super) fn time_of(value: &Value<'_>) -> Option<Timestamp> {
    match value {
        Value::Scalar(Scalar::Text(text)) => Timestamp::parse(text).ok(),
        Value::Scalar(Scalar::Number(text)) => Timestamp::parse(text).ok(),
        _ => None,
    }
}

fn id_text<'a>(value: &Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::Scalar(Scalar::Bool(_)) => None,
        other => scalar_text(other).filter(|text| !text.is_empty()),
    }
}

/// The event's own `logsource` object, else the category that its data set names, else what the source is configured with.
fn logsource<'a>(captures: &Captures<'a>, fallback: &'a LogSource<'static>) -> LogSource<'a> {
    if captures.get(capture::LOGSOURCE).is_some_and(Value::is_object) {
        let word = |index| match captures.get(index) {
            Some(Value::Scalar(Scalar::Text(text))) if !text.is_empty() => Some(text.clone()),
            _ => None,
        };
        return LogSource {
            category: word(capture::CATEGORY),
            product: word(capture::PRODUCT),
            service: word(capture::SERVICE),
        };
    }
    let category = match captures.get(capture::DATASET) {
        Some(Value::Scalar(Scalar::Text(dataset))) => match dataset {
            Cow::Borrowed(text) => text.strip_prefix("aigov.").map(Cow::Borrowed),
            Cow::Owned(text) => text.strip_prefix("aigov.").map(|word| Cow::Owned(word.to_owned())),
        },
        _ => None,
    };
    match category.filter(|word| !word.is_empty()) {
        Some(category) => LogSource { category: Some(category), product: None, service: None },
        None => borrowed(fallback),
    }
}

/// The same words, borrowed.
pub(super) fn borrowed<'a>(logsource: &'a LogSource<'_>) -> LogSource<'a> {
    LogSource {
        category: logsource.category.as_deref().map(Cow::Borrowed),
        product: logsource.product.as_deref().map(Cow::Borrowed),
        service: logsource.service.as_deref().map(Cow::Borrowed),
    }
}
