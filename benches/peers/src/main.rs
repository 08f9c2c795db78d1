//! Clarion beside the `rsigma-eval` crate: the same rules, the same events, parse to alert in process on one core, turn and
//! turn about in one run. `cargo run --release -p clarion-peers -- [--events N] [--rounds N] [SIGMA_RULES_FOLDER]`.
//!
//! Not measured here: anything on a network, and more than one core.

mod count;
#[path = "../../data/mod.rs"]
#[allow(dead_code, reason = "the benches share the generator, and each uses a part of it")]
mod data;
mod ours;
mod rsigma;
mod sigma_folder;
mod stopwatch;
mod unmatched;

use std::sync::Arc;
use std::time::Duration;

use count::Counts;
use data::Body;

pub(crate) struct Arguments {
    events: usize,
    rounds: usize,
    folder: Option<String>,
    only: Option<String>,
    /// Runs Clarion only, for a profiler.
    alone: bool,
}

fn arguments() -> Arguments {
    let mut all = std::env::args().skip(1);
    let mut read = Arguments { events: 100_000, rounds: 7, folder: None, only: None, alone: false };
    while let Some(word) = all.next() {
        let mut number = || all.next().and_then(|text| text.parse().ok()).expect("a number follows");
        match word.as_str() {
            "--events" => read.events = number(),
            "--rounds" => read.rounds = number(),
            "--only" => read.only = all.next(),
            "--alone" => read.alone = true,
            _ => read.folder = Some(word),
        }
    }
    read
}

/// One comparison: runs both engines turn and turn about and prints a line of the table; `alone` runs Clarion only.
pub(crate) fn compare(
    name: &str,
    events: usize,
    rounds: usize,
    alone: bool,
    ours: impl Fn() -> (Duration, Counts),
    peer: impl Fn() -> (Duration, Counts),
) {
    let (mut own, mut other, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut found = (Counts::default(), Counts::default());
    for _ in 0..rounds {
        let one = ours();
        let two = if alone { (Duration::MAX, Counts::default()) } else { peer() };
        ratios.push(two.0.as_secs_f64() / one.0.as_secs_f64());
        own.push(events as f64 / one.0.as_secs_f64());
        other.push(events as f64 / two.0.as_secs_f64());
        found = (one.1, two.1);
    }
    if alone {
        println!("{name:<44} {:>10.0}   {}+{}", most(&own), found.0.detections, found.0.correlations);
        return;
    }
    let differences = found.0.differences(&found.1);
    let verdict =
        if differences.is_empty() { "same".to_owned() } else { format!("{} rules differ", differences.len()) };
    println!(
        "{name:<44} {:>10.0} {:>10.0} {:>6.2} {:>6.2}   {}+{} / {}+{} {verdict}",
        most(&own),
        most(&other),
        most(&own) / most(&other),
        median(&mut ratios),
        found.0.detections,
        found.0.correlations,
        found.1.detections,
        found.1.correlations,
    );
    for (title, one, two) in differences.iter().take(5) {
        println!("      {title}: {one} / {two}");
    }
}

/// The fastest round: the one that other work on the machine disturbed least.
fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Plain Sigma to the peer; to Clarion with the emission that the peer is set to, one alert and then from scratch.
fn emitting_once(rules: &str) -> String {
    let documents = rules.split("---\n").map(|document| {
        let head = if document.contains("correlation:") { "dialect: clarion/1\n" } else { "" };
        format!("{head}{}", document.replace("correlation:\n", "correlation:\n    emit: reset\n"))
    });
    documents.collect::<Vec<_>>().join("---\n")
}

/// The same rules, with references by id: the peer holds detections back that only correlations refer to, but only those
/// that are referred to so.
fn referring_by_id(rules: &str) -> String {
    let value = |document: &str, key: &str| {
        document.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned())
    };
    let names: Vec<(String, String)> = rules
        .split("---\n")
        .filter_map(|document| Some((value(document, "name:")?, value(document, "id:")?)))
        .collect();
    let lines = rules.lines().map(|line| match line.trim_start().strip_prefix("rules:") {
        None => line.to_owned(),
        Some(_) => names.iter().fold(line.to_owned(), |line, (name, id)| line.replace(name.as_str(), id)),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn main() {
    let arguments = arguments();
    let wanted = |name: &str| arguments.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    println!(
        "{:<44} {:>10} {:>10} {:>6} {:>6}   alerts: detections+correlations, ours / rsigma",
        "fastest rounds, and the median of the ratios", "clarion/s", "rsigma/s", "ratio", "median"
    );
    for (body, with) in [(Body::WithLogsource, "logsource in the event"), (Body::Native, "native bodies")] {
        let events = data::events(arguments.events, 7, body);
        let bytes: usize = events.iter().map(String::len).sum();
        println!("{with}: {} events, {} bytes each", events.len(), bytes / events.len());
        let routed = body == Body::WithLogsource;
        let sets = [
            ("detections", data::DETECTIONS.to_owned()),
            ("detections and correlations", format!("{}---\n{}", data::DETECTIONS, data::CORRELATIONS)),
            ("every decision correlated", data::BUSY.to_owned()),
        ];
        for (name, yaml) in sets {
            if !wanted(&format!("{with}: {name}")) {
                continue;
            }
            let own = ours::compile(&[(Arc::from("rules.yml"), emitting_once(&yaml))]).expect("the rules load");
            let peer = rsigma::compile(&referring_by_id(&yaml)).expect("the rules load");
            compare(
                &format!("  {name}"),
                events.len(),
                arguments.rounds,
                arguments.alone,
                || ours::run(&own, &events, false),
                || {
                    if peer.correlations.is_empty() {
                        rsigma::detect(&peer, &events, routed)
                    } else {
                        rsigma::correlate(&peer, &events, routed)
                    }
                },
            );
        }
    }
    if wanted("unmatched event") {
        unmatched::unmatched(&arguments);
    }
    match &arguments.folder {
        Some(folder) => sigma_folder::compare_folder(folder, &arguments, &wanted),
        None => println!("rule folder: skipped, because none was given"),
    }
}
