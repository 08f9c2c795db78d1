//! Reading typed values out of a YAML map, with a finding for each that is missing, of the wrong type, or unknown.

use super::diagnostic::{Diagnostics, suggest};
use super::yaml::{Node, Place};
use crate::model::Span;

/// A map and the findings about it.
pub(super) struct Keys<'a, 'd> {
    pub(super) entries: &'a [(Node, Node)],
    pub(super) place: Place,
    pub(super) diagnostics: &'d mut Diagnostics,
}

impl<'a, 'd> Keys<'a, 'd> {
    /// Looks at a node as a map; a finding when it is something else.
    pub(super) fn of(node: &'a Node, what: &str, diagnostics: &'d mut Diagnostics) -> Option<Self> {
        if let Some(entries) = node.mapping() {
            return Some(Self { entries, place: node.place, diagnostics });
        }
        diagnostics.error(node.place, "wrong-type", format!("{what} must be a map, not {}", node.kind()), None);
        None
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    pub(super) fn wrong(&mut self, place: Place, key: &str, wanted: &str, kind: &str) {
        self.diagnostics.error(place, "wrong-type", format!("`{key}` must be {wanted}, not {kind}"), None);
    }

    /// An optional text.
    pub(super) fn text(&mut self, key: &str) -> Option<&'a str> {
        let node = self.get(key)?;
        let text = node.text().filter(|_| !node.is_null());
        if text.is_none() {
            self.wrong(node.place, key, "a text", node.kind());
        }
        text
    }

    /// An optional list of texts; a single text counts as a list of one.
    pub(super) fn texts(&mut self, key: &str) -> Vec<(&'a str, Place)> {
        let Some(node) = self.get(key) else { return Vec::new() };
        if let Some(text) = node.text() {
            if node.is_null() {
                return Vec::new();
            }
            return vec![(text, node.place)];
        }
        let Some(items) = node.sequence() else {
            self.wrong(node.place, key, "a list of texts", node.kind());
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items {
            match item.text() {
                Some(text) => texts.push((text, item.place)),
                None => self.wrong(item.place, key, "a list of texts", item.kind()),
            }
        }
        texts
    }

    /// An optional list of texts without their places.
    pub(super) fn strings(&mut self, key: &str) -> Vec<String> {
        self.texts(key).into_iter().map(|(text, _)| text.to_owned()).collect()
    }

    /// An optional duration.
    pub(super) fn span(&mut self, key: &str) -> Option<Span> {
        let text = self.text(key)?;
        match Span::parse(text) {
            Ok(span) => Some(span),
            Err(error) => {
                let place = self.get(key).map_or(self.place, |node| node.place);
                self.diagnostics.error(place, "bad-duration", format!("`{key}`: {error}"), None);
                None
            }
        }
    }

    /// An optional whole number, at least one.
    pub(super) fn count(&mut self, key: &str) -> Option<u64> {
        let node = self.get(key)?;
        let count = node.text().and_then(|text| text.parse::<u64>().ok()).filter(|count| *count > 0);
        if count.is_none() {
            self.wrong(node.place, key, "a whole number of at least 1", node.kind());
        }
        count
    }

    /// An optional boolean.
    pub(super) fn boolean(&mut self, key: &str) -> Option<bool> {
        let node = self.get(key)?;
        let value = node.boolean();
        if value.is_none() {
            self.wrong(node.place, key, "true or false", node.kind());
        }
        value
    }

    /// An optional word out of a fixed set.
    pub(super) fn word<T: Copy>(&mut self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let place = self.get(key).map_or(self.place, |node| node.place);
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let help = suggest(text, names.iter().copied());
        let message = format!("`{key}: {text}` is none of {}", names.join(", "));
        self.diagnostics.error(place, "unknown-value", message, help);
        None
    }

    /// A warning for every key that is nearly one of `known`, where any other key is the author's own.
    pub(super) fn warn_misspelt(&mut self, known: &[&str]) {
        for (key, _) in self.entries {
            let name = key.text().unwrap_or_default();
            let near = known.iter().copied().filter(|near| name.len() > 3 && self.get(near).is_none());
            if !known.contains(&name)
                && let Some(help) = suggest(name, near)
            {
                let message = format!("`{name}` means nothing here");
                self.diagnostics.warning(key.place, "misspelt-key", message, Some(help));
            }
        }
    }

    /// A finding for every key that is not in `known`.
    pub(super) fn refuse_unknown(&mut self, what: &str, known: &[&str]) {
        for (key, _) in self.entries {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                let help = suggest(name, known.iter().copied());
                self.diagnostics.error(key.place, "unknown-key", format!("`{name}` is not a key of {what}"), help);
            }
        }
    }
}
