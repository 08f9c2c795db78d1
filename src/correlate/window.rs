//! Measures and unordered sets of rules over a window (RULES S4, S8, S9, S10): which events are in it, when it is judged,
//! and the episodes in which its condition is true. What is measured is in `aggregate`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::aggregate::{Aggregate, Facts};
use super::buckets::Buckets;
use super::emission::{Anchor, Behind, Context, Emission};
use super::input::Input;
use super::novelty::Novelty;
use super::renumber::{Renumber, Renumbering};
use crate::model::{AlertId, Span, Timestamp};
use crate::rule::correlation::{Emit, Expect, Window};
use crate::rule::measured::Measured;
use crate::rule::{CorrelationRule, Logic};

/// The state of one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Windowed {
    entries: VecDeque<Entry>,
    /// Base events of the entries.
    count: u64,
    /// Hits among the entries.
    hits: usize,
    aggregate: Aggregate,
    /// Of a rule with `unseen-for`.
    novelty: Novelty,
    /// Of a rule with `baseline`.
    buckets: Option<Box<Buckets>>,
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
    facts: Facts,
}

impl Windowed {
    /// Takes an event of the group. All events before it have been taken.
    pub(super) fn step(&mut self, context: &mut Context<'_>, input: &Input) {
        let facts = self.facts(context, input);
        if facts.is_none() && !input.resets {
            return;
        }
        let counted = facts.is_some();
        // an event at the end of a fixed window begins the next one
        let fixed = matches!(context.rule.window, Window::Tumbling(_));
        self.end_windows(context, Timestamp(input.time.0.saturating_add(i64::from(fixed))));
        self.forget_past(context.rule, input.time);
        if counted && matches!(context.rule.window, Window::Session(_)) {
            self.end_full_session(context, input.time);
        }
        if input.resets {
            self.forget();
        }
        self.enter_window(context.rule, input.time, counted);
        if let Some(facts) = facts {
            if let Some(baseline) = &context.rule.baseline {
                let buckets = self.buckets.get_or_insert_default();
                buckets.take(context.rule, baseline, input.time, (input.positions, &facts));
            }
            self.push(context, input, facts);
        }
        self.newest = Some(input.time);
        if context.rule.emit != Emit::Close {
            self.evaluate(context, input, counted);
        }
    }

    /// What the event brings to the measure; `None` when it is no event of this rule: its field is missing, or its values
    /// are known.
    fn facts(&mut self, context: &mut Context<'_>, input: &Input) -> Option<Facts> {
        let facts = Facts::of(context.rule, input);
        if facts.is_none() && input.positions != 0 {
            *context.skipped += 1;
        }
        let Some(unseen_for) = context.rule.unseen_for else { return facts };
        let most = context.limits.entries_per_group;
        self.novelty.admit(input.time, &facts?, unseen_for, most, context.overflow)
    }

    /// Ends what ends before `now`, and forgets what no event from then on is compared with.
    pub(super) fn fire(&mut self, context: &mut Context<'_>, now: Timestamp) {
        self.end_windows(context, now);
        self.forget_past(context.rule, now);
    }

    fn end_windows(&mut self, context: &mut Context<'_>, now: Timestamp) {
        while let Some(deadline) = self.window_deadline(context.rule).filter(|deadline| *deadline < now) {
            if is_expected(context) && now == Timestamp::MAX && self.start > context.last && self.entries.is_empty() {
                // a finite input is not silent behind its end
                self.newest = None;
                break;
            }
            self.close(context, deadline);
            if is_expected(context) {
                self.start = Some(deadline);
            } else {
                self.newest = None;
            }
        }
    }

    fn forget_past(&mut self, rule: &CorrelationRule, now: Timestamp) {
        if let Some(unseen_for) = rule.unseen_for {
            self.novelty.forget(now, unseen_for);
        }
        if let Some(baseline) = &rule.baseline
            && self.buckets.as_ref().is_some_and(|buckets| buckets.is_over(baseline, now))
        {
            self.buckets = None;
        }
    }

    /// Begins the first window of an expected group, of which no event may ever come.
    pub(super) fn expect_from(&mut self, start: Timestamp) {
        self.start = Some(start);
        self.newest = Some(start);
    }

    /// The next moment behind which something is to do.
    pub(super) fn deadline(&self, rule: &CorrelationRule) -> Option<Timestamp> {
        let novelty = rule.unseen_for.and_then(|unseen_for| self.novelty.deadline(unseen_for));
        let buckets = self.buckets.as_ref().zip(rule.baseline.as_ref());
        let forgotten = buckets.and_then(|(buckets, baseline)| buckets.deadline(baseline));
        self.window_deadline(rule).into_iter().chain(novelty).chain(forgotten).min()
    }

