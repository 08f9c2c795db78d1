//! The console of a run: its history as one more sink, behind those of the configuration, and its page.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedSender;

use super::{AppError, RunOptions};
use crate::config::{CONSOLE_SINK, Config, ConsoleConfig};
use crate::console::history::{History, Keep, Missed, feed};
use crate::console::{Console, ConsoleError, ConsoleParts, ExceptionParts, RuleTexts};
use crate::pipeline::LiveStatus;
use crate::rule::LoadOptions;
use crate::rule::lookup::Lookups;
use crate::sink::{Receipt, SinkHandle, local};
use crate::telemetry::Metrics;

/// What a caller may choose for the console beside the configuration.
#[derive(Debug, Clone, Default)]
pub struct ConsoleOptions {
    /// The run is a demonstration: another port is taken when the configured one is in use.
    pub demo: bool,
    /// The texts of the rules by the names of their files.
    pub rule_texts: RuleTexts,
    /// Where it listens, when it does.
    pub address: Arc<OnceLock<SocketAddr>>,
}

/// A history that takes documents, before the page is there.
pub(super) struct Remembering<'a> {
    config: &'a ConsoleConfig,
    history: Arc<History>,
    missed: Arc<Missed>,
}

/// Opens the history, if the configuration has a console, and adds its sink.
pub(super) fn remember<'a>(
    config: &'a Config,
    runtime: &Runtime,
    sinks: &mut Vec<SinkHandle>,
    receipts: &UnboundedSender<Receipt>,
    metrics: &Metrics,
) -> Result<Option<Remembering<'a>>, AppError> {
    let Some(config) = &config.console else { return Ok(None) };
    let keep = Keep {
        age: config.keep_age,
        alerts: u64::try_from(config.keep_alerts).unwrap_or(u64::MAX),
        values: u64::try_from(config.keep_values).unwrap_or(u64::MAX),
    };
    let history = Arc::new(History::open(&config.store, keep).map_err(ConsoleError::from)?);
    let missed = Arc::new(Missed::counted(metrics.console_missed.clone()));
    let (into, without) = (Arc::clone(&history), Arc::clone(&missed));
    sinks.push(local(sinks.len(), CONSOLE_SINK, receipts.clone(), |documents| {
        runtime.spawn(feed(into, without, documents))
    }));
    Ok(Some(Remembering { config, history, missed }))
}

impl Remembering<'_> {
    /// Opens the page.
    pub(super) fn show(
        self,
        config: &Config,
        runtime: &Runtime,
        status: &Arc<LiveStatus>,
        tables: &Lookups,
        run: &RunOptions,
    ) -> Result<Console, AppError> {
        let options = &run.console;
        let exceptions = self.config.exceptions.clone().map(|directory| ExceptionParts {
            directory,
            longest: self.config.longest_exception,
            rules: config.rules.clone(),
            options: LoadOptions { lookups: tables.clone(), texts: run.without_file.clone(), ..LoadOptions::default() },
            reload: Arc::clone(&run.reload),
        });
        let kinds = config.sinks.iter().map(|sink| sink.kind.clone()).chain([CONSOLE_SINK.to_owned()]);
        let parts = ConsoleParts {
            listen: self.config.listen,
            any_port: options.demo,
            token: self.config.token.clone(),
            history: self.history,
            missed: self.missed,
            status: Arc::clone(status),
            rules: options.rule_texts.clone(),
            exceptions,
            instance: std::env::var("HOSTNAME")
                .ok()
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| "clarion".to_owned()),
            sink_kinds: kinds.collect(),
            demo: options.demo,
        };
        let console = runtime.block_on(Console::start(parts))?;
        // told once a run
        let _ = options.address.set(console.address());
        Ok(console)
    }
}
