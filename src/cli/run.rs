//! `clarion run`: from Kafka to the sinks, until SIGTERM or SIGINT.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::terminal::{complain, show_findings};
use crate::rule::{self, LoadOptions};
use crate::{app, config, telemetry};

/// Arguments of `clarion run`.
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// The configuration file.
    #[arg(short, long, value_name = "FILE", default_value = "clarion.yaml")]
    config: PathBuf,
}

/// Runs the subcommand. Exit code 0: stopped as told; 2: a rule or the configuration is broken, nothing was consumed;
/// 1: anything else.
pub(super) fn run(arguments: &RunArguments) -> ExitCode {
    let config = match config::load(Some(&arguments.config), std::env::vars()) {
        Ok(loaded) => loaded.config,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::from(2);
        }
    };
    if let Err(error) = telemetry::init_logging(config.log.format, &config.log.level) {
        complain(&error.to_string());
        return ExitCode::from(2);
    }
    let stop = Arc::new(AtomicBool::new(false));
    stop_on_signal(Arc::clone(&stop));
    let options = app::RunOptions::default();
    reload_on_signal(Arc::clone(&options.reload));
    let opened = match app::open(&config, &stop) {
        Ok(Some(opened)) => opened,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error}"));
            let broken = matches!(error, app::AppError::Lookup { .. } | app::AppError::LookupSetup(_));
            return if broken { ExitCode::from(2) } else { ExitCode::FAILURE };
        }
    };
    let lookups = opened.tables().clone();
    let loaded = rule::load_with(&config.rules, &LoadOptions { lookups, ..LoadOptions::default() });
    show_findings(&loaded, false);
    let Some(rules) = loaded.set else { return ExitCode::from(2) };
    for rule in &rules.inactive {
        tracing::warn!(rule = rule.card.title, reason = rule.reason, "the rule is inactive");
    }
    let console = app::ConsoleOptions { rule_texts: loaded.sources.clone(), ..app::ConsoleOptions::default() };
    let options = app::RunOptions { rule_texts: loaded.sources, console, ..options };
    tracing::info!(
        detections = rules.detections.len(),
        correlations = rules.correlations.len(),
        filters = rules.filters.len(),
        inactive = rules.inactive.len(),
        sources = config.sources.len(),
        sinks = config.sinks.len(),
        "clarion starts"
    );
    match app::run(&config, opened, rules, &options, &stop, &mut |_| {}) {
        Ok(counts) => {
            tracing::info!(records = counts.records, alerts = counts.correlate.alerts, "clarion has stopped");
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Sets the signal at SIGHUP.
fn reload_on_signal(reload: app::ReloadSignal) {
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
            while hangup.recv().await.is_some() {
                reload.store(true, Ordering::Relaxed);
            }
        });
    });
}

/// Sets `stop` at SIGTERM or SIGINT; a second signal ends the program at once.
pub(super) fn stop_on_signal(stop: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut terminate), Ok(mut interrupt)) =
                (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
            else {
                return;
            };
            loop {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if stop.swap(true, Ordering::Relaxed) {
                    std::process::exit(130);
                }
            }
        });
    });
}
