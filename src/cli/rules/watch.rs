//! Doing something again whenever a rule file changes. Files are looked at twice a second: that works on every file system,
//! over the network and in containers, and costs nothing for some thousand files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// What a file looked like.
type Look = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Runs `again` now and after every change, until the program is ended.
pub(super) fn forever(paths: &[PathBuf], again: &mut dyn FnMut()) -> ExitCode {
    // a channel that nothing is sent through is a timer
    let (_open, timer) = mpsc::channel::<()>();
    loop {
        let before = look(paths);
        again();
        while look(paths) == before {
            if timer.recv_timeout(PAUSE) == Err(mpsc::RecvTimeoutError::Disconnected) {
                return ExitCode::SUCCESS;
            }
        }
        // an editor writes in several steps: wait until it has finished
        let mut settled = look(paths);
        loop {
            let _ = timer.recv_timeout(PAUSE / 5);
            let now = look(paths);
            if now == settled {
                break;
            }
            settled = now;
        }
    }
}

fn look(paths: &[PathBuf]) -> Look {
    let mut seen = Look::new();
    paths.iter().for_each(|path| collect(path, 0, &mut seen));
    seen
}

fn collect(path: &Path, depth: usize, seen: &mut Look) {
    // deeper than any path can be: links that lead in a circle
    if depth > 64 {
        return;
    }
    let Ok(metadata) = std::fs::metadata(path) else { return };
    if !metadata.is_dir() {
        seen.insert(path.to_path_buf(), (metadata.modified().ok(), metadata.len()));
        return;
    }
    for entry in std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let is_rule = path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
        if !name.starts_with('.') && (is_rule || path.is_dir()) {
            collect(&path, depth + 1, seen);
        }
    }
}
