//! How many requests may be on their way: one more for each round that goes well, half as many when the destination asks
//! for less (AIMD), and a single one to feel the way while it cannot be reached.

#[derive(Debug, Clone)]
pub(super) struct Concurrency {
    most: f64,
    current: f64,
    probing: bool,
}

impl Concurrency {
    pub(super) fn new(most: usize) -> Self {
        let most = most.clamp(1, 1024) as f64;
        Self { most, current: most, probing: false }
    }

    pub(super) fn limit(&self) -> usize {
        if self.probing { 1 } else { self.current as usize }
    }

    pub(super) fn succeeded(&mut self) {
        self.probing = false;
        self.current = (self.current + 1.0 / self.current).min(self.most);
    }

    pub(super) fn overloaded(&mut self) {
        self.current = (self.current / 2.0).max(1.0);
    }

    pub(super) fn unreachable(&mut self) {
        self.probing = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overload_halves_and_success_grows_by_one_a_round() {
        let mut concurrency = Concurrency::new(8);
        assert_eq!(concurrency.limit(), 8);
        for limit in [4, 2, 1, 1] {
            concurrency.overloaded();
            assert_eq!(concurrency.limit(), limit);
        }
        let mut rounds = 0;
        while concurrency.limit() < 8 {
            for _ in 0..concurrency.limit() {
                concurrency.succeeded();
            }
            rounds += 1;
        }
        assert!((7..=10).contains(&rounds), "{rounds}");
        concurrency.succeeded();
        assert_eq!(concurrency.limit(), 8, "never above the bound");
    }

    #[test]
    fn an_unreachable_destination_is_probed_by_one_request() {
        let mut concurrency = Concurrency::new(8);
        concurrency.unreachable();
        assert_eq!(concurrency.limit(), 1);
        concurrency.succeeded();
        assert_eq!(concurrency.limit(), 8);
    }
}
