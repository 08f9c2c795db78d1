//! An event that no rule matches, bytes to nothing, over 0 to 3,000 rules of its own log source. The figure is time per
//! 5,000 events; it is to stay flat (3,000 rules at most 1.2 times the time of none).
#![allow(missing_docs, unreachable_pub, dead_code, clippy::expect_used, clippy::indexing_slicing, reason = "a bench")]

#[allow(dead_code, reason = "each bench uses a part of it")]
mod data;

use data::{machine, many};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const EVENTS: usize = 5_000;

fn main() {
    divan::main();
}

#[divan::bench(args = [0, 10, 100, 1_000, 3_000])]
fn unmatched_event(bencher: Bencher<'_, '_>, count: usize) {
    let rules = many::rules(count);
    let (rules, events) = (machine::rules(&[&rules]), many::events(EVENTS, 7));
    bencher.counter(ItemsCount::new(EVENTS)).with_inputs(|| machine::core(&rules, false)).bench_local_values(
        |mut core| {
            assert_eq!(machine::run(black_box(&mut core), &events), 0);
        },
    );
}
