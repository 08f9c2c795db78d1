//! Findings about correlations that are written as a series.

use super::{Code, correlation, error, warning};

pub(super) const CODES: &[Code] = &[
    error(
        "missing-metric-name",
        "A metric without a name",
        "Dashboards find a series by its name: `metric: {name: aigov.denials}`.",
        correlation(
            "title: Denials\ndialect: clarion/1\nmetric: {unit: denials}\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n",
        ),
        correlation(
            "title: Denials\ndialect: clarion/1\nmetric: {name: aigov.denials, unit: denials}\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n",
        ),
    ),
    error(
        "bad-every",
        "A metric with too many values",
        "A metric has a value at every multiple of `every`, over the `timespan` before it. One event is part of as many values \
         as there are multiples in the timespan: at most 100,000.",
        correlation(
            "title: Denials\ndialect: clarion/1\nmetric: {name: aigov.denials, every: 1s}\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 30d\n",
        ),
        correlation(
            "title: Denials\ndialect: clarion/1\nmetric: {name: aigov.denials, every: 1h}\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 30d\n",
        ),
    ),
    warning(
        "silenced-by-metric",
        "A rule that a metric silences",
        "A correlation that another one refers to alerts by itself only with `generate: true`, and a metric refers like any other. \
         Whoever adds a metric seldom means to turn an alert off, so the rule says which it is to be.",
        correlation(
            "title: Many denials\nname: many_denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    condition: {gte: 3}\n---\n\
             title: Bursts of denials\ndialect: clarion/1\nmetric: {name: aigov.denial_bursts}\ncorrelation:\n    type: event_count\n    rules: [many_denials]\n    timespan: 1d\n",
        ),
        correlation(
            "title: Many denials\nname: many_denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    generate: true\n    timespan: 10m\n    condition: {gte: 3}\n---\n\
             title: Bursts of denials\ndialect: clarion/1\nmetric: {name: aigov.denial_bursts}\ncorrelation:\n    type: event_count\n    rules: [many_denials]\n    timespan: 1d\n",
        ),
    ),
    error(
        "bad-weights",
        "A weighted sum that does not add up",
        "A `weighted_sum` adds up the newest values of other metrics. It needs a number in `weights` for each of its `rules`; \
         `weights` and `otherwise` name nothing else; `limits` are the least and the greatest value. Each rule is a metric, and is \
         grouped by all of `group-by` or by those fields only that all of the rules have; then its values count for all groups alike. \
         At least one is grouped by all of them.",
        correlation(
            "title: Denials\nname: denials\ndialect: clarion/1\nmetric: {name: aigov.denials}\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n---\n\
             title: Health\ndialect: clarion/1\nmetric: {name: aigov.health}\ncorrelation:\n    type: weighted_sum\n    rules: [denials]\n    timespan: 1h\n",
        ),
        correlation(
            "title: Denials\nname: denials\ndialect: clarion/1\nmetric: {name: aigov.denials}\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n---\n\
             title: Health\ndialect: clarion/1\nmetric: {name: aigov.health}\ncorrelation:\n    type: weighted_sum\n    rules: [denials]\n    weights: {denials: -1}\n    base: 100\n    limits: [0, 100]\n    timespan: 1h\n",
        ),
    ),
    error(
        "metric-only",
        "An alert on a type that is a metric",
        "`value_max`, `value_min`, `value_last` and `weighted_sum` are written as a series and raise no alert. To alert on the greatest value \
         count the events above a threshold: a detection with `|gte`, and `event_count` over it.",
        correlation(
            "title: Drift\ndialect: clarion/1\ncorrelation:\n    type: value_max\n    rules: [denied]\n    timespan: 1h\n    condition: {field: aigov.drift.share, gte: 0.3}\n",
        ),
        correlation(
            "title: Drift\ndialect: clarion/1\nmetric: {name: aigov.drift}\ncorrelation:\n    type: value_max\n    rules: [denied]\n    field: aigov.drift.share\n    timespan: 1h\n",
        ),
    ),
];
