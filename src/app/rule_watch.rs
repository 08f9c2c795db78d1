//! Whether rule files have changed on disk.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use crate::rule::RuleFiles;

/// Rule files as they looked: name, length, time of the last change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FilesSeen(Vec<(PathBuf, u64, Option<SystemTime>)>);

impl FilesSeen {
    /// As they look now.
    pub(super) fn now(paths: &[PathBuf]) -> Self {
        let files = RuleFiles::below(paths).rules.into_iter();
        let seen = files.map(|path| {
            let metadata = std::fs::metadata(&path).ok();
            let changed = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
            (path, metadata.map_or(0, |metadata| metadata.len()), changed)
        });
        Self(seen.collect())
    }
}

/// Looks whether rule files have changed. They are read when they have been still between two looks: whoever copies a folder
/// is not finished with its first file.
pub(super) struct RuleWatch {
    every: Duration,
    next: Instant,
    /// As they were when they were read.
    taken: FilesSeen,
    /// As they were at the last look.
    last: FilesSeen,
}

impl RuleWatch {
    /// Looks this often; the rules in use were read when their files looked like this.
    pub(super) fn new(every: Duration, files: FilesSeen) -> Self {
        Self { every, next: Instant::now() + every, taken: files.clone(), last: files }
    }

    /// Whether the files are to be read; `read_anyway` when they are read whatever they look like.
    pub(super) fn has_changed(&mut self, paths: &[PathBuf], read_anyway: bool) -> bool {
        if Instant::now() < self.next && !read_anyway {
            return false;
        }
        self.next = Instant::now() + self.every;
        let now = FilesSeen::now(paths);
        let still = now == self.last;
        self.last = now;
        if (still || read_anyway) && self.last != self.taken {
            self.taken = self.last.clone();
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_when_they_are_still() {
        let folder = tempfile::tempdir().unwrap();
        let paths = vec![folder.path().to_path_buf()];
        let write = |text: &str| std::fs::write(folder.path().join("t.yml"), text).unwrap();
        write("a");
        let seen = FilesSeen::now(&paths);
        let mut watch = RuleWatch::new(Duration::ZERO, seen);
        assert!(!watch.has_changed(&paths, false));
        write("ab");
        assert!(!watch.has_changed(&paths, false), "somebody may still be writing");
        write("abc");
        assert!(!watch.has_changed(&paths, false));
        assert!(watch.has_changed(&paths, false));
        assert!(!watch.has_changed(&paths, false));
    }

    /// As a mounted ConfigMap changes: files are links into a hidden folder, and that becomes another one at once.
    #[test]
    #[cfg(unix)]
    fn a_folder_that_is_swapped_behind_links_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let put = |version: &str, text: &str| {
            std::fs::create_dir(at(version)).unwrap();
            std::fs::write(at(version).join("t.yml"), text).unwrap();
            std::os::unix::fs::symlink(version, at("..data_tmp")).unwrap();
            std::fs::rename(at("..data_tmp"), at("..data")).unwrap();
        };
        put("..one", "a");
        std::os::unix::fs::symlink("..data/t.yml", at("t.yml")).unwrap();
        let paths = vec![folder.path().to_path_buf()];
        let mut watch = RuleWatch::new(Duration::ZERO, FilesSeen::now(&paths));
        assert!(!watch.has_changed(&paths, false));
        put("..two", "b");
        std::fs::remove_dir_all(at("..one")).unwrap();
        assert!(!watch.has_changed(&paths, false));
        assert!(watch.has_changed(&paths, false), "another file of the same length");
        assert!(!watch.has_changed(&paths, false));
    }
}
