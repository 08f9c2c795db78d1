//! What a late or early input changed: the difference between what a run of the history says and what was said.

use std::collections::HashSet;

use super::emission::{Context, Emission};
use super::group::Machine;
use super::history::{History, adopt};
use super::order::event_order;
use super::said::{Said, State};
use crate::model::{AlertId, AlertStatus, Timestamp};
use crate::rule::correlation::{Emit, OnLate};
use crate::rule::{CorrelationRule, Logic};

/// What a run says of one alert.
#[derive(Debug)]
pub(super) struct Found {
    /// Its identity in the run.
    key: AlertId,
    /// None when it was open at the horizon.
    opening: Option<Emission>,
    /// The end of the episode.
    closing: Option<Emission>,
}

impl Found {
    /// All alerts of a run, in the order in which it says them.
    pub(super) fn all(open_at_horizon: Option<AlertId>, emissions: Vec<Emission>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        all.extend(open_at_horizon.map(|key| Self { key, opening: None, closing: None }));
        for emission in emissions {
            if emission.status == AlertStatus::Open {
                all.push(Self { key: emission.id, opening: Some(emission), closing: None });
            } else if let Some(found) = all.iter_mut().rev().find(|found| found.key == emission.id) {
                found.closing = Some(emission);
            }
        }
        all
    }

    /// Whether it holds when another alert was raised.
    fn holds_at(&self, said: &Emission) -> bool {
        let (Some(opening), Some(raised)) = (&self.opening, newest(said)) else { return false };
        let end = self.closing.as_ref().map(|closing| closing.last_seen);
        newest(opening).is_some_and(|from| from <= raised) && end.is_none_or(|end| raised <= end)
    }

    /// What it says at its end.
    fn last(&self) -> Option<&Emission> {
        self.closing.as_ref().or(self.opening.as_ref())
    }
}

/// A late input under `on-late: revise`: what was said is said anew where it is no longer true.
pub(super) fn revise(
    history: &mut History,
    machine: &mut Machine,
    found: Vec<Found>,
    context: &mut Context<'_>,
    watermark: Timestamp,
    cause: &str,
) {
    let open = history.open_at_horizon();
    let pairs = pair(&found, &history.said, open, context.rule);
    for (place, said) in history.said.iter_mut().enumerate() {
        if !pairs.contains(&Some(place)) && !said.is_settled(open) {
            said.key = None;
            if said.state.status != AlertStatus::Retracted {
                said.retract(cause, watermark, context.out);
            }
        }
    }
    for (found, pair) in found.into_iter().zip(pairs) {
        let Some(said) = pair.and_then(|place| history.said.get_mut(place)) else {
            history.said.extend(say(found, context, true));
            continue;
        };
        said.stands_for(found.key, open);
        if let Some(opening) = &found.opening {
            said.moved(opening, Some(cause), context.out);
        }
        context.out.extend(changed(said, &found, machine, watermark));
    }
    adopt(machine, &history.said);
}

/// An input of an early rule: what became true is said, and nothing is taken back.
pub(super) fn early(
    history: &mut History,
    machine: &mut Machine,
    found: Vec<Found>,
    context: &mut Context<'_>,
    watermark: Timestamp,
) {
    let open = history.open_at_horizon();
    let pairs = pair(&found, &history.said, open, context.rule);
    for (place, said) in history.said.iter_mut().enumerate() {
        if !pairs.contains(&Some(place)) && !said.is_settled(open) {
            said.key = None;
            said.closing = None;
        }
    }
    for (found, pair) in found.into_iter().zip(pairs) {
        let Some(said) = pair.and_then(|place| history.said.get_mut(place)) else {
            history.said.extend(say(found, context, false));
            continue;
        };
        said.stands_for(found.key, open);
        if said.state.status == AlertStatus::Open {
            said.closing = found.closing;
        } else if context.rule.on_late == OnLate::Revise {
            context.out.extend(changed(said, &found, machine, watermark));
        }
    }
    adopt(machine, &history.said);
}

