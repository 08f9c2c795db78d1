//! What a loaded rule does: in sentences made of what its author wrote, and as the compiled form that the engine runs. For
//! people who write rules, and for the pages about them; nothing of the engine's own work goes through here.

mod compiled;
mod correlated;
mod part;
mod words;

pub use part::{Judged, Part, Rest};

use super::load::Loaded;
use super::set::{FilterRule, RuleRef, RuleSet};
use super::yaml::Node;
use crate::model::{Row, Slot};

/// A rule in words and in detail.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Sentences; for a detection the first says where it looks, and the tree what for.
    pub sentences: Vec<String>,
    /// What a detection looks for.
    pub looks_for: Option<Part>,
    /// The compiled form: name and value of each property, in reading order.
    pub compiled: Vec<(String, String)>,
}

/// The rules of the set that go by this id, name or title.
#[must_use]
pub fn named(set: &RuleSet, name: &str) -> Vec<RuleRef> {
    let known =
        |card: &crate::model::RuleCard| card.id == name || card.name.as_deref() == Some(name) || card.title == name;
    all(set).filter(|rule| set.card(*rule).is_some_and(|card| known(card))).collect()
}

/// Every rule that somebody wrote.
pub fn every(set: &RuleSet) -> impl Iterator<Item = RuleRef> {
    all(set).filter(|rule| !matches!(rule, RuleRef::Detection(index) if set.detections.get(*index).is_some_and(|rule| rule.built_in)))
}

fn all(set: &RuleSet) -> impl Iterator<Item = RuleRef> {
    let detections = (0..set.detections.len()).map(RuleRef::Detection);
    detections.chain((0..set.correlations.len()).map(RuleRef::Correlation))
}

/// Explains a rule of the set that came of this load.
#[must_use]
pub fn explain(set: &RuleSet, loaded: &Loaded, rule: RuleRef) -> Explanation {
    let document = document(set, loaded, rule);
    let title = |name: &str| {
        let found = named(set, name);
        found.first().and_then(|rule| set.card(*rule)).map_or_else(|| name.to_owned(), |card| card.title.clone())
    };
    let (sentences, looks_for) = match rule {
        RuleRef::Detection(index) => {
            let logsource = set.detections.get(index).map(|rule| rule.logsource.to_string()).unwrap_or_default();
            // the slots are those of the set, so that a row of the set's fields can be judged
            let mut fields = set.fields.clone();
            let part = document
                .as_ref()
                .and_then(|document| part::of_searches(document.get("detection")?, &mut fields, &loaded.lookups));
            let hears = set.detections.get(index).is_some_and(|rule| rule.hears_alerts);
            let sentence = if hears {
                "Looks at the alerts of rules that have a risk, and at nothing from outside.".to_owned()
            } else if logsource.is_empty() {
                "Looks at every event.".to_owned()
            } else {
                format!("Looks at events of {logsource}.")
            };
            let filters = set.detections.get(index).map(|rule| rule.filters.as_slice()).unwrap_or_default();
            let filters = filters.iter().filter_map(|filter| set.filters.get(*filter)).map(exception);
            (std::iter::once(sentence).chain(filters).collect(), part)
        }
        RuleRef::Correlation(_) => {
            (document.map(|document| correlated::sentences(&document, &title)).unwrap_or_default(), None)
        }
    };
    let (mut sentences, looks_for) = (sentences, looks_for);
    sentences.extend(weight(set, rule));
    Explanation { sentences, looks_for, compiled: compiled::properties(set, rule) }
}

/// What its alerts weigh, in words.
fn weight(set: &RuleSet, rule: RuleRef) -> Option<String> {
    let card = set.card(rule).filter(|card| !card.entities.is_empty())?;
    let entities = card.entities.iter().map(|entity| format!("the {} in {}", entity.kind, entity.field));
    let hears = match rule {
        RuleRef::Detection(index) => set.detections.get(index).is_some_and(|rule| rule.hears_alerts),
        RuleRef::Correlation(index) => set.correlations.get(index).is_some_and(|rule| rule.hears_alerts),
    };
    let heard = if hears { "; it depends on alerts, so no other rule adds this up" } else { "" };
    let list = entities.collect::<Vec<_>>().join(" and ");
    Some(format!("An alert is a risk of {} for {list}{heard}.", card.risk_score))
}

