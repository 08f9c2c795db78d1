//! When people and customers are busy: office hours on weekdays, evenings less, nights and weekends little.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;

use crate::model::{Span, Timestamp};

/// Load by hour of a weekday, in percent of the busiest.
const WEEKDAY: [u32; 24] = [4, 3, 2, 2, 3, 6, 14, 30, 62, 88, 100, 98, 82, 90, 97, 92, 80, 62, 45, 36, 28, 20, 12, 7];

/// Saturdays and Sundays have this many percent of a weekday's load.
const WEEKEND_PERCENT: u32 = 30;

pub(super) const DAY: Span = Span::seconds(86_400);

/// Times of a week, some hours likelier than others.
pub(super) struct Rhythm {
    start: Timestamp,
    /// Running sums of the hours' loads.
    sums: Vec<u32>,
}

impl Rhythm {
    pub(super) fn new(start: Timestamp) -> Self {
        let first_day = start.0.div_euclid(DAY.0);
        let mut sums = Vec::with_capacity(7 * 24);
        let mut sum = 0;
        for day in 0..7_i64 {
            // 1970-01-01 was a Thursday
            let weekday = (first_day + day + 3).rem_euclid(7);
            let percent = if weekday >= 5 { WEEKEND_PERCENT } else { 100 };
            for load in WEEKDAY {
                sum += load * percent;
                sums.push(sum);
            }
        }
        Self { start, sums }
    }

    /// A time of the week, in whole milliseconds.
    pub(super) fn time(&self, rng: &mut ChaCha12Rng) -> Timestamp {
        let total = self.sums.last().copied().unwrap_or(1);
        let drawn = rng.random_range(0..total);
        let hour = self.sums.partition_point(|sum| *sum <= drawn);
        let within = rng.random_range(0..3_600_000_i64);
        let hour = i64::try_from(hour).unwrap_or(0);
        self.start.plus(Span::seconds(hour * 3600)).plus(Span(within * 1_000_000))
    }
}
