//! Evidently: snapshots of the 0.7 generation (the short `json()` and the full dump), legacy reports and test suites.
//! What model a report is about, and when it was made, often only its wrapper knows: the CloudEvent's subject
//! (`model/version`) and time.

mod drift;
mod legacy;
mod snapshot;

use std::borrow::Cow;

use crate::decode::error::DecodeError;
use crate::decode::json::Value;
use crate::model::LogSource;

use drift::Drift;

use super::Origin::{Constant, Derived, Paths};
use super::{Described, Emit, Facts, Producer, no_batch, scalar_text};

const METRICS: usize = 0;
const TESTS: usize = 1;
const TIMESTAMP: usize = 2;
const METRIC_RESULTS: usize = 3;
const METADATA: usize = 4;
const ID: usize = 5;
const MODEL_NAME: usize = 6;
const MODEL_VERSION: usize = 7;
const NAME: usize = 8;

pub(in crate::decode) static EVIDENTLY: Producer = Producer {
    prefix: "evidently",
    logsource: LogSource::of("drift_report", "evidently", "report"),
    captures: &[
        &["metrics"],
        &["tests"],
        &["timestamp"],
        &["metric_results"],
        &["metadata"],
        &["id"],
        &["model_name"],
        &["model_version"],
        &["name"],
    ],
    fields: &[
        ("event.action", Constant("drift.report")),
        ("event.outcome", Constant("success")),
        ("event.dataset", Constant("aigov.drift_report")),
        ("event.provider", Constant("evidently")),
        ("message", Derived(message)),
        (
            "aigov.model.name",
            Derived(|facts, out| emit(out, model(facts, MODEL_NAME, &["model_name", "model"], Part::Name))),
        ),
        (
            "aigov.model.version",
            Derived(|facts, out| emit(out, model(facts, MODEL_VERSION, &["model_version", "version"], Part::Version))),
        ),
        ("aigov.endpoint.id", Paths(&[&["metadata", "endpoint_id"], &["metadata", "endpoint"], &["endpoint_id"]])),
        (
            "aigov.drift.detected",
            Derived(|facts, out| {
                if let Some(detected) = drift(facts).and_then(|drift| drift.detected()) {
                    out.flag(detected);
                }
            }),
        ),
        (
            "aigov.drift.share",
            Derived(|facts, out| {
                if let Some(share) = drift(facts).and_then(|drift| drift.share()) {
                    out.number(share);
                }
            }),
        ),
        (
            "aigov.drift.columns_count",
            Derived(|facts, out| {
                if let Some(count) = drift(facts).and_then(|drift| drift.count()) {
                    out.number(count);
                }
            }),
        ),
        (
            "aigov.drift.columns",
            Derived(|facts, out| {
                for column in drift(facts).into_iter().flat_map(Drift::into_drifted) {
                    out.text(column.name);
                }
            }),
        ),
        (
            "aigov.drift.score",
            Derived(|facts, out| {
                if let Some(score) = drift(facts).and_then(|drift| drift.worst().map(|column| column.score)) {
                    out.number(score);
                }
            }),
        ),
        (
            "aigov.drift.method",
            Derived(|facts, out| {
                if let Some(method) = drift(facts).and_then(|drift| drift.worst().map(|column| column.method.clone())) {
                    out.text(method);
                }
            }),
        ),
        (
            "aigov.drift.threshold",
            Derived(|facts, out| {
                if let Some(threshold) =
                    drift(facts).and_then(|drift| drift.worst().and_then(|column| column.threshold))
                {
                    out.number(threshold);
                }
            }),
        ),
    ],
    batch: no_batch,
    describe,
};

fn describe<'a>(facts: &Facts<'_, 'a>) -> Result<Described<'a>, DecodeError> {
    let is_report = matches!(facts.get(METRICS), Some(Value::Array(_)))
        || matches!(facts.get(METRIC_RESULTS), Some(Value::Object(_)))
        || matches!(facts.get(TESTS), Some(Value::Array(_)));
    if !is_report {
        return Err(DecodeError::WrongSchema {
            expected: "an Evidently report",
            problem: "it has neither `metrics` nor `metric_results` nor `tests`".to_owned(),
        });
    }
    Ok(Described { time: facts.word(TIMESTAMP), id: facts.word(ID) })
}

/// What the report says of drift; none when it measures none.
fn drift<'a>(facts: &Facts<'_, 'a>) -> Option<Drift<'a>> {
    let metrics = facts.get(METRICS);
    let read = if let Some(results) = facts.get(METRIC_RESULTS) {
        snapshot::of_dump(results)
    } else if let Some(metrics) = metrics.filter(|metrics| legacy::is_legacy(metrics)) {
        legacy::of_report(metrics)
    } else if let Some(metrics) = metrics {
        snapshot::of_report(metrics, facts.get(TESTS))
    } else {
        legacy::of_suite(facts.get(TESTS)?)
    };
    Some(read).filter(Drift::is_measured)
}

/// Part of a subject, `model/version`.
#[derive(Debug, Clone, Copy)]
enum Part {
    Name,
    Version,
}

/// The model that the report is about: the wrapper's own member, the metadata that the producer passed, or part
/// `of_subject` of the CloudEvent's subject.
fn model<'a>(facts: &Facts<'_, 'a>, member: usize, in_metadata: &[&str], of_subject: Part) -> Option<Cow<'a, str>> {
    let metadata = facts.get(METADATA);
    let of_metadata = || in_metadata.iter().find_map(|key| scalar_text(&metadata?.get(key)?));
    let of_subject = || {
        let subject: &'a str = facts.context.cloud_event?.get("subject")?.as_ref();
        match (subject.rsplit_once('/'), of_subject) {
            (Some((name, _)), Part::Name) => Some(Cow::Borrowed(name)),
            (Some((_, version)), Part::Version) => Some(Cow::Borrowed(version)),
            (None, Part::Name) => Some(Cow::Borrowed(subject)),
            (None, Part::Version) => None,
        }
    };
    facts.word(member).or_else(of_metadata).or_else(of_subject).filter(|text| !text.is_empty())
}

fn emit<'a>(out: &mut Emit<'_, 'a>, text: Option<Cow<'a, str>>) {
    if let Some(text) = text {
        out.text(text);
    }
}

/// The report's name, where it has one.
fn message<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    emit(out, facts.word(NAME));
}
