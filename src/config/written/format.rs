//! The wire formats that a source can be configured with, by name. The decoders themselves are elsewhere; this list
//! only makes a misspelt name a configuration error.

use schemars::JsonSchema;
use serde::Deserialize;

/// How the records of a source are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormatName {
    /// By the envelope: CloudEvents type, headers, or the body's own shape.
    Auto,
    /// MLflow registry webhook.
    MlflowWebhook,
    /// OPA decision log, one decision or an array of them.
    OpaDecisionLog,
    /// Evidently report, both generations.
    Evidently,
    /// Signed git commits as JSON lines.
    GitDecisionLog,
    /// Hash-chained decision log.
    ChainedDecisionLog,
    /// Jira webhook.
    Jira,
    /// ServiceNow event.
    ServiceNow,
    /// Canonical or plain JSON.
    Json,
}

impl FormatName {
    /// The name as the configuration writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::MlflowWebhook => "mlflow_webhook",
            Self::OpaDecisionLog => "opa_decision_log",
            Self::Evidently => "evidently",
            Self::GitDecisionLog => "git_decision_log",
            Self::ChainedDecisionLog => "chained_decision_log",
            Self::Jira => "jira",
            Self::ServiceNow => "service_now",
            Self::Json => "json",
        }
    }
}
