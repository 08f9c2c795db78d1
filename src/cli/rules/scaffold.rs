//! What `clarion rules new` writes: one template for each kind of rule, each with tests that pass as they are.

use clap::ValueEnum;

/// A kind of rule to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Kind {
    /// Single events.
    Detection,
    /// A number of events within a time.
    EventCount,
    /// A number of different values within a time.
    ValueCount,
    /// A number of events in a row, with nothing good in between.
    Streak,
    /// Several things within a time, in any order.
    Temporal,
    /// Several things within a time, in this order.
    TemporalOrdered,
    /// Something happens, and something did not happen before it.
    AbsenceBefore,
    /// Two things happen, and something did not happen between them.
    AbsenceBetween,
    /// Something happens, and something does not happen after it.
    AbsenceAfter,
}

/// What stands in for the parts of a template that differ.
pub(super) struct Scaffold<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    pub(super) id: &'a str,
    /// Path of the schema, from the file.
    pub(super) schema: &'a str,
}

impl Scaffold<'_> {
    /// The file.
    pub(super) fn file(&self) -> String {
        let modeline = format!("# yaml-language-server: $schema={}\n", self.schema);
        let body = template(self.kind)
            .replace("{{title}}", self.title)
            .replace("{{name}}", self.name)
            .replace("{{id}}", self.id);
        modeline + &if is_plain(self.title) { body } else { quote_titles(&body) }
    }
}

/// Whether a title needs no quotes in YAML.
fn is_plain(title: &str) -> bool {
    let begins = title.chars().next().is_some_and(char::is_alphabetic);
    begins
        && title.chars().all(|symbol| symbol.is_alphanumeric() || matches!(symbol, ' ' | '-' | '_' | '.' | '(' | ')'))
}

/// Titles in double quotes; they hold neither quotes nor backslashes.
fn quote_titles(text: &str) -> String {
    text.lines()
        .map(|line| match line.strip_prefix("title: ") {
            Some(title) => format!("title: \"{title}\"\n"),
            None => format!("{line}\n"),
        })
        .collect()
}

fn template(kind: Kind) -> &'static str {
    match kind {
        Kind::Detection => include_str!("templates/detection.yml"),
        Kind::EventCount => include_str!("templates/event_count.yml"),
        Kind::ValueCount => include_str!("templates/value_count.yml"),
        Kind::Streak => include_str!("templates/streak.yml"),
        Kind::Temporal => include_str!("templates/temporal.yml"),
        Kind::TemporalOrdered => include_str!("templates/temporal_ordered.yml"),
        Kind::AbsenceBefore => include_str!("templates/absence_before.yml"),
        Kind::AbsenceBetween => include_str!("templates/absence_between.yml"),
        Kind::AbsenceAfter => include_str!("templates/absence_after.yml"),
    }
}
