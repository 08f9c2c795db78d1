//! NDJSON bytes to alerts, the whole path in process on one core. The figure is time per 20,000 events.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::expect_used, clippy::indexing_slicing, reason = "a bench")]

#[allow(dead_code, reason = "each bench uses a part of it")]
mod data;

use data::{Body, machine};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const EVENTS: usize = 20_000;

fn main() {
    divan::main();
}

/// Each event a little out of order, within the lateness.
fn shuffled(body: Body) -> Vec<String> {
    let mut events = data::events(EVENTS, 7, body);
    let mut random = data::Random::new(3);
    for at in 20..events.len() {
        events.swap(at, at - random.below(20) as usize);
    }
    events
}

fn whole(bencher: Bencher<'_, '_>, rules: &[&str], body: Body) {
    let (rules, events) = (machine::rules(rules), shuffled(body));
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| machine::core(&rules, false))
        .bench_local_values(|mut core| machine::run(black_box(&mut core), &events));
}

#[divan::bench]
fn detections_only(bencher: Bencher<'_, '_>) {
    whole(bencher, &[data::DETECTIONS], Body::WithLogsource);
}

#[divan::bench]
fn mission_rules(bencher: Bencher<'_, '_>) {
    whole(bencher, &[data::DETECTIONS, data::MISSION], Body::WithLogsource);
}

#[divan::bench]
fn mission_rules_over_native_bodies(bencher: Bencher<'_, '_>) {
    whole(bencher, &[data::DETECTIONS, data::MISSION], Body::Native);
}

#[divan::bench]
fn every_decision_correlated(bencher: Bencher<'_, '_>) {
    whole(bencher, &[data::BUSY], Body::WithLogsource);
}
