//! Planted against found.

use std::collections::BTreeSet;

use super::generator::Planted;
use crate::model::{Alert, AlertStatus};

/// An alert as the verdict compares it: rule name and group values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Name of the rule.
    pub rule: String,
    /// Values of the group, in the order of the rule.
    pub group: Vec<String>,
}

impl Found {
    /// What an alert found; `None` for retracted ones.
    #[must_use]
    pub fn of(alert: &Alert) -> Option<Self> {
        let rule = alert.rule.name.clone().unwrap_or_else(|| alert.rule.id.clone());
        let group = alert.group.iter().map(|(_, value)| value.clone().unwrap_or_default()).collect();
        (alert.status != AlertStatus::Retracted).then_some(Self { rule, group })
    }
}

/// The comparison.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Planted incidents that were found.
    pub found: Vec<Planted>,
    /// Planted incidents that were not.
    pub missed: Vec<Planted>,
    /// Near misses that rightly raised nothing.
    pub quiet: Vec<Planted>,
    /// Alerts that nobody planted.
    pub unexpected: Vec<Found>,
}

impl Verdict {
    /// Holds the alerts against what was planted.
    #[must_use]
    pub fn of(planted: &[Planted], alerts: &BTreeSet<Found>) -> Self {
        let mut verdict = Self::default();
        let mut explained = BTreeSet::new();
        for one in planted {
            let wanted = Found {
                rule: one.incident.to_owned(),
                group: one.key.iter().map(|(_, value)| value.clone()).collect(),
            };
            let raised = alerts.contains(&wanted);
            if one.near_miss {
                verdict.quiet.push(one.clone());
                continue;
            }
            if raised {
                explained.insert(wanted);
                verdict.found.push(one.clone());
            } else {
                verdict.missed.push(one.clone());
            }
        }
        verdict.unexpected = alerts.difference(&explained).cloned().collect();
        verdict
    }

    /// Whether everything planted was found and nothing else.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.missed.is_empty() && self.unexpected.is_empty()
    }
}
