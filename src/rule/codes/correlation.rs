//! Findings about the keys of a correlation.

use super::{Code, correlation, error, warning};

const GOOD: &str = "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    group-by: [user.name]\n    timespan: 10m\n    condition: {gte: 5}\n";
const GOOD_VALUES: &str = "title: Denied at many endpoints\ncorrelation:\n    type: value_count\n    rules: [denied]\n    group-by: [user.name]\n    timespan: 10m\n    condition: {field: aigov.endpoint.id, gte: 3}\n";

pub(super) const CODES: &[Code] = &[
    error(
        "missing-type",
        "A correlation without a type",
        "`type` says what is done with the events: `event_count`, `value_count`, `temporal`, `temporal_ordered`, and so on.",
        correlation("title: Denials\ncorrelation:\n    rules: [denied]\n    timespan: 10m\n    condition: {gte: 5}\n"),
        correlation(GOOD),
    ),
    error(
        "missing-timespan",
        "A correlation without a timespan",
        "Events belong together when they lie within `timespan`: a whole number and `s`, `m`, `h`, `d` or `w`.",
        correlation(
            "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    condition: {gte: 5}\n",
        ),
        correlation(GOOD),
    ),
    error(
        "missing-rules",
        "A correlation of no rules",
        "`rules` lists the names or ids of the rules whose events are correlated.",
        correlation(
            "title: Denials\ncorrelation:\n    type: event_count\n    timespan: 10m\n    condition: {gte: 5}\n",
        ),
        correlation(GOOD),
    ),
    error(
        "missing-field",
        "A value type without a field",
        "The condition of `value_count` and its like names the `field` whose values are looked at.",
        correlation(
            "title: Denied at many endpoints\ncorrelation:\n    type: value_count\n    rules: [denied]\n    timespan: 10m\n    condition: {gte: 3}\n",
        ),
        correlation(GOOD_VALUES),
    ),
    error(
        "missing-operator",
        "A condition without an operator",
        "It needs one of `gt`, `gte`, `lt`, `lte`, `eq` and `neq`, or two of them for a range.",
        correlation(
            "title: Denied at many endpoints\ncorrelation:\n    type: value_count\n    rules: [denied]\n    timespan: 10m\n    condition: {field: aigov.endpoint.id}\n",
        ),
        correlation(GOOD_VALUES),
    ),
    error(
        "too-many-operators",
        "A condition of three operators",
        "One operator is a threshold, two are a range; three say nothing more.",
        correlation(
            "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    condition: {gte: 1, lte: 5, neq: 3}\n",
        ),
        correlation(
            "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    condition: {gte: 1, lte: 5}\n",
        ),
    ),
    error(
        "bad-duration",
        "Not a duration",
        "A duration is a whole number and a unit without a space: `30s`, `10m`, `24h`, `7d`, `2w`. A timespan is longer than \
         zero.",
        correlation(
            "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10 minutes\n    condition: {gte: 5}\n",
        ),
        correlation(GOOD),
    ),
    error(
        "bad-align",
        "Not an offset for windows",
        "`align` says where tumbling windows begin: `UTC`, an offset such as `+02:00`, or a duration such as `6h`. Names of time \
         zones are not taken, because windows would change their length twice a year.",
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1d\n    window: tumbling\n    align: Berlin\n    condition: {gte: 5}\n",
        ),
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1d\n    window: tumbling\n    align: '+02:00'\n    condition: {gte: 5}\n",
        ),
    ),
    error(
        "missing-gap",
        "A session window without a gap",
        "A session is made of events that follow each other within `gap`.",
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n    window: session\n    condition: {gte: 5}\n",
        ),
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n    window: session\n    gap: 5m\n    condition: {gte: 5}\n",
        ),
    ),
    error(
        "key-without-effect",
        "A key that does nothing here",
        "The key belongs to another type or window, or to another key that is not there. It is refused because its author \
         expects it to do something.",
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n    gap: 5m\n    condition: {gte: 5}\n",
        ),
        correlation(GOOD),
    ),
    error(
        "early-not-monotone",
        "`early` with a condition that later events can undo",
        "`early: true` alerts as soon as an event arrives. That is only right if no event that comes later can make the \
         condition false again: not with `not`, `lt`, `lte`, `eq`, `neq`, a range, or `reset-on`.",
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 1h\n    early: true\n    condition: {lt: 5}\n",
        ),
        correlation(GOOD),
    ),
    error(
        "unsupported-condition",
        "A condition that this type does not take",
        "`temporal_ordered` wants all its rules in their order, or a text with `and`, `or` and `not`. Thresholds that count \
         rules belong to `temporal`.",
        correlation(
            "title: Denied, then allowed\ncorrelation:\n    type: temporal_ordered\n    rules: [denied, allowed]\n    timespan: 10m\n    condition: {gte: 1}\n",
        ),
        correlation(
            "title: Denied, then allowed\ncorrelation:\n    type: temporal_ordered\n    rules: [denied, allowed]\n    timespan: 10m\n",
        ),
    ),
    error(
        "unknown-field",
        "A field that is not part of the group",
        "`suppress-by` takes some of the fields of `group-by`: an alert has no others to be told apart by.",
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    group-by: [user.name]\n    timespan: 10m\n    suppress: 1h\n    suppress-by: [username]\n    condition: {gte: 5}\n",
        ),
        correlation(
            "title: Denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    group-by: [user.name]\n    timespan: 10m\n    suppress: 1h\n    suppress-by: [user.name]\n    condition: {gte: 5}\n",
        ),
    ),
    error(
        "incomplete-alias",
        "An alias without a field for one of the rules",
        "An alias is one name for a thing that each rule calls differently. Used in `group-by` it needs a field for every rule \
         of the correlation; a rule that calls it by the same name is listed as well.",
        correlation(
            "title: Denied and allowed\ncorrelation:\n    type: temporal\n    rules: [denied, allowed]\n    aliases: {request: {denied: aigov.decision.id}}\n    group-by: [request]\n    timespan: 10m\n",
        ),
        correlation(
            "title: Denied and allowed\ncorrelation:\n    type: temporal\n    rules: [denied, allowed]\n    aliases: {request: {denied: aigov.decision.id, allowed: aigov.decision.reviewed_id}}\n    group-by: [request]\n    timespan: 10m\n",
        ),
    ),
    error(
        "too-many-rules",
        "A correlation of more than 64 rules",
        "Put rules that belong together into a correlation of their own and refer to that.",
        correlation(TOO_MANY),
        correlation(GOOD),
    ),
    warning(
        "true-too-early",
        "A condition that is true before the window is full",
        "`lt`, `lte`, `eq`, `neq` and ranges are true of the very first event. They are judged when the window closes; with \
         another `emit` nearly every event alerts.",
        correlation(
            "title: Few denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    emit: every\n    condition: {lt: 5}\n",
        ),
        correlation(
            "title: Few denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    condition: {lt: 5}\n",
        ),
    ),
    error(
        "early-waits",
        "An early rule over one that waits",
        "With `early: true` an alert is raised when the event arrives. That is possible when everything below is known then: \
         the rules that it refers to are detections, or correlations with `early: true` themselves.",
        correlation(
            "title: Denials\nname: denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    condition: {gte: 5}\n---\ntitle: Denials again and again\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denials]\n    timespan: 1h\n    early: true\n    condition: {gte: 2}\n",
        ),
        correlation(
            "title: Denials\nname: denials\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    timespan: 10m\n    early: true\n    condition: {gte: 5}\n---\ntitle: Denials again and again\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denials]\n    timespan: 1h\n    early: true\n    condition: {gte: 2}\n",
        ),
    ),
];

const TOO_MANY: &str = "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied, denied]\n    timespan: 10m\n    condition: {gte: 5}\n";
