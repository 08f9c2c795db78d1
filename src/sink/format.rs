//! In whose words a sink delivers alerts. Values of series are ECS documents in every format: OCSF has no class for them.

use serde::Deserialize;

/// The format of a sink's alerts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DocumentFormat {
    /// Elastic Common Schema 9; what the shipped dashboards read.
    #[default]
    Ecs,
    /// OCSF 1.8, class Detection Finding.
    Ocsf,
}
