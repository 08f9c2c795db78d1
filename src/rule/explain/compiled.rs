//! The compiled form of a rule as names and values: what is read, under which keys, in which order, and what waits for what.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{FieldTable, Span};
use crate::rule::correlation::Emit;
use crate::rule::plan::{Plan, SourceSpec};
use crate::rule::predicate::Predicate;
use crate::rule::set::{CorrelationRule, RuleRef, RuleSet};

/// The properties of a rule.
pub(super) fn properties(set: &RuleSet, rule: RuleRef) -> Vec<(String, String)> {
    let mut all = match rule {
        RuleRef::Detection(index) => detection(set, index),
        RuleRef::Correlation(index) => correlation(set, index),
    };
    let identity = set.card(rule).map(|card| card.id.clone()).unwrap_or_default();
    all.insert(0, ("id".to_owned(), identity));
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn property(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

fn detection(set: &RuleSet, index: usize) -> Vec<(String, String)> {
    let Some(rule) = set.detections.get(index) else { return Vec::new() };
    let mut tree = String::new();
    draw(&rule.predicate, &set.fields, 0, &mut tree);
    let mut slots = BTreeSet::new();
    rule.predicate.visit_slots(&mut |slot| {
        slots.insert(set.fields.name(slot).to_owned());
    });
    let parents = set.correlations.iter().filter(|parent| refers(parent, RuleRef::Detection(index)));
    vec![
        property("log source", rule.logsource.to_string()),
        property("fields read", slots.into_iter().collect::<Vec<_>>().join(", ")),
        property("alerts", alerts(rule.alerts)),
        property("referred to by", parents.map(|parent| parent.card.title.clone()).collect::<Vec<_>>().join(", ")),
        property("meaning", meaning(rule.meaning)),
        property("predicate", tree.trim_end()),
    ]
}

fn refers(parent: &CorrelationRule, rule: RuleRef) -> bool {
    parent.members.iter().any(|member| member.rule == rule)
}

fn alerts(alerts: bool) -> &'static str {
    if alerts { "by itself" } else { "not by itself: other rules refer to it" }
}

fn meaning(meaning: u128) -> String {
    format!("{meaning:032x}")
}

/// The predicate as an indented tree.
fn draw(predicate: &Predicate, fields: &FieldTable, depth: usize, tree: &mut String) {
    let (line, parts): (String, &[Predicate]) = match predicate {
        Predicate::Constant(value) => (value.to_string(), &[]),
        Predicate::And(parts) => ("and".to_owned(), parts),
        Predicate::Or(parts) => ("or".to_owned(), parts),
        Predicate::Not(part) => ("not".to_owned(), std::slice::from_ref(part.as_ref())),
        Predicate::Field(slot, test) => {
            (format!("slot {} {}: {}", slot.0, fields.name(*slot), short(&format!("{test:?}"))), &[])
        }
        Predicate::Elements(elements) => {
            let (slot, word) = (elements.slot, elements.selector.word());
            (format!("slot {} {}: elements, {word}", slot.0, fields.name(slot)), &[])
        }
        Predicate::Keyword(keyword) => (format!("any leaf: {}", short(&format!("{:?}", keyword.pattern))), &[]),
    };
    tree.push_str(&format!("{}{line}\n", "  ".repeat(depth)));
    parts.iter().for_each(|part| draw(part, fields, depth + 1, tree));
    if let Predicate::Elements(elements) = predicate
        && let Some((_, inner)) = fields.selections().get(elements.selection)
    {
        draw(&elements.body, inner, depth + 1, tree);
    }
}

/// A long list of values would hide the rest.
fn short(text: &str) -> String {
    const MOST: usize = 240;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    format!("{} …", text.chars().take(MOST).collect::<String>())
}

fn correlation(set: &RuleSet, index: usize) -> Vec<(String, String)> {
    let Some(rule) = set.correlations.get(index) else { return Vec::new() };
    let mut all = vec![
        property("type", rule.kind.name()),
        property("timespan", rule.timespan.to_string()),
        property("window", format!("{:?}", rule.window).to_lowercase()),
        property("logic", short(&format!("{:?}", rule.logic))),
        property("emission", emission(rule.emit)),
    ];
    for member in &rule.members {
        let keys: Vec<&str> = member.key.iter().map(|key| key.name.as_str()).collect();
        let keys = if keys.is_empty() { "one group".to_owned() } else { keys.join(", ") };
        let role = if member.resets { "resets" } else { "reads" };
        all.push(property(role, format!("\"{}\", keyed by {keys}", member.title)));
    }
    all.push(property("level", format!("{} (0 reads detections only)", rule.level)));
    all.extend(lane(set, index, rule));
    if let Some(suppress) = rule.suppress {
        all.push(property("suppress", format!("{suppress} by {}", rule.suppress_by.join(", "))));
    }
    if let Some(metric) = &rule.metric {
        let late = if metric.offset == Span::ZERO { String::new() } else { format!(", {} later", metric.offset) };
        all.push(property("metric", format!("{} at every multiple of {}{late}", metric.name, metric.every)));
    }
    all.push(property("alerts", alerts(rule.alerts)));
    let parents: Vec<String> =
        rule.parents.iter().filter_map(|parent| Some(set.correlations.get(*parent)?.card.title.clone())).collect();
    all.push(property("referred to by", parents.join(", ")));
    let handed: Vec<&str> = rule.handed_up.iter().map(|field| field.name.as_str()).collect();
    all.push(property("hands up", handed.join(", ")));
    all.push(property("meaning", meaning(rule.meaning)));
    all
}

fn emission(emit: Emit) -> &'static str {
    match emit {
        Emit::Edge => "edge",
        Emit::Every => "every",
        Emit::Reset => "reset",
        Emit::Close => "close",
    }
}

