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
        "metric-only",
        "An alert on a type that is a metric",
        "`value_max`, `value_min` and `value_last` are written as a series and raise no alert. To alert on the greatest value \
         count the events above a threshold: a detection with `|gte`, and `event_count` over it.",
        correlation(
            "title: Drift\ndialect: clarion/1\ncorrelation:\n    type: value_max\n    rules: [denied]\n    timespan: 1h\n    condition: {field: aigov.drift.share, gte: 0.3}\n",
        ),
        correlation(
            "title: Drift\ndialect: clarion/1\nmetric: {name: aigov.drift}\ncorrelation:\n    type: value_max\n    rules: [denied]\n    field: aigov.drift.share\n    timespan: 1h\n",
        ),
    ),
];
