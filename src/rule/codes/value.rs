//! Findings about the values of a detection and what modifiers make of them.

use super::{Code, detection, error, warning};

pub(super) const CODES: &[Code] = &[
    warning(
        "ambiguous-scalar",
        "A word that other tools read as something else",
        "This program reads YAML 1.2 and keeps the spelling. Many Sigma tools read YAML 1.1, where `yes` and \
         `on` are booleans, `0123` is 83, and `1:30` is 90. Quotes say what is meant in both.",
        detection("detection:\n    selection:\n        user.name: on\n    condition: selection\n"),
        detection("detection:\n    selection:\n        user.name: 'on'\n    condition: selection\n"),
    ),
    error(
        "empty-keyword",
        "An empty keyword",
        "Every event has an empty text in it, so the rule would match all of them.",
        detection("detection:\n    words: ['']\n    condition: words\n"),
        detection("detection:\n    words: ['override']\n    condition: words\n"),
    ),
    error(
        "modifier-without-field",
        "A modifier that needs a field",
        "A keyword is looked for in all fields as a text. Numbers, networks and other fields are compared \
         field by field.",
        detection("detection:\n    selection:\n        '|gt': [5]\n    condition: selection\n"),
        detection("detection:\n    selection:\n        aigov.drift.share|gt: 0.5\n    condition: selection\n"),
    ),
    error(
        "bad-field-reference",
        "`fieldref` with something that is no field name",
        "`fieldref` compares a field with another field of the same event. Its value is the name of that \
         field, without wildcards.",
        detection("detection:\n    selection:\n        user.name|fieldref: 'aigov.*'\n    condition: selection\n"),
        detection(
            "detection:\n    selection:\n        user.name|fieldref: aigov.decision.approver\n    condition: selection\n",
        ),
    ),
    warning(
        "network-host-bits",
        "A network with bits behind its prefix",
        "`10.1.2.3/8` names one address and a network at once. The network is taken; perhaps a longer prefix \
         was meant.",
        detection("detection:\n    selection:\n        source.address|cidr: 10.1.2.3/8\n    condition: selection\n"),
        detection("detection:\n    selection:\n        source.address|cidr: 10.0.0.0/8\n    condition: selection\n"),
    ),
    error(
        "wildcard-in-base64",
        "A wildcard in a value that is encoded",
        "The encoded bytes of `*` are those of a star: a wildcard cannot be encoded. Split the value, or look \
         for its fixed part.",
        detection(
            "detection:\n    selection:\n        message|base64offset|contains: 'over*ride'\n    condition: selection\n",
        ),
        detection(
            "detection:\n    selection:\n        message|base64offset|contains: override\n    condition: selection\n",
        ),
    ),
    error(
        "value-too-short",
        "A value too short to be found in Base64",
        "At each of the three offsets only the characters that do not depend on the neighbours are looked for. \
         Of one byte nothing is left.",
        detection("detection:\n    selection:\n        message|base64offset|contains: x\n    condition: selection\n"),
        detection(
            "detection:\n    selection:\n        message|base64offset|contains: override\n    condition: selection\n",
        ),
    ),
    warning(
        "never-whole",
        "`base64offset` without `contains`",
        "The three encodings of `base64offset` are parts of a longer text. Compared with a whole field they \
         practically never match.",
        detection("detection:\n    selection:\n        message|base64offset: override\n    condition: selection\n"),
        detection(
            "detection:\n    selection:\n        message|base64offset|contains: override\n    condition: selection\n",
        ),
    ),
    error(
        "too-many-values",
        "A value with too many spellings",
        "Placeholders stand for every value of their tables, and `windash` for every spelling of a dash: together they make more \
         values than one rule may have. Use one placeholder, smaller tables, or a shorter value.",
        detection(
            "detection:\n    selection:\n        process.command_line|windash|base64offset|contains: ' -a -b -c -d -e -f -g -h -i -j -k -l -m -n -o -p'\n    condition: selection\n",
        ),
        detection(
            "detection:\n    selection:\n        process.command_line|windash|base64offset|contains: ' -a -b'\n    condition: selection\n",
        ),
    ),
    warning(
        "missing-lookup",
        "A placeholder without a lookup table",
        "`expand` puts the values of a table where `%name%` stands. Give the table in the configuration \
         (`lookups:`) or with `--lookup name=FILE`; without it the rule is inactive, and does not run. With \
         `--strict` this is an error.",
        detection(
            "detection:\n    selection:\n        user.name|expand: '%service_accounts%'\n    condition: selection\n",
        ),
        detection("detection:\n    selection:\n        user.name: svc-deploy\n    condition: selection\n"),
    ),
];
