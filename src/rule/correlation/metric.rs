//! `metric`: the correlation writes its value as a series instead of raising alerts (RULES S20).

use super::{Kind, read_align};
use crate::model::Span;
use crate::rule::detection::canonical;
use crate::rule::diagnostic::Diagnostics;
use crate::rule::keys::Keys;
use crate::rule::yaml::Node;

/// Most values that one event can be part of.
const MOST_VALUES: i64 = 100_000;
/// Longest name and unit, in characters.
const LONGEST_TEXT: usize = 256;

/// What the series is called and how often it has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its name, such as `aigov.deployments`.
    pub name: String,
    /// What its values are counted in.
    pub unit: Option<String>,
    /// It has a value at every multiple of this.
    pub every: Span,
    /// How much later than the multiple, less than `every`.
    pub offset: Span,
}

/// Keys of a correlation that say when and how it alerts, or change its window: a metric has a value at every multiple of
/// `every`, over the timespan before it, and nothing else.
pub(in crate::rule) const WITHOUT_EFFECT: [&str; 14] = [
    "condition",
    "reset-on",
    "window",
    "gap",
    "emit",
    "suppress",
    "suppress-by",
    "early",
    "on-late",
    "baseline",
    "unseen-for",
    "expect",
    "cold-start",
    "generate",
];

/// Reads `metric` of the document that a correlation with these keys stands in. What is wrong with it has been said when it
/// is given all the same.
pub(super) fn read(document: &Node, keys: &mut Keys<'_, '_>, timespan: Span) -> Option<Metric> {
    let (key, node) = document.mapping()?.iter().find(|(key, _)| key.text() == Some("metric"))?;
    if document.get("dialect").is_none() {
        let help = "add `dialect: clarion/1` at the top level of the document".to_owned();
        let message = "`metric` is not Sigma: it belongs to the dialect clarion/1";
        keys.diagnostics.error(key.place, "dialect-not-declared", message, Some(help));
    }
    refuse_alerting(document, keys);
    let mut metric = Metric { name: String::new(), unit: None, every: timespan, offset: Span::ZERO };
    let Some(mut inner) = Keys::of(node, "`metric`", keys.diagnostics) else { return Some(metric) };
    inner.refuse_unknown("`metric`", &["name", "unit", "every"]);
    if inner.get("name").is_none() {
        let help = "add `name:`, such as aigov.deployments".to_owned();
        inner.diagnostics.error(node.place, "missing-metric-name", "a `metric` needs a `name`", Some(help));
    }
    for text in ["name", "unit"] {
        let Some(value) = inner.text(text) else { continue };
        let place = inner.get(text).map_or(node.place, |node| node.place);
        if value.chars().count() > LONGEST_TEXT {
            let message = format!("`{text}` of a metric has at most {LONGEST_TEXT} characters");
            inner.diagnostics.error(place, "text-too-long", message, None);
        }
        if text == "unit" {
            metric.unit = Some(value.to_owned());
        } else if value.trim().is_empty() {
            let help = "write what is measured, such as aigov.deployments".to_owned();
            inner.diagnostics.error(place, "missing-metric-name", "the `name` of the metric is empty", Some(help));
        } else {
            value.clone_into(&mut metric.name);
        }
    }
    if let Some(every) = inner.span("every") {
        let place = inner.get("every").map_or(node.place, |node| node.place);
        if every == Span::ZERO || timespan.0 / every.0.max(1) > MOST_VALUES {
            let help = format!("a timespan holds at most {MOST_VALUES} values");
            let message = format!("a value every {every} of a timespan of {timespan} is too many");
            inner.diagnostics.error(place, "bad-every", message, Some(help));
        }
        metric.every = every;
    }
    metric.offset = read_align(keys, metric.every).unwrap_or_default();
    Some(metric)
}

/// Reads `half-life`, which belongs to a sum that is written as a series: what raises an alert would else depend on when it is
/// looked at.
pub(super) fn read_half_life(keys: &mut Keys<'_, '_>, kind: Option<Kind>, is_metric: bool) -> Option<Span> {
    let half_life = keys.span("half-life")?;
    let place = keys.get("half-life").map_or(keys.place, |node| node.place);
    if half_life <= Span::ZERO {
        keys.diagnostics.error(place, "bad-duration", "a half-life of zero leaves nothing to sum up", None);
    }
    if !is_metric || kind.is_some_and(|kind| kind != Kind::ValueSum) {
        let help = "write it in a `value_sum` with `metric`, or leave it out".to_owned();
        let message = "`half-life` belongs to a `value_sum` that is a metric";
        keys.diagnostics.error(place, "key-without-effect", message, Some(help));
    }
    Some(half_life)
}

/// A key that would do nothing is an error, so that nobody relies on it.
fn refuse_alerting(document: &Node, keys: &mut Keys<'_, '_>) {
    let mut refuse = |key: &Node, help: &str| {
        let message = format!("`{}` does nothing in a metric, which raises no alert", key.text().unwrap_or_default());
        keys.diagnostics.error(key.place, "key-without-effect", message, Some(help.to_owned()));
    };
    for (key, _) in keys.entries {
        match key.text() {
            Some("condition") => refuse(key, "leave it out; `field` and `percentile` stand beside `type`"),
            Some(name) if WITHOUT_EFFECT.contains(&name) => refuse(key, "leave it out"),
            _ => {}
        }
    }
    for (key, _) in document.mapping().unwrap_or_default() {
        if key.text() == Some("generate") {
            refuse(key, "leave it out");
        }
    }
}

/// Which types are a series, and which are nothing else.
pub(super) fn check_kind(kind: Kind, metric: Option<&Metric>, place: crate::rule::yaml::Place, all: &mut Diagnostics) {
    let name = kind.name();
    if metric.is_some() && !kind.is_measure() {
        let message = format!("`metric` belongs to the types that measure, and `{name}` does not");
        all.error(place, "key-without-effect", message, Some("use event_ratio or event_count of such a rule".into()));
    }
    if metric.is_none() && kind.is_metric_only() {
        let help = "add `metric: {name: …}`, or alert on `value_percentile`".to_owned();
        all.error(place, "metric-only", format!("`{name}` is a metric, and raises no alert"), Some(help));
    }
}

/// What makes two series of the same correlation different ones.
pub(super) fn meaning(document: &Node) -> String {
    document.get("metric").map_or_else(String::new, |node| format!("\nmetric {}", canonical(node)))
}
