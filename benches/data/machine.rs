//! The stages as the benches set them up: one source, one core, rules from this folder.

use std::sync::Arc;

use clarion::correlate::Limits;
use clarion::decode::DecoderSettings;
use clarion::model::{Record, Span, Timestamp};
use clarion::pipeline::{Arrival, Core, CoreSource, Output};
use clarion::rule::plan::SourceSpec;
use clarion::rule::{RuleSet, load_texts};

/// Records between two advances of the watermark, as `clarion replay` has it.
pub const BATCH: usize = 4096;

/// Compiles rules that are known to be right.
pub fn rules(texts: &[&str]) -> RuleSet {
    let yaml = texts.join("---\n");
    load_texts(vec![(Arc::from("rules.yml"), yaml)]).set.expect("the rules of the benches load")
}

/// The one source: a minute late at most.
pub fn source() -> SourceSpec {
    SourceSpec { name: "events".to_owned(), lateness: Span::seconds(60), logsources: Vec::new() }
}

/// How it is decoded.
pub fn decoder() -> DecoderSettings {
    DecoderSettings { time_fields: vec!["timestamp".to_owned()], ..DecoderSettings::default() }
}

/// The whole machine; with `any_logsource` every rule is tried on every event.
pub fn core(rules: &RuleSet, any_logsource: bool) -> Core {
    let source = CoreSource { spec: source(), decoder: decoder(), max_future_skew: Span::seconds(300) };
    Core::new(rules.clone(), vec![source], Limits::default(), 1, any_logsource)
}

/// A line of the file.
pub fn record<'a>(topic: &'a Arc<str>, line: usize, event: &'a str) -> Record<'a> {
    let value = Some(event.as_bytes());
    Record { topic, partition: 0, offset: line as i64 + 1, timestamp: None, headers: &[], value }
}

/// Runs all events to the end of the input; gives the number of alerts.
pub fn run(core: &mut Core, events: &[String]) -> usize {
    let topic: Arc<str> = "events".into();
    let mut out = Output::default();
    let mut alerts = 0;
    for (line, event) in events.iter().enumerate() {
        core.take(0, &record(&topic, line, event), Arrival::Replay { now: Timestamp::MAX }, &mut out);
        if (line + 1) % BATCH == 0 {
            core.advance(&mut out);
            alerts += out.alerts.drain(..).count();
        }
    }
    core.finish(&mut out);
    assert!(out.faults.is_empty(), "a generated event was refused: {:?}", out.faults.first());
    alerts + out.alerts.len()
}
