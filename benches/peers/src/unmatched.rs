//! What an event costs that nothing matches, by the number of rules that look at its log source.

use std::sync::Arc;
use std::time::Duration;

use rsigma_parser::SigmaCollection;

use crate::data::many;
use crate::{Arguments, median, ours, rsigma};

const RULES: [usize; 5] = [0, 10, 100, 1_000, 3_000];

/// Runs all numbers of rules turn and turn about and prints, for both engines, nanoseconds for an event and the ratio to
/// no rules at all, which is the median over the rounds.
pub(crate) fn unmatched(arguments: &Arguments) {
    let events = many::events(arguments.events / 2, 7);
    println!("unmatched event: {} policy decisions over generated rules of their log source", events.len());
    let engines: Vec<_> = RULES
        .iter()
        .map(|count| {
            let yaml = many::rules(*count);
            let own = ours::compile(&[(Arc::from("rules.yml"), yaml.clone())]).expect("the rules load");
            // the peer's parser refuses an empty text
            let peer = if *count == 0 { Ok(SigmaCollection::default()) } else { rsigma::compile(&yaml) };
            (own, peer.expect("the rules load"))
        })
        .collect();
    let mut times: Vec<[Vec<f64>; 4]> = vec![Default::default(); RULES.len()];
    for _ in 0..arguments.rounds {
        let mut none = [0.0; 2];
        for (place, (own, peer)) in engines.iter().enumerate() {
            let runs = [
                ours::run(own, &events, false),
                if arguments.alone {
                    (Duration::ZERO, Default::default())
                } else {
                    rsigma::detect(peer, &events, true)
                },
            ];
            for (engine, (time, found)) in runs.into_iter().enumerate() {
                assert_eq!(found.detections, 0, "an event matched");
                let nanoseconds = time.as_secs_f64() * 1e9 / events.len() as f64;
                if place == 0 {
                    none[engine] = nanoseconds;
                }
                times[place][engine].push(nanoseconds);
                times[place][engine + 2].push(nanoseconds / none[engine]);
            }
        }
    }
    for (count, [own, peer, own_ratio, peer_ratio]) in RULES.iter().zip(&mut times) {
        println!(
            "  {count:>5} rules: clarion {:>6.0} ns, {:.2} of none; rsigma {:>6.0} ns, {:.2} of none",
            median(own),
            median(own_ratio),
            median(peer),
            median(peer_ratio),
        );
    }
}
