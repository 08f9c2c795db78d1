//! `clarion replay`: rules over a file of events, alerts to a file. The contract is in `docs/replay.md`.

use std::collections::BTreeMap;
use std::io::{BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::lookups::LookupArguments;
use super::terminal::{complain, show_findings};
use crate::alert::{DocumentOptions, document_with, metric_document, ocsf_document_with};
use crate::correlate::{Limits, alert_order, metric_order};
use crate::decode::DecoderSettings;
use crate::model::{Alert, AlertId, Fault, Metric, Span, Timestamp};
use crate::pipeline::{Arrival, Core, CoreSource, Output};
use crate::rule;
use crate::rule::plan::SourceSpec;
use crate::source::lines::{LineItem, Lines};
use crate::telemetry::clock;

/// Records between two advances of the watermark.
const BATCH: u64 = 4096;
/// Longest line that is read, in bytes.
const LINE_LIMIT: usize = 64 * 1024 * 1024;

/// In whose words alerts are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Elastic Common Schema 9.
    #[default]
    Ecs,
    /// OCSF 1.8, class Detection Finding.
    Ocsf,
}

/// Arguments of `clarion replay`.
#[derive(Debug, Args)]
pub(super) struct ReplayArguments {
    /// Rule file or folder; may be given several times.
    #[arg(long, required = true, value_name = "PATH")]
    rules: Vec<PathBuf>,
    /// Events as NDJSON, plain or gzip; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Where the alerts go as NDJSON; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Format of the alerts.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Where the values of series (rules with `metric`) go as NDJSON; `-` is standard output. Default: they are counted.
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// Field that holds the event time (RFC 3339, or epoch s, ms, µs, ns by magnitude).
    #[arg(long, value_name = "FIELD")]
    time_field: Vec<String>,
    /// How late an event may be.
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = Span::parse)]
    lateness: Span,
    /// Try every rule on every record, whatever its log source.
    #[arg(long)]
    any_logsource: bool,
    /// The time taken as now: events further ahead than 5 minutes are in the future. Default: the clock.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    now: Option<Timestamp>,
    /// Write every revision of each alert, not only the last.
    #[arg(long)]
    revisions: bool,
    #[command(flatten)]
    lookups: LookupArguments,
    /// Threads that correlate; the alerts are the same with any number.
    #[arg(long, value_name = "N", default_value_t = 1)]
    shards: usize,
}

/// Runs the subcommand. Exit code 0: done; 2: a rule is broken and nothing was run; 1: anything else.
pub(super) fn run(arguments: &ReplayArguments) -> ExitCode {
    let options = match arguments.lookups.options(false) {
        Ok(options) => options,
        Err(message) => {
            complain(&message);
            return ExitCode::from(2);
        }
    };
    let loaded = rule::load_with(&arguments.rules, &options);
    show_findings(&loaded, false);
    let Some(rules) = loaded.set else { return ExitCode::from(2) };
    for rule in &rules.inactive {
        complain(&format!("warning: the rule `{}` is inactive: {}", rule.card.title, rule.reason));
    }
    match replay(arguments, rules) {
        Ok(summary) => {
            complain(&summary);
            ExitCode::SUCCESS
        }
        Err(message) => {
            complain(&format!("error: {message}"));
            ExitCode::FAILURE
        }
    }
}

fn replay(arguments: &ReplayArguments, rules: rule::RuleSet) -> Result<String, String> {
    let now = arguments.now.unwrap_or_else(clock::now);
    let mut lines = open(&arguments.input, now)?;
    let output = create(&arguments.output)?;
    let is_standard = |path: &PathBuf| path.as_os_str() == "-";
    if is_standard(&arguments.output) && arguments.metrics.as_ref().is_some_and(is_standard) {
        return Err("alerts and metrics cannot both go to standard output: name a file for one of them".to_owned());
    }
    let mut metrics = Values::new(arguments.metrics.as_deref())?;
    let decoder = DecoderSettings { time_fields: arguments.time_field.clone(), ..DecoderSettings::default() };
    let spec = SourceSpec { name: "replay".to_owned(), lateness: arguments.lateness, logsources: Vec::new() };
    let source = CoreSource { spec, decoder, max_future_skew: Span::seconds(300) };
    let mut core = Core::new(rules, vec![source], Limits::default(), arguments.shards, arguments.any_logsource);
    let progress = progress_bar(&lines);
    let mut collected = Collected { revisions: arguments.revisions, format: arguments.format, ..Collected::default() };
    let mut out = Output::default();
    let mut unusable = 0_u64;
    let mut taken = 0_u64;
    // not the file's name: a copy of a log gives the same alerts
    let topic: std::sync::Arc<str> = "replay".into();
    while let Some(item) = lines.next() {
        match item.map_err(|error| error.to_string())? {
            LineItem::Record(record) => {
                record.as_record(&topic, 0, |record| core.take(0, record, Arrival::Replay { now }, &mut out));
            }
            LineItem::TooLong { line, length, .. } => {
                unusable += 1;
                complain(&format!("line {line}: too_large: {length} bytes, more than {LINE_LIMIT}"));
            }
        }
        taken += 1;
        if taken.is_multiple_of(BATCH) {
            core.advance(&mut out);
            progress.set_position(lines.progress().0);
        }
        unusable += report(&mut out.faults, &progress);
        collected.extend(&mut out.alerts);
        metrics.extend(&mut out.metrics);
    }
    core.finish(&mut out);
    report(&mut out.faults, &progress);
    collected.extend(&mut out.alerts);
    metrics.extend(&mut out.metrics);
    progress.finish_and_clear();
    let alerts =
        collected.write(output).map_err(|error| format!("cannot write {}: {error}", arguments.output.display()))?;
    metrics.write()?;
    for (filter, count) in core.filtered().filter(|(_, count)| *count > 0) {
        complain(&format!("filter {}: {count} matches taken back", filter.id));
    }
    let counts = core.counts();
    let metrics = if core.engine().plan().rules.correlations.iter().any(|rule| rule.metric.is_some()) {
        format!(", {} metrics", counts.correlate.metrics)
    } else {
        String::new()
    };
    Ok(format!(
        "replay: {} records, {} events, {} matched, {alerts} alerts{metrics}; {unusable} records not usable, {} late, {} repeated, {} in the future, {} group keys missing",
        counts.records,
        counts.events,
        counts.detect.matched,
        counts.correlate.late,
        counts.correlate.repeated,
        counts.skewed,
        counts.detect.group_key_missing,
    ))
}

