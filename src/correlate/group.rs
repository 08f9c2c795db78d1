//! One group of one correlation: its state machine, whatever its kind, and its history, if the rule has one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::absent::Absent;
use super::combined::Combined;
use super::difference::{self, Found};
use super::emission::{Context, Emission};
use super::history::{self, Admitted, History};
use super::input::Input;
use super::renumber::{Renumber, Renumbering};
use super::said::Said;
use super::sequence::Sequenced;
use super::series::Series;
use super::window::Windowed;
use crate::model::{AlertId, AlertStatus, Span, Timestamp};
use crate::rule::correlation::OnLate;
use crate::rule::{CorrelationRule, Logic};

/// A group. Serialises by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Group {
    /// Its values.
    pub(super) values: Arc<[Option<String>]>,
    pub(super) state: GroupState,
    /// The timer that is set for it.
    #[serde(skip)]
    pub(super) timer: Option<Timestamp>,
}

/// The running state of a group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct GroupState {
    machine: Machine,
    /// Of a rule with `on-late` or `early`.
    history: Option<Box<History>>,
}

/// What comes to a group out of order: late events, events of an early rule, and what follows from them below.
#[derive(Debug, Default)]
pub(super) struct Arriving {
    pub(super) inputs: Vec<Input>,
    /// Hits that should not have been.
    pub(super) removals: Vec<AlertId>,
    /// The event that came, for the alerts that it retracts.
    pub(super) cause: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Arrived {
    /// Inputs that came too late even so.
    pub(super) late: u64,
    /// Events that were there already.
    pub(super) repeated: u64,
}

impl Group {
    /// A group that nothing is known of.
    pub(super) fn new(values: Arc<[Option<String>]>, rule: &CorrelationRule) -> Self {
        let history = rule.remembers().then(|| Box::new(History::new(rule)));
        Self { values, state: GroupState { machine: Machine::new(rule), history }, timer: None }
    }
}

impl GroupState {
    /// Begins the first window of a group that is expected by name.
    pub(super) fn expect_from(&mut self, start: Timestamp) {
        if let Machine::Window(state) = &mut self.machine {
            state.expect_from(start);
        }
        if let Some(history) = &mut self.history {
            history.begin(&self.machine);
        }
    }

    /// Takes all inputs of one moment. Everything before it has been taken. Gives the number of repeated events.
    pub(super) fn take(&mut self, context: &mut Context<'_>, mut inputs: Vec<Input>) -> u64 {
        let mut repeated = 0;
        let from = context.out.len();
        if let Some(history) = &mut self.history {
            for input in inputs {
                repeated += u64::from(matches!(history.admit(input), Admitted::Repeated | Admitted::RepeatedFirst));
            }
            inputs = history.newest_moment();
        }
        order_resets(&mut inputs);
        self.machine.step(context, &inputs);
        if self.history.is_some() {
            self.note(context, from);
            self.bound(context);
        }
        repeated
    }

    /// Takes what comes out of order.
    pub(super) fn receive(&mut self, context: &mut Context<'_>, arriving: Arriving, watermark: Timestamp) -> Arrived {
        let mut arrived = Arrived::default();
        let Some(history) = &mut self.history else { return arrived };
        let horizon = context.rule.horizon(watermark, context.limits.retention);
        let early = context.rule.early;
        let (mut at_end, mut between) = (Vec::new(), false);
        // a hit that moved is taken out before it is put into its new place
        for hit in arriving.removals {
            between |= history.remove(hit);
        }
        for input in arriving.inputs {
            if input.time < horizon {
                arrived.late += 1;
                continue;
            }
            // what lies behind the watermark has been decided, also where nothing came after it
            let in_time = input.time >= watermark;
            let admitted = history.admit(input);
            match admitted {
                Admitted::Newest if early && in_time => at_end.extend(history.newest().cloned()),
                Admitted::Newest | Admitted::Between | Admitted::RepeatedFirst => between = true,
                Admitted::Known | Admitted::Repeated => {}
                Admitted::TooOld => arrived.late += 1,
            }
            arrived.repeated += u64::from(matches!(admitted, Admitted::Repeated | Admitted::RepeatedFirst));
        }
        if between {
            self.rerun(context, watermark, &arriving.cause);
        } else {
            let from = context.out.len();
            for input in at_end {
                self.machine.step(context, &[input]);
            }
            self.note(context, from);
        }
        self.bound(context);
        arrived
    }

