//! The formats that a source can be configured with, and the logs that their events belong to.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::LogSource;

use super::producer;

/// What the bytes of a source are.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// The envelope or the shape of each record decides; what has no unmistakable shape is plain JSON.
    #[default]
    Auto,
    /// Webhook deliveries of an MLflow model registry.
    MlflowWebhook,
    /// Decision log events of Open Policy Agent, one or an array of them.
    OpaDecisionLog,
    /// Reports, test suites and snapshots of Evidently, both generations.
    Evidently,
    /// Commits of a signed decision repository, as JSON lines of `git log`.
    GitDecisionLog,
    /// JSON lines of which each holds the hash of its predecessor.
    ChainedDecisionLog,
    /// Webhooks of Jira.
    Jira,
    /// Event pushes and table records of ServiceNow.
    #[serde(alias = "servicenow")]
    ServiceNow,
    /// Plain JSON objects, read as they are.
    Json,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Auto,
        Self::MlflowWebhook,
        Self::OpaDecisionLog,
        Self::Evidently,
        Self::GitDecisionLog,
        Self::ChainedDecisionLog,
        Self::Jira,
        Self::ServiceNow,
        Self::Json,
    ];

    /// The word used in configuration files.
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

impl std::fmt::Display for Format {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no format: write one of {names}", names = Format::ALL.map(Format::name).join(", "))]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if word == "servicenow" {
            return Ok(Self::ServiceNow);
        }
        Self::ALL.into_iter().find(|format| format.name() == word).ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

/// The logs that a source of this format can yield events of. Empty for [`Format::Auto`] and [`Format::Json`], whose
/// events can belong to anything.
#[must_use]
pub fn known_logsources(format: Format) -> Vec<LogSource<'static>> {
    producer::of(format).map(|producer| producer.logsource.clone()).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_everywhere() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
        }
        assert_eq!("servicenow".parse(), Ok(Format::ServiceNow));
        assert!("xml".parse::<Format>().unwrap_err().to_string().contains("mlflow_webhook"));
    }
}
