//! An alert that was said and that a later input may still change.

use serde::{Deserialize, Serialize};

use super::emission::{Emission, Handed};
use super::renumber::{Renumber, Renumbering};
use crate::model::{AlertId, AlertStatus, Span, Timestamp};
use crate::rule::CorrelationRule;

/// The alert.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Said {
    /// The identity that a run from the horizon gives it; none when such a run does not say it.
    pub(super) key: Option<AlertId>,
    /// The horizon has passed its beginning.
    pub(super) passed: bool,
    /// What it said, as far as an input may change it.
    pub(super) state: State,
    /// Its last revision.
    pub(super) last: Emission,
    /// The hit that the rules above know, where it has moved since.
    hit: Option<Box<Emission>>,
    /// Of an early rule: the end of the episode, as it looks until the watermark passes it.
    pub(super) closing: Option<Emission>,
}

/// What a later input may change of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) status: AlertStatus,
    count: u64,
    last_seen: Timestamp,
    value: Option<f64>,
}

impl State {
    /// What an emission says.
    pub(super) fn of(emission: &Emission) -> Self {
        Self { status: emission.status, count: emission.count, last_seen: emission.last_seen, value: emission.value }
    }
}

impl Said {
    /// A new alert.
    pub(super) fn new(opening: Emission) -> Self {
        let state = State::of(&opening);
        Self { key: Some(opening.id), passed: false, state, last: opening, hit: None, closing: None }
    }

    /// The next revision, which says what `now` does. Identity, time and evidence stay those of the first.
    pub(super) fn revise(&mut self, now: &Emission, at: Timestamp) -> Emission {
        self.state = State::of(now);
        self.last = Emission {
            id: self.last.id,
            revision: self.last.revision + 1,
            time: self.last.time,
            at,
            events: self.last.events.clone(),
            cold_start: self.last.cold_start,
            handed: Handed::Nothing,
            silent: false,
            ..now.clone()
        };
        self.last.clone()
    }

    /// The alert should not have been: its last revision says so, and because of what.
    pub(super) fn retract(&mut self, cause: &str, at: Timestamp, out: &mut Vec<Emission>) {
        let mut now = self.last.clone();
        now.status = AlertStatus::Retracted;
        now.cause = Some(cause.to_owned());
        out.push(self.to_parents(Handed::Removal, Some(cause)));
        out.push(self.revise(&now, at));
        self.key = None;
    }

    /// Tells the rules above when it is no longer the hit that they know.
    pub(super) fn moved(&mut self, opening: &Emission, cause: Option<&str>, out: &mut Vec<Emission>) {
        let known = self.hit.as_deref().unwrap_or(&self.last);
        let gone = self.state.status == AlertStatus::Retracted;
        if !gone && known.time == opening.time && known.events == opening.events {
            return;
        }
        if !gone {
            out.push(self.to_parents(Handed::Removal, cause));
        }
        self.hit = Some(Box::new(Emission { id: self.last.id, ..opening.clone() }));
        out.push(self.to_parents(Handed::Hit, cause));
    }

    fn to_parents(&self, handed: Handed, cause: Option<&str>) -> Emission {
        let known = self.hit.as_deref().unwrap_or(&self.last);
        Emission { handed, silent: true, cause: cause.map(str::to_owned), ..known.clone() }
    }

    /// Whether what a run says under its name lies before the horizon, where nothing changes any more. `open` is the episode
    /// that was open at the horizon. The event that its identity hangs on may lie behind the horizon all the same, so a run
    /// may come to the same identity: that is the same alert, never a second one.
    pub(super) fn is_settled(&self, open: Option<AlertId>) -> bool {
        self.passed && open != Some(self.last.id)
    }

    /// It is what a run says under this identity.
    pub(super) fn stands_for(&mut self, key: AlertId, open: Option<AlertId>) {
        self.passed &= !self.is_settled(open);
        self.key = Some(key);
    }

    /// Whether it can still change, or its identity return. `ended` is that nothing follows the horizon.
    pub(super) fn is_kept(&self, open: Option<AlertId>, horizon: Timestamp, ended: bool) -> bool {
        let waits = self.closing.is_some();
        let in_reach = self.last.time.max(self.last.at) >= horizon;
        match self.key {
            None => in_reach,
            Some(_) if ended => waits,
            Some(_) => !self.is_settled(open) || waits || in_reach,
        }
    }

    /// Whether it is an open episode that no run says any more: nothing else will end it.
    pub(super) fn ends_unseen(&self, rule: &CorrelationRule) -> bool {
        rule.early && rule.has_episodes() && self.key.is_none() && self.state.status == AlertStatus::Open
    }

    /// When something is to be said of it, or it is to be forgotten.
    pub(super) fn deadline(&self, open: Option<AlertId>, distance: Span) -> Option<Timestamp> {
        let forgotten = || self.last.time.max(self.last.at).plus(distance);
        match &self.closing {
            Some(closing) => Some(closing.at),
            None => (self.key.is_none() || self.is_settled(open)).then(forgotten),
        }
    }
}

impl Renumber for Said {
    fn renumber(&mut self, with: &Renumbering) {
        self.last.renumber(with);
        self.hit.renumber(with);
        self.closing.renumber(with);
    }
}
