//! What of a rule file is not pure Sigma 2.1.0 (RULES 2.1, rule 3). Looks at the tree of the file, whatever else is wrong
//! with it; says nothing of what is not Sigma at all, which loading does.

use std::sync::Arc;

use super::alert_events::ANY_ALERT;
use super::correlation::DIALECT_KEYS;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::number::Number;
use super::selection::field_name;
use super::selector;
use super::yaml::{self, Node};

/// Keys of the dialect at the top level.
const DIALECT_TOP_KEYS: [&str; 5] = ["risk", "metric", "expires", "reason", "owner"];
/// Types that Sigma 2.1.0 has.
const TYPES: [&str; 7] =
    ["event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg", "value_percentile"];

/// The findings about portability in these files.
#[must_use]
pub fn portability(files: &[(Arc<str>, String)]) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    let is_defined = files.iter().any(|(name, text)| {
        let documents = yaml::parse(text, &mut Diagnostics::new(Arc::clone(name)));
        documents.iter().any(|document| document.get("name").and_then(Node::text) == Some(ANY_ALERT))
    });
    for (name, text) in files {
        let mut diagnostics = Diagnostics::new(Arc::clone(name));
        // what is wrong with the YAML has been said by the loader
        let documents = yaml::parse(text, &mut Diagnostics::new(Arc::clone(name)));
        for document in &documents {
            judge(document, &mut diagnostics);
            if !is_defined {
                judge_any_alert(document, &mut diagnostics);
            }
        }
        all.extend(diagnostics.into_found());
    }
    all
}

fn judge(document: &Node, diagnostics: &mut Diagnostics) {
    for (key, _) in document.mapping().unwrap_or_default() {
        let name = key.text().unwrap_or_default();
        if DIALECT_TOP_KEYS.contains(&name) && document.get("dialect").is_some() {
            refuse_key(key, name, diagnostics);
        }
    }
    if let Some(correlation) = document.get("correlation") {
        judge_correlation(correlation, diagnostics);
    }
    for kind in ["detection", "filter"] {
        let searches = document.get(kind).and_then(Node::mapping).unwrap_or_default();
        searches.iter().for_each(|(_, search)| judge_selectors(search, diagnostics));
        if let Some(condition) = document.get(kind).and_then(|searches| searches.get("condition")) {
            let texts = condition.sequence().map_or_else(|| vec![condition], |items| items.iter().collect());
            texts.into_iter().for_each(|text| judge_case(text, diagnostics));
        }
    }
}

/// Array selectors, in the fields of a search identifier and of what it says of elements.
fn judge_selectors(search: &Node, diagnostics: &mut Diagnostics) {
    search.sequence().unwrap_or_default().iter().for_each(|item| judge_selectors(item, diagnostics));
    for (key, value) in search.mapping().unwrap_or_default() {
        let name = field_name(key.text().and_then(|text| text.split('|').next()).unwrap_or_default());
        if selector::parse(&name).is_ok_and(|path| !path.steps.is_empty()) {
            let message = format!("`{name}` is an array selector, which is proposed for Sigma 3");
            diagnostics.warning(key.place, "draft-selector", message, None);
        }
        judge_selectors(value, diagnostics);
    }
}

/// The rule that is built in here is built in nowhere else.
fn judge_any_alert(document: &Node, diagnostics: &mut Diagnostics) {
    let rules = |kind: &str| document.get(kind).and_then(|inner| inner.get("rules"));
    for node in [rules("correlation"), rules("filter")].into_iter().flatten() {
        let items = node.sequence().map_or_else(|| vec![node], |items| items.iter().collect());
        if let Some(item) = items.iter().find(|item| item.text() == Some(ANY_ALERT)) {
            let message = "`any_alert` is a rule of clarion, and of no other tool";
            let help = "leave it out, or keep this rule for clarion".to_owned();
            diagnostics.warning(item.place, "dialect-key", message, help);
        }
    }
}

fn refuse_key(key: &Node, name: &str, diagnostics: &mut Diagnostics) {
    let help = "leave it out, or keep this rule for clarion".to_owned();
    diagnostics.warning(key.place, "dialect-key", format!("`{name}` is a key of the dialect clarion/1"), help);
}

fn judge_correlation(correlation: &Node, diagnostics: &mut Diagnostics) {
    for (key, value) in correlation.mapping().unwrap_or_default() {
        let name = key.text().unwrap_or_default();
        if DIALECT_KEYS.contains(&name) {
            refuse_key(key, name, diagnostics);
        }
        match name {
            "type" if value.text().is_some_and(|kind| !TYPES.contains(&kind)) => {
                let message = format!("the type `{}` is not in Sigma 2.1.0", value.text().unwrap_or_default());
                diagnostics.warning(value.place, "draft-type", message, None);
            }
            "percentile" => {
                let message = "`percentile` is pySigma's, and not in the text of Sigma 2.1.0";
                diagnostics.warning(key.place, "draft-type", message, None);
            }
            "timespan"
                if value.text().is_some_and(|span| !span.ends_with(['s', 'm', 'h', 'd']) || has_small_unit(span)) =>
            {
                let message = format!("the unit of `{}` is not in Sigma", value.text().unwrap_or_default());
                diagnostics.warning(value.place, "timespan-unit", message, "write it in s, m, h or d".to_owned());
            }
            "condition" => judge_condition(value, diagnostics),
            _ => {}
        }
    }
}

/// `ms`, `us` and `ns` end like seconds.
fn has_small_unit(span: &str) -> bool {
    ["ms", "us", "µs", "ns"].iter().any(|unit| span.ends_with(unit))
}

fn judge_condition(condition: &Node, diagnostics: &mut Diagnostics) {
    if condition.text().is_some() {
        let message = "a text condition belongs to the draft of Sigma 2.2.0";
        diagnostics.warning(condition.place, "draft-condition", message, None);
        judge_case(condition, diagnostics);
        return;
    }
    let operators: Vec<&(Node, Node)> = condition
        .mapping()
        .unwrap_or_default()
        .iter()
        .filter(|(key, _)| matches!(key.text(), Some("gt" | "gte" | "lt" | "lte" | "eq" | "neq")))
        .collect();
    if operators.len() > 1 {
        let message = "pySigma takes one operator, not a range";
        diagnostics.warning(condition.place, "range-condition", message, None);
    }
    for (_, threshold) in operators {
        if let Some(Number::Float(_)) = threshold.text().and_then(Number::parse_yaml) {
            let message = "pySigma cuts the fraction off this threshold";
            diagnostics.warning(threshold.place, "fraction-threshold", message, None);
        }
    }
}

fn judge_case(condition: &Node, diagnostics: &mut Diagnostics) {
    let Some(text) = condition.text() else { return };
    let capitals =
        text.split(|symbol: char| !symbol.is_ascii_alphanumeric() && symbol != '_' && symbol != '-').find(|word| {
            let small = word.to_ascii_lowercase();
            matches!(small.as_str(), "and" | "or" | "not" | "of" | "them") && small != *word
        });
    if let Some(word) = capitals {
        let message = format!("`{word}` is an operator here and a name in pySigma");
        let help = format!("write `{}`", word.to_ascii_lowercase());
        diagnostics.warning(condition.place, "upper-case-operator", message, help);
    }
}
