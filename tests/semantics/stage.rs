//! Rules over a few events, written so that a test can be read: an event is `"5 a k=x"`, that is seconds after the start,
//! the detections that it matches, and fields (`name=text`, or `name:=json`).

use std::collections::BTreeMap;
use std::sync::Arc;

use clarion::correlate::Limits;
use clarion::decode::{DecoderSettings, Format};
use clarion::model::{Alert, Fault, Metric, Record, RuleWork, Span, Timestamp};
use clarion::pipeline::{Arrival, Core, CoreCounts, CoreSource, Output};
use clarion::rule::lookup::Table;
use clarion::rule::plan::SourceSpec;
use clarion::rule::{LoadOptions, RuleSet, Severity};

/// 2026-01-05T00:00:00Z.
pub(crate) const START: i64 = 1_767_571_200_000_000_000;
const SECOND: i64 = 1_000_000_000;

/// Detections `a`, `b`, `c` and `x`, which match events that name them.
const DETECTIONS: &str = "
title: a
name: a
logsource: {category: test}
detection: {s: {is_a: true}, condition: s}
---
title: b
name: b
logsource: {category: test}
detection: {s: {is_b: true}, condition: s}
---
title: c
name: c
logsource: {category: test}
detection: {s: {is_c: true}, condition: s}
---
title: x
name: x
logsource: {category: test}
detection: {s: {is_x: true}, condition: s}
";

/// A correlation named `r` with these keys, in flow style, over the detections.
pub(crate) fn correlation(keys: &str) -> String {
    named("r", keys)
}

/// A correlation of that name.
pub(crate) fn named(name: &str, keys: &str) -> String {
    format!("title: {name}\nname: {name}\ndialect: clarion/1\ncorrelation: {{{keys}}}\n")
}

/// What came of a run.
pub(crate) struct Outcome {
    /// Every revision.
    pub(crate) revisions: Vec<Alert>,
    /// Values of series.
    pub(crate) metrics: Vec<Metric>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) counts: CoreCounts,
    /// Matches that each filter took back.
    pub(crate) filtered: Vec<(String, u64)>,
    /// What each detection and each correlation has cost and found.
    pub(crate) work: (Vec<RuleWork>, Vec<RuleWork>),
}

/// How events are run.
pub(crate) struct Stage {
    rules: RuleSet,
    lateness: Span,
    now: Timestamp,
    any_logsource: bool,
    shards: usize,
    retention: Span,
    cut: Option<i64>,
    /// The rules from the cut on, if others.
    then: Option<RuleSet>,
    /// The machine goes on with them itself.
    in_process: bool,
}

/// Loads rules beside the detections.
pub(crate) fn rules(documents: &[String]) -> Stage {
    let mut all = vec![DETECTIONS.to_owned()];
    all.extend_from_slice(documents);
    stage(&all.join("---\n"))
}

/// Loads rules, and nothing beside them.
pub(crate) fn stage(text: &str) -> Stage {
    let loaded = clarion::rule::load_texts(vec![("rules.yml".into(), text.to_owned())]);
    let rules = loaded.set.unwrap_or_else(|| panic!("{:#?}\n{text}", loaded.diagnostics));
    Stage::of(rules)
}

/// Loads rules with a lookup table, and nothing beside them.
pub(crate) fn stage_with_table(text: &str, name: &str, table: &str) -> Stage {
    let mut options = LoadOptions::default();
    options.lookups.insert(name, Table::parse(table.as_bytes(), "txt").unwrap());
    let loaded = clarion::rule::load_texts_with(vec![("rules.yml".into(), text.to_owned())], &options);
    let rules = loaded.set.unwrap_or_else(|| panic!("{:#?}\n{text}", loaded.diagnostics));
    Stage::of(rules)
}

/// The codes of the errors that these rules have.
pub(crate) fn errors(documents: &[String]) -> Vec<&'static str> {
    let mut all = vec![DETECTIONS.to_owned()];
    all.extend_from_slice(documents);
    let loaded = clarion::rule::load_texts(vec![("rules.yml".into(), all.join("---\n"))]);
    loaded.diagnostics.iter().filter(|one| one.severity == Severity::Error).map(|one| one.code).collect()
}

impl Stage {
    fn of(rules: RuleSet) -> Self {
        Self {
            rules,
            lateness: Span::seconds(60),
            now: Timestamp(i64::MAX),
            any_logsource: true,
            shards: 1,
            retention: Limits::default().retention,
            cut: None,
            then: None,
            in_process: false,
        }
    }

