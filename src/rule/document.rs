//! Decides what a YAML document is: a detection, a correlation, or something this version refuses.

use std::sync::Arc;

use super::correlation::{self, Correlation};
use super::detection::{self, Detection};
use super::diagnostic::Diagnostics;
use super::keys::Keys;
use super::meta;
use super::testcase::{self, TestCase};
use super::yaml::{Node, Place};
use crate::model::FieldTable;

/// A rule of a file, before names are resolved.
#[derive(Debug, Clone)]
pub(super) enum Parsed {
    Detection(Detection),
    Correlation(Correlation),
}

/// A document of a rule file.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) file: Arc<str>,
    pub(super) place: Place,
    pub(super) rule: Parsed,
    pub(super) tests: Vec<TestCase>,
}

/// Reads one document; findings go to `diagnostics`.
pub(super) fn read(document: &Node, fields: &mut FieldTable, diagnostics: &mut Diagnostics) -> Option<Document> {
    let errors = diagnostics.errors();
    let mut keys = Keys::of(document, "a rule", diagnostics)?;
    if let Some(dialect) = keys.text("dialect").filter(|dialect| *dialect != "clarion/1") {
        let message = format!("the dialect `{dialect}` is not known");
        let place = keys.get("dialect").map_or(keys.place, |node| node.place);
        keys.diagnostics.error(place, "unknown-dialect", message, Some("write `dialect: clarion/1`".to_owned()));
    }
    for later in ["filter", "metric", "risk"] {
        if let Some((key, _)) = keys.entries.iter().find(|(key, _)| key.text() == Some(later)) {
            let message = format!("`{later}` is not supported by this version");
            keys.diagnostics.error(key.place, "unsupported-key", message, Some("leave it out until it is".to_owned()));
        }
    }
    let meta = meta::read(&mut keys);
    let (is_detection, is_correlation) = (keys.get("detection").is_some(), keys.get("correlation").is_some());
    let place =
        keys.entries.iter().find(|(key, _)| key.text() == Some("title")).map_or(keys.place, |(key, _)| key.place);
    if !is_detection && !is_correlation && keys.get("filter").is_none() {
        let help = "a rule has `detection:`, or `correlation:`".to_owned();
        keys.diagnostics.error(
            keys.place,
            "no-rule",
            "this document is neither a detection nor a correlation",
            Some(help),
        );
    }
    if is_detection && is_correlation {
        let help = "split it into two documents with `---`".to_owned();
        keys.diagnostics.error(
            keys.place,
            "two-rules",
            "a document is a detection or a correlation, not both",
            Some(help),
        );
    }
    let tests = testcase::read(document, diagnostics);
    let rule = if is_correlation {
        correlation::read(document, meta, diagnostics).map(Parsed::Correlation)
    } else {
        detection::read(document, meta, fields, diagnostics).map(Parsed::Detection)
    };
    if diagnostics.errors() > errors {
        return None;
    }
    Some(Document { file: diagnostics.file(), place, rule: rule?, tests })
}

impl Document {
    pub(super) fn meta(&self) -> &meta::Meta {
        match &self.rule {
            Parsed::Detection(detection) => &detection.meta,
            Parsed::Correlation(correlation) => &correlation.meta,
        }
    }
}
