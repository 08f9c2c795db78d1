//! Snapshots on disk: versioned, checksummed, written beside and renamed, the one before kept. The lookup tables that they
//! name lie in files beside them.

mod tables;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 8] = b"CLARION\x02";
const NAME: &str = "snapshot.bin";
const PREVIOUS: &str = "snapshot.previous.bin";
const BESIDE: &str = "snapshot.writing.bin";

/// Why a snapshot cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {action} {path}: {reason}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: std::io::Error,
    },
    /// A lookup table that the snapshot names is not there, or is not what it was.
    #[error(
        "the lookup table {name} of the snapshot cannot be read ({path}: {reason}): restore the folder from a copy, or move it away to begin anew at the sources' start"
    )]
    Table {
        /// Name of the table.
        name: String,
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Neither the snapshot nor the one before can be read.
    #[error(
        "the snapshot in {path} cannot be read ({reason}): restore the folder from a copy, or move it away to begin anew at the sources' start"
    )]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// One snapshot: everything that a restart needs, as one unit (property 3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// State of the correlate stage, progress of the partitions included.
    pub engine: Vec<u8>,
    /// Next offset of each topic's partition.
    pub offsets: Vec<(String, i32, i64)>,
    /// Alerts that some sink has not acknowledged: the alert as JSON, and the names of those sinks.
    pub unacknowledged: Vec<(String, Vec<String>)>,
    /// The lookup tables that are in use from these offsets on (RULES S18).
    pub tables: Vec<KeptTable>,
}

/// A lookup table that a snapshot names: its text is in a file of the store, under its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTable {
    /// Its name.
    pub name: String,
    /// SHA-256 of its text, in hexadecimal.
    pub version: String,
    /// The form of its text, as [`crate::rule::lookup::TableText::form`].
    pub form: String,
}

/// The folder that snapshots are kept in.
#[derive(Debug, Clone)]
pub struct SnapshotStore {
    folder: PathBuf,
}

impl SnapshotStore {
    /// Opens the folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(fail("create", folder))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Writes a snapshot; when it returns, the snapshot survives a loss of power.
    ///
    /// # Errors
    /// [`StoreError::File`]; the snapshot before is still there then.
    pub fn write(&self, snapshot: &Snapshot) -> Result<usize, StoreError> {
        let (beside, name, previous) = (self.folder.join(BESIDE), self.folder.join(NAME), self.folder.join(PREVIOUS));
        let body = postcard::to_allocvec(snapshot)
            .map_err(|error| StoreError::Unreadable { path: self.folder.clone(), reason: error.to_string() })?;
        let header = [&MAGIC[..], &crc32fast::hash(&body).to_le_bytes(), &(body.len() as u64).to_le_bytes()].concat();
        write_and_sync(&beside, &[&header, &body])?;
        if name.exists() {
            fs::rename(&name, &previous).map_err(fail("rename", &name))?;
        }
        put_into_place(&beside, &name)?;
        Ok(header.len() + body.len())
    }

    /// Reads the newest snapshot that is whole; `None` when there has never been one. The second part says why the newest
    /// one was passed over.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when there are snapshots and none is whole.
    pub fn read(&self) -> Result<Option<(Snapshot, Option<String>)>, StoreError> {
        let mut reason: Option<String> = None;
        for name in [NAME, PREVIOUS] {
            let path = self.folder.join(name);
            if !path.exists() {
                continue;
            }
            match fs::read(&path).map_err(|error| error.to_string()).and_then(|bytes| parse(&bytes)) {
                Ok(snapshot) => return Ok(Some((snapshot, reason))),
                Err(error) => reason = Some(format!("{name}: {error}")),
            }
        }
        match reason {
            None => Ok(None),
            Some(reason) => Err(StoreError::Unreadable { path: self.folder.clone(), reason }),
        }
    }
}

/// What was not possible with a file.
fn fail(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |reason| StoreError::File { action, path, reason }
}

/// Writes a file of its own; when it returns, what is in it survives a loss of power.
fn write_and_sync(path: &Path, parts: &[&[u8]]) -> Result<(), StoreError> {
    let mut file = File::create(path).map_err(fail("create", path))?;
    parts.iter().try_for_each(|part| file.write_all(part)).map_err(fail("write", path))?;
    file.sync_all().map_err(fail("sync", path))
}

/// Gives a written file its name; when it returns, that survives a loss of power.
fn put_into_place(beside: &Path, name: &Path) -> Result<(), StoreError> {
    fs::rename(beside, name).map_err(fail("rename", beside))?;
    let Some(folder) = name.parent() else { return Ok(()) };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(fail("sync", folder))
}

fn parse(bytes: &[u8]) -> Result<Snapshot, String> {
    let (header, body) = bytes.split_at_checked(20).ok_or("it is cut off")?;
    if header.get(..7) != Some(&MAGIC[..7]) {
        return Err("it is no snapshot".to_owned());
    }
    if header.get(7) != Some(&MAGIC[7]) {
        return Err("it was written by another version of the program".to_owned());
    }
    let checksum = header.get(8..12).and_then(|part| part.try_into().ok()).map(u32::from_le_bytes);
    let length = header.get(12..20).and_then(|part| part.try_into().ok()).map(u64::from_le_bytes);
    if length != Some(body.len() as u64) {
        return Err("it is cut off".to_owned());
    }
    if checksum != Some(crc32fast::hash(body)) {
        return Err("its checksum is wrong".to_owned());
    }
    postcard::from_bytes(body).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(number: i64) -> Snapshot {
        Snapshot {
            engine: vec![1, 2, 3],
            offsets: vec![("t".into(), 0, number)],
            unacknowledged: vec![("{}".into(), vec!["es".into()])],
            tables: vec![KeptTable { name: "t".into(), version: "0".into(), form: "csv".into() }],
        }
    }

    #[test]
    fn the_newest_whole_snapshot_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let store = SnapshotStore::open(folder.path()).unwrap();
        assert_eq!(store.read().unwrap(), None);
        store.write(&sample(1)).unwrap();
        store.write(&sample(2)).unwrap();
        assert_eq!(store.read().unwrap(), Some((sample(2), None)));
        let name = folder.path().join(NAME);
        let mut bytes = fs::read(&name).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&name, &bytes).unwrap();
        let (snapshot, reason) = store.read().unwrap().unwrap();
        assert_eq!(snapshot, sample(1));
        assert!(reason.unwrap().contains("checksum"));
        fs::write(folder.path().join(PREVIOUS), b"short").unwrap();
        assert!(store.read().is_err());
    }
}
