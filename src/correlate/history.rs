//! What a group of a rule with `on-late` or `early` keeps beside its state machine (RULES S3, S12): the machine as it was
//! at the horizon, the inputs since, and what was said since. An input that comes between them is put into its place and
//! everything since the horizon is run again; what follows from a difference is in `difference`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::emission::{Context, Emission, Ignored};
use super::group::{Machine, order_resets};
use super::input::Input;
use super::renumber::{Renumber, Renumbering};
use super::said::Said;
use crate::model::{AlertId, AlertStatus, Timestamp};
use crate::rule::CorrelationRule;

/// The history of one group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct History {
    /// The machine when it had taken everything before the horizon.
    base: Machine,
    /// What comes before it is too old to be taken.
    horizon: Timestamp,
    /// The inputs at the horizon and after it, in their total order.
    inputs: VecDeque<Input>,
    /// The alerts that a run from the horizon says, or said once.
    pub(super) said: Vec<Said>,
}

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admitted {
    /// It is the newest.
    Newest,
    /// It stands before others, or changed one that was there.
    Between,
    /// It was there already.
    Known,
    /// It repeats another event (RULES S1b), and is the first of the two in the log.
    RepeatedFirst,
    /// It repeats another event.
    Repeated,
    /// It comes before the horizon.
    TooOld,
}

impl History {
    /// Of a group that nothing is known of.
    pub(super) fn new(rule: &CorrelationRule) -> Self {
        Self { base: Machine::new(rule), horizon: Timestamp::MIN, inputs: VecDeque::new(), said: Vec::new() }
    }

    /// Begins with a machine that knows something already.
    pub(super) fn begin(&mut self, machine: &Machine) {
        self.base.clone_from(machine);
    }

    /// Puts an input into its place.
    pub(super) fn admit(&mut self, input: Input) -> Admitted {
        if input.time < self.horizon {
            return Admitted::TooOld;
        }
        let place = self.inputs.partition_point(|known| known.compare(&input).is_lt());
        if let Some(known) = self.inputs.get_mut(place).filter(|known| known.compare(&input).is_eq()) {
            let before = (known.positions, known.resets);
            known.positions |= input.positions;
            known.resets |= input.resets;
            return if before == (known.positions, known.resets) { Admitted::Known } else { Admitted::Between };
        }
        if let Some(other) = self.repeated(&input) {
            if other < place {
                return Admitted::Repeated;
            }
            self.inputs.remove(other);
            self.inputs.insert(place, input);
            return Admitted::RepeatedFirst;
        }
        let newest = place == self.inputs.len();
        self.inputs.insert(place, input);
        if newest { Admitted::Newest } else { Admitted::Between }
    }

    /// Where an event of the same source, id and time stands.
    fn repeated(&self, input: &Input) -> Option<usize> {
        let identity = input.identity()?;
        let first = self.inputs.partition_point(|known| known.time < input.time);
        let moment = self.inputs.iter().enumerate().skip(first).take_while(|(_, known)| known.time == input.time);
        moment.into_iter().find(|(_, known)| known.identity() == Some(identity)).map(|(at, _)| at)
    }

    /// Takes a hit out.
    pub(super) fn remove(&mut self, hit: AlertId) -> bool {
        let is_it = |input: &Input| input.hit.as_ref().is_some_and(|facts| facts.id == hit);
        let place = self.inputs.iter().position(is_it);
        place.and_then(|place| self.inputs.remove(place)).is_some()
    }

    /// The inputs of the newest moment.
    pub(super) fn newest_moment(&self) -> Vec<Input> {
        let newest = self.inputs.back().map(|input| input.time);
        let from = self.inputs.partition_point(|input| Some(input.time) < newest);
        self.inputs.range(from..).cloned().collect()
    }

    /// The newest input.
    pub(super) fn newest(&self) -> Option<&Input> {
        self.inputs.back()
    }

    /// Inputs kept.
    pub(super) fn len(&self) -> usize {
        self.inputs.len()
    }

    /// The time of an input.
    pub(super) fn time_of(&self, place: usize) -> Option<Timestamp> {
        self.inputs.get(place).map(|input| input.time)
    }

    /// The episode that was open at the horizon.
    pub(super) fn open_at_horizon(&self) -> Option<AlertId> {
        self.base.open_episode()
    }

