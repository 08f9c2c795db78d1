//! The wall clock, read here and nowhere else: stages get the time as an argument, so that a test can move it.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::Timestamp;

/// The time now. A clock set before 1970 or after 2262 saturates.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> Timestamp {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)),
        Err(before) => Timestamp(i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_runs_forward_from_this_century() {
        let first = now();
        assert!(first > Timestamp::parse("2024-01-01T00:00:00Z").unwrap());
        assert!(now() >= first);
    }
}
