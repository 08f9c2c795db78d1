//! Where a template is: written in the configuration, or in a file.

use std::path::PathBuf;

use serde::Deserialize;

/// A template: its text, or `{file: PATH}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "a template's text, or {file: PATH}")]
pub enum TemplateSource {
    /// The text itself.
    Text(String),
    /// A file that holds it.
    File {
        /// The path.
        file: PathBuf,
    },
}
