//! Where durable state is kept.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::DurationText;

/// Where snapshots are kept and how often they are taken.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateSection {
    /// Folder for snapshots; created when missing.
    pub directory: Option<PathBuf>,
    /// Time between snapshots. A restart replays at most this much.
    pub snapshot_interval: Option<DurationText>,
}
