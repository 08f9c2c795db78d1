//! From files and folders to a [`RuleSet`]. Everything is read before anything is judged, so that one run shows all
//! errors; with an error nothing is loaded.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Diagnostics, Severity};
use super::document::Document;
use super::files::RuleFiles;
use super::lookup::Lookups;
use super::set::RuleSet;
use super::yaml::{MAX_FILE_BYTES, Node, Place};
use super::{alert_events, collection, document, resolve, yaml};

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
    /// The tables that the rules were compiled with.
    pub lookups: Lookups,
}

impl Loaded {
    /// The documents of a file, with what its document actions say; findings about them have been made.
    pub(super) fn documents(&self, file: &str) -> Vec<Node> {
        let Some((name, text)) = self.sources.get_key_value(file) else { return Vec::new() };
        let mut diagnostics = Diagnostics::new(Arc::clone(name));
        let nodes = yaml::parse(text, &mut diagnostics);
        collection::resolve(nodes, &mut diagnostics)
    }

    /// Number of errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count()
    }
}

/// What a load may be told beside the files.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Tables that placeholders stand for.
    pub lookups: Lookups,
    /// A rule that cannot run for want of a table is an error (RULES S18).
    pub strict: bool,
    /// Rules beside those in files, by the names that findings call them.
    pub texts: Vec<(Arc<str>, String)>,
}

/// Loads rule files and folders (recursively, `.yml` and `.yaml`).
#[must_use]
pub fn load(paths: &[PathBuf]) -> Loaded {
    load_with(paths, &LoadOptions::default())
}

/// Loads rule files and folders with lookup tables.
#[must_use]
pub fn load_with(paths: &[PathBuf], options: &LoadOptions) -> Loaded {
    let mut loaded = Loaded::default();
    let found = RuleFiles::below(paths);
    for (folder, error) in &found.unreadable {
        let message = format!("cannot read the folder: {error}");
        loaded.diagnostics.push(file_error(&folder.to_string_lossy(), "unreadable", message));
    }
    let files = found.rules;
    let texts = files.iter().filter_map(|path| {
        let name: Arc<str> = path.to_string_lossy().into();
        let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        if length > MAX_FILE_BYTES as u64 {
            let message = format!("the file is {length} bytes long, more than {MAX_FILE_BYTES}");
            let mut finding = file_error(&name, "file-too-large", message);
            finding.help = Some("split it".to_owned());
            loaded.diagnostics.push(finding);
            return None;
        }
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
    let texts: Vec<_> = options.texts.iter().cloned().chain(texts).collect();
    let found = load_texts_with(texts, options);
    loaded.diagnostics.extend(found.diagnostics);
    loaded.sources = found.sources;
    loaded.lookups = found.lookups;
    loaded.set = found.set.filter(|_| !loaded.diagnostics.iter().any(|finding| finding.severity == Severity::Error));
    if files.is_empty() && options.texts.is_empty() && loaded.errors() == 0 {
        let name: Arc<str> = paths.first().map_or_else(String::new, |path| path.to_string_lossy().into_owned()).into();
        loaded.diagnostics.push(file_error(&name, "no-rules", "no rule file (.yml or .yaml) found".to_owned()));
        loaded.set = None;
    }
    loaded
}

/// Loads rules from texts with their names.
#[must_use]
pub fn load_texts(texts: Vec<(Arc<str>, String)>) -> Loaded {
    load_texts_with(texts, &LoadOptions::default())
}

/// Loads rules from texts with lookup tables, and nothing beside them.
#[must_use]
pub fn load_texts_with(texts: Vec<(Arc<str>, String)>, options: &LoadOptions) -> Loaded {
    let mut loaded = Loaded { lookups: options.lookups.clone(), ..Loaded::default() };
    let mut fields = FieldTable::new();
    let mut documents: Vec<Document> = Vec::new();
    for (name, text) in texts {
        let mut diagnostics = Diagnostics::new(Arc::clone(&name));
        let nodes = yaml::parse(&text, &mut diagnostics);
        for node in collection::resolve(nodes, &mut diagnostics) {
            documents.extend(document::read(&node, &mut fields, &options.lookups, &mut diagnostics));
        }
        loaded.diagnostics.extend(diagnostics.into_found());
        loaded.sources.insert(name, text);
    }
    documents.extend(alert_events::built_in(&documents, &mut fields));
    let (set, mut found) = resolve::resolve(&documents, fields, options.strict);
    // names that are missing because their document is broken would only repeat its error
    if loaded.errors() > 0 {
        found.retain(|finding| !matches!(finding.code, "unknown-rule" | "untested"));
    }
    loaded.diagnostics.extend(found);
    loaded.set = (loaded.errors() == 0).then_some(set);
    loaded
}

fn file_error(name: &str, code: &'static str, message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Error, code, message, help: None, file: name.into(), place: Place::START }
}
