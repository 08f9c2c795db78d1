//! Findings about YAML itself.

use super::{Code, detection, error, whole};

const GOOD: &str =
    "detection:\n    selection:\n        aigov.decision.signature: unknown_signer\n    condition: selection\n";

pub(super) const CODES: &[Code] = &[
    error(
        "yaml-syntax",
        "The file is not valid YAML",
        "Usually the indentation is uneven, a quote or bracket is not closed, a tab stands where spaces belong, or a text \
         with `: `, `#` or a leading `*` needs quotes. The place is where the reader could not go on; the mistake may be \
         a line above.",
        detection(
            "detection:\n    selection:\n        aigov.decision.signature: [unknown_signer\n    condition: selection\n",
        ),
        detection(GOOD),
    ),
    error(
        "yaml-alias",
        "A YAML alias",
        "Aliases (`*name`) and merge keys (`<<`) are not allowed in rules: with them a file of some lines can become a tree \
         of gigabytes, and a reader has to look elsewhere for what a line means. Write the value out.",
        whole(
            "title: Approval by an unknown signer\nlogsource: &log {category: human_decision}\ndetection:\n    selection: *log\n    condition: selection\n",
        ),
        detection(GOOD),
    ),
    error(
        "yaml-tag",
        "A YAML tag",
        "Tags (`!name`) tell a YAML reader to build something other than a text, list or map. Rules need none of it, and \
         some readers run code for them. Remove the tag.",
        detection(
            "detection:\n    selection:\n        aigov.decision.signature: !secret unknown_signer\n    condition: selection\n",
        ),
        detection(GOOD),
    ),
    error(
        "yaml-key",
        "A key that is not a single value",
        "A key is a text. YAML would allow a list or a map as a key, which no rule can mean; a text in braces or brackets \
         needs quotes.",
        detection("detection:\n    selection:\n        [a, b]: unknown_signer\n    condition: selection\n"),
        detection(GOOD),
    ),
    error(
        "duplicate-key",
        "A key stands twice in a map",
        "Other tools silently keep the last one, so half of the rule would be lost. For two values of a field write a list; \
         for two conditions on a field with different modifiers that is no problem, because the modifiers are part of the \
         key.",
        detection(
            "detection:\n    selection:\n        aigov.decision.signature: unknown_signer\n        aigov.decision.signature: invalid\n    condition: selection\n",
        ),
        detection(
            "detection:\n    selection:\n        aigov.decision.signature: [unknown_signer, invalid]\n    condition: selection\n",
        ),
    ),
    error(
        "too-deep",
        "Nested too deep",
        "YAML deeper than 64 levels, or rules over rules deeper than 16. No rule that a person can follow is.",
        whole(
            "title: T\ndetection: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
        ),
        detection(GOOD),
    ),
];
