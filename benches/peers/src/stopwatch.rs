//! How long this thread has worked. On Linux the time that it was on a core, so that a busy machine does not count;
//! elsewhere the time that passed.

use std::time::{Duration, Instant};

/// A running stopwatch.
pub(crate) struct Stopwatch {
    wall: Instant,
    on_core: Option<u64>,
}

impl Stopwatch {
    /// Starts one for this thread.
    pub(crate) fn start() -> Self {
        Self { wall: Instant::now(), on_core: on_core() }
    }

    /// Since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        match (self.on_core, on_core()) {
            (Some(start), Some(end)) => Duration::from_nanos(end - start),
            _ => self.wall.elapsed(),
        }
    }
}

/// Nanoseconds that this thread has been on a core: the first number of its `schedstat`.
fn on_core() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}
