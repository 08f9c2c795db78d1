//! Findings about measures of fields, and what they are compared with.

use super::{Code, correlation, error};

pub(super) const CODES: &[Code] = &[
    error(
        "missing-percentile",
        "`value_percentile` without its percentile",
        "`percentile` says which part of the values lies below: 95 is what one in twenty exceeds.",
        correlation(
            "title: Denials\ncorrelation:\n    type: value_percentile\n    rules: [denied]\n    timespan: 1h\n    condition: {field: aigov.drift.share, gte: 0.3}\n",
        ),
        correlation(
            "title: Denials\ncorrelation:\n    type: value_percentile\n    rules: [denied]\n    timespan: 1h\n    percentile: 95\n    condition: {field: aigov.drift.share, gte: 0.3}\n",
        ),
    ),
    error(
        "bad-percentile",
        "A percentile that is none",
        "A percentile is a number from 0 to 100, with at most six decimals.",
        correlation(
            "title: Denials\ncorrelation:\n    type: value_percentile\n    rules: [denied]\n    timespan: 1h\n    percentile: 101\n    condition: {field: aigov.drift.share, gte: 0.3}\n",
        ),
        correlation(
            "title: Denials\ncorrelation:\n    type: value_percentile\n    rules: [denied]\n    timespan: 1h\n    percentile: 99.9\n    condition: {field: aigov.drift.share, gte: 0.3}\n",
        ),
    ),
    error(
        "too-many-fields",
        "A measure of several fields",
        "A sum, an average or a percentile is that of one field. Only `value_count` counts combinations of \
         several.",
        correlation(
            "title: Denials\ncorrelation:\n    type: value_avg\n    rules: [denied]\n    timespan: 1h\n    condition: {field: [aigov.drift.share, aigov.drift.score], gte: 0.3}\n",
        ),
        correlation(
            "title: Denials\ncorrelation:\n    type: value_avg\n    rules: [denied]\n    timespan: 1h\n    condition: {field: aigov.drift.share, gte: 0.3}\n",
        ),
    ),
    error(
        "wrong-number-of-rules",
        "A ratio that is not of two rules",
        "`event_ratio` divides the events of the first rule by those of the second: `rules: [part, whole]`.",
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_ratio\n    rules: [denied]\n    timespan: 1h\n    condition: {gte: 0.5}\n",
        ),
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_ratio\n    rules: [denied, allowed]\n    timespan: 1h\n    condition: {gte: 0.5}\n",
        ),
    ),
    error(
        "missing-history",
        "A baseline without a history",
        "A `baseline` compares a group with its own past. `history` says how far back that is.",
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n    baseline: {measure: ratio}\n    condition: {gte: 3}\n",
        ),
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n    baseline: {history: 28d, measure: ratio}\n    condition: {gte: 3}\ntests:\n    - name: three times the usual\n      events: [{at: +0s, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +1h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +2h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h10m, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h11m, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h12m, logsource: {category: policy_decision}, aigov.decision.outcome: deny}]\n      expect: [{at: +3h12m}]\n    - name: as usual\n      events: [{at: +0s, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +1h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +2h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}]\n      expect: none\n",
        ),
    ),
    error(
        "missing-measure",
        "A baseline without a measure",
        "`measure` says how the window is compared with those before it: `ratio`, `delta`, `zscore` or `mad`. \
         The thresholds of the condition are in it.",
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n    baseline: {history: 28d}\n    condition: {gte: 3}\n",
        ),
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n    baseline: {history: 28d, measure: ratio}\n    condition: {gte: 3}\ntests:\n    - name: three times the usual\n      events: [{at: +0s, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +1h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +2h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h10m, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h11m, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h12m, logsource: {category: policy_decision}, aigov.decision.outcome: deny}]\n      expect: [{at: +3h12m}]\n    - name: as usual\n      events: [{at: +0s, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +1h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +2h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}]\n      expect: none\n",
        ),
    ),
    error(
        "bad-history",
        "A history that holds too few or too many windows",
        "The past is kept in windows of the `timespan`. A history has at least one of them and at most \
         100,000.",
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n    baseline: {history: 10m, measure: ratio}\n    condition: {gte: 3}\n",
        ),
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n    baseline: {history: 28d, measure: ratio}\n    condition: {gte: 3}\ntests:\n    - name: three times the usual\n      events: [{at: +0s, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +1h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +2h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h10m, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h11m, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h12m, logsource: {category: policy_decision}, aigov.decision.outcome: deny}]\n      expect: [{at: +3h12m}]\n    - name: as usual\n      events: [{at: +0s, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +1h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +2h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}, {at: +3h, logsource: {category: policy_decision}, aigov.decision.outcome: deny}]\n      expect: none\n",
        ),
    ),
];
