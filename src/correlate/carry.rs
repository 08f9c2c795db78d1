//! A state under other rules than those that it was made under: correlations that are as they were go on with all they know;
//! new and changed ones begin with the next event.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::renumber::{Numbers, Renumber, Renumbering};
use super::snapshot::{Restored, SavedArrival, State};
use crate::model::{KeyHash, Signal, Timestamp};
use crate::rule::plan::Plan;

/// What the numbers in a state stand for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Layout {
    /// Id and meaning. The meaning of a rule holds that of all rules below it.
    correlations: Vec<(String, u128)>,
    detections: Vec<(String, u128)>,
    fields: Vec<String>,
    sources: Vec<String>,
    /// Lane of each correlation.
    lane_of: Vec<u32>,
    /// Number of lanes.
    lanes: usize,
    /// Correlations that listen to each channel.
    listening: Vec<Vec<u32>>,
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Layout {
    /// That of a plan.
    pub(super) fn of(plan: &Plan) -> Self {
        let rules = &plan.rules;
        let listening = |correlations: &[usize]| correlations.iter().map(|index| number(*index)).collect();
        Self {
            correlations: rules.correlations.iter().map(|rule| (rule.card.id.clone(), rule.meaning)).collect(),
            detections: rules.detections.iter().map(|rule| (rule.card.id.clone(), rule.meaning)).collect(),
            fields: rules.fields.names().to_vec(),
            sources: plan.sources.iter().map(|source| source.name.clone()).collect(),
            lane_of: plan.lane_of.clone(),
            lanes: plan.lanes.len(),
            listening: plan.channels.iter().map(|channel| listening(&channel.correlations)).collect(),
        }
    }

    fn renumbering(&self, now: &Self) -> Renumbering {
        Renumbering {
            correlations: numbers(&self.correlations, &now.correlations),
            detections: numbers(&self.detections, &now.detections),
            slots: numbers(&self.fields, &now.fields),
            sources: numbers(&self.sources, &now.sources),
        }
    }
}

fn numbers<T: PartialEq>(before: &[T], now: &[T]) -> Numbers {
    before.iter().map(|thing| now.iter().position(|other| other == thing).map(number)).collect()
}

/// Numbers a state anew for a plan, and leaves out what the plan has no place for.
pub(super) fn carry(state: &mut State, plan: &Plan) -> Restored {
    let now = Layout::of(plan);
    let with = state.layout.renumbering(&now);
    let lanes = Lanes::new(&state.layout, &now, &with);
    let channels = channels(&state.layout, &now, &with);
    let lane_of_channel = |channel: u32| plan.channels.get(channel as usize).map_or(u32::MAX, |channel| channel.lane);
    let copies = |bytes: &[u8]| {
        let before = Signal::decode_head(bytes).map_or(usize::MAX, |signal| signal.channel as usize);
        let targets = channels.get(before).map(Vec::as_slice).unwrap_or_default();
        let copy = |channel: &u32| Some((*channel, with.signal(bytes, *channel)?));
        targets.iter().filter_map(copy).collect::<Vec<(u32, Vec<u8>)>>()
    };

    state.progress.renumber(&with, |before| lanes.times(before));
    state.done = lanes.times(&state.done);
    state.since = since(state, plan, &with);
    state.suppressor.renumber(&with);
    state.told.values_mut().for_each(|told| told.renumber(&with));
    state.told.retain(|_, told| told.is_of_a_rule(plan));
    let mut waiting = Waiting::new();
    for (_, late, bytes) in std::mem::take(&mut state.waiting) {
        copies(&bytes).into_iter().for_each(|(channel, copy)| put(&mut waiting, (channel, late), copy));
    }
    let in_lane = |((channel, late, _, _), bytes): (Place, Vec<u8>)| (lane_of_channel(channel), late, bytes);
    state.waiting = waiting.into_iter().map(in_lane).collect();
    let arrivals = std::mem::take(&mut state.arrivals).into_iter();
    state.arrivals = arrivals
        .flat_map(|arrival| {
            let marks = lanes.times(&arrival.marks);
            let copies = copies(&arrival.bytes).into_iter();
            copies.map(move |(_, bytes)| SavedArrival { marks: marks.clone(), late: arrival.late, bytes })
        })
        .collect();
    let hits = std::mem::take(&mut state.hits).into_iter();
    state.hits = hits
        .filter_map(|(_, mut order, mut hit)| {
            order.parent = Renumbering::of(&with.correlations, order.parent)?;
            hit.input.renumber(&with);
            Some((*now.lane_of.get(order.parent as usize)?, order, hit))
        })
        .collect();
    let groups_before = state.groups.len();
    let groups = std::mem::take(&mut state.groups).into_iter();
    state.groups = groups
        .filter_map(|(correlation, key, mut group)| {
            let correlation = Renumbering::of(&with.correlations, correlation)?;
            group.renumber(&with);
            Some((correlation, key, group))
        })
        .collect();

    let kept = with.correlations.iter().flatten().count();
    let (gone, begun) = (with.correlations.len() - kept, now.correlations.len() - kept);
    state.layout = now;
    Restored::Changed { kept, begun, gone, groups: groups_before - state.groups.len() }
}

