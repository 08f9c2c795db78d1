//! A panel with documents as a saved search: the only object of a dashboard that stands beside it and not in it.

use serde_json::{Value, json};

use super::super::condition::{KQL, written};
use super::super::{Documents, Panel, Source};
use super::{object, reference};

/// Where the saved search keeps its data view.
const INDEX: &str = "kibanaSavedObjectMeta.searchSourceJSON.index";

/// The id of the saved search of a panel.
pub(super) fn search_id(dashboard: &str, panel: &str) -> String {
    format!("clarion-{dashboard}-{panel}")
}

/// The saved search.
pub(super) fn search(dashboard: &str, panel: &Panel, documents: &Documents) -> Value {
    let search_source = json!({
        "query": {"query": written(&documents.conditions, KQL, str::to_owned), "language": "kuery"},
        "filter": [],
        "indexRefName": INDEX,
    });
    let attributes = json!({
        "title": format!("Clarion: {}", panel.title),
        "description": panel.note.as_deref().unwrap_or_default(),
        "columns": documents.columns,
        "sort": [[Source::TIME, "desc"]],
        "grid": {},
        "hideChart": true,
        "isTextBasedQuery": false,
        "timeRestore": false,
        "kibanaSavedObjectMeta": {"searchSourceJSON": search_source.to_string()},
    });
    let references = vec![reference(INDEX, "index-pattern", documents.source.data_view())];
    object("search", "8.0.0", &search_id(dashboard, &panel.id), &attributes, &references)
}
