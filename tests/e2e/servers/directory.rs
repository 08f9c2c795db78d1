//! The folder of one running server, `.cache/run/<name>-<process id>-<number>`: configuration, data and log. It goes away
//! with the server. One that a killed test process left behind goes away at the next start of any server.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use super::ServerError;
use super::installed::cache;

/// Set to keep the folders of stopped servers, to look at their logs and data.
const KEEP: &str = "CLARION_KEEP_SERVERS";

/// A folder that is removed when this value is dropped.
#[derive(Debug)]
pub(super) struct RunDirectory(PathBuf);

impl RunDirectory {
    /// Makes a new, empty folder for a server of this name.
    ///
    /// # Errors
    /// [`ServerError::File`] if it cannot be made.
    pub(super) fn create(name: &str) -> Result<Self, ServerError> {
        static SWEPT: Once = Once::new();
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let parent = cache().join("run");
        SWEPT.call_once(|| remove_abandoned(&parent));
        let path = parent.join(format!("{name}-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)));
        std::fs::create_dir_all(&path).map_err(|source| ServerError::File {
            action: "make the folder",
            path: path.clone(),
            source,
        })?;
        Ok(Self(path))
    }

    /// Where it is; absolute.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for RunDirectory {
    fn drop(&mut self) {
        if std::env::var_os(KEEP).is_none() {
            // What cannot be removed now is removed by the sweep of a later run.
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Removes the folders of test processes that do not run any more.
fn remove_abandoned(parent: &Path) {
    if std::env::var_os(KEEP).is_some() {
        return;
    }
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.rsplit('-').nth(1).and_then(|id| id.parse::<u32>().ok());
        if owner.is_some_and(|id| !Path::new(&format!("/proc/{id}")).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
