//! The pages about findings, as Markdown: one for each code, and the index.

use super::{Code, Example, GROUPS};
use crate::rule::diagnostic::Severity;

/// The page of a code.
#[must_use]
pub fn page(code: &Code) -> String {
    let effect = match (code.severity, code.portable) {
        (Severity::Error, _) => "Error: nothing is loaded.",
        (Severity::Warning, false) => "Warning: the rules load.",
        (Severity::Warning, true) => "Warning of `clarion rules check --portable`: the rules load here.",
    };
    let mut text = format!("# `{}`\n\n{}. {effect}\n\n{}\n", code.code, code.title, code.meaning);
    for (heading, example) in [("Like this it is found", code.bad), ("Write instead", code.good)] {
        if let Some(example) = example {
            text.push_str(&format!("\n## {heading}\n\n```yaml\n{}```\n", shown(&example)));
        }
    }
    text.push_str("\n---\n[All codes](README.md) · [Writing rules](../rules.md)\n");
    text
}

fn shown(example: &Example) -> String {
    // of a correlation the rules that it refers to are left out: every one would begin with the same ten lines
    let before = if example.before.contains("---") { "" } else { example.before };
    format!("{before}{}", example.text)
}

/// The index of all codes.
#[must_use]
pub fn index() -> String {
    let mut text = String::from(
        "# What `clarion rules check` finds\n\n\
         Every finding has a place, a sentence, and one of these codes. Codes are stable: they keep their meaning, and tools may\n\
         rely on them. Examples of correlations refer to two detections, `denied` and `allowed`. These pages are made with\n\
         `clarion rules codes --output docs/rules`.\n",
    );
    for (heading, codes) in GROUPS {
        text.push_str(&format!("\n## {heading}\n\n| code | | |\n|---|---|---|\n"));
        for code in codes {
            let word = code.severity.name();
            text.push_str(&format!("| [`{0}`]({0}.md) | {word} | {1} |\n", code.code, code.title));
        }
    }
    text
}
