//! Rules that load and cannot run: a placeholder has no table (RULES S18), or a rule that they refer to is one of these. A
//! correlation over half of its rules would find absences that are none, so it does not run either.

use std::sync::Arc;

use foldhash::HashMap;

use super::{Resolver, card};
use crate::model::{LookupVersion, Span};
use crate::rule::diagnostic::Diagnostics;
use crate::rule::document::{Document, Parsed};
use crate::rule::selection::MissingTable;
use crate::rule::set::{InactiveRule, RuleRef};
use crate::rule::yaml::Place;

impl Resolver {
    /// Puts a rule aside whose placeholders have no tables.
    pub(super) fn deactivate_without_table(&mut self, document: &Document, index: usize, missing: &[MissingTable]) {
        let mut said: Vec<&str> = Vec::new();
        let mut reasons = Vec::new();
        for MissingTable { name, place, help } in missing {
            if said.contains(&name.as_str()) {
                continue;
            }
            said.push(name);
            let reason = format!("no lookup table has the name of its placeholder `%{name}%`");
            self.report(document, *place, "missing-lookup", &reason, Some(help.clone()));
            reasons.push(reason);
        }
        self.put_aside(document, index, reasons.join("; "));
    }

    /// Puts a correlation aside that refers to a rule that cannot run; says whether it did.
    pub(super) fn deactivate_with_others(&mut self, document: &Document, index: usize) -> bool {
        let refers_to_inactive = |named: &&crate::rule::correlation::Named| {
            self.names.get(&named.name).is_some_and(|other| self.inactive.contains(other))
        };
        let Some(named) = self.references(document).find(refers_to_inactive).cloned() else { return false };
        let reason = format!("it refers to `{}`, which is inactive", named.name);
        self.report(document, named.place, "inactive-reference", &reason, None);
        self.put_aside(document, index, reason);
        true
    }

    fn report(&mut self, document: &Document, place: Place, code: &'static str, reason: &str, help: Option<String>) {
        let what = if matches!(document.rule, Parsed::Filter(_)) { "filter" } else { "rule" };
        let message = format!("the {what} `{}` is inactive: {reason}", document.meta().title);
        let mut diagnostics = Diagnostics::new(Arc::clone(&document.file));
        if self.strict {
            diagnostics.error(place, code, message, help);
        } else {
            diagnostics.warning(place, code, message, help);
        }
        self.findings.extend(diagnostics.into_found());
    }

    fn put_aside(&mut self, document: &Document, index: usize, reason: String) {
        let (kind, timespan) = match &document.rule {
            Parsed::Detection(_) => ("detection", Span::ZERO),
            Parsed::Correlation(correlation) => (correlation.kind.name(), correlation.timespan),
            Parsed::Filter(_) => ("filter", Span::ZERO),
        };
        self.inactive.insert(index);
        self.set.inactive.push(InactiveRule { card: card(document, kind, timespan, Vec::new()), reason });
    }

    /// Tables of all the rules that a correlation refers to.
    pub(super) fn lookups_below(&self, document: &Document, linked: &HashMap<usize, RuleRef>) -> Vec<LookupVersion> {
        self.references(document)
            .filter_map(|named| self.set.card(*linked.get(self.names.get(&named.name)?)?))
            .flat_map(|card| card.lookups.clone())
            .collect()
    }
}
