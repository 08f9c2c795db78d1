//! What an operator types, field by field as it stands in the file. Every field is optional here: the shipped defaults
//! fill most of them, and [`super::load`] says which one is missing. The doc comments are the reference documentation:
//! they become the schema's descriptions and the table in `docs/configuration.md`.

mod console;
mod correlate;
mod dead_letters;
mod enrich;
mod kafka;
mod log;
mod lookup;
mod reload;
mod scalar;
mod secret;
mod source;
mod state;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub use console::{ConsoleKeepSection, ConsoleSection};
pub use correlate::CorrelateSection;
pub use dead_letters::DeadLettersSection;
pub use enrich::EnrichSection;
pub use kafka::{KafkaSection, Protocol, SaslMechanism, SaslSection, SecuritySection};
pub use log::{AdminSection, LogFormat, LogSection};
pub use lookup::{LookupAuth, LookupEntry, LookupSection, LookupTls, LookupTopicSection, LookupUser};
pub use reload::ReloadSection;
pub use scalar::{DurationText, OptionText};
pub use secret::SecretRef;
pub use source::{LogSourceSection, SourceDefaults, SourceKind, SourceSection, StartAt};
pub use state::StateSection;

/// Configuration of `clarion run`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Clarion configuration")]
pub struct Written {
    /// Files and folders with rules; folders are searched for `.yml` and `.yaml`. Relative paths start at the folder of the configuration file.
    pub rules: Option<Vec<String>>,
    /// Tables that placeholders of rules stand for, by name: CSV with a header line, YAML or JSON, or one value a line. Each is the path of a file, or a map of these keys.
    pub lookups: Option<BTreeMap<String, LookupEntry>>,
    /// How changed rule files are taken up without a restart.
    pub reload: Option<ReloadSection>,
    /// The Kafka cluster of all sources that do not name their own brokers.
    pub kafka: Option<KafkaSection>,
    /// What a source has that does not say otherwise.
    pub source_defaults: Option<SourceDefaults>,
    /// Where events come from.
    pub sources: Option<Vec<SourceSection>>,
    /// Where snapshots are kept and how often they are taken.
    pub state: Option<StateSection>,
    /// Size and bounds of the correlate stage.
    pub correlate: Option<CorrelateSection>,
    /// Where records go that cannot be used, with the reason.
    pub dead_letters: Option<DeadLettersSection>,
    /// Where alerts go; each entry has a `type` and that sink's own keys. The name `console` is taken.
    pub sinks: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
    /// Health, readiness and metrics over HTTP.
    pub admin: Option<AdminSection>,
    /// A page for people, and its interface over HTTP.
    pub console: Option<ConsoleSection>,
    /// The program's own log, on standard error.
    pub log: Option<LogSection>,
}
