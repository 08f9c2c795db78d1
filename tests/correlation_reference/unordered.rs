//! `temporal` with `not` (RULES S7, S10): every event of the group is judged by looking through the whole list.

use super::items::{Closing, Item, Raised, span};
use super::spec::{Condition, Emit, Rule};

/// A way for the condition to be true at an event: alert time and the chosen items.
type Proof = (i64, Vec<usize>, bool, Vec<usize>);

/// All alerts of a group.
pub(crate) fn alerts(rule: &Rule, items: &[Item]) -> Vec<Raised> {
    let Condition::Text(alternatives) = &rule.condition else { return Vec::new() };
    let mut alternatives = alternatives.clone();
    alternatives.sort();
    alternatives.dedup();
    let mut raised: Vec<Raised> = Vec::new();
    let mut open: Option<(Raised, Closing)> = None;
    // with `emit: reset`: which events are forgotten
    let mut forgotten = vec![false; items.len()];
    // the judgements are settled in the order of the events: when the newest one was, and whether behind the events of
    // that moment (a deadline) or before them (something that must be absent was there)
    let mut settled = (i64::MIN, false);
    for (index, item) in items.iter().enumerate() {
        if forgotten[index] {
            continue;
        }
        if index > 0
            && item.time - items[index - 1].time > span(rule)
            && let Some((alert, closing)) = open.take()
        {
            let at = settled.0.max(items[index - 1].time + span(rule));
            raised.push(Raised { closing: Some(Closing { at, ..closing }), ..alert });
        }
        let known = |other: usize| !forgotten[other];
        let proof = judge(rule, &alternatives, items, index, &known);
        settled = settled.max(match &proof {
            Ok((deadline, _, absence, _)) => (*deadline, *absence),
            Err(failed) => (*failed, false),
        });
        match (proof, &mut open) {
            (Ok((_, _, _, positives)), Some((_, closing))) => {
                if item.is_any(&positives) {
                    closing.count += item.base.len();
                    closing.last_seen = item.time;
                }
            }
            (Ok((time, chosen, absence, _)), None) => {
                let chosen: Vec<&Item> = chosen.iter().map(|index| &items[*index]).collect();
                let alert = Raised { at: settled.0, ..Raised::over(time, &chosen, absence) };
                match rule.emit() {
                    Emit::Edge => {
                        let closing = Closing { at: 0, count: alert.base.len(), last_seen: alert.last_seen };
                        open = Some((alert, closing));
                    }
                    Emit::Reset => {
                        for (other, forgotten) in forgotten.iter_mut().enumerate() {
                            let time = items[other].time;
                            *forgotten |= other <= index || time < settled.0 || (time == settled.0 && settled.1);
                        }
                        raised.push(alert);
                    }
                    _ => raised.push(alert),
                }
            }
            (Err(_), _) => {
                if let Some((alert, closing)) = open.take() {
                    raised.push(Raised { closing: Some(Closing { at: settled.0, ..closing }), ..alert });
                }
            }
        }
    }
    if let Some((alert, closing)) = open {
        let at = settled.0.max(items.last().unwrap().time + span(rule));
        raised.push(Raised { closing: Some(Closing { at, ..closing }), ..alert });
    }
    raised
}

/// Judges the condition at an event: the proof, or when it was known that there is none.
fn judge(
    rule: &Rule,
    alternatives: &[(Vec<usize>, Vec<usize>)],
    items: &[Item],
    index: usize,
    known: &dyn Fn(usize) -> bool,
) -> Result<Proof, i64> {
    let now = items[index].time;
    let reset = items[..=index].iter().rposition(|item| item.resets).unwrap_or(0);
    let mut failed = now;
    let mut best: Option<Proof> = None;
    for (positives, negatives) in alternatives {
        let newest: Option<Vec<usize>> = positives
            .iter()
            .map(|position| {
                (reset..=index).rev().find(|other| known(*other) && items[*other].positions.contains(position))
            })
            .collect();
        let Some(mut chosen) = newest else { continue };
        chosen.sort_unstable();
        chosen.dedup();
        let (first, last) = (items[chosen[0]].time, items[*chosen.last().unwrap()].time);
        if first < now - span(rule) {
            continue;
        }
        let proof = if negatives.is_empty() {
            (now, chosen, false, positives.clone())
        } else {
            let (from, deadline) = (last - span(rule), first + span(rule));
            let unwanted =
                items.iter().find(|item| item.is_any(negatives) && item.time >= from && item.time <= deadline);
            let cancelled = items[index + 1..].iter().find(|item| item.resets && item.time <= deadline);
            if unwanted.is_some() || cancelled.is_some() {
                let unwanted = unwanted.map(|item| item.time);
                let cancelled = cancelled.map(|item| item.time);
                let ended = unwanted.into_iter().chain(cancelled).min().unwrap();
                failed = failed.max(ended);
                continue;
            }
            (deadline, chosen, true, positives.clone())
        };
        // a deadline lies behind the events of its moment
        if best.as_ref().is_none_or(|known| (proof.0, proof.2) < (known.0, known.2)) {
            best = Some(proof);
        }
    }
    best.ok_or(failed)
}
