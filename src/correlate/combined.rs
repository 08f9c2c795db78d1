//! A `weighted_sum` (RULES S20): at each multiple of `every` the newest value of each metric in the window before, added up with
//! its weight. One state holds all groups that agree in the fields which all of the metrics have; those that differ in the rest
//! lie side by side in it, and a value of a metric without the rest is there for all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decay::tidy;
use super::emission::Context;
use super::handed::parent_groups;
use super::input::Input;
use super::series::{multiple_from, point};
use super::window::bits;
use crate::model::Timestamp;
use crate::rule::Measure;
use crate::rule::correlation::WeightedSum;

/// The newest value of each metric, by position in `rules`, with its time.
type Parts = BTreeMap<u32, (Timestamp, f64)>;

/// The state of the groups with one shared key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Combined {
    /// Of all groups alike.
    shared: Parts,
    /// Of each group, by the rest of its values.
    groups: BTreeMap<Vec<Option<String>>, Own>,
    /// The multiple that is looked at next; none while there is no value.
    next: Option<Timestamp>,
    /// Time of the newest value.
    newest: Option<Timestamp>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Own {
    parts: Parts,
    /// It had a part when it was last looked at, so that it is said when there is none.
    spoken: bool,
}

impl Combined {
    /// Takes a value of a metric. All before it have been taken.
    pub(super) fn step(&mut self, context: &mut Context<'_>, input: &Input) {
        let rule = context.rule;
        let (Some(written), Some(weighted), Some(Measure::Last(field))) =
            (&rule.metric, &rule.weighted, rule.measure())
        else {
            return;
        };
        let Some(value) = input.numbers(field).first().map(|number| number.over(1)) else {
            *context.skipped += 1;
            return;
        };
        self.fire(context, input.time);
        for position in bits(input.positions) {
            let index = u32::try_from(position).unwrap_or(u32::MAX);
            let Some(rest) = weighted.rest.get(position) else { continue };
            let Some(rest) = rest else {
                self.shared.insert(index, (input.time, value));
                continue;
            };
            for group in parent_groups(input, rest, rule.missing_key_groups) {
                if self.groups.len() >= context.limits.entries_per_group && !self.groups.contains_key(&group) {
                    *context.overflow += 1;
                    continue;
                }
                self.groups.entry(group).or_default().parts.insert(index, (input.time, value));
            }
        }
        self.newest = self.newest.max(Some(input.time));
        self.next = self.next.or_else(|| multiple_from(input.time, written));
    }

    /// Says the values of all multiples before `now`, as a series does.
    pub(super) fn fire(&mut self, context: &mut Context<'_>, now: Timestamp) {
        let rule = context.rule;
        let (Some(written), Some(weighted)) = (&rule.metric, &rule.weighted) else { return };
        while let Some(time) = self.next.filter(|next| *next < now) {
            let newest = self.newest.max(context.last);
            if now == Timestamp::MAX
                && newest.and_then(|newest| multiple_from(newest, written)).is_none_or(|last| time > last)
            {
                *self = Self::default();
                return;
            }
            let from = time.minus(rule.timespan);
            self.shared.retain(|_, (at, _)| *at > from);
            for (rest, own) in &mut self.groups {
                own.parts.retain(|_, (at, _)| *at > from);
                let is_empty = own.parts.is_empty();
                if !is_empty || own.spoken {
                    let samples = if is_empty { 0 } else { own.parts.len() + self.shared.len() };
                    let value = value(&weighted.sum, own, &self.shared);
                    let group = weighted.group(context.group, rest);
                    let said = point(rule, written, &group, time, value, samples as u64);
                    context.metrics.push((context.index, said));
                }
                own.spoken = !is_empty;
            }
            self.groups.retain(|_, own| own.spoken);
            let goes_on = !self.groups.is_empty() || !self.shared.is_empty();
            self.next = time.0.checked_add(written.every.0).filter(|_| goes_on && written.every.0 > 0).map(Timestamp);
        }
    }

    /// The next moment behind which there is something to say.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.next
    }

    /// Whether there is nothing left to remember.
    pub(super) fn is_idle(&self) -> bool {
        self.next.is_none()
    }
}

fn value(sum: &WeightedSum, own: &Own, shared: &Parts) -> Option<f64> {
    if own.parts.is_empty() {
        return None;
    }
    let part = |position: usize| {
        let index = u32::try_from(position).unwrap_or(u32::MAX);
        own.parts.get(&index).or_else(|| shared.get(&index)).map(|(_, value)| *value)
    };
    sum.of(part).map(tidy)
}