/// A late input under `on-late: apply`: the state is that of the run, and of the past nothing is said. An episode that
/// began in the past without having been said is none; one that was said goes on, or ends.
pub(super) fn apply(before: Option<Emission>, machine: &mut Machine, context: &mut Context<'_>, watermark: Timestamp) {
    let Some(said) = before else {
        machine.forget_episode();
        return;
    };
    match machine.episode() {
        Some(episode) => {
            let Emission { count, last_seen, .. } = *episode;
            *episode = Emission { count, last_seen, ..said };
        }
        None => context.out.push(said.closed(watermark)),
    }
}

/// Says what is new. The end of an early rule's episode waits for the watermark.
fn say(found: Found, context: &mut Context<'_>, is_known: bool) -> Option<Said> {
    let mut said = Said::new(found.opening?);
    context.out.push(said.last.clone());
    match found.closing {
        Some(closing) if is_known => context.out.push(said.revise(&closing, closing.at)),
        closing => said.closing = closing,
    }
    Some(said)
}

/// A revision of what was said, if it is no longer so.
fn changed(said: &mut Said, found: &Found, machine: &mut Machine, watermark: Timestamp) -> Option<Emission> {
    let Some(last) = found.last() else {
        // it was open at the horizon and still is
        if said.state.status == AlertStatus::Open {
            return None;
        }
        let episode = machine.episode().as_deref().cloned()?;
        return Some(said.revise(&Emission { status: AlertStatus::Open, ..episode }, watermark));
    };
    let state = State::of(last);
    if state == said.state {
        return None;
    }
    // an open episode is told as it is now, and compared as it began
    let episode = machine.episode();
    let open = episode.as_deref().filter(|episode| episode.id == found.key && found.closing.is_none());
    let revision = said.revise(open.unwrap_or(last), watermark);
    said.state = state;
    Some(revision)
}

/// Which alert that was said is which of the run: the one of the same identity; the one that it was the last time; and for
/// alerts whose identity hangs on an event that another one may replace, the first that was said while this one holds, or
/// that shares evidence. What was said of the time before the horizon is in no run, but its identity may be.
fn pair(found: &[Found], said: &[Said], open: Option<AlertId>, rule: &CorrelationRule) -> Vec<Option<usize>> {
    let mut pairs: Vec<Option<usize>> = vec![None; found.len()];
    let mut taken: HashSet<usize> = HashSet::new();
    let mut settle = |is_same: &dyn Fn(&Found, &Said) -> bool| {
        for (found, pair) in found.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
            let same = |(place, said): &(usize, &Said)| !taken.contains(place) && is_same(found, said);
            *pair = said.iter().enumerate().filter(same).min_by_key(|(_, said)| said.last.time).map(|(place, _)| place);
            taken.extend(*pair);
        }
    };
    settle(&|found, said| said.last.id == found.key);
    settle(&|found, said| !said.is_settled(open) && said.key == Some(found.key));
    if moves(rule) {
        let stands = |said: &Said| !said.is_settled(open) && said.state.status != AlertStatus::Retracted;
        if rule.has_episodes() {
            settle(&|found, said| stands(said) && found.holds_at(&said.last));
        }
        settle(&|found, said| stands(said) && found.opening.as_ref().is_some_and(|opening| share(opening, &said.last)));
    }
    pairs
}

/// Whether an earlier event may take the place of the one that an alert hangs on.
fn moves(rule: &CorrelationRule) -> bool {
    match (&rule.logic, rule.emit) {
        (Logic::Sequences(_), _) => !rule.has_absence(),
        (_, Emit::Edge | Emit::Reset) => true,
        (_, Emit::Every | Emit::Close) => false,
    }
}

/// Time of the newest event of the evidence.
fn newest(emission: &Emission) -> Option<Timestamp> {
    emission.events.last().and_then(|bytes| event_order(bytes)).map(|(time, _)| time)
}

fn share(one: &Emission, other: &Emission) -> bool {
    let places: HashSet<_> = one.events.iter().filter_map(|bytes| event_order(bytes)).collect();
    other.events.iter().filter_map(|bytes| event_order(bytes)).any(|place| places.contains(&place))
}