    /// The rules that it runs.
    pub(crate) fn rules(&self) -> &RuleSet {
        &self.rules
    }

    pub(crate) fn lateness(mut self, seconds: i64) -> Self {
        self.lateness = Span::seconds(seconds);
        self
    }

    pub(crate) fn now(mut self, seconds: i64) -> Self {
        self.now = Timestamp(START + seconds * SECOND);
        self
    }

    pub(crate) fn logsources_matter(mut self) -> Self {
        self.any_logsource = false;
        self
    }

    pub(crate) fn shards(mut self, shards: usize) -> Self {
        self.shards = shards;
        self
    }

    /// How long late events may change what was decided.
    pub(crate) fn retention(mut self, seconds: i64) -> Self {
        self.retention = Span::seconds(seconds);
        self
    }

    /// Writes the state and reads it again before that line.
    pub(crate) fn cut(mut self, line: i64) -> Self {
        self.cut = Some(line);
        self
    }

    /// Goes on with other rules, from the state that it has before that line.
    pub(crate) fn changed_at(mut self, line: i64, other: &Self) -> Self {
        self.then = Some(other.rules.clone());
        self.cut(line)
    }

    /// The same without a restart.
    pub(crate) fn switched_at(self, line: i64, other: &Self) -> Self {
        Self { in_process: true, ..self.changed_at(line, other) }
    }

    fn core(&self, rules: &RuleSet) -> Core {
        let spec = SourceSpec { name: "replay".to_owned(), lateness: self.lateness, logsources: Vec::new() };
        let decoder =
            DecoderSettings { format: Format::Auto, time_fields: vec!["ts".to_owned()], ..DecoderSettings::default() };
        let source = CoreSource { spec, decoder, max_future_skew: Span::seconds(300) };
        let limits = Limits { retention: self.retention, ..Limits::default() };
        Core::new(rules.clone(), vec![source], limits, self.shards, self.any_logsource)
    }

    /// Runs events of the short form.
    pub(crate) fn run(&self, events: &[&str]) -> Outcome {
        self.run_lines(events.iter().map(|event| line(event)))
    }

    /// Runs records.
    pub(crate) fn run_lines(&self, lines: impl Iterator<Item = String>) -> Outcome {
        let mut core = self.core(&self.rules);
        let topic: Arc<str> = "replay".into();
        let mut out = Output::default();
        for (offset, line) in (1_i64..).zip(lines) {
            if self.cut == Some(offset) {
                let state = core.engine().snapshot().unwrap();
                let rules = self.then.as_ref().unwrap_or(&self.rules);
                if self.in_process {
                    core.go_on_with(rules.clone(), core.sources().to_vec(), &state).unwrap();
                } else {
                    core = self.core(rules);
                    core.engine().restore(&state).unwrap();
                }
            }
            let record = Record {
                topic: &topic,
                partition: 0,
                offset,
                timestamp: None,
                headers: &[],
                value: Some(line.as_bytes()),
            };
            core.take(0, &record, Arrival::Replay { now: self.now }, &mut out);
            if offset % 4096 == 0 {
                core.advance(&mut out);
            }
        }
        core.finish(&mut out);
        let filtered = core.filtered().map(|(filter, count)| (filter.id.clone(), count)).collect();
        let (counts, work) = (core.counts(), core.work());
        Outcome { revisions: out.alerts, metrics: out.metrics, faults: out.faults, counts, filtered, work }
    }
}

/// Holds that the series of these events, more than so many values, are the same in another order of arrival within the lateness,
/// over shards, and with a restart at each of these lines.
pub(crate) fn nothing_changes_the_series(
    stage: impl Fn() -> Stage,
    events: &[String],
    more_than: usize,
    cuts: [i64; 3],
) {
    let straight: Vec<&str> = events.iter().map(String::as_str).collect();
    let mut shuffled = straight.clone();
    shuffled.chunks_mut(25).for_each(<[&str]>::reverse);
    let expected = stage().run(&straight).series();
    assert!(expected.len() > more_than);
    assert_eq!(stage().run(&shuffled).series(), expected);
    assert_eq!(stage().shards(4).run(&shuffled).series(), expected);
    for cut in cuts {
        assert_eq!(stage().cut(cut).run(&shuffled).series(), expected, "{cut}");
    }
}

