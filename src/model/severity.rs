//! How serious an alert is, in Sigma's five levels, and what the sinks write for each.

use serde::{Deserialize, Serialize};

/// A Sigma `level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth a record, no action.
    Informational,
    /// Look when there is time.
    Low,
    /// Look today.
    Medium,
    /// Look now.
    High,
    /// Wake somebody.
    Critical,
}

impl Level {
    /// All levels, mildest first.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The level of that name, in lower case as Sigma writes it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    /// Sigma's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// `event.severity` as Elastic's External Alerts promotion rule maps it: exactly 21, 47, 73 or 99 for low to
    /// critical; informational alerts use low's.
    #[must_use]
    pub fn ecs_severity(self) -> u8 {
        match self {
            Self::Informational | Self::Low => 21,
            Self::Medium => 47,
            Self::High => 73,
            Self::Critical => 99,
        }
    }

    /// The default risk score of an alert of this level (RULES S17): 0, 10, 30, 60, 90.
    #[must_use]
    pub fn risk_score(self) -> u8 {
        match self {
            Self::Informational => 0,
            Self::Low => 10,
            Self::Medium => 30,
            Self::High => 60,
            Self::Critical => 90,
        }
    }
}
