//! Where records go that cannot be used.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// Where records go that cannot be used, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeadLettersSection {
    /// A file of JSON lines that is appended to.
    File(PathBuf),
    /// A topic of the cluster under `kafka`.
    Topic(String),
}
