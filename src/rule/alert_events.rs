//! Alerts as events for other rules (RULES S17): who hears them, who makes them, and the detection `any_alert` that is there
//! without being written.
//!
//! A detection of the log source `product: engine, category: alert` looks at alert events and at nothing else. To correlation
//! an alert event is a hit. A detection alerts outside of correlation, so for each one whose alerts are heard, and for each
//! one that hears alerts and alerts itself, a correlation stands in that has one event in each alert.

use std::sync::Arc;

use foldhash::HashMap;

use super::boolean::Alternative;
use super::correlation::{ColdStart, Emit, Kind, OnLate, Window};
use super::diagnostic::Diagnostics;
use super::document::{self, Document, Parsed};
use super::lookup::Lookups;
use super::set::{CorrelationRule, DetectionRule, Logic, Member, RuleRef, RuleSet};
use super::{collection, yaml};
use crate::model::{FieldTable, LogSource, Span, StableHasher};

/// The log source of alert events.
const ALERTS: LogSource<'static> = LogSource {
    category: Some(std::borrow::Cow::Borrowed("alert")),
    product: Some(std::borrow::Cow::Borrowed("engine")),
    service: None,
};

/// The name under which rules refer to any alert.
pub(super) const ANY_ALERT: &str = "any_alert";
/// Where rules are from that nobody wrote.
pub(super) const BUILT_IN: &str = "built in";

const ANY_ALERT_RULE: &str = "\
title: Any alert
name: any_alert
logsource: {product: engine, category: alert}
detection: {alert: {alert.id|exists: true}, condition: alert}
";

/// Fields of an alert event, beside those of the alert's group and `tags`.
pub const ALERT_ID: &str = "alert.id";
/// Identity of the rule.
pub const ALERT_RULE_ID: &str = "alert.rule.id";
/// Title of the rule.
pub const ALERT_RULE_NAME: &str = "alert.rule.name";
/// Level of the rule.
pub const ALERT_RULE_LEVEL: &str = "alert.rule.level";
/// What the entity is.
pub const ENTITY_TYPE: &str = "alert.risk.entity.type";
/// Which one it is.
pub const ENTITY_VALUE: &str = "alert.risk.entity.value";
/// What the alert weighs; less than zero where it is taken back.
pub const RISK_SCORE: &str = "alert.risk.score";
/// The tags of the rule.
pub const TAGS: &str = "tags";

/// Whether a detection of this log source looks at alert events. The product is named: a rule about anybody's alerts is not
/// about this engine's.
pub(super) fn hears_alerts(logsource: &LogSource<'_>) -> bool {
    logsource.product.is_some() && logsource.covers(&ALERTS)
}

/// The document of `any_alert`, if some rule refers to it and nobody has written one.
pub(super) fn built_in(documents: &[Document], fields: &mut FieldTable) -> Option<Document> {
    let is_any = |name: &Option<String>| name.as_deref() == Some(ANY_ALERT);
    if documents.iter().any(|document| is_any(&document.meta().name) || is_any(&document.meta().id)) {
        return None;
    }
    let refers = |document: &Document| match &document.rule {
        Parsed::Correlation(correlation) => {
            correlation.rules.iter().chain(&correlation.reset_on).any(|named| named.name == ANY_ALERT)
        }
        Parsed::Filter(filter) => filter.rules.iter().flatten().any(|named| named.name == ANY_ALERT),
        Parsed::Detection(_) => false,
    };
    if !documents.iter().any(refers) {
        return None;
    }
    let mut diagnostics = Diagnostics::new(BUILT_IN.into());
    let nodes = yaml::parse(ANY_ALERT_RULE, &mut diagnostics);
    let node = collection::resolve(nodes, &mut diagnostics).into_iter().next()?;
    document::read(&node, fields, &Lookups::default(), &mut diagnostics)
}

impl RuleSet {
    /// The level of a rule that hears alerts: above all rules whose alerts it may hear.
    #[must_use]
    pub fn alert_level(&self) -> usize {
        let may_be_heard = |rule: &&CorrelationRule| !rule.hears_alerts && !rule.card.entities.is_empty();
        self.correlations.iter().filter(may_be_heard).map(|rule| rule.level).max().unwrap_or(0) + 1
    }
}

/// Who makes alert events and who hears them.
#[derive(Debug, Clone, Default)]
pub struct AlertEvents {
    /// Of each correlation: its alerts become alert events.
    pub heard: Vec<bool>,
    /// Detections that look at alert events.
    pub detections: Vec<usize>,
    /// Correlations that refer to such a detection.
    pub hearing: Vec<usize>,
}

