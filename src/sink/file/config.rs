//! Settings of the file sink.

use std::path::PathBuf;

use serde::Deserialize;

use crate::sink::{ByteSize, DocumentFormat};

/// JSON lines appended to a file, one document each, on disk before the receipt.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// Name in logs, metrics and health; `file` if absent.
    #[serde(default)]
    pub name: Option<String>,
    /// Format of the alerts: `ecs` or `ocsf`.
    #[serde(default)]
    pub format: DocumentFormat,
    /// The file; its folder must exist.
    pub path: PathBuf,
    /// Size from which the file is set aside as `PATH.1`, `PATH.2` and so on, the oldest first; nothing is ever deleted.
    /// Without it, one file grows.
    #[serde(default)]
    pub rotate_at: Option<ByteSize>,
}

impl FileConfig {
    pub(in crate::sink) fn fault(&self) -> Option<(&'static str, String)> {
        let nameless = self.path.file_name().is_none();
        nameless.then(|| ("path", format!("`{}` names no file", self.path.display())))
    }
}
