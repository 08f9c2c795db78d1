//! Which alerts go into which message, and when: groups, their waits, and the limit of messages. Synchronous, and the time is an
//! argument, so that everything about it is tested without waiting.
//!
//! An alert that was added is in exactly one message. At most one message is on its way, so the revisions of an alert are told in
//! order. When the limit has held messages back, the next one has what all of them would have had: the most urgent of them in
//! full, the others as a list.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::model::{AlertId, Level};

/// Since some moment; never goes back.
pub(super) type Moment = Duration;

/// How messages are put together and paced.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pacing {
    pub(super) wait: Duration,
    pub(super) interval: Duration,
    /// Messages, and the span in which there are at most so many.
    pub(super) limit: Option<(usize, Duration)>,
    /// Alerts of one message.
    pub(super) alerts: usize,
    /// Bytes of the documents of one message, except for a single larger one.
    pub(super) bytes: usize,
}

/// An alert that is to be told: its revisions that came while it waited, of which the last one is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting<T> {
    pub(super) alert: AlertId,
    pub(super) level: Level,
    pub(super) bytes: usize,
    pub(super) revisions: Vec<T>,
}

/// The alerts of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bundle<T> {
    pub(super) alerts: Vec<Waiting<T>>,
    /// Those of other groups, which the limit has held back.
    pub(super) more: Vec<Waiting<T>>,
}

#[derive(Debug)]
struct Group<T> {
    waiting: VecDeque<Waiting<T>>,
    /// When what waits is to be told.
    due: Moment,
    /// No message before.
    rests_until: Moment,
}

/// Alerts that wait to be told.
#[derive(Debug)]
pub(super) struct Groups<K, T> {
    pacing: Pacing,
    groups: BTreeMap<K, Group<T>>,
    /// Parts of a message that was too large, or that had something bad in it.
    parts: VecDeque<Bundle<T>>,
    /// When the last messages were done with.
    told: VecDeque<Moment>,
    on_its_way: bool,
    hurried: bool,
    /// The limit has held back a message that was due.
    held_back: bool,
    held: usize,
}

impl<K: Ord + Clone, T> Groups<K, T> {
    pub(super) fn new(pacing: Pacing) -> Self {
        Self {
            pacing,
            groups: BTreeMap::new(),
            parts: VecDeque::new(),
            told: VecDeque::new(),
            on_its_way: false,
            hurried: false,
            held_back: false,
            held: 0,
        }
    }