    /// Runs the history again and says what follows.
    fn rerun(&mut self, context: &mut Context<'_>, watermark: Timestamp, cause: &str) {
        let Some(history) = &mut self.history else { return };
        let before = self.machine.episode().cloned();
        let from = context.out.len();
        let (mut machine, emissions) = history.run(context, watermark);
        let found = Found::all(history.open_at_horizon(), emissions);
        match (context.rule.early, context.rule.on_late) {
            (true, _) => difference::early(history, &mut machine, found, context, watermark),
            (false, OnLate::Revise) => difference::revise(history, &mut machine, found, context, watermark, cause),
            (false, OnLate::Apply | OnLate::Drop) => {
                difference::apply(before, &mut machine, context, watermark);
                self.machine = machine;
                self.note(context, from);
                return;
            }
        }
        self.machine = machine;
    }

    /// Notes what the machine has just said, in the order of its inputs. The end of an early rule's episode waits for the
    /// watermark; an alert that was there before is no new one.
    fn note(&mut self, context: &mut Context<'_>, from: usize) {
        let Some(history) = &mut self.history else { return };
        if context.out.len() == from {
            return;
        }
        let (early, revises) = (context.rule.early, context.rule.on_late == OnLate::Revise);
        let open = history.open_at_horizon();
        for emission in context.out.split_off(from) {
            let opens = emission.status == AlertStatus::Open;
            let known = |said: &&mut Said| said.last.id == emission.id || (!opens && said.key == Some(emission.id));
            match history.said.iter_mut().find(known) {
                None if opens => {
                    let mut said = Said::new(emission.clone());
                    // of what is only applied no run is held against what was said
                    said.key = said.key.filter(|_| early || revises);
                    history.said.push(said);
                    context.out.push(emission);
                }
                None => context.out.push(emission),
                Some(said) if opens => {
                    if said.is_settled(open) {
                        said.stands_for(emission.id, open);
                    }
                    said.key = said.key.or(Some(emission.id)).filter(|_| early || revises);
                    if revises && !early {
                        said.moved(&emission, None, context.out);
                        context.out.push(said.revise(&emission, emission.at));
                    }
                }
                Some(said) if early => said.closing = Some(emission),
                // also of an alert that was said anew just before, which the machine does not know
                Some(said) => context.out.push(said.revise(&emission, emission.at)),
            }
        }
        history::adopt(&mut self.machine, &history.said);
    }

    /// A history that is too long forgets its older half.
    fn bound(&mut self, context: &mut Context<'_>) {
        let Some(history) = &mut self.history else { return };
        if history.len() > context.limits.entries_per_group
            && let Some(horizon) = history.time_of(history.len() / 2)
        {
            history.forget(context, horizon);
        }
    }

    /// Decides everything whose deadline lies before the watermark.
    pub(super) fn fire(&mut self, context: &mut Context<'_>, watermark: Timestamp) {
        let from = context.out.len();
        self.machine.fire(context, watermark);
        if self.history.is_none() {
            return;
        }
        self.note(context, from);
        if self.machine.is_idle(context.rule, watermark) {
            self.machine = Machine::new(context.rule);
        }
        let Some(history) = &mut self.history else { return };
        for said in &mut history.said {
            let ended = said.closing.take_if(|closing| closing.at < watermark || watermark == Timestamp::MAX);
            context.out.extend(ended.map(|closing| said.revise(&closing, closing.at)));
        }
        history::adopt(&mut self.machine, &history.said);
        history.forget(context, context.rule.horizon(watermark, context.limits.retention));
    }

    /// The next moment behind which there is something to do.
    pub(super) fn deadline(&self, rule: &CorrelationRule, retention: Span) -> Option<Timestamp> {
        let machine = self.machine.deadline(rule);
        let Some(history) = &self.history else { return machine };
        let distance = rule.horizon_distance(retention);
        machine.into_iter().chain(history.deadline(rule, distance)).min()
    }

