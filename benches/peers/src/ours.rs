//! Clarion, from bytes to alerts, on one core.

use std::sync::Arc;
use std::time::Duration;

use clarion::model::Timestamp;
use clarion::pipeline::{Arrival, Output};
use clarion::rule::{RuleSet, load_texts};

use crate::count::Counts;
use crate::data::machine;
use crate::stopwatch::Stopwatch;

/// Compiles rules; the findings as text when there is an error.
pub(crate) fn compile(texts: &[(Arc<str>, String)]) -> Result<RuleSet, String> {
    let loaded = load_texts(texts.to_vec());
    loaded.set.ok_or_else(|| format!("{:?}", loaded.diagnostics))
}

/// Runs the events and counts the alerts of detections and of correlations.
pub(crate) fn run(rules: &RuleSet, events: &[String], any_logsource: bool) -> (Duration, Counts) {
    let mut core = machine::core(rules, any_logsource);
    let topic: Arc<str> = "events".into();
    let mut out = Output::default();
    let mut counts = Counts::default();
    let stopwatch = Stopwatch::start();
    for (line, event) in events.iter().enumerate() {
        let record = machine::record(&topic, line, event);
        core.take(0, &record, Arrival::Replay { now: Timestamp::MAX }, &mut out);
        if (line + 1) % machine::BATCH == 0 {
            core.advance(&mut out);
            collect(&mut out, &mut counts);
        }
    }
    core.finish(&mut out);
    collect(&mut out, &mut counts);
    (stopwatch.elapsed(), counts)
}

fn collect(out: &mut Output, counts: &mut Counts) {
    for alert in out.alerts.drain(..).filter(|alert| alert.revision == 1) {
        counts.add(&alert.rule.title, alert.rule.kind == "detection");
    }
    assert!(out.faults.is_empty(), "a generated event was refused: {:?}", out.faults.first());
}
