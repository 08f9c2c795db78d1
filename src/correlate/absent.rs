//! Unordered rules with something that must not happen around them (RULES S7, `temporal` with `not`).
//!
//! The condition is judged at each event of the group, for the newest event of each positive rule; a judgement is known
//! once the watermark has passed the end of the span in which the negated rules are looked for. Judgements are settled in
//! the order of their events, so that the edge of the whole condition is the same however far the watermark jumps.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::emission::{Anchor, Behind, Context, Emission};
use super::input::Input;
use super::renumber::{Renumber, Renumbering};
use super::window::bits;
use crate::model::{Absence, AlertId, Timestamp};
use crate::rule::boolean::Alternative;
use crate::rule::correlation::Emit;
use crate::rule::{CorrelationRule, Logic};

/// The state of one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Absent {
    /// Numbers the events of the group in their order.
    taken: u64,
    /// Newest event of each position, with its number.
    newest_of: Vec<Option<(u64, Input)>>,
    /// Time of the newest event of each position. A reset does not make them unseen: an alert never says that something
    /// was missing which was there.
    seen: Vec<Option<Timestamp>>,
    newest: Option<Timestamp>,
    judgements: VecDeque<Judgement>,
    /// When the last judgement was settled.
    settled: Timestamp,
    episode: Option<Box<Emission>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Judgement {
    input: Input,
    /// Alternatives that may still prove true, each with its deadline and its events.
    open: Vec<Candidate>,
    /// When the last one that did not was known to be false.
    failed: Timestamp,
}

