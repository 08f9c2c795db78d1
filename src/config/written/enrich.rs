//! Fields that the events of a source get from lookup tables.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// A lookup table that the events of a source are joined with, before rules see them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrichSection {
    /// Name of the table under `lookups`.
    pub lookup: Option<String>,
    /// The field of the event whose value is looked for, by its canonical name.
    pub key: Option<String>,
    /// The column of the table in which it is looked for, as it is spelled; the first column without this.
    pub column: Option<String>,
    /// Which columns of the row become which fields: `column: field`.
    pub fields: Option<BTreeMap<String, String>>,
    /// Whether a field that the event has itself is replaced.
    #[serde(rename = "override")]
    pub overrides: Option<bool>,
}