fn open(path: &Path, now: Timestamp) -> Result<Lines, String> {
    let lines = if path.as_os_str() == "-" {
        Lines::stdin(std::io::stdin(), LINE_LIMIT, now)
    } else {
        Lines::open(path, LINE_LIMIT, now)
    };
    lines.map_err(|error| error.to_string())
}

fn create(path: &Path) -> Result<Box<dyn Write>, String> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufWriter::new(std::io::stdout().lock())));
    }
    let file = std::fs::File::create(path).map_err(|error| format!("cannot create {}: {error}", path.display()))?;
    Ok(Box::new(BufWriter::new(file)))
}

fn progress_bar(lines: &Lines) -> ProgressBar {
    let (_, total) = lines.progress();
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.set_draw_target(if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    });
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}") {
        bar.set_style(style);
    }
    bar
}

/// Reports unusable records with their line; gives their number. Late events are counted elsewhere.
fn report(faults: &mut Vec<Fault>, progress: &ProgressBar) -> u64 {
    let mut unusable = 0;
    for fault in faults.drain(..) {
        if fault.kind == "late" {
            continue;
        }
        unusable += 1;
        let place = match fault.coordinates.sequence {
            0 => format!("line {}", fault.coordinates.offset),
            sequence => format!("line {}, member {sequence}", fault.coordinates.offset),
        };
        progress.suspend(|| complain(&format!("{place}: {}: {}", fault.kind, fault.reason)));
    }
    unusable
}

/// Alerts, the last revision of each unless all are wanted.
#[derive(Default)]
struct Collected {
    revisions: bool,
    format: Format,
    alerts: BTreeMap<(AlertId, u64), Alert>,
}

impl Collected {
    fn extend(&mut self, alerts: &mut Vec<Alert>) {
        for alert in alerts.drain(..) {
            let key = (alert.id, if self.revisions { alert.revision } else { 0 });
            match self.alerts.get(&key) {
                Some(known) if known.revision >= alert.revision => {}
                _ => {
                    self.alerts.insert(key, alert);
                }
            }
        }
    }

    fn document(&self, alert: &Alert) -> serde_json::Value {
        let options = DocumentOptions { lines: true };
        if self.format == Format::Ocsf {
            return ocsf_document_with(alert, options);
        }
        let mut document = document_with(alert, options);
        if let Some(document) = document.as_object_mut() {
            document.entry("group").or_insert_with(|| serde_json::json!({}));
        }
        document
    }

    fn write(mut self, mut output: Box<dyn Write>) -> std::io::Result<usize> {
        let mut alerts: Vec<Alert> = std::mem::take(&mut self.alerts).into_values().collect();
        alerts.sort_by(alert_order);
        for alert in &alerts {
            let document = self.document(alert);
            serde_json::to_writer(&mut output, &document)?;
            output.write_all(b"\n")?;
        }
        output.flush()?;
        Ok(alerts.len())
    }
}

/// Values of series, kept only when they are wanted.
struct Values {
    output: Option<(PathBuf, Box<dyn Write>)>,
    kept: Vec<Metric>,
}

impl Values {
    fn new(path: Option<&Path>) -> Result<Self, String> {
        let output = path.map(|path| create(path).map(|output| (path.to_owned(), output))).transpose()?;
        Ok(Self { output, kept: Vec::new() })
    }

    fn extend(&mut self, metrics: &mut Vec<Metric>) {
        match self.output {
            Some(_) => self.kept.append(metrics),
            None => metrics.clear(),
        }
    }

    fn write(mut self) -> Result<(), String> {
        let Some((path, mut output)) = self.output.take() else { return Ok(()) };
        self.kept.sort_by(metric_order);
        let mut all = || -> std::io::Result<()> {
            for metric in &self.kept {
                let mut document = metric_document(metric);
                if let Some(document) = document.as_object_mut() {
                    document.entry("group").or_insert_with(|| serde_json::json!({}));
                }
                serde_json::to_writer(&mut output, &document)?;
                output.write_all(b"\n")?;
            }
            output.flush()
        };
        all().map_err(|error| format!("cannot write {}: {error}", path.display()))
    }
}
