//! Signals to alerts: the correlate stage on signals that were made beforehand. The figure is time per signal.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::expect_used, clippy::indexing_slicing, reason = "a bench")]

#[allow(dead_code, reason = "each bench uses a part of it")]
mod data;

use std::sync::Arc;

use clarion::correlate::{Engine, Limits};
use clarion::decode::Decoder;
use clarion::detect::{Detected, Detector, EventContext};
use clarion::model::{KeyHash, TimeSource, Timestamp};
use clarion::rule::plan::Plan;
use data::{Body, machine};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const EVENTS: usize = 20_000;

fn main() {
    divan::main();
}

struct Made {
    key: KeyHash,
    channel: u32,
    time: Timestamp,
    bytes: Vec<u8>,
}

fn signals(plan: &Arc<Plan>) -> Vec<Made> {
    let mut decoder = Decoder::new(&machine::decoder(), &plan.rules.fields);
    let mut detector = Detector::new(Arc::clone(plan), false);
    let mut detected = Detected::default();
    let topic: Arc<str> = "events".into();
    let mut made = Vec::new();
    for (line, event) in data::events(EVENTS, 7, Body::WithLogsource).iter().enumerate() {
        let record = machine::record(&topic, line, event);
        decoder.decode(&record, &mut |event| {
            let (row, meta) = event.expect("generated events are read");
            let time = meta.time.expect("generated events have a time");
            let context = EventContext {
                source: 0,
                topic: &topic,
                partition: 0,
                offset: record.offset,
                sequence: meta.sequence,
                time,
                time_source: TimeSource::Event,
                id: meta.id.as_deref(),
            };
            detected.clear();
            detector.detect(row, &meta.logsource, &context, &mut detected);
            made.extend(detected.signals().map(|(key, channel, bytes)| Made {
                key,
                channel,
                time,
                bytes: bytes.to_vec(),
            }));
        });
    }
    made
}

fn stage(bencher: Bencher<'_, '_>, rules: &[&str]) {
    let plan = Arc::new(Plan::new(Arc::new(machine::rules(rules)), vec![machine::source()]));
    let signals = signals(&plan);
    bencher
        .counter(ItemsCount::new(signals.len()))
        .with_inputs(|| Engine::new(Arc::clone(&plan), Limits::default(), 1))
        .bench_local_values(|mut engine| {
            let topic: Arc<str> = "events".into();
            let partition = engine.progress().partition(0, &topic, 0);
            for (index, signal) in signals.iter().enumerate() {
                engine.progress().observe(partition, signal.time);
                let _ = engine.push(signal.key, signal.channel, signal.time, &signal.bytes);
                if (index + 1) % machine::BATCH == 0 {
                    black_box(engine.advance());
                }
            }
            black_box(engine.finish())
        });
}

#[divan::bench]
fn mission_rules(bencher: Bencher<'_, '_>) {
    stage(bencher, &[data::DETECTIONS, data::MISSION]);
}

#[divan::bench]
fn every_decision(bencher: Bencher<'_, '_>) {
    stage(bencher, &[data::BUSY]);
}
