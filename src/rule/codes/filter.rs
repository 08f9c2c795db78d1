//! Findings about filters, which make exceptions from rules.

use super::{Code, correlation, error, warning};

pub(super) const CODES: &[Code] = &[
    warning(
        "filter-not-negated",
        "A filter that keeps what it names",
        "A filter is a further condition: a rule matches only where the filter holds too. Exceptions are \
         written `condition: not selection`; this one drops everything else.",
        correlation(
            "title: Maintenance\nlogsource: {category: policy_decision}\nfilter:\n    rules: [denied]\n    selection: {user.name: svc-test}\n    condition: selection\n",
        ),
        correlation(
            "title: Maintenance\nlogsource: {category: policy_decision}\nfilter:\n    rules: [denied]\n    selection: {user.name: svc-test}\n    condition: not selection\n",
        ),
    ),
    warning(
        "filter-without-effect",
        "A filter that changes no rule",
        "The rules that it names are correlations, or look at other log sources. Filters apply to detections \
         of their own log source.",
        correlation(
            "title: Maintenance\nlogsource: {category: ticket}\nfilter:\n    rules: [denied]\n    selection: {user.name: svc-test}\n    condition: not selection\n",
        ),
        correlation(
            "title: Maintenance\nlogsource: {category: policy_decision}\nfilter:\n    rules: [denied]\n    selection: {user.name: svc-test}\n    condition: not selection\n",
        ),
    ),
    error(
        "misplaced-key",
        "A key of the filter at the wrong depth",
        "`expires`, `reason` and `owner` stand at the top level of the document, beside `filter`.",
        correlation(
            "title: Maintenance\ndialect: clarion/1\nlogsource: {category: policy_decision}\nfilter:\n    rules: [denied]\n    expires: 2026-12-31T00:00:00Z\n    selection: {user.name: svc-test}\n    condition: not selection\n",
        ),
        correlation(
            "title: Maintenance\ndialect: clarion/1\nexpires: 2026-12-31T00:00:00Z\nlogsource: {category: policy_decision}\nfilter:\n    rules: [denied]\n    selection: {user.name: svc-test}\n    condition: not selection\n",
        ),
    ),
    error(
        "bad-time",
        "A time that cannot be read",
        "`expires` is a time such as `2026-12-31T23:59:59Z`, or a day. It is compared with the times of \
         events.",
        correlation(
            "title: Maintenance\ndialect: clarion/1\nexpires: soon\nlogsource: {category: policy_decision}\nfilter:\n    rules: [denied]\n    selection: {user.name: svc-test}\n    condition: not selection\n",
        ),
        correlation(
            "title: Maintenance\ndialect: clarion/1\nexpires: 2026-12-31T00:00:00Z\nlogsource: {category: policy_decision}\nfilter:\n    rules: [denied]\n    selection: {user.name: svc-test}\n    condition: not selection\n",
        ),
    ),
];
