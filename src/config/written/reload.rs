//! Rules that change while the program runs.

use schemars::JsonSchema;
use serde::Deserialize;

use super::DurationText;

/// How changed rule files are taken up without a restart. SIGHUP always does it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReloadSection {
    /// Whether changed rule files are also taken up without a signal.
    pub watch_rules: Option<bool>,
    /// How often they are looked at then.
    pub interval: Option<DurationText>,
}
