//! Decides what a YAML document is: a detection, a correlation, a filter, or something this version refuses.

use std::sync::Arc;

use super::correlation::{self, Correlation};
use super::detection::{self, Detection};
use super::diagnostic::Diagnostics;
use super::filter::{self, Filter};
use super::keys::Keys;
use super::lookup::Lookups;
use super::meta;
use super::risk::{self, Risk};
use super::selection::Compiler;
use super::testcase::{self, TestCase};
use super::yaml::{Node, Place};
use crate::model::FieldTable;

/// A rule of a file, before names are resolved.
#[derive(Debug, Clone)]
pub(super) enum Parsed {
    Detection(Detection),
    Correlation(Correlation),
    Filter(Filter),
}

/// A document of a rule file.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) file: Arc<str>,
    pub(super) place: Place,
    pub(super) rule: Parsed,
    pub(super) risk: Option<Risk>,
    pub(super) tests: Vec<TestCase>,
}

/// Reads one document; findings go to `diagnostics`.
pub(super) fn read(
    document: &Node,
    fields: &mut FieldTable,
    lookups: &Lookups,
    diagnostics: &mut Diagnostics,
) -> Option<Document> {
    let errors = diagnostics.errors();
    let mut keys = Keys::of(document, "a rule", diagnostics)?;
    if let Some(dialect) = keys.text("dialect").filter(|dialect| *dialect != "clarion/1") {
        let message = format!("the dialect `{dialect}` is not known");
        let place = keys.get("dialect").map_or(keys.place, |node| node.place);
        keys.diagnostics.error(place, "unknown-dialect", message, Some("write `dialect: clarion/1`".to_owned()));
    }
    if keys.get("correlation").is_none()
        && let Some((key, _)) = keys.entries.iter().find(|(key, _)| key.text() == Some("metric"))
    {
        let help = "write a correlation with `type: event_count` over this rule".to_owned();
        keys.diagnostics.error(key.place, "key-without-effect", "`metric` belongs to correlations", Some(help));
    }
    let meta = meta::read(&mut keys);
    let place =
        keys.entries.iter().find(|(key, _)| key.text() == Some("title")).map_or(keys.place, |(key, _)| key.place);
    let kinds = ["detection", "correlation", "filter"].map(|kind| keys.get(kind).is_some());
    match kinds.iter().filter(|is_kind| **is_kind).count() {
        0 => {
            let help = "a rule has `detection:`, `correlation:` or `filter:`".to_owned();
            let message = "this document is neither a detection nor a correlation nor a filter";
            keys.diagnostics.error(keys.place, "no-rule", message, Some(help));
        }
        1 => {}
        _ => {
            let help = "split it into several documents with `---`".to_owned();
            let message = "a document is a detection, a correlation or a filter, and only one of them";
            keys.diagnostics.error(keys.place, "two-rules", message, Some(help));
        }
    }
    let risk = risk::read(document, diagnostics);
    let tests = testcase::read(document, diagnostics);
    let rule = match kinds {
        [_, true, _] => correlation::read(document, meta, lookups, diagnostics).map(Parsed::Correlation),
        [_, _, true] => {
            filter::read(document, meta, Compiler::of(document, fields, diagnostics, lookups)).map(Parsed::Filter)
        }
        _ => {
            detection::read(document, meta, Compiler::of(document, fields, diagnostics, lookups)).map(Parsed::Detection)
        }
    };
    if diagnostics.errors() > errors {
        return None;
    }
    Some(Document { file: diagnostics.file(), place, rule: rule?, risk, tests })
}

impl Document {
    /// Whether it is a correlation that is written as a series.
    pub(super) fn is_metric(&self) -> bool {
        matches!(&self.rule, Parsed::Correlation(correlation) if correlation.metric.is_some())
    }

    pub(super) fn meta(&self) -> &meta::Meta {
        match &self.rule {
            Parsed::Detection(detection) => &detection.meta,
            Parsed::Correlation(correlation) => &correlation.meta,
            Parsed::Filter(filter) => &filter.meta,
        }
    }
}
