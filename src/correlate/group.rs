//! One group of one correlation: its state machine, whatever its kind.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::absent::Absent;
use super::emission::Context;
use super::input::Input;
use super::sequence::Sequenced;
use super::window::Windowed;
use crate::model::Timestamp;
use crate::rule::{CorrelationRule, Logic};

/// The running state of a group. Serialises by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Group {
    /// Its values.
    pub(super) values: Arc<[Option<String>]>,
    pub(super) machine: Machine,
    /// The timer that is set for it.
    #[serde(skip)]
    pub(super) timer: Option<Timestamp>,
}

/// The state machine of a kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Machine {
    Window(Windowed),
    Absent(Absent),
    Sequence(Sequenced),
}

impl Machine {
    /// The machine for a rule.
    pub(super) fn new(rule: &CorrelationRule) -> Self {
        match &rule.logic {
            Logic::Threshold(..) | Logic::Present(_) => Self::Window(Windowed::default()),
            Logic::Absent(_) => Self::Absent(Absent::default()),
            Logic::Sequences(_) => Self::Sequence(Sequenced::default()),
        }
    }

    /// Takes all events of one moment. All events before it have been taken.
    pub(super) fn step(&mut self, context: &mut Context<'_>, batch: &[Input]) {
        match self {
            Self::Window(state) => batch.iter().for_each(|input| state.step(context, input)),
            Self::Absent(state) => state.step(context, batch),
            Self::Sequence(state) => state.step(context, batch),
        }
    }

    /// Decides everything whose deadline lies before `now`.
    pub(super) fn fire(&mut self, context: &mut Context<'_>, now: Timestamp) {
        match self {
            Self::Window(state) => state.fire(context, now),
            Self::Absent(state) => state.fire(context, now),
            Self::Sequence(state) => state.fire(context, now),
        }
    }

    /// The next moment behind which there is something to do.
    pub(super) fn deadline(&self, rule: &CorrelationRule) -> Option<Timestamp> {
        match self {
            Self::Window(state) => state.deadline(rule),
            Self::Absent(state) => state.deadline(rule),
            Self::Sequence(state) => state.deadline(rule),
        }
    }

    /// Whether the group can be forgotten.
    pub(super) fn is_idle(&self, rule: &CorrelationRule, now: Timestamp) -> bool {
        match self {
            Self::Window(state) => state.is_idle(),
            Self::Absent(state) => state.is_idle(),
            Self::Sequence(state) => state.is_idle(rule, now),
        }
    }
}

/// Puts the events of one moment in the order in which a rule with `reset-on` takes them (RULES S8): source order within
/// a source, and across sources the reset first. Hits come after events of their time, in their own order (RULES S13).
pub(super) fn order_resets(batch: &mut Vec<Input>) {
    if batch.len() < 2 || !batch.iter().any(|input| input.resets) {
        return;
    }
    let hits_from = batch.iter().position(|input| input.hit.is_some()).unwrap_or(batch.len());
    let hits = batch.split_off(hits_from);
    let mut waiting = std::mem::take(batch);
    while !waiting.is_empty() {
        let mut heads: Vec<usize> = Vec::new();
        let mut seen: Vec<Option<u32>> = Vec::new();
        for (index, input) in waiting.iter().enumerate() {
            if !seen.contains(&input.source) {
                seen.push(input.source);
                heads.push(index);
            }
        }
        let reset = heads.iter().copied().find(|index| waiting.get(*index).is_some_and(|input| input.resets));
        let next = reset.or_else(|| heads.first().copied()).unwrap_or(0);
        batch.push(waiting.remove(next));
    }
    batch.extend(hits);
}