/// What its inputs wait for, as the plan for one source that yields everything says.
fn lane(set: &RuleSet, index: usize, rule: &CorrelationRule) -> Vec<(String, String)> {
    let mut logsources = BTreeSet::new();
    base_logsources(set, rule, &mut logsources);
    let source = SourceSpec { name: "any".to_owned(), lateness: Span::ZERO, logsources: Vec::new() };
    let plan = Plan::new(Arc::new(set.clone()), vec![source]);
    let lane = plan.lane_of.get(index).and_then(|lane| Some((*lane, plan.lanes.get(*lane as usize)?)));
    let mut all = Vec::new();
    let lateness = match rule.lateness {
        Some(span) => format!("less {span}, by the rule"),
        None => "less each source's lateness".to_owned(),
    };
    let sources: Vec<String> = logsources.into_iter().collect();
    all.push(property(
        "watermark",
        format!("the least of the sources that yield {}, {lateness}", sources.join(" or ")),
    ));
    if let Some((number, lane)) = lane {
        let hold = if lane.hold_back == Span::ZERO { String::new() } else { format!(", held back {}", lane.hold_back) };
        all.push(property("lane", format!("{number} of {}{hold}", plan.lanes.len())));
    }
    all
}

fn base_logsources(set: &RuleSet, rule: &CorrelationRule, found: &mut BTreeSet<String>) {
    for member in &rule.members {
        match member.rule {
            RuleRef::Detection(index) if set.detections.get(index).is_some_and(|rule| rule.hears_alerts) => {
                found.insert("what rules with a risk read".to_owned());
            }
            RuleRef::Detection(index) => {
                let logsource = set.detections.get(index).map(|rule| rule.logsource.to_string());
                found.extend(
                    logsource.map(|text| if text.is_empty() { "anything".to_owned() } else { format!("({text})") }),
                );
            }
            // children come before their parents, so this ends
            RuleRef::Correlation(index) => {
                if let Some(child) = set.correlations.get(index) {
                    base_logsources(set, child, found);
                }
            }
        }
    }
}
