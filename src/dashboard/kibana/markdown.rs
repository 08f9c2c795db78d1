//! A panel with text, and links that stay in the reader's space.

use serde_json::{Value, json};

use super::super::{Description, Markdown, Panel};
use super::dashboard_id;

/// The text with its links.
pub(super) fn text(markdown: &Markdown, description: &Description) -> String {
    let links: Vec<String> = markdown
        .links
        .iter()
        .filter_map(|id| description.dashboard(id))
        .map(|dashboard| format!("[{}](#/view/{})", dashboard.title, dashboard_id(&dashboard.id)))
        .collect();
    let text = markdown.text.trim();
    if links.is_empty() { text.to_owned() } else { format!("{text}\n\n{}", links.join(" · ")) }
}

/// The visualization, kept in the dashboard.
pub(super) fn saved_visualization(panel: &Panel, markdown: &Markdown, description: &Description) -> Value {
    json!({
        "type": "markdown",
        "id": "",
        "title": panel.title,
        "description": "",
        "params": {"fontSize": 12, "openLinksInNewTab": false, "markdown": text(markdown, description)},
        "uiState": {},
        "data": {"aggs": [], "searchSource": {"query": {"query": "", "language": "kuery"}, "filter": []}},
    })
}
