//! The project's own files as texts, for the tests that read them: no build products, nothing that git ignores.
#![allow(dead_code, clippy::unwrap_used, reason = "test code; each test reads a part of it")]

use std::path::{Path, PathBuf};

/// Folders that hold nothing written by hand.
const NOT_OURS: [&str; 7] = ["target", ".git", ".cache", "corpus", "artifacts", "node_modules", "proptest-regressions"];

/// A file of the project.
pub(crate) struct File {
    /// Path from the root of the project, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder that are text, in the order of their paths.
pub(crate) fn files(folder: &str) -> Vec<File> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// All Rust files below a folder.
pub(crate) fn rust_files(folder: &str) -> Vec<File> {
    files(folder).into_iter().filter(|file| file.path.ends_with(".rs")).collect()
}

fn collect(folder: &Path, found: &mut Vec<File>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, found);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push(File { path, text });
        }
    }
}

/// The text without comments and with the content of its texts blanked, line by line, so that a word in them is no code.
/// Good enough for this project's own style: no code in block comments, no quotes in character literals but `'"'`.
pub(crate) fn code_lines(text: &str) -> Vec<String> {
    let mut raw_text_open = false;
    text.lines()
        .map(|line| {
            if raw_text_open {
                raw_text_open = !line.contains("\"#");
                return String::new();
            }
            let mut code = String::new();
            let mut inside = false;
            let mut symbols = line.replace("'\"'", "' '").chars().collect::<Vec<_>>().into_iter().peekable();
            while let Some(symbol) = symbols.next() {
                match symbol {
                    '\\' if inside => {
                        symbols.next();
                    }
                    '"' => {
                        inside = !inside;
                        code.push('"');
                    }
                    '/' if !inside && symbols.peek() == Some(&'/') => break,
                    symbol if !inside => code.push(symbol),
                    _ => {}
                }
            }
            raw_text_open = line.contains("r#\"") && !line.contains("\"#");
            code
        })
        .collect()
}
