//! A rule that would alert and does not, because a metric reads it: nobody who adds a dashboard means to turn off an alert.

use std::sync::Arc;

use super::Resolver;
use crate::rule::correlation::Correlation;
use crate::rule::diagnostic::Diagnostics;
use crate::rule::document::{Document, Parsed};

impl Resolver {
    /// RULES S13: a correlation that others refer to alerts by itself only with `generate: true`. Where only metrics do, and
    /// the rule does not say what it wants, that is worth a word.
    pub(super) fn warn_of_silence(&mut self, documents: &[Document]) {
        let correlation = |index: usize| match documents.get(index).map(|document| &document.rule) {
            Some(Parsed::Correlation(correlation)) => Some(correlation),
            _ => None,
        };
        let refers = |of: &Correlation, index: usize| {
            let mut named = of.rules.iter().chain(&of.reset_on);
            named.any(|named| self.names.get(&named.name) == Some(&index))
        };
        let mut found = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let Some(silent) = correlation(index).filter(|rule| rule.generate.is_none() && rule.metric.is_none())
            else {
                continue;
            };
            let mut above =
                (0..documents.len()).filter_map(correlation).filter(|other| refers(other, index)).peekable();
            if above.peek().is_none() || !above.all(|other| other.metric.is_some()) {
                continue;
            }
            let mut diagnostics = Diagnostics::new(Arc::clone(&document.file));
            let message = format!("`{}` raises no alert: a metric refers to it", silent.meta.title);
            let help = "write `generate: true` to have the alert as well, or `generate: false` if it is there for the metric only";
            diagnostics.warning(silent.place, "silenced-by-metric", message, Some(help.to_owned()));
            found.extend(diagnostics.into_found());
        }
        self.findings.extend(found);
    }
}
