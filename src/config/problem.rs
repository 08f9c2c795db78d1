//! What is wrong with a configuration, and where.

use std::fmt;

use super::tree::Origin;

/// One thing that is wrong: its path in the configuration, where that was written, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the value, such as `sources[0].lateness`; empty for the document.
    pub path: String,
    /// Where it was written, such as `clarion.yaml:12:5`; empty when it is written nowhere.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Problem {
    pub(super) fn new(path: &str, origin: Option<&Origin>, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            place: origin.map(Origin::to_string).unwrap_or_default(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.place, &self.path].into_iter().filter(|part| !part.is_empty()) {
            write!(out, "{part}: ")?;
        }
        out.write_str(&self.message)
    }
}

/// Why a configuration cannot be used. Always the operator's to mend; trying again does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the configuration file {path}: {reason}")]
    Unreadable {
        /// The file as it was named.
        path: String,
        /// The system's own words.
        reason: String,
    },
    /// Everything that is wrong, in the order of the document.
    #[error("the configuration has {} problem(s)\n{}", .0.len(), lines(.0))]
    Invalid(Vec<Problem>),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}

/// The name among `known` that `typed` was probably meant to be, as the end of a sentence; empty if none is close.
pub(super) fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let lower = typed.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .map(|(_, name)| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}
