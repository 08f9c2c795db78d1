//! Counting, distinct values and unordered sets of rules over a window (RULES S4, S8, S9, S10).

use std::collections::VecDeque;

use foldhash::HashMap;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::emission::{Anchor, Context, Emission};
use super::input::Input;
use crate::model::Timestamp;
use crate::rule::correlation::{Emit, Window};
use crate::rule::number::Number;
use crate::rule::{CorrelationRule, Logic, Measure};

/// The state of one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Windowed {
    entries: VecDeque<Entry>,
    /// How often each distinct tuple is in the window.
    distinct: HashMap<u128, u32>,
    /// How often each position of `rules` is in the window.
    positions: Vec<u32>,
    /// Where the window begins: tumbling, session, and sliding windows that are judged at their close.
    start: Option<Timestamp>,
    /// Time of the newest event of the group.
    newest: Option<Timestamp>,
    /// The alert that is open while the condition stays true.
    episode: Option<Box<Emission>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    input: Input,
    tuples: SmallVec<[u128; 1]>,
}

impl Windowed {
    /// Takes an event of the group. All events before it have been taken.
    pub(super) fn step(&mut self, context: &mut Context<'_>, input: &Input) {
        let tuples = match &context.rule.logic {
            Logic::Threshold(Measure::Distinct(fields), _) if input.positions != 0 => input.tuples(fields),
            _ => SmallVec::new(),
        };
        let counted = input.positions != 0
            && !(tuples.is_empty() && matches!(context.rule.logic, Logic::Threshold(Measure::Distinct(_), _)));
        if !counted && !input.resets {
            // a missing field is excluded (RULES S9)
            return;
        }
        self.fire(context, input.time);
        if counted && matches!(context.rule.window, Window::Session(_)) {
            self.end_full_session(context, input.time);
        }
        if input.resets {
            self.forget();
        }
        self.enter_window(context.rule, input.time, counted);
        if counted {
            self.push(context, input, tuples);
        }
        self.newest = Some(input.time);
        if context.rule.emit != Emit::Close {
            self.evaluate(context, input, counted);
        }
    }

    /// Ends what ends before `now`: windows whose last possible event lies before it.
    pub(super) fn fire(&mut self, context: &mut Context<'_>, now: Timestamp) {
        if let Some(deadline) = self.deadline(context.rule).filter(|deadline| *deadline < now) {
            let at = match context.rule.window {
                Window::Tumbling(_) => Timestamp(deadline.0.saturating_add(1)),
                Window::Sliding | Window::Session(_) => deadline,
            };
            self.close(context, at);
            self.newest = None;
        }
    }

    /// The last moment at which an event can still belong to the window; behind it the window is closed.
    pub(super) fn deadline(&self, rule: &CorrelationRule) -> Option<Timestamp> {
        let newest = self.newest?;
        Some(match (rule.window, self.start) {
            (Window::Sliding, Some(start)) => start.plus(rule.timespan),
            (Window::Tumbling(_), Some(start)) => Timestamp(start.plus(rule.timespan).0.saturating_sub(1)),
            (Window::Session(gap), Some(_)) => newest.plus(gap),
            (_, None) => newest.plus(rule.timespan),
        })
    }

    /// The alert that is open while the condition stays true.
    pub(super) fn episode(&mut self) -> &mut Option<Box<Emission>> {
        &mut self.episode
    }

    /// Whether there is nothing left to remember.
    pub(super) fn is_idle(&self) -> bool {
        self.newest.is_none()
    }

    /// Opens the window of an event, and lets go of events that no longer share one with it.
    fn enter_window(&mut self, rule: &CorrelationRule, now: Timestamp, counted: bool) {
        let span = rule.timespan;
        match rule.window {
            Window::Sliding if rule.emit == Emit::Close => {
                if self.start.is_none() && counted {
                    self.start = Some(now);
                }
            }
            Window::Sliding => {
                let oldest = now.minus(span);
                while self.entries.front().is_some_and(|entry| entry.input.time < oldest) {
                    self.evict();
                }
            }
            Window::Tumbling(offset) => {
                let shifted = now.0.saturating_sub(offset.0);
                self.start =
                    Some(Timestamp(shifted.saturating_sub(shifted.rem_euclid(span.0.max(1))).saturating_add(offset.0)));
            }
            Window::Session(_) => {
                if self.start.is_none() && counted {
                    self.start = Some(now);
                }
            }
        }
    }

    /// A session is over when an event would make it longer than the timespan.
    fn end_full_session(&mut self, context: &mut Context<'_>, now: Timestamp) {
        if self.start.is_some_and(|start| now > start.plus(context.rule.timespan)) {
            self.close(context, now);
        }
    }

