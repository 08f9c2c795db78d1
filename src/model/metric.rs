//! A value of a series that a rule writes for dashboards (RULES S20). Plain data; the document made of it is in `alert`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{AlertId, RuleCard, Timestamp};

/// One value of a series for one group, over the window that ends at its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// The same in every replay: of rule, group and time. It shares its space with alerts, which never have the same.
    pub id: AlertId,
    /// A multiple of the rule's `every`; the window ends there, and holds it.
    pub time: Timestamp,
    /// The rule.
    pub rule: Arc<RuleCard>,
    /// What is measured.
    pub name: String,
    /// What it is counted in.
    pub unit: Option<String>,
    /// Group-by fields (alias names) and canonical values; `None` is a missing value under `missing-key: group`.
    pub group: Vec<(String, Option<String>)>,
    /// The value; `None` where there is none, because there are no events or too few.
    pub value: Option<f64>,
    /// Events in the window.
    pub samples: u64,
    /// Where the window begins; it does not hold that moment.
    pub from: Timestamp,
}
