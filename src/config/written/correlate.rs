//! Size and bounds of the correlate stage.

use schemars::JsonSchema;
use serde::Deserialize;

/// Size and bounds of the correlate stage. A bound that is reached raises a metric and a system alert.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrelateSection {
    /// Number of shards, one thread each; the number of cores without it.
    #[schemars(range(min = 1, max = 1024))]
    pub shards: Option<u32>,
    /// Most events that wait in a shard's reorder buffer.
    #[schemars(range(min = 1))]
    pub reorder_limit: Option<u32>,
    /// Most groups that a rule keeps state for in a shard.
    #[schemars(range(min = 1))]
    pub groups_per_rule: Option<u32>,
    /// Most events that a group keeps in its window.
    #[schemars(range(min = 1))]
    pub entries_per_group: Option<u32>,
    /// Most alerts that are remembered because rules add them up (`risk`) and they may still be retracted.
    #[schemars(range(min = 1))]
    pub told_alerts: Option<u32>,
    /// Most events that an alert carries as evidence.
    #[schemars(range(min = 1, max = 10000))]
    pub evidence: Option<u32>,
}
