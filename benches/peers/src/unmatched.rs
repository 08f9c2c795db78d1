//! What an event costs that nothing matches, by the number of rules that look at its log source.

use std::sync::Arc;

use rsigma_parser::SigmaCollection;

use crate::data::many;
use crate::{Arguments, ours, rsigma};

const RULES: [usize; 5] = [0, 10, 100, 1_000, 3_000];

/// Runs all numbers of rules turn and turn about and prints, for both engines, the fastest round's nanoseconds for an
/// event and their ratio to those of no rules at all.
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
    for (count, [own, peer]) in RULES.iter().zip(times) {
        let [own_none, peer_none] = times[0];
        println!(
            "  {count:>5} rules: clarion {own:>6.0} ns, {:.2} of none; rsigma {peer:>6.0} ns, {:.2} of none",
            own / own_none,
            peer / peer_none
        );
    }
}
