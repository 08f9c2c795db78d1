//! What every rule document says about itself: title, id, level, tags, and the keys for the person who is woken up.

use super::diagnostic::suggest;
use super::keys::Keys;
use crate::model::Level;

/// The metadata of a rule document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meta {
    /// Sigma `title`.
    pub title: String,
    /// Sigma `id`.
    pub id: Option<String>,
    /// Sigma `name`.
    pub name: Option<String>,
    /// Sigma `status`.
    pub status: Option<String>,
    /// Sigma `description`.
    pub description: Option<String>,
    /// Sigma `author`.
    pub author: Option<String>,
    /// Sigma `references`.
    pub references: Vec<String>,
    /// Sigma `tags`.
    pub tags: Vec<String>,
    /// Sigma `falsepositives`.
    pub falsepositives: Vec<String>,
    /// Sigma `fields`: what an analyst wants to see of a matching event.
    pub fields: Vec<String>,
    /// Custom `triage`: what to do when it alerts.
    pub triage: Vec<String>,
    /// Sigma `level`.
    pub level: Option<Level>,
}

impl Meta {
    /// The identity of the rule: id, else name, else title.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.id.as_deref().or(self.name.as_deref()).unwrap_or(&self.title)
    }
}

/// Reads the metadata of a document.
pub(super) fn read(keys: &mut Keys<'_, '_>) -> Meta {
    let title = keys.text("title").map(str::to_owned);
    if title.is_none() && keys.get("title").is_none() {
        let help = "add `title:`, a short sentence that names what was found".to_owned();
        keys.diagnostics.error(keys.place, "missing-title", "a rule needs a `title`", Some(help));
    }
    if title.as_deref().is_some_and(|title| title.chars().count() > 256) {
        let place = keys.get("title").map_or(keys.place, |node| node.place);
        keys.diagnostics.error(place, "title-too-long", "a title has at most 256 characters", None);
    }
    let id = keys.text("id").map(str::to_owned);
    if let Some(id) = id.as_deref().filter(|id| !looks_like_uuid(id)) {
        let place = keys.get("id").map_or(keys.place, |node| node.place);
        keys.diagnostics.warning(place, "id-not-uuid", format!("the id `{id}` is not a UUID"), None);
    }
    let levels: Vec<(&'static str, Level)> = Level::ALL.iter().map(|level| (level.name(), *level)).collect();
    let statuses = ["stable", "test", "experimental", "deprecated", "unsupported"];
    let status = keys.text("status").map(str::to_owned);
    if let Some(unknown) = status.as_deref().filter(|status| !statuses.contains(status)) {
        let place = keys.get("status").map_or(keys.place, |node| node.place);
        let message = format!("`status: {unknown}` is none of {}", statuses.join(", "));
        keys.diagnostics.warning(place, "unknown-value", message, suggest(unknown, statuses));
    }
    Meta {
        title: title.unwrap_or_default(),
        id,
        name: keys.text("name").map(str::to_owned),
        status,
        description: keys.text("description").map(|text| text.trim_end().to_owned()),
        author: keys.text("author").map(str::to_owned),
        references: keys.strings("references"),
        tags: keys.strings("tags"),
        falsepositives: keys.strings("falsepositives"),
        fields: keys.strings("fields"),
        triage: keys.strings("triage"),
        level: keys.word("level", &levels),
    }
}

fn looks_like_uuid(id: &str) -> bool {
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