    /// Revisions that wait, those of the message on its way among them.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held == 0
    }

    /// Nothing waits for others any more; the limit stays.
    pub(super) fn hurry(&mut self) {
        self.hurried = true;
    }

    /// Takes a revision of an alert.
    pub(super) fn add(&mut self, key: K, alert: AlertId, level: Level, bytes: usize, revision: T, now: Moment) {
        self.held += 1;
        let fresh = now.saturating_add(self.pacing.wait);
        let group = self.groups.entry(key).or_insert(Group { waiting: VecDeque::new(), due: fresh, rests_until: now });
        if group.waiting.is_empty() {
            group.due = if group.rests_until > now { group.rests_until } else { fresh };
        }
        match group.waiting.iter_mut().find(|waiting| waiting.alert == alert) {
            Some(waiting) => {
                waiting.revisions.push(revision);
                waiting.bytes = bytes;
            }
            None => group.waiting.push_back(Waiting { alert, level, bytes, revisions: vec![revision] }),
        }
    }

    /// The next message, if one may go now. The caller says when it is done with: [`Groups::finished`].
    pub(super) fn next(&mut self, now: Moment) -> Option<Bundle<T>> {
        if self.on_its_way {
            return None;
        }
        self.groups.retain(|_, group| !group.waiting.is_empty() || group.rests_until > now);
        let due = self.due(now);
        if due.is_empty() && self.parts.is_empty() {
            return None;
        }
        if self.room_at().is_some_and(|at| at > now) {
            self.held_back |= !due.is_empty();
            return None;
        }
        self.on_its_way = true;
        if let Some(part) = self.parts.pop_front() {
            return Some(part);
        }
        let merges = std::mem::take(&mut self.held_back);
        let (first, others) = due.split_first()?;
        let alerts = self.take(first, self.pacing.alerts, self.pacing.bytes, now);
        let mut more = Vec::new();
        for key in others.iter().filter(|_| merges) {
            let room = self.pacing.alerts.saturating_sub(alerts.len() + more.len());
            if room > 0 {
                more.extend(self.take(key, room, usize::MAX, now));
            }
        }
        Some(Bundle { alerts, more })
    }

    /// The groups that are due: after a time of waiting for the limit the most urgent first, else the one that waits longest.
    fn due(&self, now: Moment) -> Vec<K> {
        let is_due = |group: &Group<T>| !group.waiting.is_empty() && (self.hurried || group.due <= now);
        let mut due: Vec<(&K, &Group<T>)> = self.groups.iter().filter(|(_, group)| is_due(group)).collect();
        let urgency = |group: &Group<T>| group.waiting.iter().map(|waiting| waiting.level).max();
        due.sort_by_key(|(_, group)| (self.held_back.then(|| Reverse(urgency(group))), group.due));
        due.into_iter().map(|(key, _)| key.clone()).collect()
    }

    /// Takes what waits longest in a group. What does not fit is due at once.
    fn take(&mut self, key: &K, alerts: usize, bytes: usize, now: Moment) -> Vec<Waiting<T>> {
        let Some(group) = self.groups.get_mut(key) else { return Vec::new() };
        let mut taken: Vec<Waiting<T>> = Vec::new();
        let mut size = 0_usize;
        while let Some(next) = group.waiting.front() {
            size = size.saturating_add(next.bytes);
            if taken.len() >= alerts || (!taken.is_empty() && size > bytes) {
                break;
            }
            taken.extend(group.waiting.pop_front());
        }
        group.rests_until = now.saturating_add(self.pacing.interval);
        group.due = now;
        taken
    }

    /// From when on one more message is within the limit.
    fn room_at(&self) -> Option<Moment> {
        let (messages, span) = self.pacing.limit?;
        let oldest_that_counts = self.told.len().checked_sub(messages)?;
        self.told.get(oldest_that_counts).map(|told| told.saturating_add(span))
    }

    /// The message on its way is done with, and so many revisions in it.
    pub(super) fn finished(&mut self, revisions: usize, now: Moment) {
        self.on_its_way = false;
        self.held = self.held.saturating_sub(revisions);
        if let Some((messages, _)) = self.pacing.limit {
            self.told.push_back(now);
            while self.told.len() > messages {
                self.told.pop_front();
            }
        }
    }

    /// The message on its way goes in two parts instead. Gives it back when it cannot be parted.
    pub(super) fn part(&mut self, mut bundle: Bundle<T>) -> Option<Bundle<T>> {
        let whole = bundle.alerts.len() + bundle.more.len();
        if whole < 2 {
            return Some(bundle);
        }
        let second = if bundle.more.is_empty() {
            Bundle { alerts: bundle.alerts.split_off(bundle.alerts.len() / 2), more: Vec::new() }
        } else {
            Bundle { alerts: std::mem::take(&mut bundle.more), more: Vec::new() }
        };
        self.parts.push_front(second);
        self.parts.push_front(bundle);
        self.on_its_way = false;
        None
    }

    /// When to ask for the next message, if time alone can bring one.
    pub(super) fn wake(&self) -> Option<Moment> {
        if self.on_its_way {
            return None;
        }
        let due = self.groups.values().filter(|group| !group.waiting.is_empty()).map(|group| group.due);
        let at_once = (!self.parts.is_empty() || (self.hurried && self.held > 0)).then_some(Moment::ZERO);
        let due = due.chain(at_once).min()?;
        Some(self.room_at().map_or(due, |room| room.max(due)))
    }
}

#[cfg(test)]
#[path = "groups_tests.rs"]
mod tests;
