//! Findings of `--portable`: what is not pure Sigma 2.1.0, so that other tools refuse it, or ignore it and make another rule.

use super::{BUILDING_BLOCKS, Code, Example};
use crate::rule::diagnostic::Severity;

const fn portable(
    code: &'static str,
    title: &'static str,
    meaning: &'static str,
    bad: &'static str,
    good: &'static str,
) -> Code {
    let bad = Some(Example { text: bad, before: BUILDING_BLOCKS });
    let good = Some(Example { text: good, before: BUILDING_BLOCKS });
    Code { code, severity: Severity::Warning, title, meaning, bad, good, portable: true }
}

const GOOD: &str = "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    condition: {gte: 5}\n";
const PAIR: &str =
    "title: Denied and allowed\ncorrelation:\n    type: temporal\n    rules: [denied, allowed]\n    timespan: 10m\n";

pub(super) const CODES: &[Code] = &[
    portable(
        "dialect-key",
        "A key of the dialect `clarion/1`",
        "Other tools ignore keys that they do not know, so the rule loads there and means something else. There is no way to \
         say this in Sigma.",
        "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    suppress: 1h\n    condition: {gte: 5}\n",
        GOOD,
    ),
    portable(
        "draft-condition",
        "A text condition in a correlation",
        "The draft of Sigma 2.2.0 has it, 2.1.0 has not: tools of today refuse the rule. Without `not` the map form says the \
         same: `temporal` alone wants all rules, `{gte: 2}` two of them.",
        "title: Denied and allowed\ncorrelation:\n    type: temporal\n    rules: [denied, allowed]\n    timespan: 10m\n    condition: denied and allowed\n",
        PAIR,
    ),
    portable(
        "draft-type",
        "A type or key that Sigma 2.1.0 does not have",
        "`event_ratio` is this dialect's, `value_median` and `percentile` are pySigma's: tools that follow the specification \
         refuse the rule.",
        "title: Denials\ncorrelation:\n    type: value_median\n    rules: [denied]\n    timespan: 10m\n    condition: {field: aigov.drift.share, gte: 5}\n",
        GOOD,
    ),
    portable(
        "draft-selector",
        "An array selector",
        "`field[any]` and its like are an enhancement proposal (212) for Sigma 3. Tools of today refuse the rule, or look for a \
         field whose name has brackets. A plain field name matches when any member of the list does, in every tool.",
        "title: Drift of income\nsigma-version: 3\nlogsource: {category: drift}\ndetection:\n    selection:\n        aigov.drift.columns[any]: income\n    condition: selection\n",
        "title: Drift of income\nlogsource: {category: drift}\ndetection:\n    selection:\n        aigov.drift.columns: income\n    condition: selection\n",
    ),
    portable(
        "timespan-unit",
        "A unit of time that Sigma does not have",
        "Sigma has `s`, `m`, `h` and `d`. Weeks are `7d`; months and years are no fixed number of days.",
        "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1w\n    condition: {gte: 5}\n",
        "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 7d\n    condition: {gte: 5}\n",
    ),
    portable(
        "range-condition",
        "A condition of two operators",
        "The specification allows a range; pySigma, with which most rules are converted, takes exactly one operator.",
        "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    condition: {gte: 5, lte: 50}\n",
        GOOD,
    ),
    portable(
        "fraction-threshold",
        "A threshold that is no whole number",
        "pySigma cuts the fraction off: 0.2 becomes 0. Express the measure in a smaller unit, if it can be.",
        "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    condition: {gte: 4.5}\n",
        GOOD,
    ),
    portable(
        "upper-case-operator",
        "An operator in capitals",
        "`AND`, `OR`, `NOT` and `OF` are read in any case here; pySigma takes them for names. Write them in small letters.",
        "title: Denied by hand\nlogsource: {category: policy_decision}\ndetection:\n    selection: {aigov.decision.outcome: deny}\n    filter: {user.name|startswith: svc-}\n    condition: selection AND NOT filter\n",
        "title: Denied by hand\nlogsource: {category: policy_decision}\ndetection:\n    selection: {aigov.decision.outcome: deny}\n    filter: {user.name|startswith: svc-}\n    condition: selection and not filter\n",
    ),
];
