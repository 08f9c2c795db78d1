//! The program's own log and its admin endpoint.

use schemars::JsonSchema;
use serde::Deserialize;

/// Health, readiness and metrics over HTTP.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdminSection {
    /// Address and port to listen on. It has no authentication: keep it on the loopback or inside the
    /// cluster. `off` does without it.
    pub listen: Option<String>,
}

/// The program's own log, on standard error.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogSection {
    /// How a line looks.
    pub format: Option<LogFormat>,
    /// Least severe level that is written, or a list of `target=level` directives.
    pub level: Option<String>,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}