    /// The moment behind which the window is closed.
    fn window_deadline(&self, rule: &CorrelationRule) -> Option<Timestamp> {
        let newest = self.newest?;
        Some(match (rule.window, self.start) {
            // a fixed window is over at its end and closed behind it, so that all that is said of that moment is said at once
            (Window::Sliding | Window::Tumbling(_), Some(start)) => start.plus(rule.timespan),
            (Window::Session(gap), Some(_)) => newest.plus(gap),
            (_, None) => newest.plus(rule.timespan),
        })
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
        self.newest.is_none() && self.novelty.is_empty() && self.buckets.is_none()
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
                    self.evict(rule);
                }
            }
            Window::Tumbling(offset) => self.start = Some(fixed_window(now, span, offset)),
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

    fn push(&mut self, context: &mut Context<'_>, input: &Input, facts: Facts) {
        self.aggregate.add(context.rule, input.positions, &facts);
        self.count += input.count;
        self.hits += usize::from(input.hit.is_some());
        self.entries.push_back(Entry { input: input.clone(), facts });
        if self.entries.len() > context.limits.entries_per_group {
            self.evict(context.rule);
            *context.overflow += 1;
        }
    }

    fn evict(&mut self, rule: &CorrelationRule) {
        let Some(entry) = self.entries.pop_front() else { return };
        self.aggregate.remove(rule, entry.input.positions, &entry.facts);
        self.count -= entry.input.count;
        self.hits -= usize::from(entry.input.hit.is_some());
    }

    fn forget(&mut self) {
        self.entries.clear();
        self.aggregate.clear();
        (self.count, self.hits) = (0, 0);
        self.start = None;
    }

    /// Whether the condition holds of a window that is judged at `time`, and the measured value.
    fn truth(&mut self, context: &Context<'_>, time: Timestamp) -> (bool, Option<Measured>) {
        let rule = context.rule;
        if self.aggregate.is_empty() && !is_expected(context) {
            // zero is only known of groups that are expected
            return (false, None);
        }
        match &rule.logic {
            Logic::Threshold(_, thresholds) => {
                let value = self.measured(rule, time);
                (value.is_some_and(|value| value.passes(thresholds)), value)
            }
            Logic::Present(_) => (self.aggregate.presents(rule), None),
            Logic::Absent(_) | Logic::Sequences(_) => (false, None),
        }
    }

    fn measured(&mut self, rule: &CorrelationRule, time: Timestamp) -> Option<Measured> {
        let measured = self.aggregate.measured(rule)?;
        let Some(baseline) = &rule.baseline else { return Some(measured) };
        if !self.aggregate.has_enough(rule) {
            return None;
        }
        self.buckets.as_mut()?.compare(rule, baseline, time, measured)
    }

    fn behind(&self) -> Behind<impl DoubleEndedIterator<Item = &Input> + Clone> {
        let inputs = self.entries.iter().map(|entry| &entry.input);
        Behind { inputs, count: self.count, chained: self.hits > 0 }
    }

    fn evaluate(&mut self, context: &mut Context<'_>, input: &Input, counted: bool) {
        let (holds, value) = self.truth(context, input.time);
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
        let emission =
            context.emission(Anchor::Event(input), input.time, self.behind(), value.map(Measured::value), None);
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
            let time = match context.rule.window {
                Window::Sliding | Window::Tumbling(_) => start.plus(context.rule.timespan),
                Window::Session(gap) => self.newest.unwrap_or(start).plus(gap),
            };
            // a fixed window ends where the next one begins, and is compared with those before it; a full session is over
            // before its gap has passed, and what comes within the gap is not before it
            let inside = if matches!(context.rule.window, Window::Tumbling(_)) { start } else { at.min(time) };
            let (holds, value) = self.truth(context, inside);
            if holds {
                let value = value.map(Measured::value);
                let mut emission = context.emission(Anchor::Window(start), time, self.behind(), value, None);
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

/// The beginning of the fixed window that a time lies in.
pub(super) fn fixed_window(time: Timestamp, span: Span, offset: Span) -> Timestamp {
    let shifted = time.0.saturating_sub(offset.0);
    Timestamp(shifted.saturating_sub(shifted.rem_euclid(span.0.max(1))).saturating_add(offset.0))
}

/// Whether an empty window of the group says something.
fn is_expected(context: &Context<'_>) -> bool {
    match &context.rule.expect {
        None => false,
        Some(Expect::Seen) => true,
        Some(Expect::List(names)) => match &**context.group {
            [Some(name)] => names.binary_search(name).is_ok(),
            _ => false,
        },
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

impl Renumber for Windowed {
    fn renumber(&mut self, with: &Renumbering) {
        self.entries.iter_mut().for_each(|entry| entry.input.renumber(with));
        self.episode.renumber(with);
    }
}
