//! Waiting for something in another process to become true. There is no signal to wait on, so this polls; it is the one
//! place of the end-to-end tests that sleeps.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use super::ServerError;

const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Lets `POLL_INTERVAL` pass.
#[expect(clippy::disallowed_methods, reason = "other processes offer nothing to wait on")]
pub(super) fn pause() {
    std::thread::sleep(POLL_INTERVAL);
}

/// Looks again and again until what `look` returns satisfies `enough`, and returns that.
///
/// # Errors
/// The error of `look` at once, or [`ServerError::TimedOut`], with what was seen last, after `within`.
pub(crate) fn wait_until<T: Debug>(
    awaited: &str,
    within: Duration,
    mut look: impl FnMut() -> Result<T, ServerError>,
    enough: impl Fn(&T) -> bool,
) -> Result<T, ServerError> {
    let started = Instant::now();
    loop {
        let seen = look()?;
        if enough(&seen) {
            return Ok(seen);
        }
        if started.elapsed() >= within {
            return Err(ServerError::TimedOut {
                awaited: awaited.to_owned(),
                waited: within,
                last: shortened(&format!("{seen:?}")),
            });
        }
        pause();
    }
}

/// The beginning of a text that may be very long.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 2_000;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", text.get(..end).unwrap_or(text), text.len()),
        None => text.to_owned(),
    }
}
