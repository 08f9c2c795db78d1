//! The demonstration's week through the engine, as the documents that a sink would deliver: what `clarion demo` runs, with
//! the same seed and rules, without a broker, and always from the same Monday.

use std::collections::BTreeMap;
use std::sync::Arc;

use clarion::alert::{document, metric_document};
use clarion::correlate::Limits;
use clarion::dashboard::Source;
use clarion::decode::{DecoderSettings, Format, known_logsources};
use clarion::demo::generator::{
    DECISION_LOG_TOPIC, EVIDENTLY_TOPIC, GeneratorSettings, JIRA_TOPIC, MLFLOW_TOPIC, OPA_TOPIC, generate,
};
use clarion::demo::shipped_rules;
use clarion::model::{Alert, Header, Record, Span, Timestamp};
use clarion::pipeline::{Arrival, Core, CoreSource, Output};
use clarion::rule::load_texts;
use clarion::rule::plan::SourceSpec;
use serde_json::Value;

use crate::Failure;

/// As `clarion demo` has it.
const SEED: u64 = 7;
/// 2026-11-09, a Monday: the week of which README shows the alerts.
const START: Timestamp = Timestamp(1_794_182_400_000_000_000);
const WEEK: Span = Span::seconds(7 * 86_400);
/// Within these days after the week everything in it is decided.
const AFTER: Span = Span::seconds(3 * 86_400);
const TOPICS: [(&str, Format); 5] = [
    (MLFLOW_TOPIC, Format::MlflowWebhook),
    (OPA_TOPIC, Format::OpaDecisionLog),
    (EVIDENTLY_TOPIC, Format::Evidently),
    (DECISION_LOG_TOPIC, Format::ChainedDecisionLog),
    (JIRA_TOPIC, Format::Jira),
];

/// What the indices hold at the end of the week.
pub(crate) struct Week {
    /// Its last moment.
    pub(crate) end: Timestamp,
    alerts: Vec<Value>,
    metrics: Vec<Value>,
}

impl Week {
    /// The documents of a kind.
    pub(crate) fn documents(&self, source: Source) -> Vec<&Value> {
        match source {
            Source::Alerts => self.alerts.iter().collect(),
            Source::Metrics => self.metrics.iter().collect(),
        }
    }
}

fn source(topic: &str, format: Format) -> CoreSource {
    CoreSource {
        spec: SourceSpec { name: topic.to_owned(), lateness: Span::seconds(60), logsources: known_logsources(format) },
        decoder: DecoderSettings { format, ..DecoderSettings::default() },
        max_future_skew: Span::seconds(300),
    }
}

/// Generates the week and runs it.
///
/// # Errors
/// The shipped rules do not load, or an event of the week cannot be used.
pub(crate) fn run() -> Result<Week, Failure> {
    let rules = load_texts(shipped_rules()).set.ok_or("the shipped rules do not load")?;
    let sources = TOPICS.iter().map(|(topic, format)| source(topic, *format)).collect();
    let mut core = Core::new(rules, sources, Limits::default(), 1, false);
    let mut out = Output::default();
    let mut offsets = [0_i64; TOPICS.len()];
    for record in generate(&GeneratorSettings::new(SEED, START)).records {
        let at = TOPICS.iter().position(|(topic, _)| *topic == record.topic).ok_or("a topic is not in the table")?;
        let offset = offsets.get_mut(at).ok_or("a topic has no offset")?;
        let headers: Vec<Header<'_>> = record.headers.iter().map(|(name, value)| Header { name, value }).collect();
        let lent = Record {
            topic: &Arc::from(record.topic),
            partition: 0,
            offset: *offset,
            timestamp: Some(Timestamp::from_millis(record.event_time.millis())),
            headers: &headers,
            value: Some(&record.value),
        };
        *offset += 1;
        core.take(at, &lent, Arrival::At(record.event_time.plus(Span::seconds(60))), &mut out);
    }
    let end = START.plus(WEEK);
    for (at, (topic, _)) in TOPICS.iter().enumerate() {
        let progress = core.engine().progress();
        let partition = progress.partition(u32::try_from(at)?, &Arc::from(*topic), 0);
        progress.idle(partition, end.plus(AFTER));
    }
    core.advance(&mut out);
    if let Some(fault) = out.faults.first() {
        return Err(format!("an event of the week cannot be used: {fault:?}").into());
    }
    let mut last: BTreeMap<String, &Alert> = BTreeMap::new();
    for alert in &out.alerts {
        let known = last.entry(alert.id.to_string()).or_insert(alert);
        if known.revision < alert.revision {
            *known = alert;
        }
    }
    let metrics = out.metrics.iter().filter(|metric| metric.time <= end).map(metric_document).collect();
    Ok(Week { end, alerts: last.into_values().map(document).collect(), metrics })
}