    /// Runs everything since the horizon: the machine as it is then, and all that it says on the way.
    pub(super) fn run(&self, context: &Context<'_>, watermark: Timestamp) -> (Machine, Vec<Emission>) {
        let mut machine = self.base.clone();
        let mut out = Vec::new();
        // the bound was counted when the inputs came
        let mut ignored = Ignored::default();
        let mut aside = context.aside(&mut ignored, &mut out);
        let mut inputs = self.inputs.iter().peekable();
        while let Some(first) = inputs.next() {
            let mut batch = vec![first.clone()];
            while let Some(next) = inputs.next_if(|next| next.time == first.time) {
                batch.push(next.clone());
            }
            order_resets(&mut batch);
            machine.step(&mut aside, &batch);
        }
        machine.fire(&mut aside, watermark);
        (machine, out)
    }

    /// Moves the horizon: what lies before it can no longer change. It never moves back; what was said since it last moved
    /// may be out of reach all the same.
    pub(super) fn forget(&mut self, context: &mut Context<'_>, horizon: Timestamp) {
        if horizon > self.horizon {
            self.pass(context, horizon);
        }
        let horizon = self.horizon;
        let ended = self.inputs.is_empty() && self.base.is_idle(context.rule, horizon);
        let open = self.open_at_horizon();
        self.said.retain_mut(|said| {
            let kept = said.is_kept(open, horizon, ended);
            if !kept && said.ends_unseen(context.rule) {
                context.out.push(said.last.clone().closed(horizon));
            }
            kept
        });
    }

    /// Takes the machine of the horizon to a later one.
    fn pass(&mut self, context: &mut Context<'_>, horizon: Timestamp) {
        self.horizon = horizon;
        let mut passed = Vec::new();
        let mut ignored = Ignored::default();
        let mut aside = context.aside(&mut ignored, &mut passed);
        while let Some(now) = self.inputs.front().map(|input| input.time).filter(|time| *time < horizon) {
            let count = self.inputs.partition_point(|input| input.time <= now);
            let mut batch: Vec<Input> = self.inputs.drain(..count).collect();
            order_resets(&mut batch);
            self.base.step(&mut aside, &batch);
        }
        self.base.fire(&mut aside, horizon);
        for opening in passed.iter().filter(|emission| emission.status == AlertStatus::Open) {
            if let Some(said) = self.said.iter_mut().find(|said| said.key == Some(opening.id)) {
                said.passed = true;
            }
        }
        adopt(&mut self.base, &self.said);
        if self.base.is_idle(context.rule, horizon) {
            self.base = Machine::new(context.rule);
        }
    }

    /// When the next thing is to be done or forgotten, given how far the horizon lies behind the watermark.
    pub(super) fn deadline(&self, rule: &CorrelationRule, distance: crate::model::Span) -> Option<Timestamp> {
        let base = self.base.deadline(rule).map(|deadline| deadline.plus(distance));
        let oldest = self.inputs.front().map(|input| input.time.plus(distance));
        let open = self.open_at_horizon();
        let said = self.said.iter().filter_map(|said| said.deadline(open, distance)).min();
        base.into_iter().chain(oldest).chain(said).min()
    }

    /// Whether nothing can change any more.
    pub(super) fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.said.is_empty()
    }

    /// Whether the machine at the horizon has nothing left to remember.
    pub(super) fn base_is_idle(&self, rule: &CorrelationRule) -> bool {
        self.base.is_idle(rule, self.horizon)
    }
}

/// An episode that was said under another identity goes on under that one.
pub(super) fn adopt(machine: &mut Machine, said: &[Said]) {
    let Some(episode) = machine.episode() else { return };
    let by_key = said.iter().find(|said| said.key == Some(episode.id));
    if let Some(said) = by_key.or_else(|| said.iter().find(|said| said.last.id == episode.id)) {
        episode.id = said.last.id;
        episode.revision = said.last.revision;
        episode.time = said.last.time;
        episode.cold_start = said.last.cold_start;
        episode.events.clone_from(&said.last.events);
    }
}

impl Renumber for History {
    fn renumber(&mut self, with: &Renumbering) {
        self.base.renumber(with);
        self.inputs.make_contiguous().renumber(with);
        self.said.renumber(with);
    }
}
