//! How long to pause after a failure: twice as long each time up to a cap, the upper half of it at random, so that many
//! instances do not come back at the same moment.

use std::time::Duration;

#[derive(Debug, Clone)]
pub(in crate::sink) struct Backoff {
    initial: Duration,
    longest: Duration,
    current: Duration,
}

impl Backoff {
    pub(in crate::sink) fn new(initial: Duration, longest: Duration) -> Self {
        let longest = longest.max(initial);
        Self { initial, longest, current: initial }
    }

    /// The pause after one more failure.
    pub(in crate::sink) fn next(&mut self) -> Duration {
        let pause = jittered(self.current);
        self.current = self.current.saturating_mul(2).min(self.longest);
        pause
    }

    /// The pause when something went through all the same.
    pub(in crate::sink) fn shortest(&self) -> Duration {
        jittered(self.initial)
    }

    /// The pause when trying soon is of no use.
    pub(in crate::sink) fn longest(&self) -> Duration {
        jittered(self.longest)
    }

    pub(in crate::sink) fn reset(&mut self) {
        self.current = self.initial;
    }
}

fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap_and_start_over() {
        let (initial, longest) = (Duration::from_millis(100), Duration::from_secs(1));
        let mut backoff = Backoff::new(initial, longest);
        for whole in [100, 200, 400, 800, 1000, 1000] {
            let pause = backoff.next().as_millis();
            assert!((whole / 2..=whole).contains(&pause), "{pause} of {whole}");
        }
        assert!(backoff.longest() >= longest / 2);
        backoff.reset();
        assert!(backoff.next() <= initial);
    }
}
