//! Rows to signals: the detect stage on rows that were decoded beforehand. The figure is time per 20,000 events.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::expect_used, clippy::indexing_slicing, reason = "a bench")]

#[allow(dead_code, reason = "each bench uses a part of it")]
mod data;

use std::sync::Arc;

use clarion::decode::Decoder;
use clarion::detect::{Detected, Detector, EventContext};
use clarion::model::{TimeSource, Timestamp};
use clarion::rule::plan::Plan;
use data::{Body, machine};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const EVENTS: usize = 20_000;

fn main() {
    divan::main();
}

/// Decodes and detects; `detect` false leaves the second half out, so that the difference is the detect stage.
fn stage(bencher: Bencher<'_, '_>, rules: &[&str], detect: bool) {
    let rules = machine::rules(rules);
    let events = data::events(EVENTS, 7, Body::WithLogsource);
    let plan = Arc::new(Plan::new(Arc::new(rules), vec![machine::source()]));
    let mut decoder = Decoder::new(&machine::decoder(), &plan.rules.fields);
    let mut detector = Detector::new(Arc::clone(&plan), false);
    let mut detected = Detected::default();
    let topic: Arc<str> = "events".into();
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        for (line, event) in events.iter().enumerate() {
            let record = machine::record(&topic, line, event);
            decoder.decode(&record, &mut |event| {
                let Ok((row, meta)) = event else { return };
                let context = EventContext {
                    source: 0,
                    topic: &topic,
                    partition: 0,
                    offset: record.offset,
                    sequence: meta.sequence,
                    time: meta.time.unwrap_or(Timestamp::MIN),
                    time_source: TimeSource::Event,
                    id: meta.id.as_deref(),
                };
                detected.clear();
                if detect {
                    detector.detect(row, &meta.logsource, &context, &mut detected);
                }
                black_box(&detected);
            });
        }
    });
}

#[divan::bench]
fn decode_alone(bencher: Bencher<'_, '_>) {
    stage(bencher, &[data::DETECTIONS, data::MISSION], false);
}

#[divan::bench]
fn decode_and_detect(bencher: Bencher<'_, '_>) {
    stage(bencher, &[data::DETECTIONS, data::MISSION], true);
}

#[divan::bench]
fn decode_and_detect_with_few_signals(bencher: Bencher<'_, '_>) {
    stage(bencher, &[data::DETECTIONS], true);
}