    /// Whether the group can be forgotten.
    pub(super) fn is_idle(&self, rule: &CorrelationRule, now: Timestamp) -> bool {
        self.machine.is_idle(rule, now)
            && self.history.as_ref().is_none_or(|history| history.is_empty() && history.base_is_idle(rule))
    }
}

/// The state machine of a kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Machine {
    Window(Box<Windowed>),
    Absent(Absent),
    Sequence(Sequenced),
    Series(Box<Series>),
    Combined(Box<Combined>),
}

impl Machine {
    /// The machine for a rule.
    pub(super) fn new(rule: &CorrelationRule) -> Self {
        match &rule.logic {
            _ if rule.weighted.is_some() => Self::Combined(Box::default()),
            _ if rule.metric.is_some() => Self::Series(Box::default()),
            Logic::Threshold(..) | Logic::Present(_) => Self::Window(Box::default()),
            Logic::Absent(_) => Self::Absent(Absent::default()),
            Logic::Sequences(_) => Self::Sequence(Sequenced::default()),
        }
    }

    /// The alert that is open while the condition stays true.
    pub(super) fn open_episode(&self) -> Option<AlertId> {
        match self {
            Self::Window(state) => state.open_episode(),
            Self::Absent(state) => state.open_episode(),
            Self::Sequence(_) | Self::Series(_) | Self::Combined(_) => None,
        }
    }

    /// The episode that is open, to go on under another identity.
    pub(super) fn episode(&mut self) -> Option<&mut Emission> {
        match self {
            Self::Window(state) => state.episode().as_deref_mut(),
            Self::Absent(state) => state.episode().as_deref_mut(),
            Self::Sequence(_) | Self::Series(_) | Self::Combined(_) => None,
        }
    }

    /// No alert is open, whatever the condition.
    pub(super) fn forget_episode(&mut self) {
        match self {
            Self::Window(state) => *state.episode() = None,
            Self::Absent(state) => *state.episode() = None,
            Self::Sequence(_) | Self::Series(_) | Self::Combined(_) => {}
        }
    }

    /// Takes all events of one moment. All events before it have been taken.
    pub(super) fn step(&mut self, context: &mut Context<'_>, batch: &[Input]) {
        match self {
            Self::Window(state) => batch.iter().for_each(|input| state.step(context, input)),
            Self::Absent(state) => state.step(context, batch),
            Self::Sequence(state) => state.step(context, batch),
            Self::Series(state) => batch.iter().for_each(|input| state.step(context, input)),
            Self::Combined(state) => batch.iter().for_each(|input| state.step(context, input)),
        }
    }

    /// Decides everything whose deadline lies before `now`.
    pub(super) fn fire(&mut self, context: &mut Context<'_>, now: Timestamp) {
        match self {
            Self::Window(state) => state.fire(context, now),
            Self::Absent(state) => state.fire(context, now),
            Self::Sequence(state) => state.fire(context, now),
            Self::Series(state) => state.fire(context, now),
            Self::Combined(state) => state.fire(context, now),
        }
    }

    /// The next moment behind which there is something to do.
    pub(super) fn deadline(&self, rule: &CorrelationRule) -> Option<Timestamp> {
        match self {
            Self::Window(state) => state.deadline(rule),
            Self::Absent(state) => state.deadline(rule),
            Self::Sequence(state) => state.deadline(rule),
            Self::Series(state) => state.deadline(),
            Self::Combined(state) => state.deadline(),
        }
    }

    /// Whether the group can be forgotten.
    pub(super) fn is_idle(&self, rule: &CorrelationRule, now: Timestamp) -> bool {
        match self {
            Self::Window(state) => state.is_idle(),
            Self::Absent(state) => state.is_idle(),
            Self::Sequence(state) => state.is_idle(rule, now),
            Self::Series(state) => state.is_idle(),
            Self::Combined(state) => state.is_idle(),
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

impl Renumber for Group {
    fn renumber(&mut self, with: &Renumbering) {
        self.state.machine.renumber(with);
        self.state.history.renumber(with);
    }
}

impl Renumber for Machine {
    fn renumber(&mut self, with: &Renumbering) {
        match self {
            Self::Window(state) => state.renumber(with),
            Self::Absent(state) => state.renumber(with),
            Self::Sequence(state) => state.renumber(with),
            // it holds no events, only what they brought
            Self::Series(_) | Self::Combined(_) => {}
        }
    }
}
