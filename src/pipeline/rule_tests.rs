//! Runs the tests at the bottom of rule files through the same machine as everything else.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Arrival, Core, CoreSource, Output};
use crate::correlate::Limits;
use crate::decode::{DecoderSettings, Format};
use crate::model::{Alert, AlertStatus, Metric, Record, RuleCard, Span, Timestamp};
use crate::rule::plan::SourceSpec;
use crate::rule::testcase::{Expected, ExpectedMetric};
use crate::rule::{RuleSet, RuleTest};

/// When tests begin: 2026-01-05T00:00:00Z, a Monday.
const START: Timestamp = Timestamp(1_767_571_200_000_000_000);
/// How late an event of a test may be.
const LATENESS: Span = Span::seconds(60);

/// A line of the comparison of a test: an alert that was expected, or came, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Whether it is as expected.
    pub verdict: Verdict,
    /// Time from the start of the test; `None` when the test leaves it open.
    pub at: Option<Span>,
    /// The alert in words.
    pub text: String,
}

/// What a line of a comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Expected, and it came.
    Same,
    /// Expected, and it did not come.
    Missing,
    /// It came and was not expected.
    Unexpected,
}

/// Runs a test: the alerts of its rule, and of the rules that it names, must be those that it expects.
///
/// # Errors
/// The difference, in words.
pub fn run(rules: &RuleSet, test: &RuleTest) -> Result<(), String> {
    let compared = compare(rules, test)?;
    let words: Vec<String> = compared
        .iter()
        .filter_map(|line| match line.verdict {
            Verdict::Same => None,
            Verdict::Missing => Some(format!("expected and missing: {}", line.text)),
            Verdict::Unexpected => Some(format!("not expected: {}", line.text)),
        })
        .collect();
    if words.is_empty() { Ok(()) } else { Err(words.join("\n  ")) }
}

/// Runs a test and lays the alerts that came beside those that it expects, in the order of time.
///
/// # Errors
/// Why the test could not be run.
pub fn compare(rules: &RuleSet, test: &RuleTest) -> Result<Vec<Compared>, String> {
    let Output { alerts, metrics, .. } = outcome(rules, test)?;
    let excepted = excepted(rules, &test.rule);
    let watched: Vec<&str> = std::iter::once(test.rule.as_str())
        .chain(excepted.iter().map(String::as_str))
        .chain(test.case.expect.iter().filter_map(|one| one.rule.as_deref()))
        .collect();
    let mut found: Vec<&Alert> =
        alerts.iter().filter(|alert| watched.iter().any(|name| is_named(&alert.rule, name))).collect();
    let mut lines = Vec::new();
    for expected in &test.case.expect {
        match found.iter().position(|alert| fits(alert, expected, &test.rule)) {
            Some(position) => lines.push(came(found.remove(position), Verdict::Same)),
            None => lines.push(Compared {
                verdict: Verdict::Missing,
                at: expected.at,
                text: describe_expected(expected, &test.rule),
            }),
        }
    }
    // whoever does not ask for retracted alerts gets none
    found.retain(|alert| alert.status != AlertStatus::Retracted);
    lines.extend(found.iter().map(|alert| came(alert, Verdict::Unexpected)));
    if let Some(expected) = &test.case.metrics {
        lines.extend(compare_metrics(metrics, expected, &test.rule));
    }
    lines.sort_by_key(|line| (line.at, line.verdict));
    Ok(lines)
}

/// The values of the rule's series beside those that are expected (RULES S20).
fn compare_metrics(metrics: Vec<Metric>, expected: &[ExpectedMetric], own: &str) -> Vec<Compared> {
    let mut found: Vec<Metric> = metrics.into_iter().filter(|metric| is_named(&metric.rule, own)).collect();
    let words = |at: Option<Span>, key: &Map<String, Value>, value: Option<Option<f64>>| {
        let at = at.map_or_else(|| "any time".to_owned(), |at| format!("+{at}"));
        let value = match value {
            None => "any value".to_owned(),
            Some(None) => "no value".to_owned(),
            Some(Some(value)) => value.to_string(),
        };
        format!("{own} has {value} at {at} for {}", Value::Object(key.clone()))
    };
    let came = |metric: &Metric, verdict: Verdict| {
        let at = Some(metric.time.since(START));
        Compared { verdict, at, text: words(at, &group(&metric.group), Some(metric.value)) }
    };
    let mut lines = Vec::new();
    for one in expected {
        let fits = |metric: &Metric| {
            one.at.is_none_or(|at| metric.time == START.plus(at))
                && holds(&metric.group, &one.key)
                && one.value.is_none_or(|value| is_near(metric.value, value))
        };
        match found.iter().position(fits) {
            Some(position) => lines.push(came(&found.remove(position), Verdict::Same)),
            None => {
                lines.push(Compared {
                    verdict: Verdict::Missing,
                    at: one.at,
                    text: words(one.at, &one.key, one.value),
                });
            }
        }
    }
    lines.extend(found.iter().map(|metric| came(metric, Verdict::Unexpected)));
    lines
}

/// Whether a value is the expected one, as far as somebody writes its decimals.
fn is_near(value: Option<f64>, expected: Option<f64>) -> bool {
    match (value, expected) {
        (Some(value), Some(expected)) => (value - expected).abs() <= 1e-6 * expected.abs().max(1.0),
        (None, None) => true,
        _ => false,
    }
}

