//! What every rule document says about itself: title, id, level, tags, and the keys for the person who is woken up. All of
//! Sigma's top-level fields are read or at least checked; any other key there is the author's own.

mod date;
mod related;
mod tag;

use super::keys::Keys;
use super::yaml::Place;
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

/// Longest title, name and taxonomy, in characters (JSON Schema of Sigma 2.1.0).
const MAX_TITLE: usize = 256;
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 65_535;

/// Every key that means something at the top level, for suggestions.
const KNOWN: [&str; 32] = [
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "logsource",
    "detection",
    "correlation",
    "filter",
    "fields",
    "falsepositives",
    "level",
    "tags",
    "scope",
    "generate",
    "sigma-version",
    "action",
    "triage",
    "dialect",
    "tests",
    "risk",
    "metric",
    "expires",
    "reason",
    "owner",
];

/// Reads the metadata of a document.
pub(super) fn read(keys: &mut Keys<'_, '_>) -> Meta {
    keys.warn_misspelt(&KNOWN);
    let title = bounded(keys, "title", MAX_TITLE, "title-too-long");
    if keys.get("title").is_none() {
        let help = "add `title:`, a short sentence that names what was found".to_owned();
        keys.diagnostics.error(keys.place, "missing-title", "a rule needs a `title`", Some(help));
    } else if title.as_deref().is_some_and(|title| title.trim().is_empty()) {
        let place = place_of(keys, "title");
        let help = "write a short sentence that names what was found".to_owned();
        keys.diagnostics.error(place, "missing-title", "the `title` is empty", Some(help));
    }
    let id = keys.text("id").map(str::to_owned);
    if let Some(id) = id.as_deref().filter(|id| !looks_like_uuid(id)) {
        let place = place_of(keys, "id");
        keys.diagnostics.warning(place, "id-not-uuid", format!("the id `{id}` is not a UUID"), None);
    }
    let levels: Vec<(&'static str, Level)> = Level::ALL.iter().map(|level| (level.name(), *level)).collect();
    let statuses = ["stable", "test", "experimental", "deprecated", "unsupported"].map(|status| (status, status));
    let _ = bounded(keys, "taxonomy", MAX_TITLE, "text-too-long");
    let _ = keys.text("license");
    let _ = keys.texts("scope");
    check_version(keys);
    date::check(keys, "date");
    date::check(keys, "modified");
    related::check(keys);
    tag::check(keys);
    for list in ["references", "tags", "falsepositives", "fields", "scope"] {
        warn_repeated(keys, list);
    }
    Meta {
        title: title.unwrap_or_default(),
        id,
        name: bounded(keys, "name", MAX_TITLE, "text-too-long"),
        status: keys.word("status", &statuses).map(str::to_owned),
        description: bounded(keys, "description", MAX_DESCRIPTION, "text-too-long")
            .map(|text| text.trim_end().to_owned()),
        author: keys.text("author").map(str::to_owned),
        references: keys.strings("references"),
        tags: keys.strings("tags"),
        falsepositives: keys.strings("falsepositives"),
        fields: keys.strings("fields"),
        triage: keys.strings("triage"),
        level: keys.word("level", &levels),
    }
}

fn place_of(keys: &Keys<'_, '_>, key: &str) -> Place {
    keys.get(key).map_or(keys.place, |node| node.place)
}

/// A text that the specification gives a greatest length.
fn bounded(keys: &mut Keys<'_, '_>, key: &'static str, most: usize, code: &'static str) -> Option<String> {
    let text = keys.text(key)?;
    if text.chars().count() > most {
        let message = format!("`{key}` has at most {most} characters");
        let place = place_of(keys, key);
        keys.diagnostics.error(place, code, message, None);
    }
    Some(text.to_owned())
}

/// Major version of Sigma that a rule is written for (enhancement proposal 213); without one it is 2.
fn check_version(keys: &mut Keys<'_, '_>) {
    let Some(text) = keys.text("sigma-version") else { return };
    if !matches!(major(text), Some(2 | 3)) {
        let place = place_of(keys, "sigma-version");
        let message = format!("`sigma-version: {text}` is none that this engine reads");
        keys.diagnostics.error(
            place,
            "unknown-sigma-version",
            message,
            Some("write 2 or 3, or leave it out".to_owned()),
        );
    }
}

/// The major version that a `sigma-version` names.
pub(super) fn major(text: &str) -> Option<u32> {
    text.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// Lists in which the specification wants every item once.
fn warn_repeated(keys: &mut Keys<'_, '_>, key: &str) {
    let Some(items) = keys.get(key).and_then(|node| node.sequence()) else { return };
    let mut seen = foldhash::HashSet::<&str>::default();
    for item in items {
        if let Some(text) = item.text().filter(|text| !seen.insert(text)) {
            let message = format!("`{key}` has `{text}` twice");
            keys.diagnostics.warning(item.place, "repeated-item", message, None);
        }
    }
}

fn looks_like_uuid(id: &str) -> bool {
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
