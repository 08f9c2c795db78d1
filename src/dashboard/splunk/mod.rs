//! Splunk: an app with a Dashboard Studio view for each dashboard, the knowledge that searches need (source types, CIM, macros)
//! and saved searches. It reads what the HEC sink writes, from any index.

mod configuration;
mod fields;
pub mod package;
mod saved_searches;
mod search;
mod view;

use super::{Artefact, Description};

/// The folder and id of the app.
pub const APP: &str = "clarion_app";

/// The files of the app, with paths below its folder.
#[must_use]
pub fn app(description: &Description) -> Vec<Artefact> {
    let mut files = configuration::files(description);
    files.push(saved_searches::file());
    files.extend(description.dashboards.iter().map(|dashboard| Artefact {
        path: format!("default/data/ui/views/{}.xml", view_name(&dashboard.id)),
        text: view::xml(dashboard, description),
    }));
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// The name of the view of a dashboard, and its address.
fn view_name(id: &str) -> String {
    format!("clarion_{}", id.replace('-', "_"))
}
