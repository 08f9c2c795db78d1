//! The engine over a stream, in every way in which it can be run.

use std::collections::BTreeMap;
use std::sync::Arc;

use clarion::correlate::{Limits, Restored, metric_order};
use clarion::decode::{DecoderSettings, Format};
use clarion::model::{Alert, AlertId, Metric, Record, Span, Timestamp};
use clarion::pipeline::{Arrival, Core, CoreSource, Output};
use clarion::rule::RuleSet;
use clarion::rule::plan::SourceSpec;

use super::evaluate::Expected;
use super::series::Point;
use super::spec::{self, Rule, detections};
use super::stream::{Event, START};

/// How a stream is fed.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) lateness: i64,
    pub(crate) shards: usize,
    /// After how many records the watermark advances, again and again.
    pub(crate) batches: Vec<usize>,
    /// Before which record the state is written and read again.
    pub(crate) restore_at: Option<usize>,
    /// The rules from there on, if others, and what the restore then says, but for the number of groups.
    pub(crate) then: Option<(RuleSet, Restored)>,
    /// The machine goes on with that state and those rules itself, instead of another one.
    pub(crate) in_process: bool,
    /// Seconds added to every time.
    pub(crate) shift: i64,
    /// Seconds for which late events change what was decided.
    pub(crate) retention: i64,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            lateness: 0,
            shards: 1,
            batches: vec![1],
            restore_at: None,
            then: None,
            in_process: false,
            shift: 0,
            retention: 86_400,
        }
    }
}

/// The rules, loaded from their YAML.
pub(crate) fn load(rules: &[Rule]) -> RuleSet {
    // one more detection where somebody hears of its alerts
    let lone = rules.iter().any(|rule| rule.risk.is_some()).then(spec::lone);
    let all = std::iter::once(detections()).chain(lone).chain(rules.iter().map(Rule::yaml));
    load_text(&all.collect::<Vec<_>>().join("---\n"))
}

/// The rules from the last document to the first, so that everything in them has another number.
pub(crate) fn load_reversed(rules: &[Rule]) -> RuleSet {
    let text = std::iter::once(detections()).chain(rules.iter().map(Rule::yaml)).collect::<Vec<_>>().join("---\n");
    load_text(&text.rsplit("---\n").map(|document| format!("{document}\n")).collect::<Vec<_>>().join("---\n"))
}

fn load_text(text: &str) -> RuleSet {
    let loaded = clarion::rule::load_texts(vec![("rules.yml".into(), text.to_owned())]);
    let errors: Vec<_> =
        loaded.diagnostics.iter().filter(|one| one.severity == clarion::rule::Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    loaded.set.unwrap()
}

/// A machine for the rules.
pub(crate) fn core(rules: &RuleSet, run: &Run) -> Core {
    let spec = SourceSpec { name: "s".to_owned(), lateness: Span::seconds(run.lateness), logsources: Vec::new() };
    let decoder =
        DecoderSettings { format: Format::Json, time_fields: vec!["ts".to_owned()], ..DecoderSettings::default() };
    let source = CoreSource { spec, decoder, max_future_skew: Span::seconds(300) };
    let limits = Limits { retention: Span::seconds(run.retention), ..Limits::default() };
    Core::new(rules.clone(), vec![source], limits, run.shards, true)
}

/// Feeds the events in the order of `arrival`; gives every revision of every alert.
pub(crate) fn revisions(rules: &RuleSet, events: &[Event], arrival: &[usize], run: &Run) -> Vec<Alert> {
    output(rules, events, arrival, run).alerts
}

/// Feeds the events in the order of `arrival`; gives the values of series, in their order.
pub(crate) fn metrics(rules: &RuleSet, events: &[Event], arrival: &[usize], run: &Run) -> Vec<Metric> {
    let mut metrics = output(rules, events, arrival, run).metrics;
    metrics.sort_by(metric_order);
    metrics
}

/// Values of series in the words of the reference.
pub(crate) fn points(metrics: &[Metric]) -> Vec<Point> {
    let point = |metric: &Metric| Point {
        time: metric.time.0,
        rule: metric.rule.id.clone(),
        group: metric.group.iter().map(|(_, value)| value.clone()).collect(),
        value: metric.value,
        samples: metric.samples,
    };
    metrics.iter().map(point).collect()
}

pub(crate) fn output(rules: &RuleSet, events: &[Event], arrival: &[usize], run: &Run) -> Output {
    let mut core = core(rules, run);
    let topic: Arc<str> = "t".into();
    let now = Timestamp((START + run.shift + 1_000_000) * 1_000_000_000);
    let mut out = Output::default();
    let mut batches = run.batches.iter().cycle();
    let mut left = *batches.next().unwrap();
    for (position, index) in arrival.iter().enumerate() {
        if run.restore_at == Some(position) {
            let state = core.engine().snapshot().unwrap();
            let (rules, expected) =
                run.then.as_ref().map_or((rules, Restored::Complete), |(rules, expected)| (rules, *expected));
            let restored = if run.in_process {
                core.go_on_with(rules.clone(), core.sources().to_vec(), &state)
            } else {
                core = self::core(rules, &Run { shards: 3 - run.shards.min(2), ..run.clone() });
                core.engine().restore(&state)
            };
            let restored = match restored.unwrap() {
                Restored::Changed { kept, begun, gone, .. } => Restored::Changed { kept, begun, gone, groups: 0 },
                Restored::Complete => Restored::Complete,
            };
            assert_eq!(restored, expected);
        }
        let bytes = events[*index].record(run.shift);
        let record = Record {
            topic: &topic,
            partition: 0,
            offset: events[*index].line,
            timestamp: None,
            headers: &[],
            value: Some(&bytes),
        };
        core.take(0, &record, Arrival::Replay { now }, &mut out);
        left -= 1;
        if left == 0 {
            core.advance(&mut out);
            left = *batches.next().unwrap();
        }
    }
    core.finish(&mut out);
    // detections that nobody refers to alert by themselves
    out.alerts.retain(|alert| alert.rule.kind != "detection");
    out.faults.retain(|fault| fault.kind != "late");
    assert!(out.faults.is_empty(), "{:?}", out.faults);
    out
}

/// The last revision of each alert, each revision seen once and in order.
pub(crate) fn last(revisions: Vec<Alert>) -> Vec<Alert> {
    let mut last: BTreeMap<AlertId, Alert> = BTreeMap::new();
    for alert in revisions {
        let known = last.get(&alert.id).map_or(0, |known| known.revision);
        assert_eq!(alert.revision, known + 1, "revisions count on: {alert:?}");
        if known > 0 {
            assert_eq!(alert.time, last[&alert.id].time, "the time of an alert never changes");
            assert_eq!(alert.evidence, last[&alert.id].evidence, "nor does its evidence");
        }
        last.insert(alert.id, alert);
    }
    last.into_values().collect()
}

/// Alerts in the words of the reference.
pub(crate) fn described(alerts: &[Alert]) -> Vec<Expected> {
    let mut all: Vec<Expected> = alerts
        .iter()
        .map(|alert| Expected {
            time: alert.time.0,
            rule: alert.rule.id.clone(),
            group: alert.group.iter().map(|(_, value)| value.clone()).collect(),
            lines: alert.evidence.iter().map(|event| event.coordinates.offset).collect(),
            count: alert.count,
            status: alert.status.name(),
            revision: alert.revision,
            last_seen: alert.last_seen.0,
            suppressed: alert.suppressed,
            cold_start: alert.cold_start,
        })
        .collect();
    all.sort();
    all
}
