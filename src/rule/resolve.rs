//! Links rules by name: who refers to whom, in which order, under which key, and what each name means.

mod early;
mod exceptions;
mod hand_up;
mod inactive;
mod silence;
mod weigh;

use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use super::alert_events;
use super::correlation::{Correlation, Named, Written};
use super::diagnostic::{Diagnostic, Diagnostics, suggest};
use super::document::{Document, Parsed};
use super::logic::logic;
use super::set::{CorrelationRule, DetectionRule, KeyField, Member, RuleRef, RuleSet, RuleTest};
use crate::model::{FieldTable, Level, LookupVersion, RuleCard, Slot, Span, StableHasher};

const MAX_DEPTH: usize = 16;
const MAX_RULES: usize = 64;

/// Fields that evidence always shows when the event has them, so that an alert says which model or endpoint it is about.
pub const EVIDENCE_FIELDS: [&str; 8] = [
    "event.action",
    "aigov.model.name",
    "aigov.model.version",
    "aigov.endpoint.id",
    "aigov.policy.name",
    "aigov.decision.id",
    "aigov.ticket.id",
    "user.name",
];

/// Resolves all documents. The set is complete only when no finding is an error.
/// `strict` makes an error of every rule that cannot run.
pub(super) fn resolve(documents: &[Document], fields: FieldTable, strict: bool) -> (RuleSet, Vec<Diagnostic>) {
    let mut resolver = Resolver {
        set: RuleSet { fields, ..RuleSet::default() },
        findings: Vec::new(),
        names: HashMap::default(),
        strict,
        inactive: HashSet::default(),
    };
    resolver.run(documents);
    (resolver.set, resolver.findings)
}

struct Resolver {
    set: RuleSet,
    findings: Vec<Diagnostic>,
    /// Names and ids of all rules, with the index of their document.
    names: HashMap<String, usize>,
    strict: bool,
    /// Documents that are loaded and cannot run.
    inactive: HashSet<usize>,
}

