//! Findings about conditions, of detections and of correlations.

use super::{Code, correlation, detection, error, warning};

const GOOD: &str = "detection:\n    selection: {aigov.decision.signature: unknown_signer}\n    filter_bot: {user.name|startswith: renovate}\n    condition: selection and not filter_bot\n";
const GOOD_TEXT: &str = "title: Denied and allowed\ncorrelation:\n    type: temporal\n    rules: [denied, allowed]\n    timespan: 10m\n    condition: denied and allowed\n";

pub(super) const CODES: &[Code] = &[
    error(
        "missing-condition",
        "A rule without the condition that it needs",
        "A detection says with `condition` how its search identifiers go together. A correlation that counts needs a \
         threshold, such as `{gte: 5}`.",
        detection("detection:\n    selection: {aigov.decision.signature: unknown_signer}\n"),
        detection(GOOD),
    ),
    warning(
        "always-true",
        "A condition that every event satisfies",
        "The rule matches every event of its log source: something and the opposite of it are alternatives.",
        detection(
            "detection:\n    selection: {aigov.decision.signature: unknown_signer}\n    condition: selection or not selection\n",
        ),
        detection(GOOD),
    ),
    warning(
        "unused-selection",
        "A search identifier that the condition does not name",
        "It takes no part in the rule. Either the condition forgets it, or it can go.",
        detection(
            "detection:\n    selection: {aigov.decision.signature: unknown_signer}\n    filter_bot: {user.name|startswith: renovate}\n    condition: selection\n",
        ),
        detection(GOOD),
    ),
    error(
        "condition-syntax",
        "A condition that cannot be read",
        "A condition is made of names, `and`, `or`, `not`, parentheses, and `1 of`, `any of` or `all of` with a name pattern or \
         `them`. Something is missing, is there twice, or is not closed.",
        detection(
            "detection:\n    selection: {aigov.decision.signature: unknown_signer}\n    condition: selection and\n",
        ),
        detection(GOOD),
    ),
    error(
        "condition-quantifier",
        "A number before `of` that Sigma does not have",
        "Sigma has `1 of`, `any of` and `all of`. For two of three write out the pairs.",
        detection(
            "detection:\n    selection_a: {aigov.decision.signature: unknown_signer}\n    selection_b: {user.name|startswith: renovate}\n    condition: 2 of selection_*\n",
        ),
        detection(
            "detection:\n    selection_a: {aigov.decision.signature: unknown_signer}\n    selection_b: {user.name|startswith: renovate}\n    condition: all of selection_*\n",
        ),
    ),
    error(
        "condition-matches-nothing",
        "A name pattern that no identifier matches",
        "`1 of filter_*` with no `filter_…` is always false, and `not 1 of filter_*` always true: the identifier is missing or \
         misspelt. Names that begin with `_` are not among `them`.",
        detection(
            "detection:\n    selection: {aigov.decision.signature: unknown_signer}\n    condition: selection and not 1 of filter_*\n",
        ),
        detection(GOOD),
    ),
    error(
        "unknown-identifier",
        "A name in the condition that the detection does not define",
        "It is probably misspelt; the message has a suggestion. Case counts.",
        detection("detection:\n    selection: {aigov.decision.signature: unknown_signer}\n    condition: selectoin\n"),
        detection("detection:\n    selection: {aigov.decision.signature: unknown_signer}\n    condition: selection\n"),
    ),
    error(
        "old-aggregation",
        "An aggregation of old Sigma",
        "Aggregations behind `|` and `timeframe` belong to Sigma 1. Give the detection a `name` and count it in a correlation \
         document.",
        detection(
            "detection:\n    selection: {aigov.decision.signature: unknown_signer}\n    condition: selection | count() by user.name > 5\n",
        ),
        correlation(
            "title: Five denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    group-by: [user.name]\n    timespan: 10m\n    condition: {gt: 5}\n",
        ),
    ),
    error(
        "never-true",
        "A condition that can never be true",
        "It wants something and its opposite. A rule that cannot alert looks like a world without incidents.",
        correlation(
            "title: Denied and allowed\ncorrelation:\n    type: temporal\n    rules: [denied, allowed]\n    timespan: 10m\n    condition: denied and allowed and not denied\ntests:\n    - {name: none, events: [], expect: none}\n    - {name: some, events: [], expect: [{at: +0s}]}\n",
        ),
        correlation(GOOD_TEXT),
    ),
    error(
        "only-negative",
        "A condition without an event",
        "Something is missing before, between or after something that happens: at least one rule of each alternative must not \
         be negated. For something that is missing at all times, count in fixed windows.",
        correlation(
            "title: Nothing\ncorrelation:\n    type: temporal\n    rules: [denied, allowed]\n    timespan: 10m\n    condition: not denied and not allowed\ntests:\n    - {name: none, events: [], expect: none}\n    - {name: some, events: [], expect: [{at: +0s}]}\n",
        ),
        correlation(GOOD_TEXT),
    ),
    error(
        "condition-too-large",
        "A condition with more than 64 alternatives",
        "Written out as alternatives of `and`, the condition has too many. Split the rule into several and refer to them.",
        correlation(
            "title: Many ways\ncorrelation:\n    type: temporal\n    rules: [denied, allowed]\n    timespan: 10m\n    condition: (denied or allowed) and (denied or allowed) and (denied or allowed) and (denied or allowed) and (denied or allowed) and (denied or allowed) and (denied or allowed)\n",
        ),
        correlation(GOOD_TEXT),
    ),
];
