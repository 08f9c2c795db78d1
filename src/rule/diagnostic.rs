//! What is wrong with a rule file: a stable code, the place, a sentence, and what to do.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::yaml::Place;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Loads, but probably not what its author meant.
    Warning,
    /// Does not load.
    Error,
}

/// One finding in a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Stable name, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The file as it was given.
    pub file: Arc<str>,
    /// Where in the file.
    pub place: Place,
}

impl fmt::Display for Diagnostic {
    /// One line: `file:line:column: error[code]: message; help`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            out,
            "{}:{}:{}: {word}[{}]: {}",
            self.file, self.place.line, self.place.column, self.code, self.message
        )?;
        if let Some(help) = &self.help { write!(out, "; {help}") } else { Ok(()) }
    }
}

impl Diagnostic {
    /// The finding with the lines of the file and a caret, for a terminal.
    #[must_use]
    pub fn render(&self, source: &str, colour: bool) -> String {
        let range = self.place.bytes(source);
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let origin = format!("{}", self.file);
        let title = level.primary_title(self.message.as_str()).id(self.code);
        let (from, to) = excerpt(source, &range);
        let mut group = match source.get(from..to).filter(|text| text.len() <= MOST_EXCERPT) {
            Some(text) => {
                let first = 1 + source.as_bytes().iter().take(from).filter(|byte| **byte == b'\n').count();
                let span = range.start - from..range.end.min(to) - from;
                let annotation = AnnotationKind::Primary.span(span);
                title.element(Snippet::source(text).line_start(first).path(origin).annotation(annotation))
            }
            None => title.element(Origin::path(origin).line(self.place.line).char_column(self.place.column)),
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group]).to_string()
    }
}

/// The lines of a range and two around it, as bytes of the text.
fn excerpt(source: &str, range: &Range<usize>) -> (usize, usize) {
    let before = source.as_bytes().get(..range.start).unwrap_or_default();
    let after = source.as_bytes().get(range.end..).unwrap_or_default();
    let breaks = memchr::memrchr_iter(b'\n', before).nth(2);
    let from = breaks.map_or(0, |at| at + 1);
    let to = memchr::memchr_iter(b'\n', after).nth(2).map_or(source.len(), |at| range.end + at);
    (from, to)
}

/// Collects the findings of one file.
#[derive(Debug, Clone)]
pub struct Diagnostics {
    file: Arc<str>,
    found: Vec<Diagnostic>,
    /// Findings beyond [`MOST_FINDINGS`].
    more: usize,
}

/// Most findings of one file that are shown one by one.
const MOST_FINDINGS: usize = 200;
/// Longest excerpt of a file that is shown around a place, in bytes.
const MOST_EXCERPT: usize = 16 * 1024;

impl Diagnostics {
    /// An empty collection for a file.
    #[must_use]
    pub fn new(file: Arc<str>) -> Self {
        Self { file, found: Vec::new(), more: 0 }
    }

    /// Adds an error.
    pub fn error(
        &mut self,
        place: Place,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.add(Severity::Error, place, code, message.into(), help.into());
    }

    /// Adds a warning.
    pub fn warning(
        &mut self,
        place: Place,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.add(Severity::Warning, place, code, message.into(), help.into());
    }

    fn add(&mut self, severity: Severity, place: Place, code: &'static str, message: String, help: Option<String>) {
        let errors_fit = severity == Severity::Error && self.errors() == 0;
        if self.found.len() >= MOST_FINDINGS && !errors_fit {
            self.more += 1;
            return;
        }
        self.found.push(Diagnostic { severity, code, message, help, file: Arc::clone(&self.file), place });
    }

    /// Number of errors so far.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.found.iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    /// The file that the findings are about.
    #[must_use]
    pub fn file(&self) -> Arc<str> {
        Arc::clone(&self.file)
    }

    /// All findings, in the order of the file.
    #[must_use]
    pub fn into_found(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|finding| (finding.place.line, finding.place.column));
        if let Some(last) = self.found.last().filter(|_| self.more > 0) {
            let message = format!("and {} more findings in this file", self.more);
            let more = Diagnostic {
                severity: Severity::Warning,
                code: "more-findings",
                message,
                help: Some("put these right first".to_owned()),
                ..last.clone()
            };
            self.found.push(more);
        }
        self.found
    }
}

/// The nearest of `known` to what was typed, as a suggestion.
#[must_use]
pub fn suggest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let typed = typed.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&typed, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}
