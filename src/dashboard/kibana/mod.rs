//! Kibana: saved objects for 8.x and 9.x in one file to import, and a file for each dashboard for the Dashboards API of 9.5.
//! Both show the same panels over the same data views.

mod api;
mod columns;
mod controls;
mod data_view;
mod documents;
#[cfg(feature = "live")]
pub mod import;
mod lens;
mod markdown;
mod saved_objects;

use serde_json::{Value, json};

use super::{Artefact, Description};

pub use api::dashboard as api_dashboard;
pub use saved_objects::objects;

/// The version of Kibana's migrations that each kind of object is written for: old enough for every Kibana since 8.8, new
/// enough that none of its migrations touches what is written here.
const CORE_VERSION: &str = "8.8.0";

/// The file with all saved objects.
pub const SAVED_OBJECTS: &str = "kibana/clarion.ndjson";

/// The id of a dashboard in Kibana, and in its address.
pub(super) fn dashboard_id(id: &str) -> String {
    format!("clarion-{id}")
}

/// A saved object of that type and version.
fn object(kind: &str, version: &str, id: &str, attributes: &Value, references: &[Value]) -> Value {
    json!({
        "type": kind,
        "id": id,
        "attributes": attributes,
        "references": references,
        "managed": false,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": version,
    })
}

/// A reference to another object.
fn reference(name: &str, kind: &str, id: &str) -> Value {
    json!({"name": name, "type": kind, "id": id})
}

/// Objects as lines.
#[must_use]
pub fn ndjson(objects: &[Value]) -> String {
    objects.iter().map(|object| format!("{object}\n")).collect()
}

/// All files for Kibana.
#[must_use]
pub fn files(description: &Description) -> Vec<Artefact> {
    let views: Vec<Value> = data_view::objects();
    let mut files = vec![
        Artefact { path: SAVED_OBJECTS.to_owned(), text: ndjson(&objects(description)) },
        Artefact { path: "kibana/api/data-views.ndjson".to_owned(), text: ndjson(&views) },
    ];
    files.extend(description.dashboards.iter().map(|dashboard| Artefact {
        path: format!("kibana/api/{}.json", dashboard_id(&dashboard.id)),
        text: format!("{:#}\n", api::dashboard(dashboard, description)),
    }));
    files
}
