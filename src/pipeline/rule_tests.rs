//! Runs the tests at the bottom of rule files through the same machine as everything else.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Arrival, Core, CoreSource, Output};
use crate::correlate::Limits;
use crate::decode::{DecoderSettings, Format};
use crate::model::{Alert, AlertStatus, Record, RuleCard, Span, Timestamp};
use crate::rule::plan::SourceSpec;
use crate::rule::testcase::Expected;
use crate::rule::{RuleSet, RuleTest};

/// When tests begin: 2026-01-05T00:00:00Z, a Monday.
const START: Timestamp = Timestamp(1_767_571_200_000_000_000);
/// How late an event of a test may be.
const LATENESS: Span = Span::seconds(60);

/// Runs a test: the alerts of its rule, and of the rules that it names, must be those that it expects.
///
/// # Errors
/// The difference, in words.
pub fn run(rules: &RuleSet, test: &RuleTest) -> Result<(), String> {
    let alerts = alerts(rules, test)?;
    let excepted = excepted(rules, &test.rule);
    let watched: Vec<&str> = std::iter::once(test.rule.as_str())
        .chain(excepted.iter().map(String::as_str))
        .chain(test.case.expect.iter().filter_map(|one| one.rule.as_deref()))
        .collect();
    let mut found: Vec<&Alert> =
        alerts.iter().filter(|alert| watched.iter().any(|name| is_named(&alert.rule, name))).collect();
    let mut missing = Vec::new();
    for expected in &test.case.expect {
        match found.iter().position(|alert| fits(alert, expected, &test.rule)) {
            Some(position) => {
                found.remove(position);
            }
            None => missing.push(describe_expected(expected, &test.rule)),
        }
    }
    // whoever does not ask for retracted alerts gets none
    found.retain(|alert| alert.status != AlertStatus::Retracted);
    if missing.is_empty() && found.is_empty() {
        return Ok(());
    }
    let mut words = Vec::new();
    words.extend(missing.iter().map(|one| format!("expected and missing: {one}")));
    words.extend(found.iter().map(|alert| format!("not expected: {}", describe(alert))));
    Err(words.join("\n  "))
}

/// The last revision of each alert of a test.
fn alerts(rules: &RuleSet, test: &RuleTest) -> Result<Vec<Alert>, String> {
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
    for alert in out.alerts {
        match last.iter_mut().find(|known| known.id == alert.id) {
            Some(known) if known.revision < alert.revision => *known = alert,
            Some(_) => {}
            None => last.push(alert),
        }
    }
    Ok(last)
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
        && expected.key.iter().all(|(name, value)| {
            alert.group.iter().any(|(known, found)| known == name && found.as_deref() == text(value).as_deref())
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
    let group: Map<String, Value> = alert
        .group
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().map_or(Value::Null, Value::String)))
        .collect();
    format!("{} at +{} for {}", alert.rule.id, alert.time.since(START), Value::Object(group))
}