impl Judgement {
    /// Keeps the candidates that are not refuted at `now`.
    fn keep(&mut self, now: Timestamp, stands: impl Fn(&Candidate) -> bool) {
        let before = self.open.len();
        self.open.retain(stands);
        if self.open.len() < before {
            self.failed = now;
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Candidate {
    alternative: usize,
    from: Timestamp,
    deadline: Timestamp,
    inputs: Vec<Input>,
}

impl Absent {
    /// Takes all events of the group of one moment, in their order.
    pub(super) fn step(&mut self, context: &mut Context<'_>, batch: &[Input]) {
        let Logic::Absent(alternatives) = &context.rule.logic else { return };
        let Some(now) = batch.first().map(|input| input.time) else { return };
        self.fire(context, now);
        self.newest_of.resize(context.rule.titles.len(), None);
        self.seen.resize(context.rule.titles.len(), None);
        // ties count as present
        for position in bits(batch.iter().fold(0, |set, input| set | input.positions)) {
            if let Some(seen) = self.seen.get_mut(position) {
                *seen = Some(now);
            }
            for judgement in &mut self.judgements {
                judgement.keep(now, |candidate| {
                    let negated =
                        alternatives.get(candidate.alternative).is_some_and(|one| one.negatives.contains(&position));
                    !(negated && candidate.from <= now && now <= candidate.deadline)
                });
            }
        }
        self.settle(context, now);
        for input in batch {
            if input.resets {
                self.newest_of.fill(None);
                // what is not decided yet is taken back; what is may wait for the judgement of an earlier event
                for judgement in &mut self.judgements {
                    judgement.keep(now, |candidate| candidate.deadline < now || is_immediate(alternatives, candidate));
                }
                self.settle(context, now);
            }
            self.taken += 1;
            for position in bits(input.positions) {
                if let Some(newest) = self.newest_of.get_mut(position) {
                    *newest = Some((self.taken, input.clone()));
                }
            }
            let open = alternatives
                .iter()
                .enumerate()
                .filter_map(|(index, alternative)| self.candidate(context.rule, index, alternative, now))
                .collect();
            self.judgements.push_back(Judgement { input: input.clone(), open, failed: now });
            self.newest = Some(now);
            self.settle(context, now);
        }
    }

    fn candidate(
        &self,
        rule: &CorrelationRule,
        index: usize,
        alternative: &Alternative,
        now: Timestamp,
    ) -> Option<Candidate> {
        let mut chosen: Vec<&(u64, Input)> = Vec::with_capacity(alternative.positives.len());
        for position in &alternative.positives {
            chosen.push(self.newest_of.get(*position)?.as_ref()?);
        }
        // one event may be the newest of several rules
        chosen.sort_by_key(|(number, _)| *number);
        chosen.dedup_by_key(|(number, _)| *number);
        let inputs: Vec<Input> = chosen.into_iter().map(|(_, input)| input.clone()).collect();
        let (first, last) = (inputs.first()?.time, inputs.last()?.time);
        let from = last.minus(rule.timespan);
        if first < now.minus(rule.timespan) {
            return None;
        }
        let seen = |position: &usize| self.seen.get(*position).copied().flatten().is_some_and(|seen| seen >= from);
        if alternative.negatives.iter().any(seen) {
            return None;
        }
        let deadline = if alternative.negatives.is_empty() { now } else { first.plus(rule.timespan) };
        Some(Candidate { alternative: index, from, deadline, inputs })
    }

    /// Settles what is known before `now`, and ends the episode of a group that has been silent for its timespan.
    pub(super) fn fire(&mut self, context: &mut Context<'_>, now: Timestamp) {
        self.settle(context, now);
        if let Some(silent) =
            self.newest.map(|newest| newest.plus(context.rule.timespan)).filter(|silent| *silent < now)
        {
            self.end_episode(context, self.settled.max(silent));
            self.newest_of.clear();
            self.seen.clear();
            self.newest = None;
        }
    }

    fn settle(&mut self, context: &mut Context<'_>, now: Timestamp) {
        let Logic::Absent(alternatives) = &context.rule.logic else { return };
        while let Some(judgement) = self.judgements.front() {
            let known = |candidate: &&Candidate| candidate.deadline < now || is_immediate(alternatives, candidate);
            // a deadline lies behind the events of its moment
            let first = |candidate: &&Candidate| (candidate.deadline, !is_immediate(alternatives, candidate));
            let proven = judgement.open.iter().filter(known).min_by_key(first).cloned();
            if proven.is_none() && !judgement.open.is_empty() {
                return;
            }
            let Some(judgement) = self.judgements.pop_front() else { return };
            match proven {
                None => {
                    self.settled = self.settled.max(judgement.failed);
                    self.end_episode(context, self.settled);
                }
                Some(candidate) => {
                    self.settled = self.settled.max(candidate.deadline);
                    self.holds(context, alternatives, &judgement.input, &candidate);
                }
            }
        }
    }

    fn holds(&mut self, context: &mut Context<'_>, alternatives: &[Alternative], input: &Input, candidate: &Candidate) {
        let alternative = alternatives.get(candidate.alternative);
        if let Some(episode) = &mut self.episode {
            let positives = alternative.map_or(&[][..], |one| one.positives.as_slice());
            if bits(input.positions).any(|position| positives.contains(&position)) {
                episode.count += input.count;
                episode.last_seen = input.time;
            }
            return;
        }
        let negatives = alternative.map_or(&[][..], |one| one.negatives.as_slice());
        let absence = (!negatives.is_empty()).then(|| Absence {
            missing: negatives.iter().filter_map(|position| context.rule.titles.get(*position).cloned()).collect(),
            from: candidate.from,
            until: candidate.deadline,
        });
        let mut emission = context.emission(
            Anchor::Event(input),
            candidate.deadline,
            Behind::all(candidate.inputs.iter()),
            None,
            absence,
        );
        emission.at = self.settled;
        match context.rule.emit {
            Emit::Edge => self.episode = Some(Box::new(emission.clone())),
            Emit::Reset => {
                self.newest_of.fill(None);
                self.judgements.clear();
            }
            Emit::Every | Emit::Close => {}
        }
        context.out.push(emission);
    }

    fn end_episode(&mut self, context: &mut Context<'_>, at: Timestamp) {
        if let Some(episode) = self.episode.take() {
            context.out.push(episode.closed(at));
        }
    }

    /// The next moment behind which something is to do.
    pub(super) fn deadline(&self, rule: &CorrelationRule) -> Option<Timestamp> {
        let judged = self
            .judgements
            .front()
            .and_then(|judgement| judgement.open.iter().map(|candidate| candidate.deadline).min());
        judged.into_iter().chain(self.newest.map(|newest| newest.plus(rule.timespan))).min()
    }

    /// The identity of the episode that is open.
    pub(super) fn open_episode(&self) -> Option<AlertId> {
        self.episode.as_ref().map(|episode| episode.id)
    }

    /// The alert that is open while the condition stays true.
    pub(super) fn episode(&mut self) -> &mut Option<Box<Emission>> {
        &mut self.episode
    }

    /// Whether there is nothing left to remember.
    pub(super) fn is_idle(&self) -> bool {
        self.newest.is_none() && self.judgements.is_empty() && self.episode.is_none()
    }
}

/// Whether nothing must be waited for.
fn is_immediate(alternatives: &[Alternative], candidate: &Candidate) -> bool {
    alternatives.get(candidate.alternative).is_some_and(|one| one.negatives.is_empty())
}

impl Renumber for Absent {
    fn renumber(&mut self, with: &Renumbering) {
        self.newest_of.iter_mut().flatten().for_each(|(_, input)| input.renumber(with));
        for judgement in &mut self.judgements {
            judgement.input.renumber(with);
            judgement.open.iter_mut().for_each(|candidate| candidate.inputs.renumber(with));
        }
        self.episode.renumber(with);
    }
}
