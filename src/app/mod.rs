//! Layer 4: `clarion run`. Builds everything from the configuration, with nothing started before everything is checked,
//! runs it until it is told to stop, and drains.

mod console;
mod notify;
mod opening;
mod reload;
mod rule_watch;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use crate::admin::{Admin, AdminError, Shown};
use crate::config::{Config, DeadLetterTarget, EnrichConfig, SourceConfig};
use crate::console::ConsoleError;
use crate::correlate::Limits;
use crate::decode::{DecoderSettings, Enrichment, Format, known_logsources};
use crate::lookup::SetupError;
use crate::model::LogSource;
use crate::pipeline::{
    ClockMap, Core, CoreCounts, CoreSource, DeadLetterError, DeadLetters, Live, LiveError, LiveParts, LiveSettings,
    LiveStatus, PendingChange, SharedOffsets, StoreError, Watch,
};
use crate::rule::RuleSet;
use crate::rule::lookup::Lookups;
use crate::rule::plan::SourceSpec;
use crate::sink::kafka::{TopicWriter, TopicWriterError};
use crate::sink::{self, SinkConfig, SinkError, SinkHandle};
use crate::source::kafka::{KafkaOptions, KafkaSourceError, OffsetLookup, SourceSet, client_settings};

pub use console::ConsoleOptions;
pub use notify::{TriedRoute, try_routes};
pub use opening::{Opened, open};
pub use reload::ReloadSignal;
use reload::Reloader;

/// Alerts owed to a sink beyond which the sources wait.
const OUTBOX_LIMIT: usize = 100_000;

