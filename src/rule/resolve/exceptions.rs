//! Which detections a filter applies to: those that it names, or any, and in either case only those of its log source or
//! of a narrower one (RULES 1.5).

use std::sync::Arc;

use super::Resolver;
use crate::rule::diagnostic::{Diagnostics, suggest};
use crate::rule::document::{Document, Parsed};
use crate::rule::filter::Filter;
use crate::rule::set::FilterRule;

impl Resolver {
    /// Takes all filters into the set; gives, for each document, the filters that apply to it.
    pub(super) fn filters(&mut self, documents: &[Document]) -> Vec<Vec<usize>> {
        let mut of: Vec<Vec<usize>> = vec![Vec::new(); documents.len()];
        for (index, document) in documents.iter().enumerate() {
            let Parsed::Filter(filter) = &document.rule else { continue };
            let mut diagnostics = Diagnostics::new(Arc::clone(&document.file));
            let applies_to = match &filter.rules {
                None => any(filter, documents, &mut diagnostics),
                Some(_) => self.named(filter, documents, &mut diagnostics),
            };
            self.findings.extend(diagnostics.into_found());
            if !filter.missing.is_empty() {
                self.deactivate_without_table(document, index, &filter.missing);
                continue;
            }
            for target in applies_to {
                if let Some(filters) =
                    of.get_mut(target).filter(|filters| filters.last() != Some(&self.set.filters.len()))
                {
                    filters.push(self.set.filters.len());
                }
            }
            self.set.filters.push(FilterRule {
                id: filter.meta.identity().to_owned(),
                title: filter.meta.title.clone(),
                predicate: filter.predicate.clone(),
                expires: filter.expires,
                reason: filter.reason.clone(),
                owner: filter.owner.clone(),
                file: Arc::clone(&document.file),
                lookups: filter.lookups.clone(),
            });
        }
        of
    }

    fn named(&self, filter: &Filter, documents: &[Document], diagnostics: &mut Diagnostics) -> Vec<usize> {
        let mut targets = Vec::new();
        for named in filter.rules.iter().flatten() {
            let Some(index) = self.names.get(&named.name).copied() else {
                let help = suggest(&named.name, self.names.keys().map(String::as_str))
                    .or_else(|| Some("load the file that defines it as well".to_owned()));
                let message = format!("no loaded rule has the name or id `{}`", named.name);
                diagnostics.error(named.place, "unknown-rule", message, help);
                continue;
            };
            let problem = match documents.get(index).map(|document| &document.rule) {
                Some(Parsed::Detection(detection)) if filter.logsource.covers(&detection.logsource) => {
                    targets.push(index);
                    continue;
                }
                Some(Parsed::Detection(detection)) => format!(
                    "this filter does not apply to `{}`: its log source ({}) is not that of the rule ({})",
                    named.name, filter.logsource, detection.logsource
                ),
                Some(Parsed::Correlation(_)) => format!(
                    "this filter does not apply to `{}`, which is a correlation: name the detections that it refers to",
                    named.name
                ),
                Some(Parsed::Filter(_)) | None => format!("`{}` is a filter, and no rule", named.name),
            };
            diagnostics.warning(named.place, "filter-without-effect", problem, None);
        }
        targets
    }
}

/// Every detection whose log source is the filter's or narrower.
fn any(filter: &Filter, documents: &[Document], diagnostics: &mut Diagnostics) -> Vec<usize> {
    let is_target = |document: &Document| match &document.rule {
        Parsed::Detection(detection) => filter.logsource.covers(&detection.logsource),
        Parsed::Correlation(_) | Parsed::Filter(_) => false,
    };
    let all = documents.iter().enumerate();
    let targets: Vec<usize> = all.filter(|(_, document)| is_target(document)).map(|(index, _)| index).collect();
    if targets.is_empty() {
        let message = format!("no loaded rule has the log source of this filter ({})", filter.logsource);
        diagnostics.warning(filter.place, "filter-without-effect", message, None);
    }
    targets
}
