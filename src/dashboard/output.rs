//! Everything that a description is written to.

use super::{Description, grafana, kibana, splunk};

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// Path below the folder of the dashboards, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// All files, in a fixed order. The same description gives the same bytes.
#[must_use]
pub fn artefacts(description: &Description) -> Vec<Artefact> {
    let mut files = kibana::files(description);
    files.extend(grafana::files(description));
    files.extend(
        splunk::app(description)
            .into_iter()
            .map(|file| Artefact { path: format!("splunk/{}/{}", splunk::APP, file.path), text: file.text }),
    );
    files
}