/// Channel, whether it is late, where the event lies, and its key.
type Place = (u32, bool, (String, i32, i64, u32), KeyHash);
type Waiting = BTreeMap<Place, Vec<u8>>;

/// An event that came by two channels which are one now is one signal.
fn put(waiting: &mut Waiting, (channel, late): (u32, bool), bytes: Vec<u8>) {
    let place = Signal::decode_head(&bytes).map(|signal| {
        let (topic, partition, offset, sequence) = signal.place();
        (channel, late, (topic.to_owned(), partition, offset, sequence), signal.key)
    });
    let Ok(place) = place else { return };
    let whole = waiting.get(&place).and_then(|known| union(known, &bytes));
    waiting.insert(place, whole.unwrap_or(bytes));
}

fn union(one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let (mut whole, other) = (Signal::decode(one).ok()?, Signal::decode(other).ok()?);
    whole.detections.extend(other.detections);
    whole.detections.sort_unstable();
    whole.detections.dedup();
    whole.fields.extend(other.fields);
    whole.fields.sort_by_key(|(slot, _)| slot.0);
    whole.fields.dedup_by_key(|(slot, _)| slot.0);
    let mut bytes = Vec::with_capacity(one.len());
    whole.encode(&mut bytes);
    Some(bytes)
}

/// Where each correlation begins to see events: what is new, behind everything that its sources have had.
fn since(state: &State, plan: &Plan, with: &Renumbering) -> Vec<Timestamp> {
    let mut since: Vec<Option<Timestamp>> = vec![None; plan.rules.correlations.len()];
    for (before, now) in with.correlations.iter().enumerate() {
        if let Some(place) = now.and_then(|now| since.get_mut(now as usize)) {
            *place = Some(state.since.get(before).copied().unwrap_or(Timestamp::MIN));
        }
    }
    let newest = |correlation: usize| {
        let lane = *plan.lane_of.get(correlation)? as usize;
        state.progress.extent(lane, plan.lanes.get(lane)?).last
    };
    let begins = |(correlation, known): (usize, Option<Timestamp>)| known.or_else(|| newest(correlation));
    since.into_iter().enumerate().map(|place| begins(place).unwrap_or(Timestamp::MIN)).collect()
}

/// Channels that take the place of each: those of the correlations that listened to it and go on.
fn channels(before: &Layout, now: &Layout, with: &Renumbering) -> Vec<Vec<u32>> {
    let channel_of = |correlation: u32| now.listening.iter().position(|of| of.contains(&correlation)).map(number);
    let targets = |listening: &Vec<u32>| {
        let going_on = listening.iter().filter_map(|correlation| Renumbering::of(&with.correlations, *correlation));
        let mut targets: Vec<u32> = going_on.filter_map(channel_of).collect();
        targets.sort_unstable();
        targets.dedup();
        targets
    };
    before.listening.iter().map(targets).collect()
}

/// Which lanes stand for which.
struct Lanes {
    /// Of each lane, those before whose correlations it has now.
    before: Vec<Vec<usize>>,
}

impl Lanes {
    fn new(before: &Layout, now: &Layout, with: &Renumbering) -> Self {
        let mut lanes: Vec<Vec<usize>> = vec![Vec::new(); now.lanes];
        for (correlation, lane) in (0_u32..).zip(&before.lane_of) {
            let place = Renumbering::of(&with.correlations, correlation)
                .and_then(|correlation| now.lane_of.get(correlation as usize))
                .and_then(|lane| lanes.get_mut(*lane as usize));
            if let Some(known) = place.filter(|known| !known.contains(&(*lane as usize))) {
                known.push(*lane as usize);
            }
        }
        Self { before: lanes }
    }

    /// Times by lane, for the lanes of now: a lane never goes back behind what one of its correlations has decided.
    fn times(&self, before: &[Timestamp]) -> Vec<Timestamp> {
        let of_lane = |known: &Vec<usize>| known.iter().filter_map(|lane| before.get(*lane)).max().copied();
        self.before.iter().map(|known| of_lane(known).unwrap_or(Timestamp::MIN)).collect()
    }
}
