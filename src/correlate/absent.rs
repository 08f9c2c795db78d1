//! Unordered rules with something that must not happen around them (RULES S7, `temporal` with `not`).
//!
//! The condition is judged at each event of the group, for the newest event of each positive rule; a judgement is known
//! once the watermark has passed the end of the span in which the negated rules are looked for. Judgements are settled in
//! the order of their events, so that the edge of the whole condition is the same however far the watermark jumps.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::emission::{Anchor, Context, Emission};
use super::input::Input;
use super::window::bits;
use crate::model::{Absence, AlertStatus, Timestamp};
use crate::rule::boolean::Alternative;
use crate::rule::correlation::Emit;
use crate::rule::{CorrelationRule, Logic};

/// The state of one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Absent {
    /// Newest event of each position.
    newest_of: Vec<Option<Input>>,
    newest: Option<Timestamp>,
    judgements: VecDeque<Judgement>,
    episode: Option<Box<Emission>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Judgement {
    input: Input,
    /// Alternatives that may still prove true, each with its deadline and its events.
    open: Vec<Candidate>,
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
        let all = batch.iter().fold(0, |set, input| set | input.positions);
        self.newest_of.resize(context.rule.titles.len(), None);
        // ties count as present
        for position in bits(all) {
            for judgement in &mut self.judgements {
                judgement.open.retain(|candidate| {
                    let negated =
                        alternatives.get(candidate.alternative).is_some_and(|one| one.negatives.contains(&position));
                    !(negated && candidate.from <= now && now <= candidate.deadline)
                });
            }
        }
        for input in batch {
            if input.resets {
                self.newest_of.fill(None);
                self.judgements.clear();
            }
            for position in bits(input.positions) {
                if let Some(newest) = self.newest_of.get_mut(position) {
                    *newest = Some(input.clone());
                }
            }
            let open = alternatives
                .iter()
                .enumerate()
                .filter_map(|(index, alternative)| self.candidate(context.rule, index, alternative, batch, now))
                .collect();
            self.judgements.push_back(Judgement { input: input.clone(), open });
        }
        self.newest = Some(now);
        self.settle(context, now);
    }

    fn candidate(
        &self,
        rule: &CorrelationRule,
        index: usize,
        alternative: &Alternative,
        batch: &[Input],
        now: Timestamp,
    ) -> Option<Candidate> {
        let mut inputs: Vec<Input> = Vec::with_capacity(alternative.positives.len());
        for position in &alternative.positives {
            let newest = self.newest_of.get(*position)?.as_ref()?;
            inputs.push(newest.clone());
        }
        inputs.sort_by_key(|input| input.time);
        let (first, last) = (inputs.first()?.time, inputs.last()?.time);
        let from = last.minus(rule.timespan);
        if first < now.minus(rule.timespan) {
            return None;
        }
        let disturbed = alternative.negatives.iter().any(|position| {
            let bit = 1_u64 << position;
            batch.iter().any(|input| input.positions & bit != 0)
                || self.newest_of.get(*position).and_then(Option::as_ref).is_some_and(|newest| newest.time >= from)
        });
        let deadline = if alternative.negatives.is_empty() { last } else { first.plus(rule.timespan) };
        (!disturbed).then_some(Candidate { alternative: index, from, deadline, inputs })
    }

    /// Settles what is known before `now`, and ends the episode of a group that has been silent for its timespan.
    pub(super) fn fire(&mut self, context: &mut Context<'_>, now: Timestamp) {
        self.settle(context, now);
        if self.newest.is_some_and(|newest| newest.plus(context.rule.timespan) < now) {
            self.end_episode(context);
            self.newest_of.clear();
            self.newest = None;
        }
    }

    fn settle(&mut self, context: &mut Context<'_>, now: Timestamp) {
        let Logic::Absent(alternatives) = &context.rule.logic else { return };
        while let Some(judgement) = self.judgements.front() {
            let known = |candidate: &&Candidate| {
                let without_not = alternatives.get(candidate.alternative).is_some_and(|one| one.negatives.is_empty());
                candidate.deadline < now || without_not
            };
            let proven = judgement.open.iter().filter(known).min_by_key(|candidate| candidate.deadline).cloned();
            if proven.is_none() && !judgement.open.is_empty() {
                return;
            }
            let Some(judgement) = self.judgements.pop_front() else { return };
            match proven {
                None => self.end_episode(context),
                Some(candidate) => self.holds(context, alternatives, &judgement.input, &candidate),
            }
        }
    }

    fn holds(&mut self, context: &mut Context<'_>, alternatives: &[Alternative], input: &Input, candidate: &Candidate) {
        if let Some(episode) = &mut self.episode {
            if candidate.inputs.last().is_some_and(|last| last.time > episode.last_seen) {
                episode.count += input.count;
                episode.last_seen = input.time;
            }
            return;
        }
        let negatives = alternatives.get(candidate.alternative).map_or(&[][..], |one| one.negatives.as_slice());
        let absence = (!negatives.is_empty()).then(|| Absence {
            missing: negatives.iter().filter_map(|position| context.rule.titles.get(*position).cloned()).collect(),
            from: candidate.from,
            until: candidate.deadline,
        });
        let emission =
            context.emission(Anchor::Event(input), candidate.deadline, candidate.inputs.iter(), None, absence);
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

    fn end_episode(&mut self, context: &mut Context<'_>) {
        if let Some(mut episode) = self.episode.take() {
            episode.revision += 1;
            episode.status = AlertStatus::Closed;
            context.out.push(*episode);
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

    /// Whether there is nothing left to remember.
    pub(super) fn is_idle(&self) -> bool {
        self.newest.is_none() && self.judgements.is_empty() && self.episode.is_none()
    }
}
