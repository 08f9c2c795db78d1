//! Findings as JSON. What is written here is stable: it changes only with the major version of the program.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::rule::{Diagnostic, Loaded, Severity};

/// All findings of a load as one object.
pub(super) fn findings(loaded: &Loaded, ignored: &[PathBuf]) -> String {
    let count = |severity| loaded.diagnostics.iter().filter(|finding| finding.severity == severity).count();
    let rules = loaded.set.as_ref().map_or(0, |set| set.cards().count());
    let document = json!({
        "files": loaded.sources.len(),
        "rules": rules,
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
        "ignored": ignored.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "findings": loaded.diagnostics.iter().map(|finding| one(finding, loaded)).collect::<Vec<_>>(),
    });
    pretty(&document)
}

fn one(finding: &Diagnostic, loaded: &Loaded) -> Value {
    let end = end(finding, loaded);
    json!({
        "file": &*finding.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "end_line": end.0,
        "end_column": end.1,
        "severity": finding.severity.name(),
        "code": finding.code,
        "message": finding.message,
        "help": finding.help,
    })
}

/// Line and column just behind the place of a finding, from 1; at least one column wide.
pub(super) fn end(finding: &Diagnostic, loaded: &Loaded) -> (usize, usize) {
    let start = (finding.place.line, finding.place.column);
    let Some(source) = loaded.sources.get(&finding.file) else { return (start.0, start.1 + 1) };
    let range = finding.place.bytes(source);
    let text = source.get(range).unwrap_or_default().trim_end();
    let lines = text.matches('\n').count();
    let last = text.rsplit('\n').next().unwrap_or_default().chars().count();
    if lines == 0 { (start.0, start.1 + last.max(1)) } else { (start.0 + lines, last + 1) }
}

/// Indented, for people look at it as well.
pub(super) fn pretty(document: &Value) -> String {
    // a tree of texts and numbers can always be written
    serde_json::to_string_pretty(document).unwrap_or_default()
}
