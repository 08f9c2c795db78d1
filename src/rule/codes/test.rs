//! Findings about the tests at the bottom of a rule.

use super::{Code, correlation, error, warning, whole};

const RULE: &str = "title: Ticket created\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\ntests:\n    - name: created\n      events: [{at: +0s, logsource: {category: ticket}, event.action: ticket.created}]\n      expect: [{at: +0s}]\n";

pub(super) const CODES: &[Code] = &[
    error(
        "missing-time",
        "An event of a test without a time",
        "Every event has `at`, its time from the start of the test: `+0s`, `+5m`, `-30s`, `+1d2h`. Events stand in the order in \
         which they arrive.",
        whole(
            "title: Ticket created\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\ntests:\n    - name: created\n      events: [{logsource: {category: ticket}, event.action: ticket.created}]\n      expect: [{at: +0s}]\n",
        ),
        whole(RULE),
    ),
    error(
        "missing-expect",
        "A test that expects nothing in particular",
        "`expect` lists all alerts of the rule that must come, or says `none`.",
        whole(
            "title: Ticket created\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\ntests:\n    - name: created\n      events: [{at: +0s, logsource: {category: ticket}, event.action: ticket.created}]\n",
        ),
        whole(RULE),
    ),
    warning(
        "untested",
        "A rule about absence or resets without tests of both signs",
        "What did not happen is easily got wrong: a rule with `not` or `reset-on` has a test in which it alerts and one in which \
         it does not.",
        correlation(
            "title: Denied and not allowed after it\ncorrelation:\n    type: temporal_ordered\n    rules: [denied, allowed]\n    timespan: 10m\n    condition: denied and not allowed\n",
        ),
        correlation(
            "title: Denied and not allowed after it\ncorrelation:\n    type: temporal_ordered\n    rules: [denied, allowed]\n    timespan: 10m\n    condition: denied and not allowed\ntests:\n    - name: denied\n      events: [{at: +0s, logsource: {category: policy_decision}, aigov.decision.outcome: deny}]\n      expect: [{at: +10m}]\n    - name: allowed in time\n      events:\n          - {at: +0s, logsource: {category: policy_decision}, aigov.decision.outcome: deny}\n          - {at: +9m, logsource: {category: policy_decision}, aigov.decision.outcome: allow}\n      expect: none\n",
        ),
    ),
];
