//! Settings of the standard output sink.

use serde::Deserialize;

use crate::sink::DocumentFormat;

/// JSON lines on standard output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StdoutConfig {
    /// Name in logs, metrics and health; `stdout` if absent.
    pub name: Option<String>,
    /// Format of the alerts: `ecs` or `ocsf`.
    pub format: DocumentFormat,
}
