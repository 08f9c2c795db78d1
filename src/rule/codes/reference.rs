//! Findings about rules that refer to rules.

use super::{Code, correlation, error, warning, whole};

const GOOD: &str = "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    condition: {gte: 5}\n";

pub(super) const CODES: &[Code] = &[
    error(
        "unknown-rule",
        "A reference to a rule that is not loaded",
        "Rules are referred to by `name` or `id`. It is misspelt, or its file was not given: all files and folders of one run \
         are one set, so give those that refer to each other together.",
        correlation(
            "title: Denials\ncorrelation:\n    type: event_count\n    rules: [deneid]\n    timespan: 10m\n    condition: {gte: 5}\n",
        ),
        correlation(GOOD),
    ),
    warning(
        "inactive-reference",
        "A rule that refers to one that cannot run",
        "A rule whose lookup table is missing does not run, and neither does what refers to it: a correlation over a rule that \
         never matches would say that nothing happened. Give the table, or leave both out.",
        None,
        None,
    ),
    error(
        "unused-rule",
        "A listed rule that the condition does not name",
        "A text condition names every rule of `rules`, with or without `not`: one that is left out would do nothing.",
        correlation(
            "title: Denied and allowed\ncorrelation:\n    type: temporal\n    rules: [denied, allowed]\n    timespan: 10m\n    condition: denied\n",
        ),
        correlation(
            "title: Denied and allowed\ncorrelation:\n    type: temporal\n    rules: [denied, allowed]\n    timespan: 10m\n    condition: denied and allowed\n",
        ),
    ),
    error(
        "duplicate-rule",
        "Two rules of one id or one name",
        "References would mean one of the two, and their alerts could not be told apart. Often a file was copied and kept its \
         `id`; a new one is a random UUID.",
        whole(
            "title: Denied\nname: denied\nlogsource: {category: policy_decision}\ndetection: {selection: {aigov.decision.outcome: deny}, condition: selection}\n---\ntitle: Denied again\nname: denied\nlogsource: {category: policy_decision}\ndetection: {selection: {aigov.decision.outcome: deny}, condition: selection}\n",
        ),
        correlation(GOOD),
    ),
    error(
        "rule-cycle",
        "Rules that refer to each other in a circle",
        "A rule's alerts are events of the rules that refer to it. In a circle nothing could be decided first.",
        whole(
            "title: Denials\nname: denials\ncorrelation: {type: event_count, rules: [denials], timespan: 10m, condition: {gte: 5}}\n",
        ),
        correlation(GOOD),
    ),
];