    fn push(&mut self, context: &mut Context<'_>, input: &Input, tuples: SmallVec<[u128; 1]>) {
        for tuple in &tuples {
            *self.distinct.entry(*tuple).or_insert(0) += 1;
        }
        for position in bits(input.positions) {
            if self.positions.len() <= position {
                self.positions.resize(position + 1, 0);
            }
            if let Some(count) = self.positions.get_mut(position) {
                *count += 1;
            }
        }
        self.entries.push_back(Entry { input: input.clone(), tuples });
        if self.entries.len() > context.limits.entries_per_group {
            self.evict();
            *context.overflow += 1;
        }
    }

    fn evict(&mut self) {
        let Some(entry) = self.entries.pop_front() else { return };
        for tuple in &entry.tuples {
            if let Some(count) = self.distinct.get_mut(tuple) {
                *count -= 1;
                if *count == 0 {
                    self.distinct.remove(tuple);
                }
            }
        }
        for position in bits(entry.input.positions) {
            if let Some(count) = self.positions.get_mut(position) {
                *count = count.saturating_sub(1);
            }
        }
    }

    fn forget(&mut self) {
        self.entries.clear();
        self.distinct.clear();
        self.positions.clear();
        self.start = None;
    }

    /// Whether the condition holds, and the measured value.
    fn truth(&self, rule: &CorrelationRule) -> (bool, Option<f64>) {
        if self.entries.is_empty() {
            // zero is only known of groups that are expected
            return (false, None);
        }
        match &rule.logic {
            Logic::Threshold(measure, thresholds) => {
                let value = match measure {
                    Measure::Events => self.entries.len(),
                    Measure::Distinct(_) => self.distinct.len(),
                    Measure::Rules => self.positions.iter().filter(|count| **count > 0).count(),
                };
                let number = Number::Integer(value as i128);
                let holds = thresholds.iter().all(|(comparison, threshold)| {
                    number.compare(*threshold).is_some_and(|ordering| comparison.holds(ordering))
                });
                (holds, Some(value as f64))
            }
            Logic::Present(alternatives) => {
                let present = |position: &usize| self.positions.get(*position).is_some_and(|count| *count > 0);
                (alternatives.iter().any(|one| one.positives.iter().all(present)), None)
            }
            Logic::Absent(_) | Logic::Sequences(_) => (false, None),
        }
    }

    fn inputs(&self) -> impl DoubleEndedIterator<Item = &Input> + Clone {
        self.entries.iter().map(|entry| &entry.input)
    }

    fn evaluate(&mut self, context: &mut Context<'_>, input: &Input, counted: bool) {
        let (holds, value) = self.truth(context.rule);
        if !holds {
            self.end_episode(context, input.time);
            return;
        }
        if let Some(episode) = &mut self.episode {
            if counted {
                episode.count += input.count;
                episode.last_seen = input.time;
            }
            return;
        }
        let emission = context.emission(Anchor::Event(input), input.time, self.inputs(), value, None);
        match context.rule.emit {
            Emit::Edge => self.episode = Some(Box::new(emission.clone())),
            Emit::Reset => self.forget(),
            Emit::Every | Emit::Close => {}
        }
        context.out.push(emission);
    }

    /// The window is over: judge it if that is when it is judged, end the episode, forget.
    fn close(&mut self, context: &mut Context<'_>, at: Timestamp) {
        if context.rule.emit == Emit::Close
            && let Some(start) = self.start
        {
            let (holds, value) = self.truth(context.rule);
            if holds {
                let time = match context.rule.window {
                    Window::Sliding | Window::Tumbling(_) => start.plus(context.rule.timespan),
                    Window::Session(gap) => self.newest.unwrap_or(start).plus(gap),
                };
                let mut emission = context.emission(Anchor::Window(start), time, self.inputs(), value, None);
                // a session that is full is known to be over before its gap has passed
                emission.at = at.min(time);
                context.out.push(emission);
            }
        }
        self.end_episode(context, at);
        self.forget();
    }

    fn end_episode(&mut self, context: &mut Context<'_>, at: Timestamp) {
        if let Some(episode) = self.episode.take() {
            context.out.push(episode.closed(at));
        }
    }
}

/// The positions of a bit set.
pub(super) fn bits(set: u64) -> impl Iterator<Item = usize> {
    let mut rest = set;
    std::iter::from_fn(move || {
        let position = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
        rest &= rest - 1;
        Some(position)
    })
}