/// Why the program cannot run.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A sink's settings cannot be read.
    #[error("{path}: {reason}")]
    SinkSettings {
        /// Its place in the configuration.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A sink cannot start.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// Kafka cannot be read.
    #[error(transparent)]
    Source(#[from] KafkaSourceError),
    /// The state folder cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Dead letters cannot be kept.
    #[error(transparent)]
    DeadLetters(#[from] DeadLetterError),
    /// The dead-letter topic cannot be written to.
    #[error(transparent)]
    Topic(#[from] TopicWriterError),
    /// `dead_letters.topic` without `kafka.brokers`.
    #[error("dead_letters.topic needs kafka.brokers: name the cluster, or use dead_letters.file")]
    NoCluster,
    /// The admin endpoint cannot be opened.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The console cannot be opened.
    #[error(transparent)]
    Console(#[from] ConsoleError),
    /// A lookup table that is needed cannot be used.
    #[error("lookup table {name}: {reason}")]
    Lookup {
        /// Name of the table.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A lookup table cannot be asked for.
    #[error(transparent)]
    LookupSetup(#[from] SetupError),
    /// It ended while running.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// No sink that tells people has that name.
    #[error("there is no route {0}: routes are sinks of type webhook, slack or email")]
    NoRoute(String),
    /// No runtime for the sinks.
    #[error("cannot start the runtime: {0}")]
    Runtime(std::io::Error),
}

/// Checks the settings of all sinks, and tries the templates of notifications on an example.
///
/// # Errors
/// [`AppError::SinkSettings`] for the first that cannot be read.
pub fn sink_settings(config: &Config) -> Result<Vec<SinkConfig>, AppError> {
    let example = notify::example();
    let settings: Vec<SinkConfig> = config
        .sinks
        .iter()
        .map(|raw| {
            let fail = |reason: String| AppError::SinkSettings { path: raw.path.clone(), reason };
            let settings: SinkConfig =
                serde_json::from_value(raw.value.clone()).map_err(|error| fail(error.to_string()))?;
            settings.validate().map_err(|fault| fail(fault.to_string()))?;
            sink::check_templates(&settings, &example).map_err(|fault| fail(fault.to_string()))?;
            Ok(settings)
        })
        .collect::<Result<_, AppError>>()?;
    match sink::collision(&settings) {
        Some(fault) => Err(AppError::SinkSettings { path: "sinks".to_owned(), reason: fault.to_string() }),
        None => Ok(settings),
    }
}

/// What a caller of [`run`] may choose beside the configuration.
#[derive(Clone)]
pub struct RunOptions {
    /// The clock of idle partitions.
    pub clock: ClockMap,
    /// Sizes and intervals of the Kafka sources.
    pub kafka: KafkaOptions,
    /// The texts of the rules by the names of their files, as they were loaded. Without any, the rules stay as they are.
    pub rule_texts: BTreeMap<Arc<str>, String>,
    /// Those of them that are in no file of the configuration's `rules`.
    pub without_file: Vec<(Arc<str>, String)>,
    /// Tells that files are to be read again.
    pub reload: ReloadSignal,
    /// The console.
    pub console: ConsoleOptions,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            clock: Arc::new(|wall| wall),
            kafka: KafkaOptions::default(),
            rule_texts: BTreeMap::new(),
            without_file: Vec::new(),
            reload: ReloadSignal::default(),
            console: ConsoleOptions::default(),
        }
    }
}

/// Runs until `stop` is set, from what [`open`] has found; the rules were compiled with its tables. `observe` sees every alert
/// when it is raised.
///
/// # Errors
/// [`AppError`] says what must be put right.
pub fn run(
    config: &Config,
    opened: Opened,
    rules: RuleSet,
    options: &RunOptions,
    stop: &AtomicBool,
    observe: &mut dyn FnMut(Watch<'_>),
) -> Result<CoreCounts, AppError> {
    let Opened { runtime, store, snapshot, tables, watchers, metrics } = opened;
    let settings = sink_settings(config)?;
    let dead_letters = open_dead_letters(config)?;
    let (receipt_sender, receipts) = unbounded_channel();
    let mut sinks: Vec<SinkHandle> = Vec::new();
    for (index, settings) in settings.iter().enumerate() {
        sinks.push(runtime.block_on(sink::start(index, settings, receipt_sender.clone()))?);
    }
    let remembering = console::remember(config, &runtime, &mut sinks, &receipt_sender, &metrics)?;
    let status = Arc::new(LiveStatus::default());
    let shown = Shown { status: Arc::clone(&status), metrics: Arc::clone(&metrics) };
    let _admin = config.admin.listen.map(|address| runtime.block_on(Admin::start(address, shown))).transpose()?;
    let _console = remembering.map(|console| console.show(config, &runtime, &status, &tables, options)).transpose()?;
    let offsets: SharedOffsets = Arc::new(Mutex::new(BTreeMap::new()));
    let changes = Arc::new(PendingChange::default());
    let core = Core::new(rules, core_sources(config, &tables), limits(config), config.correlate.shards, false);
    let live = Live::resume(LiveParts {
        core,
        tables: tables.clone(),
        changes: Arc::clone(&changes),
        snapshot,
        settings: LiveSettings {
            clock: Arc::clone(&options.clock),
            source_names: config.sources.iter().map(|source| Arc::clone(&source.name)).collect(),
            idle_timeouts: config.sources.iter().map(|source| source.idle_timeout).collect(),
            snapshot_interval: config.state.snapshot_interval.to_std(),
            outbox_limit: OUTBOX_LIMIT,
            drain_deadline: Duration::from_secs(10),
        },
        sinks,
        receipts,
        store,
        dead_letters,
        offsets: Arc::clone(&offsets),
        metrics: Arc::clone(&metrics),
        status,
        runtime: runtime.handle().clone(),
    })?;
    let _reloader = (!options.rule_texts.is_empty())
        .then(|| Reloader { watchers, changes, metrics, tables }.start(config, options));
    let lookup: OffsetLookup =
        Arc::new(move |topic, partition| offsets.lock().ok()?.get(&(topic.to_owned(), partition)).copied());
    let wanted =
        (0_u32..).zip(&config.sources).map(|(index, source)| (source.connection.clone(), source.subscription(index)));
    let (sources, events) = SourceSet::start(wanted, &lookup, &options.kafka)?;
    Ok(live.run(sources, &events, stop, observe)?)
}

fn limits(config: &Config) -> Limits {
    Limits {
        groups_per_rule: config.correlate.groups_per_rule,
        entries_per_group: config.correlate.entries_per_group,
        reorder: config.correlate.reorder_limit.saturating_mul(config.correlate.shards),
        evidence: config.correlate.evidence,
        told_alerts: config.correlate.told_alerts,
        ..Limits::default()
    }
}

fn open_dead_letters(config: &Config) -> Result<DeadLetters, AppError> {
    match &config.dead_letters {
        DeadLetterTarget::File(path) => Ok(DeadLetters::file(path)?),
        DeadLetterTarget::Topic(topic) => {
            let connection = config.kafka.as_ref().ok_or(AppError::NoCluster)?;
            Ok(DeadLetters::Topic(TopicWriter::new(client_settings(connection), topic)?))
        }
    }
}

fn core_sources(config: &Config, tables: &Lookups) -> Vec<CoreSource> {
    config.sources.iter().map(|source| core_source(source, tables)).collect()
}

/// The tables that the events of a source are joined with, in the versions that are in use.
fn enrichments(source: &SourceConfig, tables: &Lookups) -> Vec<Enrichment> {
    let joined = |enrich: &EnrichConfig| {
        let columns: Vec<&str> = enrich.fields.iter().map(|(column, _)| column.as_str()).collect();
        let (table, missing) = tables.get(&enrich.lookup)?.join(enrich.column.as_deref(), &columns);
        for column in missing {
            tracing::warn!(
                source = %source.name,
                lookup = enrich.lookup,
                column,
                "the lookup table has no such column, events get nothing from it"
            );
        }
        Some(Enrichment {
            key: enrich.key.clone(),
            table: Arc::new(table),
            fields: enrich.fields.iter().map(|(_, field)| field.clone()).collect(),
            overrides: enrich.overrides,
        })
    };
    source.enrich.iter().filter_map(joined).collect()
}

fn core_source(source: &SourceConfig, tables: &Lookups) -> CoreSource {
    let format = source.format;
    let defaults = DecoderSettings::default();
    let own = source.logsource.clone();
    let logsources: Vec<LogSource<'static>> = match (&own, format) {
        // plain JSON may name its own log source in every event
        (_, Format::Auto | Format::Json) => Vec::new(),
        _ => known_logsources(format),
    };
    CoreSource {
        spec: SourceSpec { name: source.name.to_string(), lateness: source.lateness, logsources },
        decoder: DecoderSettings {
            format,
            time_fields: source.time_fields.clone(),
            id_fields: if source.id_fields.is_empty() { defaults.id_fields } else { source.id_fields.clone() },
            logsource: own.unwrap_or_default(),
            enrich: enrichments(source, tables),
            ..DecoderSettings::default()
        },
        max_future_skew: source.max_future_skew,
    }
}
