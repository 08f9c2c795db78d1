//! From files and folders to a [`RuleSet`]. Everything is read before anything is judged, so that one run shows all
//! errors; with an error nothing is loaded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Diagnostics, Severity};
use super::document::Document;
use super::set::RuleSet;
use super::yaml::Place;
use super::{document, resolve, yaml};
use crate::model::FieldTable;

/// What a load gave.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rules, unless there was an error.
    pub set: Option<RuleSet>,
    /// All findings, file by file.
    pub diagnostics: Vec<Diagnostic>,
    /// The text of each file that was read, to show findings in.
    pub sources: BTreeMap<Arc<str>, String>,
}

impl Loaded {
    /// Number of errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count()
    }
}

/// Loads rule files and folders (recursively, `.yml` and `.yaml`).
#[must_use]
pub fn load(paths: &[PathBuf]) -> Loaded {
    let mut loaded = Loaded::default();
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files, &mut loaded.diagnostics);
    }
    files.sort();
    files.dedup();
    let texts = files.iter().filter_map(|path| {
        let name: Arc<str> = path.to_string_lossy().into();
        match std::fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => Some((name, text)),
            Ok(Err(error)) => {
                let at = error.utf8_error().valid_up_to();
                loaded.diagnostics.push(file_error(&name, "not-utf8", format!("the file is not UTF-8 (byte {at})")));
                None
            }
            Err(error) => {
                loaded.diagnostics.push(file_error(&name, "unreadable", format!("cannot read the file: {error}")));
                None
            }
        }
    });
    let texts: Vec<_> = texts.collect();
    let found = load_texts(texts);
    loaded.diagnostics.extend(found.diagnostics);
    loaded.sources = found.sources;
    loaded.set = found.set.filter(|_| !loaded.diagnostics.iter().any(|finding| finding.severity == Severity::Error));
    if files.is_empty() && loaded.errors() == 0 {
        let name: Arc<str> = paths.first().map_or_else(String::new, |path| path.to_string_lossy().into_owned()).into();
        loaded.diagnostics.push(file_error(&name, "no-rules", "no rule file (.yml or .yaml) found".to_owned()));
        loaded.set = None;
    }
    loaded
}

/// Loads rules from texts with their names.
#[must_use]
pub fn load_texts(texts: Vec<(Arc<str>, String)>) -> Loaded {
    let mut loaded = Loaded::default();
    let mut fields = FieldTable::new();
    let mut documents: Vec<Document> = Vec::new();
    for (name, text) in texts {
        let mut diagnostics = Diagnostics::new(Arc::clone(&name));
        for node in yaml::parse(&text, &mut diagnostics) {
            documents.extend(document::read(&node, &mut fields, &mut diagnostics));
        }
        loaded.diagnostics.extend(diagnostics.into_found());
        loaded.sources.insert(name, text);
    }
    let (set, found) = resolve::resolve(&documents, fields);
    // names that are missing because their document is broken would only repeat its error
    if loaded.errors() == 0 {
        loaded.diagnostics.extend(found);
    }
    loaded.set = (loaded.errors() == 0).then_some(set);
    loaded
}

fn collect(path: &Path, files: &mut Vec<PathBuf>, findings: &mut Vec<Diagnostic>) {
    if path.is_dir() {
        match std::fs::read_dir(path) {
            Ok(entries) => {
                for entry in entries.filter_map(Result::ok) {
                    let path = entry.path();
                    let is_rule = path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
                    if path.is_dir() || is_rule {
                        collect(&path, files, findings);
                    }
                }
            }
            Err(error) => {
                findings.push(file_error(
                    &path.to_string_lossy(),
                    "unreadable",
                    format!("cannot read the folder: {error}"),
                ));
            }
        }
    } else {
        files.push(path.to_path_buf());
    }
}

fn file_error(name: &str, code: &'static str, message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Error, code, message, help: None, file: name.into(), place: Place::START }
}