impl Resolver {
    fn run(&mut self, documents: &[Document]) {
        self.index_names(documents);
        let order = self.order(documents);
        let hearing = alert_events::hearing(documents, &order, &self.names);
        // who hears alerts comes after all whose alerts it hears
        let (after, before): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|index| hearing.contains(index));
        let order = before.into_iter().chain(after);
        let referred = self.referred(documents);
        self.warn_of_silence(documents);
        let filters = self.filters(documents);
        let mut linked: HashMap<usize, RuleRef> = HashMap::default();
        for index in order {
            let Some(document) = documents.get(index) else { continue };
            let quiet = referred.contains(&index);
            match &document.rule {
                Parsed::Filter(_) => {}
                Parsed::Detection(detection) if !detection.missing.is_empty() => {
                    self.deactivate_without_table(document, index, &detection.missing);
                }
                Parsed::Detection(detection) => {
                    linked.insert(index, RuleRef::Detection(self.set.detections.len()));
                    let filters = filters.get(index).cloned().unwrap_or_default();
                    let excepted = filters.iter().filter_map(|filter| self.set.filters.get(*filter));
                    let lookups = excepted.flat_map(|filter| &filter.lookups).chain(&detection.lookups);
                    let card = card(document, "detection", Span::ZERO, lookups.cloned().collect());
                    let mut shown: Vec<Slot> =
                        detection.meta.fields.iter().map(|name| self.set.fields.slot(name)).collect();
                    if shown.is_empty() {
                        detection.predicate.visit_slots(&mut |slot| shown.push(slot));
                    }
                    shown.extend(card.entities.iter().map(|entity| self.set.fields.slot(&entity.field)));
                    shown.extend(EVIDENCE_FIELDS.iter().map(|name| self.set.fields.slot(name)));
                    shown.sort_unstable();
                    shown.dedup();
                    self.set.detections.push(DetectionRule {
                        card,
                        meaning: StableHasher::new("detection").part(detection.meaning.as_bytes()).finish(),
                        logsource: detection.logsource.clone(),
                        predicate: detection.predicate.clone(),
                        alerts: !quiet || detection.generate,
                        hears_alerts: hearing.contains(&index),
                        built_in: &*document.file == alert_events::BUILT_IN,
                        shown,
                        filters,
                    });
                }
                Parsed::Correlation(correlation) if !correlation.missing.is_empty() => {
                    self.deactivate_without_table(document, index, &correlation.missing);
                }
                Parsed::Correlation(correlation) => {
                    let mut diagnostics = Diagnostics::new(Arc::clone(&document.file));
                    if self.deactivate_with_others(document, index) {
                        continue;
                    }
                    let mut lookups = self.lookups_below(document, &linked);
                    lookups.extend(correlation.lookups.iter().cloned());
                    let card = card(document, correlation.kind.name(), correlation.timespan, lookups);
                    let rule = self.link(correlation, card, quiet, &linked, &mut diagnostics);
                    self.findings.extend(diagnostics.into_found());
                    if let Some(rule) = rule {
                        linked.insert(index, RuleRef::Correlation(self.set.correlations.len()));
                        self.adopt(rule);
                    }
                }
            }
        }
        self.hand_up();
        self.set.tests = documents
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.inactive.contains(index))
            .flat_map(|(_, document)| {
                let rule = document.meta().identity().to_owned();
                document.tests.iter().map(move |case| RuleTest {
                    file: Arc::clone(&document.file),
                    rule: rule.clone(),
                    case: case.clone(),
                })
            })
            .collect();
        self.warn_untested(documents);
    }

    fn find(
        &mut self,
        file: &Arc<str>,
        place: super::yaml::Place,
        code: &'static str,
        message: String,
        help: Option<String>,
    ) {
        let mut diagnostics = Diagnostics::new(Arc::clone(file));
        diagnostics.error(place, code, message, help);
        self.findings.extend(diagnostics.into_found());
    }

    fn index_names(&mut self, documents: &[Document]) {
        for (index, document) in documents.iter().enumerate() {
            let meta = document.meta();
            for (key, name) in [("id", &meta.id), ("name", &meta.name)] {
                let Some(name) = name else { continue };
                let other = self.names.insert(name.clone(), index).filter(|other| *other != index);
                if let Some(other) = other.and_then(|other| documents.get(other)) {
                    let message = format!("the {key} `{name}` is taken by {}:{}", other.file, other.place.line);
                    let help = "give one of the two another one".to_owned();
                    self.find(&document.file, document.place, "duplicate-rule", message, Some(help));
                }
            }
        }
    }

    fn references<'a>(&self, document: &'a Document) -> impl Iterator<Item = &'a Named> {
        let (rules, resets): (&[Named], &[Named]) = match &document.rule {
            Parsed::Correlation(correlation) => (&correlation.rules, &correlation.reset_on),
            // what a filter applies to still alerts by itself
            Parsed::Detection(_) | Parsed::Filter(_) => (&[], &[]),
        };
        rules.iter().chain(resets)
    }

    fn referred(&self, documents: &[Document]) -> HashSet<usize> {
        documents
            .iter()
            .flat_map(|document| self.references(document))
            .filter_map(|named| self.names.get(&named.name).copied())
            .collect()
    }

    /// Documents in an order in which every rule comes after those it refers to. Unknown names and cycles are findings.
    fn order(&mut self, documents: &[Document]) -> Vec<usize> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; documents.len()];
        let mut order = Vec::with_capacity(documents.len());
        for start in 0..documents.len() {
            // an explicit stack: (document, next reference to look at)
            let mut stack = vec![(start, 0_usize)];
            while let Some((index, next)) = stack.pop() {
                let (Some(document), Some(mark)) = (documents.get(index), marks.get_mut(index)) else { continue };
                if *mark == Mark::Done {
                    continue;
                }
                *mark = Mark::Open;
                let Some(named) = self.references(document).nth(next) else {
                    *mark = Mark::Done;
                    order.push(index);
                    continue;
                };
                stack.push((index, next + 1));
                let (file, place, name) = (Arc::clone(&document.file), named.place, named.name.clone());
                match self.names.get(&name).copied() {
                    None => {
                        let help = suggest(&name, self.names.keys().map(String::as_str))
                            .or_else(|| Some("load the file that defines it as well".to_owned()));
                        self.find(
                            &file,
                            place,
                            "unknown-rule",
                            format!("no loaded rule has the name or id `{name}`"),
                            help,
                        );
                    }
                    Some(child) if marks.get(child) == Some(&Mark::Open) => {
                        let message = format!("`{name}` refers back to this rule: rules must not form a cycle");
                        self.find(&file, place, "rule-cycle", message, None);
                    }
                    Some(child)
                        if documents.get(child).is_some_and(|child| matches!(child.rule, Parsed::Filter(_))) =>
                    {
                        let message = format!("`{name}` is a filter, and no rule");
                        self.find(&file, place, "unknown-rule", message, None);
                    }
                    Some(child) if documents.get(child).is_some_and(Document::is_metric) && !document.is_metric() => {
                        let message = format!("`{name}` is a metric, and only metrics read its values");
                        let help = Some("refer to the rules that it refers to, or add `metric`".to_owned());
                        self.find(&file, place, "unknown-rule", message, help);
                    }
                    Some(child) => stack.push((child, 0)),
                }
            }
        }
        order
    }

    fn link(
        &mut self,
        correlation: &Correlation,
        card: Arc<RuleCard>,
        quiet: bool,
        linked: &HashMap<usize, RuleRef>,
        diagnostics: &mut Diagnostics,
    ) -> Option<CorrelationRule> {
        let errors = diagnostics.errors();
        let count = correlation.rules.len();
        if count == 0 {
            let help = "add `rules:` with the names of rules".to_owned();
            diagnostics.error(correlation.place, "missing-rules", "a correlation needs `rules`", Some(help));
        }
        if count > MAX_RULES {
            diagnostics.error(
                correlation.place,
                "too-many-rules",
                format!("a correlation takes at most {MAX_RULES} rules"),
                None,
            );
            return None;
        }
        let logic = logic(correlation, &mut self.set.fields, diagnostics);
        let mut members: Vec<Member> = Vec::new();
        let mut hasher = StableHasher::new("correlation").part(correlation.meaning.as_bytes());
        let positioned =
            correlation.rules.iter().enumerate().map(|(position, named)| (named, 1_u64 << position, false));
        let resets = correlation.reset_on.iter().map(|named| (named, 0, true));
        for (named, position, reset) in positioned.chain(resets) {
            let rule = *self.names.get(&named.name).and_then(|index| linked.get(index))?;
            hasher = hasher.part(&self.meaning(rule).to_le_bytes());
            if let Some(member) = members.iter_mut().find(|member| member.rule == rule) {
                member.positions |= position;
                member.resets |= reset;
                continue;
            }
            let title = self.set.card(rule).map_or_else(String::new, |card| card.title.clone());
            let key = self.key(correlation, named, rule, linked, diagnostics);
            members.push(Member { rule, title, positions: position, resets: reset, key });
        }
        let weighted = self.weigh(correlation, &mut members, diagnostics);
        let level = members
            .iter()
            .map(|member| match member.rule {
                RuleRef::Detection(child) => {
                    let hears = self.set.detections.get(child).is_some_and(|child| child.hears_alerts);
                    if hears { self.set.alert_level() } else { 0 }
                }
                RuleRef::Correlation(child) => self.set.correlations.get(child).map_or(0, |child| child.level + 1),
            })
            .max()
            .unwrap_or(0);
        if level >= MAX_DEPTH {
            diagnostics.error(
                correlation.place,
                "too-deep",
                format!("rules are chained deeper than {MAX_DEPTH}"),
                None,
            );
        }
        self.check_early(correlation, &members, diagnostics);
        let hears_alerts = members.iter().any(|member| self.hears_alerts(member.rule));
        let handed_up = card.entities.iter().filter(|entity| !correlation.group_by.contains(&entity.field));
        let handed_up = handed_up
            .map(|entity| KeyField { name: entity.field.clone(), slot: self.set.fields.slot(&entity.field) })
            .collect();
        let suppress_by = correlation.suppress_by.clone().unwrap_or_else(|| correlation.group_by.clone());
        for name in suppress_by.iter().filter(|name| !correlation.group_by.contains(name)) {
            let message = format!("`suppress-by` names `{name}`, which is not in `group-by`");
            let help = suggest(name, correlation.group_by.iter().map(String::as_str));
            diagnostics.error(correlation.place, "unknown-field", message, help);
        }
        let titles = correlation
            .rules
            .iter()
            .map(|named| {
                let rule = self.names.get(&named.name).and_then(|index| linked.get(index));
                rule.and_then(|rule| self.set.card(*rule)).map_or_else(|| named.name.clone(), |card| card.title.clone())
            })
            .collect();
        let (logic, emit) = logic?;
        (diagnostics.errors() == errors).then(|| CorrelationRule {
            card,
            meaning: hasher.finish(),
            kind: correlation.kind,
            level,
            members,
            titles,
            group_by: correlation.group_by.clone(),
            timespan: correlation.timespan,
            logic,
            min_count: correlation.min_count.unwrap_or(1),
            baseline: correlation.baseline,
            unseen_for: correlation.unseen_for,
            expect: correlation.expect.clone(),
            window: correlation.window,
            emit,
            suppress: correlation.suppress,
            suppress_by,
            early: correlation.early,
            lateness: correlation.lateness,
            on_late: correlation.on_late,
            missing_key_groups: correlation.missing_key_groups,
            cold_start: correlation.cold_start,
            alerts: correlation.metric.is_none() && (!quiet || correlation.generate == Some(true)),
            metric: correlation.metric.clone(),
            half_life: correlation.half_life,
            weighted,
            hears_alerts,
            stands_for: None,
            parents: Vec::new(),
            handed_up,
        })
    }

    fn meaning(&self, rule: RuleRef) -> u128 {
        match rule {
            RuleRef::Detection(index) => self.set.detections.get(index).map_or(0, |rule| rule.meaning),
            RuleRef::Correlation(index) => self.set.correlations.get(index).map_or(0, |rule| rule.meaning),
        }
    }

    /// The group key in the events of one referred rule, after aliases.
    fn key(
        &mut self,
        correlation: &Correlation,
        named: &Named,
        rule: RuleRef,
        linked: &HashMap<usize, RuleRef>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<KeyField> {
        let mut key = Vec::new();
        for group in &correlation.group_by {
            let mappings: Vec<_> = correlation.aliases.iter().filter(|(alias, _, _)| alias == group).collect();
            let same = |other: &Named| self.names.get(&other.name).and_then(|index| linked.get(index)) == Some(&rule);
            let name = match mappings.iter().find(|(_, other, _)| same(other)) {
                Some((_, _, field)) => field.clone(),
                None if mappings.is_empty() => group.clone(),
                None => {
                    let message = format!("the alias `{group}` names no field for `{}`", named.name);
                    let help = format!("add `{}: <field>` to the alias", named.name);
                    diagnostics.error(named.place, "incomplete-alias", message, Some(help));
                    continue;
                }
            };
            key.push(KeyField { slot: self.set.fields.slot(&name), name });
        }
        for (alias, other, _) in &correlation.aliases {
            if !correlation.rules.iter().chain(&correlation.reset_on).any(|listed| listed.name == other.name)
                && !self.names.get(&other.name).is_some_and(|index| linked.contains_key(index))
            {
                let message = format!("the alias `{alias}` names `{}`, which is not in `rules`", other.name);
                let help = suggest(&other.name, correlation.rules.iter().map(|named| named.name.as_str()));
                diagnostics.error(other.place, "unknown-rule", message, help);
            }
        }
        key
    }

    fn adopt(&mut self, rule: CorrelationRule) {
        let index = self.set.correlations.len();
        for member in &rule.members {
            if let RuleRef::Correlation(child) = member.rule
                && let Some(child) = self.set.correlations.get_mut(child)
            {
                child.parents.push(index);
            }
        }
        self.set.correlations.push(rule);
    }

    /// A rule about absence or resets needs a test of each sign (RULES 2.1).
    fn warn_untested(&mut self, documents: &[Document]) {
        for document in documents {
            let Parsed::Correlation(correlation) = &document.rule else { continue };
            let negated = matches!(&correlation.condition.0, Written::Text(text) if text.split_whitespace().any(|word| word.trim_matches('(').eq_ignore_ascii_case("not")));
            if !negated && correlation.reset_on.is_empty() && correlation.baseline.is_none() {
                continue;
            }
            let positive = document.tests.iter().any(|case| !case.expect.is_empty());
            let negative = document.tests.iter().any(|case| case.expect.is_empty());
            if !(positive && negative) {
                let mut diagnostics = Diagnostics::new(Arc::clone(&document.file));
                let help = "add `tests:` with one case that alerts and one that does not".to_owned();
                diagnostics.warning(
                    document.place,
                    "untested",
                    "a rule about absence, resets or a baseline needs tests of both signs",
                    Some(help),
                );
                self.findings.extend(diagnostics.into_found());
            }
        }
    }
}

fn card(document: &Document, kind: &str, timespan: Span, mut lookups: Vec<LookupVersion>) -> Arc<RuleCard> {
    lookups.sort();
    lookups.dedup();
    let meta = document.meta();
    let level = meta.level.unwrap_or(Level::Medium);
    Arc::new(RuleCard {
        id: meta.identity().to_owned(),
        title: meta.title.clone(),
        name: meta.name.clone(),
        description: meta.description.clone(),
        level,
        status: meta.status.clone(),
        author: meta.author.clone(),
        tags: meta.tags.clone(),
        references: meta.references.clone(),
        falsepositives: meta.falsepositives.clone(),
        triage: meta.triage.clone(),
        kind: kind.to_owned(),
        timespan,
        file: document.file.to_string(),
        risk_score: document.risk.as_ref().map_or_else(|| level.risk_score(), |risk| risk.score(level)),
        entities: document.risk.as_ref().map(|risk| risk.entities.clone()).unwrap_or_default(),
        lookups,
    })
}
