//! `temporal_ordered` (RULES S6, S7). Chains are kept per stage as S6 words it; whatever must be absent is looked for in
//! the whole list of events.

use super::items::{Item, Raised, span};
use super::spec::{Condition, Emit, Rule, Window};
use super::stream::SECOND;

#[derive(Debug, Clone, PartialEq)]
struct Chain {
    /// Indices of its items.
    items: Vec<usize>,
}

/// Steps and absences of one alternative.
struct Sequence {
    steps: Vec<usize>,
    /// Negated positions by gap: 0 before the first step, `steps.len()` behind the last.
    absent: Vec<Vec<usize>>,
}

struct Pending {
    deadline: i64,
    alternative: usize,
    chain: Chain,
}

/// All alerts of a group.
pub(crate) fn alerts(rule: &Rule, items: &[Item]) -> Vec<Raised> {
    let sequences = sequences(rule);
    let mut stages: Vec<Vec<Option<Chain>>> = sequences.iter().map(|one| vec![None; one.steps.len()]).collect();
    let mut pending: Vec<Pending> = Vec::new();
    let mut raised = Vec::new();
    let mut session_start: Option<i64> = None;
    let mut told: Vec<usize> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        decide(rule, &sequences, items, Some(item.time), &mut pending, &mut stages, &mut told, &mut raised);
        if let Window::Session(gap) = rule.window {
            let silent = index > 0 && item.time - items[index - 1].time > gap * SECOND;
            if silent || session_start.is_none_or(|start| item.time - start > span(rule)) {
                stages.iter_mut().for_each(|stage| stage.fill(None));
                session_start = Some(item.time);
            }
        }
        if item.resets {
            stages.iter_mut().for_each(|stage| stage.fill(None));
            pending.clear();
            session_start = (!item.positions.is_empty()).then_some(item.time);
        }
        let mut completed = false;
        for (alternative, sequence) in sequences.iter().enumerate() {
            let known = stages[alternative].clone();
            let last = sequence.steps.len() - 1;
            let mut matched: Option<Chain> = None;
            for step in (0..=last).rev() {
                if !item.positions.contains(&sequence.steps[step]) {
                    continue;
                }
                // chains are those before this event: an event is not two steps of one chain
                let Some(chain) = extended(rule, sequence, items, &known, step, index, matched.as_ref()) else {
                    continue;
                };
                if step < last {
                    let place = &mut stages[alternative][step];
                    if place.as_ref().is_none_or(|older| older.items[0] <= chain.items[0]) {
                        *place = Some(chain);
                    }
                } else if sequence.absent[sequence.steps.len()].is_empty() {
                    if !completed {
                        let chosen: Vec<&Item> = chain.items.iter().map(|index| &items[*index]).collect();
                        let absence = sequence.absent.iter().any(|gap| !gap.is_empty());
                        raised.push(Raised::over(item.time, &chosen, absence));
                    }
                    completed = true;
                    told.push(index);
                    stages[alternative].iter_mut().for_each(|place| {
                        if place.as_ref().is_some_and(|other| other.items[0] == chain.items[0]) {
                            *place = None;
                        }
                    });
                    matched = Some(chain);
                } else {
                    let deadline = items[chain.items[0]].time + span(rule);
                    let lasting = none(items, &sequence.absent[sequence.steps.len()], item.time, deadline);
                    let taken = pending
                        .iter()
                        .any(|other| other.alternative == alternative && other.chain.items[0] == chain.items[0]);
                    if lasting && !taken {
                        pending.push(Pending { deadline, alternative, chain });
                    }
                }
            }
        }
        if completed && rule.emit() == Emit::Reset {
            stages.iter_mut().for_each(|stage| stage.fill(None));
            pending.clear();
        }
    }
    decide(rule, &sequences, items, None, &mut pending, &mut stages, &mut told, &mut raised);
    raised
}

/// The chain that the event makes as this step.
fn extended(
    rule: &Rule,
    sequence: &Sequence,
    items: &[Item],
    known: &[Option<Chain>],
    step: usize,
    index: usize,
    matched: Option<&Chain>,
) -> Option<Chain> {
    let time = items[index].time;
    if step == 0 {
        return none(items, &sequence.absent[0], time - span(rule), time).then(|| Chain { items: vec![index] });
    }
    let before = known[step - 1].as_ref()?;
    if matched.is_some_and(|matched| matched.items[0] == before.items[0]) {
        return None;
    }
    let (start, last) = (items[before.items[0]].time, items[*before.items.last().unwrap()].time);
    let fits = time - start <= span(rule) && none(items, &sequence.absent[step], last, time);
    fits.then(|| Chain { items: [before.items.as_slice(), &[index]].concat() })
}

/// Raises what is pending with a deadline before `now`, or all of it.
#[allow(clippy::too_many_arguments)]
fn decide(
    rule: &Rule,
    sequences: &[Sequence],
    items: &[Item],
    now: Option<i64>,
    pending: &mut Vec<Pending>,
    stages: &mut [Vec<Option<Chain>>],
    told: &mut Vec<usize>,
    raised: &mut Vec<Raised>,
) {
    loop {
        pending.sort_by_key(|one| (one.deadline, one.chain.items[0], one.alternative));
        let due = pending.first().is_some_and(|first| now.is_none_or(|now| first.deadline < now));
        if !due {
            return;
        }
        let first = pending.remove(0);
        let completing = *first.chain.items.last().unwrap();
        if told.contains(&completing) {
            continue;
        }
        told.push(completing);
        let chosen: Vec<&Item> = first.chain.items.iter().map(|index| &items[*index]).collect();
        let _ = sequences;
        raised.push(Raised::over(first.deadline, &chosen, true));
        if rule.emit() == Emit::Reset {
            stages.iter_mut().for_each(|stage| stage.fill(None));
            pending.clear();
        }
    }
}

/// Whether there is no event of these positions in a closed span of time.
fn none(items: &[Item], positions: &[usize], from: i64, until: i64) -> bool {
    !items.iter().any(|item| item.is_any(positions) && from <= item.time && item.time <= until)
}

fn sequences(rule: &Rule) -> Vec<Sequence> {
    let all: Vec<(Vec<usize>, Vec<usize>)> = match &rule.condition {
        Condition::Text(alternatives) => {
            let mut sorted = alternatives.clone();
            sorted.sort();
            sorted.dedup();
            sorted
        }
        _ => vec![((0..rule.rules.len()).collect(), Vec::new())],
    };
    all.into_iter()
        .map(|(steps, negated)| {
            let mut absent = vec![Vec::new(); steps.len() + 1];
            for position in negated {
                absent[steps.iter().filter(|step| **step < position).count()].push(position);
            }
            Sequence { steps, absent }
        })
        .collect()
}
