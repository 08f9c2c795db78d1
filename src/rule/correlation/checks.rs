//! What goes together in a correlation and what does not: a key that would do nothing is an error, so that nobody relies on
//! it.

use super::{Correlation, Emit, Expect, Kind, Window, Written, metric};
use crate::rule::diagnostic::Diagnostics;
use crate::rule::predicate::Comparison;

/// Finds all of them.
pub(super) fn check(correlation: &Correlation, diagnostics: &mut Diagnostics) {
    let place = correlation.place;
    let ordered = correlation.kind == Kind::TemporalOrdered;
    if ordered && matches!(correlation.window, Window::Tumbling(_)) {
        let help = "use the sliding window, or a session".to_owned();
        diagnostics.error(place, "key-without-effect", "`temporal_ordered` has no tumbling window", Some(help));
    }
    if ordered && correlation.emit == Some(Emit::Close) {
        let help = "leave `emit` out: each completed sequence alerts".to_owned();
        diagnostics.error(
            place,
            "key-without-effect",
            "`emit: close` does not apply to `temporal_ordered`",
            Some(help),
        );
    }
    metric::check_kind(correlation.kind, correlation.metric.as_ref(), place, diagnostics);
    check_measure(correlation, diagnostics);
    check_keys(correlation, diagnostics);
    if correlation.suppress_by.is_some() && correlation.suppress.is_none() {
        diagnostics.error(place, "key-without-effect", "`suppress-by` needs `suppress`", None);
    }
    if correlation.early {
        check_early(correlation, diagnostics);
    }
}

/// RULES S3: only monotone conditions can be evaluated on arrival.
fn check_early(correlation: &Correlation, diagnostics: &mut Diagnostics) {
    let monotone = match &correlation.condition.0 {
        Written::Default => true,
        Written::Thresholds(all) => {
            all.iter().all(|(comparison, _)| matches!(comparison, Comparison::Gt | Comparison::Gte))
        }
        Written::Text(text) => !text.split_whitespace().any(|word| word.trim_matches('(').eq_ignore_ascii_case("not")),
    };
    let compares = correlation.kind.is_quotient()
        || correlation.baseline.is_some()
        || correlation.unseen_for.is_some()
        || correlation.expect.is_some();
    if !monotone || compares || !correlation.reset_on.is_empty() || correlation.emit == Some(Emit::Close) {
        let help = "leave `early` out: this condition is only known behind the watermark".to_owned();
        diagnostics.error(
            correlation.place,
            "early-not-monotone",
            "`early` needs a condition that later events cannot undo",
            Some(help),
        );
    }
}

/// What the types that measure need: a threshold, a field, a percentile, two rules.
fn check_measure(correlation: &Correlation, diagnostics: &mut Diagnostics) {
    let (kind, place) = (correlation.kind, correlation.condition.1);
    let name = kind.name();
    let alerts = correlation.metric.is_none() && !kind.is_metric_only();
    if kind.is_measure() && alerts && !matches!(correlation.condition.0, Written::Thresholds(_)) {
        let help = "write `condition: {gte: 5}`".to_owned();
        let message = format!("`{name}` needs a condition with a threshold");
        diagnostics.error(place, "missing-condition", message, Some(help));
    }
    let fields = correlation.value_fields.len();
    let valued = kind == Kind::ValueCount || kind.is_numeric();
    if valued && fields == 0 {
        let (help, message) = if alerts {
            ("write `condition: {field: …, gte: 5}`", format!("`{name}` needs a `field` in its condition"))
        } else {
            ("write `field: …` beside `type`", format!("`{name}` needs a `field`"))
        };
        diagnostics.error(place, "missing-field", message, Some(help.to_owned()));
    }
    if kind.is_numeric() && fields > 1 {
        let message = format!("`{name}` measures one field, not {fields}");
        diagnostics.error(place, "too-many-fields", message, Some("name one field".to_owned()));
    }
    if !valued && fields > 0 {
        diagnostics.error(place, "key-without-effect", "`field` belongs to the value types", None);
    }
    if kind == Kind::ValuePercentile && correlation.percentile.is_none() {
        let help = "add `percentile: 95`".to_owned();
        diagnostics.error(
            correlation.place,
            "missing-percentile",
            format!("`{name}` needs a `percentile`"),
            Some(help),
        );
    }
    if kind != Kind::ValuePercentile && correlation.percentile.is_some() {
        let message = "`percentile` belongs to `value_percentile`";
        diagnostics.error(correlation.place, "key-without-effect", message, None);
    }
    let rules = correlation.rules.len();
    if kind == Kind::EventRatio && rules != 2 && rules > 0 {
        let help = "write `rules: [part, whole]`".to_owned();
        let message =
            format!("`event_ratio` divides the events of one rule by those of another: two rules, not {rules}");
        diagnostics.error(correlation.place, "wrong-number-of-rules", message, Some(help));
    }
}

/// `min-count`, `baseline`, `unseen-for`, `expect` and `cold-start` where they mean something.
fn check_keys(correlation: &Correlation, diagnostics: &mut Diagnostics) {
    let (kind, place) = (correlation.kind, correlation.place);
    let mut without_effect = |message: &str, help: &str| {
        diagnostics.error(place, "key-without-effect", message, Some(help.to_owned()));
    };
    if correlation.min_count.is_some() && !kind.is_quotient() && correlation.baseline.is_none() {
        let message = "`min-count` belongs to averages, percentiles, ratios and baselines";
        without_effect(message, "leave it out: a count is its own minimum");
    }
    if correlation.baseline.is_some() && !kind.is_measure() {
        without_effect("`baseline` belongs to the types that measure", "leave it out");
    }
    if correlation.unseen_for.is_some() && kind != Kind::ValueCount {
        without_effect("`unseen-for` belongs to `value_count`", "write `type: value_count` with a `field`");
    }
    let Some(expect) = &correlation.expect else { return };
    if correlation.emit.is_some_and(|emit| emit != Emit::Close) || !matches!(correlation.window, Window::Tumbling(_)) {
        let help = "write `window: tumbling` and `emit: close`";
        without_effect("`expect` makes a window be judged at its end although it is empty", help);
    }
    if !kind.is_measure() || kind.is_quotient() || correlation.unseen_for.is_some() {
        without_effect("`expect` belongs to counts and sums, which are zero of an empty window", "leave it out");
    }
    if matches!(expect, Expect::List(_)) && correlation.group_by.len() != 1 {
        without_effect("`expect` lists the values of one `group-by` field", "group by that field alone");
    }
}
