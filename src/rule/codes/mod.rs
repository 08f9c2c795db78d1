//! Every finding that a rule file can have: its stable code, what it means, and an example of the mistake and of what to
//! write instead. The pages in `docs/rules` are made of this table, and a test runs its examples. What finds the mistakes is
//! elsewhere.

mod condition;
mod correlation;
mod detection;
mod document;
mod file;
mod filter;
mod measure;
mod meta;
mod metric;
mod page;
mod portable;
mod reference;
mod test;
mod value;
mod yaml;

use super::diagnostic::Severity;

pub use page::{index, page};

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Its stable name, such as `unknown-key`.
    pub code: &'static str,
    /// Whether it keeps rules from loading.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What it means, why it matters, what to do.
    pub meaning: &'static str,
    /// A file that has it; `None` when it is not about what stands in a file.
    pub bad: Option<Example>,
    /// The same without it.
    pub good: Option<Example>,
    /// Only `clarion rules check --portable` looks for it.
    pub portable: bool,
}

/// An example: a text and what stands around it in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What the page shows.
    pub text: &'static str,
    before: &'static str,
}

/// Rules that examples of correlations refer to.
const BUILDING_BLOCKS: &str = "\
title: Request denied
name: denied
logsource: {category: policy_decision}
detection: {selection: {aigov.decision.outcome: deny}, condition: selection}
---
title: Request allowed
name: allowed
logsource: {category: policy_decision}
detection: {selection: {aigov.decision.outcome: allow}, condition: selection}
---
";

/// What an example of a detection begins with.
const DETECTION: &str = "\
title: Approval by an unknown signer
logsource: {category: human_decision}
";

impl Example {
    /// The whole file.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}{}", self.before, self.text)
    }
}

/// A whole file.
const fn whole(text: &'static str) -> Option<Example> {
    Some(Example { text, before: "" })
}

/// The rest of a detection.
const fn detection(text: &'static str) -> Option<Example> {
    Some(Example { text, before: DETECTION })
}

/// A correlation behind the rules `denied` and `allowed`.
const fn correlation(text: &'static str) -> Option<Example> {
    Some(Example { text, before: BUILDING_BLOCKS })
}

/// The code of an error.
const fn error(
    code: &'static str,
    title: &'static str,
    meaning: &'static str,
    bad: Option<Example>,
    good: Option<Example>,
) -> Code {
    Code { code, severity: Severity::Error, title, meaning, bad, good, portable: false }
}

/// The code of a warning.
const fn warning(
    code: &'static str,
    title: &'static str,
    meaning: &'static str,
    bad: Option<Example>,
    good: Option<Example>,
) -> Code {
    Code { code, severity: Severity::Warning, title, meaning, bad, good, portable: false }
}

/// A group of codes with its heading.
pub type Group = (&'static str, &'static [Code]);

/// All codes, by what they are about.
pub const GROUPS: [Group; 14] = [
    ("Files", file::CODES),
    ("YAML", yaml::CODES),
    ("Documents", document::CODES),
    ("What a rule says of itself", meta::CODES),
    ("Detections", detection::CODES),
    ("Values and modifiers", value::CODES),
    ("Conditions", condition::CODES),
    ("Correlations", correlation::CODES),
    ("Measures and baselines", measure::CODES),
    ("Metrics", metric::CODES),
    ("Filters", filter::CODES),
    ("References between rules", reference::CODES),
    ("Tests", test::CODES),
    ("Portability (`--portable`)", portable::CODES),
];

/// Every code.
pub fn all() -> impl Iterator<Item = &'static Code> {
    GROUPS.iter().flat_map(|(_, codes)| codes.iter())
}

/// The entry of a code.
#[must_use]
pub fn find(code: &str) -> Option<&'static Code> {
    all().find(|known| known.code == code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;
    use crate::rule::{load_texts, portability};

    /// All findings of a file; for a code of portability only those, whatever else this version says of it.
    fn findings(code: &Code, text: &str) -> BTreeSet<(&'static str, Severity)> {
        let file = vec![(Arc::from("example.yml"), text.to_owned())];
        let found = if code.portable { portability(&file) } else { load_texts(file).diagnostics };
        found.iter().map(|finding| (finding.code, finding.severity)).collect()
    }

    #[test]
    fn every_bad_example_has_exactly_its_code_and_every_good_one_nothing() {
        let mut wrong = Vec::new();
        for code in all() {
            if let Some(bad) = code.bad {
                let found = findings(code, &bad.file());
                if found != BTreeSet::from([(code.code, code.severity)]) {
                    wrong.push(format!("{}: the bad example gives {found:?}", code.code));
                }
            }
            if let Some(good) = code.good {
                let found = findings(code, &good.file());
                if !found.is_empty() {
                    wrong.push(format!("{}: the good example gives {found:?}", code.code));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn codes_are_unique_and_have_texts_and_examples() {
        let mut seen = BTreeSet::new();
        for code in all() {
            assert!(seen.insert(code.code), "{} stands twice", code.code);
            assert!(code.title.len() > 5 && code.meaning.len() > 40, "{}: say what it means", code.code);
            assert!(code.meaning.ends_with('.') && !code.title.ends_with('.'), "{}: sentences", code.code);
            // about what does not stand in a file, or comes with the finding that it follows from
            let alone = !file::CODES.contains(code) && code.code != "inactive-reference";
            assert!(!alone || (code.bad.is_some() && code.good.is_some()), "{}: give examples", code.code);
        }
    }
}