fn came(alert: &Alert, verdict: Verdict) -> Compared {
    Compared { verdict, at: Some(alert.time.since(START)), text: describe(alert) }
}

/// What comes of a test: the last revision of each alert, and the values of series.
///
/// # Errors
/// Why the test could not be run.
pub fn outcome(rules: &RuleSet, test: &RuleTest) -> Result<Output, String> {
    let spec = SourceSpec { name: "test".to_owned(), lateness: LATENESS, logsources: Vec::new() };
    let decoder = DecoderSettings {
        format: Format::Auto,
        time_fields: vec!["@timestamp".to_owned()],
        ..DecoderSettings::default()
    };
    let source = CoreSource { spec, decoder, max_future_skew: Span::seconds(300) };
    // no test of a rule needs more than one shard, and the fields are those of the rules
    let mut core = Core::new(speaking(rules, &test.rule), vec![source], Limits::default(), 1, false);
    let now = START.plus(Span::seconds(86_400 * 365 * 50));
    let topic: Arc<str> = test.file.clone();
    let mut out = Output::default();
    for (offset, (at, fields)) in (1_i64..).zip(&test.case.events) {
        let mut fields = fields.clone();
        fields.insert("@timestamp".to_owned(), Value::String(START.plus(*at).to_string()));
        let bytes = serde_json::to_vec(&fields).map_err(|error| error.to_string())?;
        let record = Record { topic: &topic, partition: 0, offset, timestamp: None, headers: &[], value: Some(&bytes) };
        core.take(0, &record, Arrival::Replay { now }, &mut out);
        core.advance(&mut out);
    }
    match test.case.end {
        None => core.finish(&mut out),
        Some(end) => {
            let partition = core.engine().progress().partition(0, &topic, 0);
            // the watermark itself goes there; the lateness has been waited for
            core.engine().progress().observe(partition, START.plus(end).plus(LATENESS));
            core.advance(&mut out);
        }
    }
    if let Some(fault) = out.faults.iter().find(|fault| fault.kind != "late") {
        return Err(format!("event {} of the test cannot be used: {}", fault.coordinates.offset, fault.reason));
    }
    let mut last: Vec<Alert> = Vec::new();
    for alert in std::mem::take(&mut out.alerts) {
        match last.iter_mut().find(|known| known.id == alert.id) {
            Some(known) if known.revision < alert.revision => *known = alert,
            Some(_) => {}
            None => last.push(alert),
        }
    }
    Ok(Output { alerts: last, ..out })
}

/// Identities of the rules that a filter applies to: the test of a filter is about them.
fn excepted(rules: &RuleSet, tested: &str) -> Vec<String> {
    let is_tested = |index: &usize| rules.filters.get(*index).is_some_and(|filter| filter.id == tested);
    let excepted = rules.detections.iter().filter(|rule| rule.filters.iter().any(is_tested));
    excepted.map(|rule| rule.card.id.clone()).collect()
}

/// The rules, with the tested ones raising alerts even if others refer to them: a building block has tests of its own. A
/// rule proves itself without the exceptions that somebody makes from it; only a filter is tested with itself.
fn speaking(rules: &RuleSet, tested: &str) -> RuleSet {
    let excepted = excepted(rules, tested);
    let mut rules = rules.clone();
    let filters = &rules.filters;
    for rule in &mut rules.detections {
        rule.alerts |= rule.card.id == tested || excepted.contains(&rule.card.id);
        rule.filters.retain(|index| filters.get(*index).is_some_and(|filter| filter.id == tested));
    }
    for rule in rules.correlations.iter_mut().filter(|rule| rule.card.id == tested) {
        rule.alerts = true;
    }
    rules
}

fn is_named(card: &RuleCard, name: &str) -> bool {
    card.id == name || card.name.as_deref() == Some(name) || card.title == name
}

fn fits(alert: &Alert, expected: &Expected, own: &str) -> bool {
    is_named(&alert.rule, expected.rule.as_deref().unwrap_or(own))
        && expected.retracted == (alert.status == AlertStatus::Retracted)
        && expected.at.is_none_or(|at| alert.time == START.plus(at))
        && holds(&alert.group, &expected.key)
}

/// Whether a group has these values.
fn holds(group: &[(String, Option<String>)], key: &Map<String, Value>) -> bool {
    key.iter().all(|(name, value)| {
        group.iter().any(|(known, found)| known == name && found.as_deref() == text(value).as_deref())
    })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn describe_expected(expected: &Expected, own: &str) -> String {
    let at = expected.at.map_or_else(|| "any time".to_owned(), |at| format!("+{at}"));
    let retracted = if expected.retracted { ", retracted" } else { "" };
    let rule = expected.rule.as_deref().unwrap_or(own);
    format!("{rule} at {at} for {}{retracted}", Value::Object(expected.key.clone()))
}

fn describe(alert: &Alert) -> String {
    format!("{} at +{} for {}", alert.rule.id, alert.time.since(START), Value::Object(group(&alert.group)))
}

fn group(values: &[(String, Option<String>)]) -> Map<String, Value> {
    values.iter().map(|(name, value)| (name.clone(), value.clone().map_or(Value::Null, Value::String))).collect()
}