/// A filter in words.
fn exception(filter: &FilterRule) -> String {
    let mut words = format!("The filter \"{}\" takes back some of its matches", filter.title);
    if let Some(expires) = filter.expires {
        words.push_str(&format!(", until {expires}"));
    }
    if let Some(reason) = &filter.reason {
        words.push_str(&format!(": {}", reason.trim().trim_end_matches('.')));
    }
    words + "."
}

/// What of an event a filter lets pass: its search identifiers under its condition.
#[must_use]
pub fn passes(set: &RuleSet, loaded: &Loaded, filter: &FilterRule) -> Option<Part> {
    let mut fields = set.fields.clone();
    let document = find(loaded, &filter.file, "filter", &filter.id)?;
    part::of_searches(document.get("filter")?, &mut fields, &loaded.lookups)
}

/// What an event has in a field, in words.
#[must_use]
pub fn found(row: &Row<'_>, slot: Slot) -> String {
    part::found(row, slot)
}

/// The document that a rule was read from.
fn document(set: &RuleSet, loaded: &Loaded, rule: RuleRef) -> Option<Node> {
    let card = set.card(rule)?;
    let kind = match rule {
        RuleRef::Detection(_) => "detection",
        RuleRef::Correlation(_) => "correlation",
    };
    find(loaded, &card.file, kind, &card.id)
}

fn find(loaded: &Loaded, file: &str, kind: &str, id: &str) -> Option<Node> {
    let identity = |document: &Node| {
        let text = |key: &str| document.get(key).and_then(Node::text).map(str::to_owned);
        text("id").or_else(|| text("name")).or_else(|| text("title"))
    };
    let is_it = |document: &Node| document.get(kind).is_some() && identity(document).as_deref() == Some(id);
    loaded.documents(file).into_iter().find(is_it)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Scalar;
    use crate::rule::load_texts;

    const RULE: &str = "
title: T
logsource: {category: c}
detection:
    selection:
        - {a: [x, 'y*'], b|contains|all: [p, q]}
        - {a|neq: z, n|gte: 5}
    filter_one: {b|exists: false}
    filter_two: {a|re: '^q.$'}
    words: [alpha, beta]
    condition: (selection or words) and not all of filter_*
";

    proptest! {
        /// The explanation of an event is that of the engine's own evaluator.
        #[test]
        fn the_tree_agrees_with_the_rule(a in prop::collection::vec("[xyzq]{0,2}", 0..3), b in prop::option::of("[pq]{0,3}"),
                                         n in prop::option::of(0_u8..9), leaf in prop::option::of("(alpha|bet|beta)")) {
            let loaded = load_texts(vec![("t.yml".into(), RULE.to_owned())]);
            let set = loaded.set.clone().unwrap();
            let part = explain(&set, &loaded, RuleRef::Detection(0)).looks_for.unwrap();
            let slot = |name: &str| set.fields.find(name).unwrap();
            let mut row = Row::new(set.fields.len());
            let number = n.map(|n| n.to_string());
            for value in &a { row.push(slot("a"), 0, Scalar::Text(value.as_str().into())); }
            if let Some(b) = &b { row.push(slot("b"), 0, Scalar::Text(b.as_str().into())); }
            if let Some(number) = &number { row.push(slot("n"), 0, Scalar::Number(number)); }
            if let Some(leaf) = &leaf { row.push_leaf(Scalar::Text(leaf.as_str().into())); }
            prop_assert_eq!(part.holds(&row), set.detections[0].predicate.matches(&row));
        }
    }

    #[test]
    fn a_tree_says_what_was_found() {
        let loaded = load_texts(vec![("t.yml".into(), RULE.to_owned())]);
        let set = loaded.set.clone().unwrap();
        let part = explain(&set, &loaded, RuleRef::Detection(0)).looks_for.unwrap();
        let mut row = Row::new(set.fields.len());
        row.push(set.fields.find("a").unwrap(), 0, Scalar::Text("yes".into()));
        let lines: Vec<String> = part
            .lines(Some(&row))
            .iter()
            .map(|line| format!("{} {} {}", line.holds == Some(true), line.words, line.found.as_deref().unwrap_or("-")))
            .collect();
        assert!(lines.contains(&"true a is one of `x` or `y*` \"yes\"".to_owned()), "{lines:#?}");
        assert!(lines.contains(&"false n is at least `5` missing".to_owned()), "{lines:#?}");
        assert!(lines.contains(&"true filter_one: b is not there missing".to_owned()), "{lines:#?}");
        assert!(lines.contains(&"false words: one of: -".to_owned()), "{lines:#?}");
    }
}
