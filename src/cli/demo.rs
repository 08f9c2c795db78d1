//! `clarion demo`: alerts as readable lines while they happen, and at the end planted against found.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::run::stop_on_signal;
use super::terminal::{complain, say};
use crate::alert::sentence;
use crate::demo::{self, DemoNews, DemoOptions, DemoSinks, Verdict};
use crate::model::{Alert, AlertStatus, Level, Timestamp};
use crate::telemetry::{self, LogFormat, clock};

const DAY: i64 = 86_400_000_000_000;

/// Arguments of `clarion demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Chooses everything that is left to chance.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Seconds of the week in one second.
    #[arg(long, default_value_t = 30_000.0, value_parser = positive)]
    speed: f64,
    /// About how many events.
    #[arg(long, default_value_t = 60_000)]
    events: usize,
    /// Go on after the week, with the broker and the console running, until Ctrl-C.
    #[arg(long)]
    keep: bool,
    /// Deliver alerts and values as well: a YAML file with `sinks`, as in the configuration.
    #[arg(long, value_name = "FILE", requires = "keep")]
    sinks: Option<PathBuf>,
}

fn positive(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if speed.is_finite() && speed > 0.0 { Ok(speed) } else { Err("must be greater than 0".to_owned()) }
}

/// Runs the subcommand. Exit code 0: everything planted was found and nothing else; 1: not so.
pub(super) fn run(arguments: &DemoArguments) -> ExitCode {
    // the demonstration's own lines are the output; the log shows what goes wrong
    let _ = telemetry::init_logging(LogFormat::Human, "clarion=error,librdkafka=off");
    let stop = Arc::new(AtomicBool::new(false));
    stop_on_signal(Arc::clone(&stop));
    let folder = std::env::temp_dir().join(format!("clarion-demo-{}", std::process::id()));
    let sinks = match arguments.sinks.as_ref().map(read_sinks).transpose() {
        Ok(sinks) => sinks,
        Err(message) => {
            complain(&message);
            return ExitCode::FAILURE;
        }
    };
    let options = DemoOptions {
        seed: arguments.seed,
        speed: arguments.speed,
        events: arguments.events,
        start: last_full_week(clock::now()),
        keep: arguments.keep,
        folder: folder.clone(),
        sinks,
    };
    let colour = std::io::stdout().is_terminal();
    let outcome = demo::run(&options, &stop, &mut |news| tell(&news, &options, colour));
    remove(&folder);
    match outcome {
        Ok((verdict, counts)) => {
            say(&format!(
                "{} records, {} events matched a rule, {} late, {} unusable",
                counts.records, counts.detect.matched, counts.correlate.late, counts.faults
            ));
            if verdict.is_right() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn read_sinks(path: &PathBuf) -> Result<DemoSinks, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("error: cannot read {}: {error}", path.display()))?;
    Ok(DemoSinks { path: path.clone(), text })
}

fn remove(folder: &PathBuf) {
    if let Err(error) = std::fs::remove_dir_all(folder)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        complain(&format!("cannot remove {}: {error}", folder.display()));
    }
}

/// The Monday that began the last week that is over, with two days to spare for decisions that wait.
fn last_full_week(now: Timestamp) -> Timestamp {
    let days = now.0.div_euclid(DAY) - 10;
    // 1970-01-01 was a Thursday
    let monday = days - (days + 3).rem_euclid(7);
    Timestamp(monday * DAY)
}

fn tell(news: &DemoNews<'_>, options: &DemoOptions, colour: bool) {
    match news {
        DemoNews::Begins { bootstrap, records, takes } => {
            say(&format!(
                "A week of AI operations at a lender, from {}: {records} records of MLflow, OPA, Evidently, a decision log and Jira",
                options.start.to_string().get(..10).unwrap_or_default()
            ));
            say(&format!("on an embedded Kafka broker at {bootstrap}, in about {} seconds.\n", takes.as_secs().max(1)));
        }
        DemoNews::Console(address) => {
            let stays = if options.keep { "until Ctrl-C" } else { "while this runs, or until Ctrl-C with --keep" };
            say(&format!("The console is at http://{address}, {stays}.\n"));
        }
        DemoNews::Alert(alert) => {
            if let Some(line) = line(alert, colour) {
                say(&line);
            }
        }
        DemoNews::Verdict(verdict) => say(&verdict_text(verdict)),
    }
}

/// One line for a new alert or a retraction; an episode's end is no news.
fn line(alert: &Alert, colour: bool) -> Option<String> {
    let word = match alert.status {
        AlertStatus::Open => alert.rule.level.name().to_uppercase(),
        AlertStatus::Retracted => "RETRACTED".to_owned(),
        AlertStatus::Closed => return None,
    };
    let paint = match alert.rule.level {
        Level::Critical => "\u{1b}[1;31m",
        Level::High => "\u{1b}[31m",
        Level::Medium => "\u{1b}[33m",
        Level::Low | Level::Informational => "\u{1b}[36m",
    };
    let (on, off) = if colour { (paint, "\u{1b}[0m") } else { ("", "") };
    let time = alert.time.to_string().get(..16).unwrap_or_default().replace('T', " ");
    Some(format!("{time}  {on}{word:<9}{off} {}", sentence(alert)))
}

fn verdict_text(verdict: &Verdict) -> String {
    let mut text = format!(
        "\nPlanted: {} incidents and {} near misses.\n",
        verdict.found.len() + verdict.missed.len(),
        verdict.quiet.len()
    );
    for planted in &verdict.found {
        text.push_str(&format!("  found   {:<38} {}\n", planted.incident, planted.story));
    }
    for planted in &verdict.missed {
        text.push_str(&format!("  MISSED  {:<38} {}\n", planted.incident, planted.story));
    }
    for found in &verdict.unexpected {
        text.push_str(&format!("  NOT PLANTED  {} {}\n", found.rule, found.group.join(" ")));
    }
    text.push_str(&format!(
        "Found {} of {} incidents; {} alerts that nobody planted.",
        verdict.found.len(),
        verdict.found.len() + verdict.missed.len(),
        verdict.unexpected.len()
    ));
    text
}
