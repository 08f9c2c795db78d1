//! Findings about what a detection looks for: log source, fields, modifiers and values.

use super::{Code, detection, error, warning, whole};

const GOOD: &str =
    "detection:\n    selection:\n        aigov.decision.signature: unknown_signer\n    condition: selection\n";

pub(super) const CODES: &[Code] = &[
    error(
        "missing-logsource",
        "A detection without a log source",
        "Sigma requires `logsource` with at least one of `category`, `product` and `service`: it says which events the rule \
         looks at, and keeps it from being tried on all others.",
        whole(
            "title: Approval by an unknown signer\ndetection: {selection: {aigov.decision.signature: unknown_signer}, condition: selection}\n",
        ),
        detection(GOOD),
    ),
    error(
        "empty-selection",
        "A search identifier or list that says nothing",
        "An identifier without fields, or a field with an empty list of values: what it would match is anybody's guess.",
        detection("detection:\n    selection:\n        aigov.decision.signature: []\n    condition: selection\n"),
        detection(GOOD),
    ),
    error(
        "null-in-list",
        "`null` in a list or behind a modifier",
        "Sigma allows `null` (the field is missing or null) only as the single value of a field. Give it an identifier of \
         its own.",
        detection(
            "detection:\n    selection:\n        aigov.decision.signature: [unknown_signer, null]\n    condition: selection\n",
        ),
        detection(
            "detection:\n    selection_unknown:\n        aigov.decision.signature: unknown_signer\n    selection_none:\n        aigov.decision.signature: null\n    condition: 1 of selection_*\n",
        ),
    ),
    error(
        "unknown-modifier",
        "A modifier that does not exist",
        "Modifiers stand behind the field, separated by `|`. One that is misspelt would leave the value to mean something \
         else.",
        detection("detection:\n    selection:\n        user.name|startwith: svc-\n    condition: selection\n"),
        detection("detection:\n    selection:\n        user.name|startswith: svc-\n    condition: selection\n"),
    ),
    error(
        "modifier-order",
        "A modifier at the wrong place",
        "`re`, `cidr` and `exists` come first; the flags `i`, `m` and `s` come behind `re`.",
        detection("detection:\n    selection:\n        user.name|i|re: '^svc-'\n    condition: selection\n"),
        detection("detection:\n    selection:\n        user.name|re|i: '^svc-'\n    condition: selection\n"),
    ),
    error(
        "modifier-combination",
        "Modifiers that do not go together",
        "A value is compared in one way: as a text, as a number, as a regular expression, or as a network. For two bounds of \
         a number write the field twice.",
        detection("detection:\n    selection:\n        aigov.drift.share|gt|lt: 0.5\n    condition: selection\n"),
        detection(
            "detection:\n    selection:\n        aigov.drift.share|gt: 0.2\n        aigov.drift.share|lt: 0.5\n    condition: selection\n",
        ),
    ),
    error(
        "all-needs-list",
        "`all` with a single value",
        "`all` turns the values of a list from OR to AND. With one value it has no meaning, and the list was probably \
         forgotten.",
        detection("detection:\n    selection:\n        message|contains|all: override\n    condition: selection\n"),
        detection(
            "detection:\n    selection:\n        message|contains|all: [override, manual]\n    condition: selection\n",
        ),
    ),
    error(
        "bad-regex",
        "A regular expression that does not compile",
        "Sigma's regular expressions have no look-around and no back references, so that every match takes time that is \
         proportional to the text. Backslashes in double quotes are YAML's: use single quotes.",
        detection("detection:\n    selection:\n        user.name|re: 'svc-(?!deploy)'\n    condition: selection\n"),
        detection(
            "detection:\n    selection:\n        user.name|re: '^svc-'\n    filter_deploy:\n        user.name|re: '^svc-deploy'\n    condition: selection and not filter_deploy\n",
        ),
    ),
    error(
        "bad-network",
        "A value of `cidr` that is no network",
        "Write an address and the length of the prefix, `10.0.0.0/8` or `2001:db8::/32`.",
        detection("detection:\n    selection:\n        source.address|cidr: 10.0.0.0/33\n    condition: selection\n"),
        detection("detection:\n    selection:\n        source.address|cidr: 10.0.0.0/8\n    condition: selection\n"),
    ),
    error(
        "array-selector-undeclared",
        "An array selector in a rule that is not written for it",
        "`field[any]`, `field[0]` and their like are an enhancement proposal (212) for Sigma 3. To a tool that reads Sigma 2 the \
         brackets are part of the name, and the rule means something else. Say which version it is written for.",
        detection("detection:\n    selection:\n        aigov.drift.columns[all]: income\n    condition: selection\n"),
        detection(
            "sigma-version: 3\ndetection:\n    selection:\n        aigov.drift.columns[all]: income\n    condition: selection\n",
        ),
    ),
    error(
        "bad-array-selector",
        "An array selector that cannot be read",
        "A selector is `[any]`, `[all]`, `[all_or_empty]`, `[none]`, or a place (`[0]` is the first, `[-1]` the last), right behind \
         the name of the list. Behind it stands nothing, another selector, or a dot and a field of the element. A bracket that \
         belongs to a name is written `\\[`. What is said of an element is a value, a map of its fields, or a list of such \
         maps; keywords are looked for in whole events.",
        detection(
            "sigma-version: 3\ndetection:\n    selection:\n        aigov.drift.columns[some]: income\n    condition: selection\n",
        ),
        detection(
            "sigma-version: 3\ndetection:\n    selection:\n        aigov.drift.columns[any]: income\n    condition: selection\n",
        ),
    ),
    warning(
        "separate-elements",
        "Fields that may be of different elements",
        "Each key looks at the list by itself: `list[any].a` and `list[any].b` are true when one element has the one and another \
         element the other. To ask both of one element, give `list[any]` a map.",
        detection(
            "sigma-version: 3\ndetection:\n    selection:\n        reviewers[any].role: risk\n        reviewers[any].vote: reject\n    condition: selection\n",
        ),
        detection(
            "sigma-version: 3\ndetection:\n    selection:\n        reviewers[any]:\n            role: risk\n            vote: reject\n    condition: selection\n",
        ),
    ),
];
