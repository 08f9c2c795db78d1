//! The folder of exceptions. A file is there whole or not at all, never replaces another one, and says in its first line what
//! it was when it was written, so that one that somebody has edited since is left alone.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// Largest file that is looked at, in bytes.
const MOST_BYTES: u64 = 1024 * 1024;
/// How the first line begins.
const SEAL: &str = "# clarion-exception sha256:";
/// Longest part of a file's name that comes of a title.
const SLUG: usize = 60;

/// A name for a file: letters and digits of the title, and the beginning of the id.
pub(super) fn file_name(title: &str, id: &str) -> String {
    let mut slug = String::new();
    for symbol in title.chars().map(|symbol| symbol.to_ascii_lowercase()) {
        if symbol.is_ascii_alphanumeric() {
            slug.push(symbol);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= SLUG {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    format!("{}-{}.yml", if slug.is_empty() { "exception" } else { slug }, id.get(..8).unwrap_or(id))
}

/// The text behind its first line.
pub(super) fn sealed(text: &str) -> String {
    format!("{SEAL}{}\n{text}", digest(text))
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a file is as [`sealed`] made it.
pub(super) fn is_as_written(file: &Path) -> io::Result<bool> {
    if std::fs::metadata(file)?.len() > MOST_BYTES {
        return Ok(false);
    }
    let text = String::from_utf8(std::fs::read(file)?).unwrap_or_default();
    let seal = text.split_once('\n').and_then(|(first, rest)| Some((first.strip_prefix(SEAL)?, rest)));
    Ok(seal.is_some_and(|(seal, rest)| seal == digest(rest)))
}

/// How many rule files there are.
pub(super) fn count(directory: &Path) -> io::Result<usize> {
    let mut files = 0;
    for entry in std::fs::read_dir(directory)? {
        let name = entry?.file_name();
        files += usize::from(!name.to_string_lossy().starts_with('.'));
    }
    Ok(files)
}

/// Puts a file in place.
///
/// # Errors
/// What the system says; nothing is left of the file then.
pub(super) fn put(directory: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    put_with(directory, name, &mut |file| file.write_all(text.as_bytes()))
}

fn put_with(directory: &Path, name: &str, fill: &mut dyn FnMut(&mut File) -> io::Result<()>) -> io::Result<PathBuf> {
    let place = directory.join(name);
    // hidden and without a rule file's ending: nobody loads it
    let unfinished = directory.join(format!(".{name}.unfinished"));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    let filled = options.open(&unfinished).and_then(|mut file| {
        fill(&mut file)?;
        file.sync_all()
    });
    let done = filled.and_then(|()| {
        if place.try_exists()? {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        std::fs::rename(&unfinished, &place)
    });
    if let Err(error) = done {
        let _ = std::fs::remove_file(&unfinished);
        return Err(error);
    }
    // the name as well is on the disk then; where a folder cannot be synced, it is soon
    let _ = File::open(directory).and_then(|folder| folder.sync_all());
    Ok(place)
}

/// Takes a file away.
pub(super) fn remove(file: &Path) -> io::Result<()> {
    std::fs::remove_file(file)?;
    if let Some(folder) = file.parent() {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// Whether a file lies directly in a folder, by whatever ways either is named.
pub(super) fn is_in(file: &Path, directory: &Path) -> bool {
    let folder = file.parent().and_then(|folder| std::fs::canonicalize(folder).ok());
    let is_link = std::fs::symlink_metadata(file).is_ok_and(|found| found.is_symlink());
    folder.is_some() && folder == std::fs::canonicalize(directory).ok() && !is_link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_the_folder_whatever_the_title_is() {
        let id = "12345678-9abc-4ef0-9234-56789abcdef0";
        for (title, name) in [
            ("../../etc/passwd", "etc-passwd-12345678.yml"),
            ("Fraud scorer: CAB-4711 / approved!", "fraud-scorer-cab-4711-approved-12345678.yml"),
            ("模型", "exception-12345678.yml"),
            ("\u{0}.\n", "exception-12345678.yml"),
        ] {
            assert_eq!(file_name(title, id), name);
        }
        assert!(file_name(&"x".repeat(5000), id).len() < 80);
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all_and_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let names = || {
            let entries = std::fs::read_dir(folder.path()).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
        };
        let full = put_with(folder.path(), "a.yml", &mut |file| {
            file.write_all(b"half")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        });
        assert_eq!((full.unwrap_err().kind(), names()), (io::ErrorKind::StorageFull, Vec::new()));
        let file = put(folder.path(), "a.yml", "one").unwrap();
        assert_eq!(put(folder.path(), "a.yml", "two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!((std::fs::read_to_string(&file).unwrap().as_str(), names().len()), ("one", 1));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777 & !0o022, 0o644);
        }
        assert!(put(&folder.path().join("gone"), "a.yml", "x").is_err());
    }

    #[test]
    fn an_edited_file_is_somebody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let file = put(folder.path(), "a.yml", &sealed("title: 'T'\n")).unwrap();
        assert!(is_as_written(&file).unwrap());
        std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + "# mine\n").unwrap();
        assert!(!is_as_written(&file).unwrap());
        std::fs::write(&file, "title: 'T'\n").unwrap();
        assert!(!is_as_written(&file).unwrap());
        std::fs::write(&file, [0xff, 0x0a]).unwrap();
        assert!(!is_as_written(&file).unwrap());
        assert!(is_in(&file, &folder.path().join(".")) && !is_in(&file, folder.path().parent().unwrap()));
    }
}