/// The record of an event of the short form.
pub(crate) fn line(event: &str) -> String {
    let mut words = event.split_whitespace();
    let mut record = serde_json::Map::new();
    let (whole, fraction) = words.next().map(|time| time.split_once('.').unwrap_or((time, ""))).unwrap();
    let nanos: i64 = format!("{fraction:0<9}").parse().unwrap();
    let time = Timestamp(START + whole.parse::<i64>().unwrap() * SECOND + nanos);
    record.insert("ts".to_owned(), time.to_string().into());
    for word in words {
        if let Some((name, json)) = word.split_once(":=") {
            record.insert(name.to_owned(), serde_json::from_str(json).unwrap());
        } else if let Some((name, text)) = word.split_once('=') {
            record.insert(name.to_owned(), text.into());
        } else {
            record.insert(format!("is_{word}"), true.into());
        }
    }
    serde_json::Value::Object(record).to_string()
}

impl Outcome {
    /// The last revision of each alert of correlations, in the order of time, rule and group.
    pub(crate) fn last(&self) -> Vec<&Alert> {
        let mut last: BTreeMap<_, &Alert> = BTreeMap::new();
        for alert in self.revisions.iter().filter(|alert| alert.rule.kind != "detection") {
            if last.get(&alert.id).is_none_or(|known| known.revision < alert.revision) {
                last.insert(alert.id, alert);
            }
        }
        let mut last: Vec<&Alert> = last.into_values().collect();
        last.sort_by(|one, two| clarion::correlate::alert_order(one, two));
        last
    }

    /// Alerts as `rule@seconds group: lines`.
    pub(crate) fn alerts(&self) -> Vec<String> {
        self.last().into_iter().map(words).collect()
    }

    /// Every revision of alerts of correlations, as `rule@seconds group: lines status revision count`, in the order in
    /// which they were said.
    pub(crate) fn history(&self) -> Vec<String> {
        let of_correlations = self.revisions.iter().filter(|alert| alert.rule.kind != "detection");
        let state = |alert: &Alert| format!("{} {} {}", alert.status.name(), alert.revision, alert.count);
        of_correlations.map(|alert| format!("{} {}", words(alert), state(alert))).collect()
    }

    /// The last revision of each alert that is not retracted.
    pub(crate) fn standing(&self) -> Vec<String> {
        let last = self.last().into_iter();
        last.filter(|alert| alert.status != clarion::model::AlertStatus::Retracted).map(words).collect()
    }

    /// Values of series as `group@seconds value of samples`, in the order of time, rule and group.
    pub(crate) fn series(&self) -> Vec<String> {
        let mut metrics: Vec<&Metric> = self.metrics.iter().collect();
        metrics.sort_by(|one, two| clarion::correlate::metric_order(one, two));
        let group = |metric: &Metric| {
            let values: Vec<&str> = metric.group.iter().map(|(_, value)| value.as_deref().unwrap_or("-")).collect();
            values.join("/")
        };
        let value = |metric: &Metric| metric.value.map_or_else(|| "none".to_owned(), |value| value.to_string());
        let second = |metric: &Metric| (metric.time.0 - START) / SECOND;
        metrics
            .iter()
            .map(|metric| format!("{}@{} {} of {}", group(metric), second(metric), value(metric), metric.samples))
            .collect()
    }

    /// The only alert.
    pub(crate) fn only(&self) -> &Alert {
        let last = self.last();
        assert_eq!(last.len(), 1, "{:?}", self.alerts());
        last[0]
    }

    /// Lines of events that matched detections which alert by themselves, by rule title.
    pub(crate) fn matched(&self) -> Vec<(String, i64)> {
        self.revisions
            .iter()
            .filter(|alert| alert.rule.kind == "detection")
            .map(|alert| (alert.rule.title.clone(), alert.evidence[0].coordinates.offset))
            .collect()
    }
}

fn words(alert: &Alert) -> String {
    let nanos = alert.time.0 - START;
    let time = if nanos % SECOND == 0 {
        (nanos / SECOND).to_string()
    } else {
        format!("{}.{:09}", nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND)).trim_end_matches('0').to_owned()
    };
    let group: Vec<&str> = alert.group.iter().map(|(_, value)| value.as_deref().unwrap_or("-")).collect();
    let lines: Vec<String> = alert.evidence.iter().map(|event| event.coordinates.offset.to_string()).collect();
    let group = if group.is_empty() { String::new() } else { format!(" {}", group.join("/")) };
    format!("{}@{time}{group}: {}", alert.rule.id, lines.join(" "))
}
