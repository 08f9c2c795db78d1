//! Rule files below files and folders. What is in them is read elsewhere.

use std::io;
use std::path::{Path, PathBuf};

use foldhash::HashSet;

/// What lies below some paths.
#[derive(Debug, Default)]
pub struct RuleFiles {
    /// Files that were named, and those in folders that end in `.yml` or `.yaml`; each once, however many ways lead to it;
    /// sorted.
    pub rules: Vec<PathBuf>,
    /// Other files in the folders, sorted. What is hidden is somebody else's (version control, the versions behind mounted
    /// files) and not among them.
    pub others: Vec<PathBuf>,
    /// Folders that cannot be read, with the reason.
    pub unreadable: Vec<(PathBuf, io::Error)>,
    seen: HashSet<PathBuf>,
}

impl RuleFiles {
    /// Looks through files and folders, recursively.
    #[must_use]
    pub fn below(paths: &[PathBuf]) -> Self {
        let mut found = Self::default();
        paths.iter().for_each(|path| found.collect(path));
        found.rules.sort();
        found.others.sort();
        found
    }

    fn collect(&mut self, path: &Path) {
        // what cannot be resolved is said when it is read
        let own = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        if !self.seen.insert(own) {
            return;
        }
        if !path.is_dir() {
            self.rules.push(path.to_path_buf());
            return;
        }
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable.push((path.to_path_buf(), error)),
        };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            let is_rule = path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if is_rule || path.is_dir() {
                self.collect(&path);
            } else {
                self.others.push(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_links_ends_and_hidden_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("inner")).unwrap();
        for name in ["b.yml", "inner/a.yaml", "notes.txt", ".hidden.yml"] {
            std::fs::write(at(name), "title: T\n").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), at("inner/again")).unwrap();
        let found = RuleFiles::below(&[folder.path().to_path_buf(), at("b.yml"), at("missing.yml")]);
        assert_eq!(found.rules, [at("b.yml"), at("inner/a.yaml"), at("missing.yml")]);
        assert_eq!(found.others, [at("notes.txt")]);
        assert!(found.unreadable.is_empty());
    }
}
