//! The console: the page and its interface over HTTP.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{DurationText, SecretRef};

/// A page for people, and its interface over HTTP: alerts, rules, sources and sinks, with a history of their own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsoleSection {
    /// Address and port to listen on, such as `127.0.0.1:8475`, or `off`. An address that is not the loopback needs a `token`.
    pub listen: Option<String>,
    /// What who wants in must know.
    pub token: Option<SecretRef>,
    /// Folder of the history; `console` under `state.directory` if absent.
    pub store: Option<PathBuf>,
    /// How much of the history is kept.
    pub keep: Option<ConsoleKeepSection>,
    /// Folder into which exceptions are written that people ask for in the console; one that `rules` loads. Without it none are.
    pub exceptions: Option<PathBuf>,
    /// How far in the future such an exception may end.
    pub longest_exception: Option<DurationText>,
}

/// How much of the history is kept.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsoleKeepSection {
    /// How long an alert is kept after it was first seen, and how far back values of metrics go from the newest one.
    pub age: Option<DurationText>,
    /// Most alerts; those with the oldest time go first.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub alerts: Option<u32>,
    /// Most values of metrics; the oldest go first.
    #[schemars(range(min = 1, max = 100_000_000))]
    pub values: Option<u32>,
}
