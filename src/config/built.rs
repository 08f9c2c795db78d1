//! What the program uses: complete, checked, secrets fetched, paths resolved.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::decode::Format;
use crate::model::{LogSource, Secret, Span};
use crate::source::{KafkaConnection, Start, TopicSubscription};
use crate::telemetry::LogFormat;

/// The whole configuration of `clarion run`.
#[derive(Debug, Clone)]
pub struct Config {
    /// Files and folders with rules.
    pub rules: Vec<PathBuf>,
    /// Where lookup tables come from, by the name that placeholders have.
    pub lookups: BTreeMap<String, LookupSource>,
    /// How changed rules are taken up.
    pub reload: ReloadConfig,
    /// The cluster under `kafka`, if it names brokers: for the dead-letter topic and the signals.
    pub kafka: Option<KafkaConnection>,
    /// In the order of the file; a source's index is its number in signals and metrics.
    pub sources: Vec<SourceConfig>,
    /// Durable state.
    pub state: StateConfig,
    /// The correlate stage.
    pub correlate: CorrelateConfig,
    /// Where unusable records go.
    pub dead_letters: DeadLetterTarget,
    /// Sinks as they were typed, checked by the sinks themselves.
    pub sinks: Vec<RawSink>,
    /// The admin endpoint.
    pub admin: AdminConfig,
    /// The console; `None` when it is off.
    pub console: Option<ConsoleConfig>,
    /// The program's own log.
    pub log: LogConfig,
}

/// Where a lookup table comes from.
#[derive(Debug, Clone)]
pub enum LookupSource {
    /// A file.
    File {
        /// The file.
        path: PathBuf,
        /// How often it is read again; `None` for only when told to.
        refresh: Option<Span>,
    },
    /// An address.
    Http(HttpLookup),
    /// A compacted topic.
    Topic(TopicLookup),
}

/// A lookup table at an address.
#[derive(Debug, Clone)]
pub struct HttpLookup {
    /// The address.
    pub url: String,
    /// How often it is asked again.
    pub refresh: Span,
    /// How long one request may take.
    pub request_timeout: Span,
    /// Credentials.
    pub auth: Option<HttpAuth>,
    /// PEM file of the only authorities that are trusted.
    pub ca_file: Option<PathBuf>,
}

/// Credentials of an address.
#[derive(Debug, Clone)]
pub enum HttpAuth {
    /// User and password.
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: Secret,
    },
    /// Bearer token.
    Bearer(Secret),
}

/// A lookup table in a compacted topic.
#[derive(Debug, Clone)]
pub struct TopicLookup {
    /// The topic.
    pub topic: String,
    /// The cluster.
    pub connection: KafkaConnection,
}

/// How changed rules are taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReloadConfig {
    /// Whether rule files are looked at again and again.
    pub watch_rules: bool,
    /// How often.
    pub interval: Span,
}

/// One source.
#[derive(Debug, Clone)]
pub struct SourceConfig {
    /// Unique name.
    pub name: Arc<str>,
    /// How its records are read.
    pub format: Format,
    /// How far behind the newest event one may arrive.
    pub lateness: Span,
    /// How long at the end before the watermark follows the clock.
    pub idle_timeout: Span,
    /// How far in the future an event may be.
    pub max_future_skew: Span,
    /// Fields with the event's time; empty for the format's own.
    pub time_fields: Vec<String>,
    /// Fields with the event's id; empty for the format's own.
    pub id_fields: Vec<String>,
    /// Log source of events that do not name theirs.
    pub logsource: Option<LogSource<'static>>,
    /// Fields that its events get from lookup tables, one table after the other.
    pub enrich: Vec<EnrichConfig>,
    /// Topic names and `^patterns`.
    pub topics: Vec<String>,
    /// Where to begin without a snapshot.
    pub start: Start,
    /// The cluster.
    pub connection: KafkaConnection,
}

impl SourceConfig {
    /// What the Kafka consumer needs to know of it; `source` is its index in [`Config::sources`].
    #[must_use]
    pub fn subscription(&self, source: u32) -> TopicSubscription {
        TopicSubscription { source, name: Arc::clone(&self.name), topics: self.topics.clone(), start: self.start }
    }
}

/// A lookup table that the events of a source are joined with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrichConfig {
    /// Name of the table.
    pub lookup: String,
    /// The field of the event whose value is looked for.
    pub key: String,
    /// The column in which it is looked for; `None` for the first.
    pub column: Option<String>,
    /// Columns, and the fields that their values become.
    pub fields: Vec<(String, String)>,
    /// What the event has itself is replaced.
    pub overrides: bool,
}

/// Durable state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateConfig {
    /// Folder for snapshots.
    pub directory: PathBuf,
    /// Time between snapshots.
    pub snapshot_interval: Span,
}

/// Size and bounds of the correlate stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CorrelateConfig {
    /// Number of shards, at least 1.
    pub shards: usize,
    /// Most events in a shard's reorder buffer.
    pub reorder_limit: usize,
    /// Most groups a rule and shard.
    pub groups_per_rule: usize,
    /// Most events in a group's window.
    pub entries_per_group: usize,
    /// Most alerts that other rules were told of and that may still be taken back.
    pub told_alerts: usize,
    /// Most events as evidence of an alert.
    pub evidence: usize,
}

/// Where unusable records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadLetterTarget {
    /// A file of JSON lines, appended to.
    File(PathBuf),
    /// A topic of [`Config::kafka`].
    Topic(String),
}

/// One entry of `sinks` as it was typed.
#[derive(Debug, Clone, PartialEq)]
pub struct RawSink {
    /// Its path for messages, such as `sinks[0]`.
    pub path: String,
    /// Its `type`.
    pub kind: String,
    /// All its keys, `type` included.
    pub value: serde_json::Value,
}

/// The admin endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdminConfig {
    /// Address and port; `None` to do without.
    pub listen: Option<SocketAddr>,
}

/// The console.
#[derive(Debug, Clone)]
pub struct ConsoleConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// What who wants in must know; there is one unless the address is the loopback.
    pub token: Option<Secret>,
    /// Folder of the history.
    pub store: PathBuf,
    /// How long an alert is kept after it was first seen, and how far back values go from the newest one.
    pub keep_age: Span,
    /// Most alerts.
    pub keep_alerts: usize,
    /// Most values of metrics.
    pub keep_values: usize,
    /// Folder into which exceptions are written.
    pub exceptions: Option<PathBuf>,
    /// How far in the future an exception may end.
    pub longest_exception: Span,
}

/// The program's own log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// How a line looks.
    pub format: LogFormat,
    /// Filter directives, such as `info` or `clarion=debug,rdkafka=warn`.
    pub level: String,
}
