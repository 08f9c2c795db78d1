//! Doing something again whenever a rule file changes. Files are looked at twice a second: that works on every file system,
//! over the network and in containers, and costs nothing for some thousand files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use crate::rule::RuleFiles;

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
    let look = |path: PathBuf| {
        let metadata = std::fs::metadata(&path).ok()?;
        Some((path, (metadata.modified().ok(), metadata.len())))
    };
    RuleFiles::below(paths).rules.into_iter().filter_map(look).collect()
}
