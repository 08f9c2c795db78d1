//! Events in order, with what must not happen before, between and after them (RULES S6, S7).
//!
//! Per stage the chain with the latest start is kept: some chain within the timespan exists if and only if that one is
//! within it, so the memory is the number of stages, whatever the stream.

use serde::{Deserialize, Serialize};

use super::emission::{Anchor, Behind, Context};
use super::input::Input;
use super::renumber::{Renumber, Renumbering};
use crate::model::{Absence, Timestamp};
use crate::rule::correlation::{Emit, Window};
use crate::rule::{CorrelationRule, Logic, Sequence};

/// The state of one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sequenced {
    /// One machine for each alternative of the condition.
    machines: Vec<Machine>,
    /// Numbers the events of the group in their order.
    taken: u64,
    newest: Option<Timestamp>,
    /// Start of the session, with a session window.
    session: Option<Timestamp>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Machine {
    /// `chains[i]` has matched steps 0 to i.
    chains: Vec<Option<Chain>>,
    /// Time of the newest event of each negated rule, in the order of [`Sequence::absences`].
    unwanted: Vec<Option<Timestamp>>,
    /// Complete, waiting for the rest of the timespan to pass without an unwanted event.
    pending: Vec<Pending>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Chain {
    /// Number of its first event.
    born: u64,
    /// Number of its last event.
    grown: u64,
    start: Timestamp,
    inputs: Vec<Input>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Pending {
    chain: Chain,
    deadline: Timestamp,
    /// Another alternative has alerted for the same completing event.
    told: bool,
}

impl Chain {
    fn last(&self) -> Timestamp {
        self.inputs.last().map_or(self.start, |input| input.time)
    }
}

impl Sequenced {
    /// Takes all events of the group of one moment, in their order. All events before them have been taken.
    pub(super) fn step(&mut self, context: &mut Context<'_>, batch: &[Input]) {
        let Logic::Sequences(sequences) = &context.rule.logic else { return };
        let Some(now) = batch.first().map(|input| input.time) else { return };
        self.fire(context, now);
        self.machines.resize_with(sequences.len(), Machine::default);
        // ties count as present: what must be absent is noted before anything is matched at this moment
        for (machine, sequence) in self.machines.iter_mut().zip(sequences) {
            machine.chains.resize_with(sequence.steps.len(), || None);
            machine.unwanted.resize(sequence.absences.len(), None);
            machine.expire(now, context.rule);
            for input in batch {
                machine.note_unwanted(sequence, input);
            }
        }
        for input in batch {
            self.keep_session(context.rule, now);
            if input.resets {
                self.forget_chains();
                self.session = (input.positions != 0).then_some(now);
            }
            self.taken += 1;
            let mut alerted = false;
            for (machine, sequence) in self.machines.iter_mut().zip(sequences) {
                // several alternatives that become true with one event are one alert
                alerted |= machine.take(context, sequence, input, self.taken, alerted);
            }
            if alerted {
                self.tell(self.taken);
                if context.rule.emit == Emit::Reset {
                    self.forget_chains();
                }
            }
            self.newest = Some(now);
        }
    }

    fn forget_chains(&mut self) {
        self.machines.iter_mut().for_each(Machine::forget_chains);
    }

    /// An alert was raised for the completing event of that number: there is no second one.
    fn tell(&mut self, completing: u64) {
        for pending in self.machines.iter_mut().flat_map(|machine| &mut machine.pending) {
            pending.told |= pending.chain.grown == completing;
        }
    }

    /// Decides the absences whose deadline lies before `now`.
    pub(super) fn fire(&mut self, context: &mut Context<'_>, now: Timestamp) {
        let Logic::Sequences(sequences) = &context.rule.logic else { return };
        loop {
            let due = self.machines.iter().enumerate().flat_map(|(machine, of)| {
                let due = of.pending.iter().enumerate().filter(|(_, pending)| pending.deadline < now);
                due.map(move |(place, pending)| (pending.deadline, pending.chain.born, machine, place))
            });
            let Some((deadline, _, machine, place)) = due.min() else { return };
            let (Some(of), Some(sequence)) = (self.machines.get_mut(machine), sequences.get(machine)) else { return };
            let pending = of.pending.remove(place);
            if pending.told {
                continue;
            }
            emit(context, sequence, &pending.chain, deadline);
            self.tell(pending.chain.grown);
            if context.rule.emit == Emit::Reset {
                self.forget_chains();
            }
        }
    }

    /// The next moment behind which something is to do: a decision, or forgetting the group.
    pub(super) fn deadline(&self, rule: &CorrelationRule) -> Option<Timestamp> {
        let pending = self.machines.iter().flat_map(|machine| &machine.pending).map(|pending| pending.deadline).min();
        pending.or_else(|| self.newest.map(|newest| newest.plus(rule.timespan)))
    }

    /// Whether there is nothing left to remember behind `now`.
    pub(super) fn is_idle(&self, rule: &CorrelationRule, now: Timestamp) -> bool {
        self.newest.is_none_or(|newest| newest.plus(rule.timespan) < now)
            && self.machines.iter().all(|machine| machine.pending.is_empty())
    }

    fn keep_session(&mut self, rule: &CorrelationRule, now: Timestamp) {
        let Window::Session(gap) = rule.window else { return };
        let over = self.newest.is_some_and(|newest| now > newest.plus(gap))
            || self.session.is_some_and(|session| now > session.plus(rule.timespan));
        if over {
            self.machines.iter_mut().for_each(|machine| machine.chains.fill(None));
        }
        if over || self.session.is_none() {
            self.session = Some(now);
        }
    }
}

impl Machine {
    fn forget_chains(&mut self) {
        self.chains.fill(None);
        self.pending.clear();
    }

    fn expire(&mut self, now: Timestamp, rule: &CorrelationRule) {
        for chain in &mut self.chains {
            if chain.as_ref().is_some_and(|chain| now.since(chain.start) > rule.timespan) {
                *chain = None;
            }
        }
    }

    fn note_unwanted(&mut self, sequence: &Sequence, input: &Input) {
        let steps = sequence.steps.len();
        for ((position, gap), newest) in sequence.absences.iter().zip(&mut self.unwanted) {
            if input.positions & (1 << position) == 0 {
                continue;
            }
            *newest = Some(input.time);
            if *gap == steps {
                self.pending.retain(|pending| pending.chain.last() > input.time || pending.deadline < input.time);
            } else if *gap > 0
                && let Some(waiting) = self.chains.get_mut(gap - 1)
            {
                *waiting = None;
            }
        }
    }

    /// Whether an unwanted event of that gap lies at or after `from`.
    fn disturbed(&self, sequence: &Sequence, gap: usize, from: Timestamp) -> bool {
        let of_gap = sequence.absences.iter().zip(&self.unwanted).filter(|((_, other), _)| *other == gap);
        of_gap.into_iter().any(|(_, newest)| newest.is_some_and(|newest| newest >= from))
    }

    /// Takes one event; true when it completed a sequence that alerts.
    fn take(
        &mut self,
        context: &mut Context<'_>,
        sequence: &Sequence,
        input: &Input,
        taken: u64,
        already_alerted: bool,
    ) -> bool {
        let mut alerted = false;
        let last = sequence.steps.len().saturating_sub(1);
        // from the last step down, so that an event never extends a chain that it just made
        for (step, position) in sequence.steps.iter().enumerate().rev() {
            if input.positions & (1 << position) == 0 {
                continue;
            }
            let Some(chain) = self.candidate(context.rule, sequence, step, input, taken) else { continue };
            if step == last {
                alerted |= self.complete(context, sequence, chain, already_alerted || alerted);
            } else if let Some(place) = self.chains.get_mut(step)
                && place.as_ref().is_none_or(|known| chain.born >= known.born)
            {
                *place = Some(chain);
            }
        }
        alerted
    }

    /// The chain that the event makes as this step, if it may.
    fn candidate(
        &self,
        rule: &CorrelationRule,
        sequence: &Sequence,
        step: usize,
        input: &Input,
        taken: u64,
    ) -> Option<Chain> {
        if step == 0 {
            if self.disturbed(sequence, 0, input.time.minus(rule.timespan)) {
                return None;
            }
            return Some(Chain { born: taken, grown: taken, start: input.time, inputs: vec![input.clone()] });
        }
        let before = self.chains.get(step - 1)?.as_ref()?;
        if input.time.since(before.start) > rule.timespan || self.disturbed(sequence, step, before.last()) {
            return None;
        }
        let mut chain = before.clone();
        chain.inputs.push(input.clone());
        chain.grown = taken;
        Some(chain)
    }

    /// A sequence is complete: alert, or wait for what must not follow.
    fn complete(
        &mut self,
        context: &mut Context<'_>,
        sequence: &Sequence,
        chain: Chain,
        already_alerted: bool,
    ) -> bool {
        let steps = sequence.steps.len();
        if sequence.absences.iter().any(|(_, gap)| *gap == steps) {
            let reserved = self.pending.iter().any(|pending| pending.chain.born == chain.born);
            if !reserved && !self.disturbed(sequence, steps, chain.last()) {
                let deadline = chain.start.plus(context.rule.timespan);
                self.pending.push(Pending { chain, deadline, told: false });
            }
            return false;
        }
        for place in &mut self.chains {
            if place.as_ref().is_some_and(|known| known.born == chain.born) {
                *place = None;
            }
        }
        if !already_alerted {
            emit(context, sequence, &chain, chain.last());
        }
        true
    }
}

fn emit(context: &mut Context<'_>, sequence: &Sequence, chain: &Chain, time: Timestamp) {
    let Some(completing) = chain.inputs.last() else { return };
    let absence = absence(context.rule, sequence, chain);
    let emission = context.emission(Anchor::Event(completing), time, Behind::all(chain.inputs.iter()), None, absence);
    context.out.push(emission);
}

/// What was missing, and the span in which it was looked for.
fn absence(rule: &CorrelationRule, sequence: &Sequence, chain: &Chain) -> Option<Absence> {
    let steps = sequence.steps.len();
    let time_of = |step: usize| chain.inputs.get(step).map_or(chain.start, |input| input.time);
    let span = |gap: usize| match gap {
        0 => (chain.start.minus(rule.timespan), chain.start),
        gap if gap == steps => (chain.last(), chain.start.plus(rule.timespan)),
        gap => (time_of(gap - 1), time_of(gap)),
    };
    let from = sequence.absences.iter().map(|(_, gap)| span(*gap).0).min()?;
    let until = sequence.absences.iter().map(|(_, gap)| span(*gap).1).max()?;
    let missing = sequence.absences.iter().filter_map(|(position, _)| rule.titles.get(*position).cloned());
    Some(Absence { missing: missing.collect(), from, until })
}

impl Renumber for Sequenced {
    fn renumber(&mut self, with: &Renumbering) {
        for machine in &mut self.machines {
            let waiting = machine.pending.iter_mut().map(|pending| &mut pending.chain);
            machine.chains.iter_mut().flatten().chain(waiting).for_each(|chain| chain.inputs.renumber(with));
        }
    }
}