impl AlertEvents {
    /// Whether the alerts of a correlation become alert events.
    #[must_use]
    pub fn is_heard(&self, correlation: usize) -> bool {
        self.heard.get(correlation).copied().unwrap_or(false)
    }
}

/// The rules as they run: with the correlations that stand in for detections, where alerts are heard at all.
pub(super) fn with_stand_ins(rules: Arc<RuleSet>) -> (Arc<RuleSet>, AlertEvents) {
    let detections: Vec<usize> = indices(rules.detections.iter().map(|rule| rule.hears_alerts));
    let speaks = |index: &usize| rules.detections.get(*index).is_some_and(|rule| rule.alerts);
    let refers = |rule: &CorrelationRule| rule.members.iter().any(|member| is_one_of(member.rule, &detections));
    if !rules.correlations.iter().any(refers) && !detections.iter().any(speaks) {
        return (rules, AlertEvents::default());
    }
    let mut set = (*rules).clone();
    let level = set.alert_level();
    let late = set.correlations.iter().any(|rule| refers(rule) && rule.takes_late());
    for (index, detection) in rules.detections.iter().enumerate().filter(|(_, detection)| detection.alerts) {
        if detection.hears_alerts {
            set.correlations.push(stand_in(index, detection, level, OnLate::Drop));
        } else if !detection.card.entities.is_empty() {
            set.correlations.push(stand_in(index, detection, 0, if late { OnLate::Revise } else { OnLate::Drop }));
        }
    }
    let is_heard = |rule: &CorrelationRule| {
        let speaks = rule.alerts || rule.stands_for.is_some();
        speaks && !rule.hears_alerts && !rule.card.entities.is_empty()
    };
    let alerts = AlertEvents {
        heard: set.correlations.iter().map(is_heard).collect(),
        hearing: indices(set.correlations.iter().map(refers)),
        detections,
    };
    (Arc::new(set), alerts)
}

fn indices(which: impl Iterator<Item = bool>) -> Vec<usize> {
    which.enumerate().filter(|(_, is)| *is).map(|(index, _)| index).collect()
}

fn is_one_of(rule: RuleRef, detections: &[usize]) -> bool {
    matches!(rule, RuleRef::Detection(index) if detections.contains(&index))
}

/// A correlation that has one event of the detection in each of its alerts. Of a detection that looks at alert events it
/// raises them; of any other they are raised where the event arrives, and it only makes alert events of them.
fn stand_in(index: usize, detection: &DetectionRule, level: usize, on_late: OnLate) -> CorrelationRule {
    let member = Member {
        rule: RuleRef::Detection(index),
        title: detection.card.title.clone(),
        positions: 1,
        resets: false,
        key: Vec::new(),
    };
    CorrelationRule {
        card: Arc::clone(&detection.card),
        meaning: StableHasher::new("stand-in").part(&detection.meaning.to_le_bytes()).finish(),
        kind: Kind::Temporal,
        level,
        members: vec![member],
        titles: vec![detection.card.title.clone()],
        group_by: Vec::new(),
        timespan: Span::ZERO,
        logic: Logic::Present(vec![Alternative { positives: vec![0], negatives: Vec::new() }]),
        min_count: 1,
        baseline: None,
        unseen_for: None,
        expect: None,
        window: Window::Sliding,
        emit: Emit::Reset,
        suppress: None,
        suppress_by: Vec::new(),
        early: false,
        lateness: None,
        on_late,
        missing_key_groups: false,
        cold_start: ColdStart::Annotate,
        alerts: detection.hears_alerts,
        metric: None,
        half_life: None,
        weighted: None,
        hears_alerts: detection.hears_alerts,
        stands_for: (!detection.hears_alerts).then_some(index),
        parents: Vec::new(),
        handed_up: Vec::new(),
    }
}

/// Which documents depend on alert events, given an order in which every document comes after those it refers to.
pub(super) fn hearing(
    documents: &[Document],
    order: &[usize],
    names: &HashMap<String, usize>,
) -> foldhash::HashSet<usize> {
    let mut hearing = foldhash::HashSet::default();
    for index in order.iter().copied() {
        let hears = match documents.get(index).map(|document| &document.rule) {
            Some(Parsed::Detection(detection)) => hears_alerts(&detection.logsource),
            Some(Parsed::Correlation(correlation)) => correlation
                .rules
                .iter()
                .chain(&correlation.reset_on)
                .any(|named| names.get(&named.name).is_some_and(|other| hearing.contains(other))),
            Some(Parsed::Filter(_)) | None => false,
        };
        if hears {
            hearing.insert(index);
        }
    }
    hearing
}
