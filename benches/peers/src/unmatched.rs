//! What an event costs that nothing matches, by the number of rules that look at its log source.

use std::sync::Arc;

use rsigma_parser::SigmaCollection;

use crate::data::many;
use crate::{Arguments, ours, rsigma};

/// Rules of the events' log source, and of another one that read the same fields.
const RULES: [(usize, usize); 6] = [(0, 0), (0, 3_000), (10, 0), (100, 0), (1_000, 0), (3_000, 0)];

/// Runs all numbers of rules turn and turn about and prints, for both engines, the fastest round's nanoseconds for an
/// event and their ratio to those of no rules at all: without rules no field is read, only the time and the log source.
pub(crate) fn unmatched(arguments: &Arguments) {
    let events = many::events(arguments.events / 2, 7);
    println!("unmatched event: {} policy decisions over generated rules of their log source", events.len());
    let engines: Vec<_> = RULES
        .iter()
        .map(|(count, others)| {
            let yaml = many::rules(*count) + &many::rules(*others).replace("product: opa", "product: other");
            let own = ours::compile(&[(Arc::from("rules.yml"), yaml.clone())]).expect("the rules load");
            // the peer's parser refuses an empty text
            let peer = if yaml.is_empty() { Ok(SigmaCollection::default()) } else { rsigma::compile(&yaml) };
            (own, peer.expect("the rules load"))
        })
        .collect();
    let mut times = [[f64::MAX; 2]; RULES.len()];
    for _ in 0..arguments.rounds {
        for ((own, peer), fastest) in engines.iter().zip(&mut times) {
            let peer = if arguments.alone { None } else { Some(rsigma::detect(peer, &events, true)) };
            let runs = [Some(ours::run(own, &events, false)), peer];
            for (fastest, (time, found)) in
                fastest.iter_mut().zip(runs).filter_map(|(fastest, run)| Some((fastest, run?)))
            {
                assert_eq!(found.detections, 0, "an event matched");
                *fastest = fastest.min(time.as_secs_f64() * 1e9 / events.len() as f64);
            }
        }
    }
    for ((count, others), [own, peer]) in RULES.iter().zip(times) {
        let [own_none, peer_none] = times[0];
        println!(
            "  {count:>5} rules, {others:>5} of others: clarion {own:>6.0} ns, {:.2} of none; rsigma {peer:>6.0} ns, {:.2} of none",
            own / own_none,
            peer / peer_none
        );
    }
}
