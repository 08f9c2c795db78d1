//! Hits on their way to the rules above, under those rules' own keys (RULES S13): in order, or, where the rule above has
//! decided that moment already, out of order.

use std::sync::Arc;

use super::arrival::Arrivals;
use super::delivery::GroupValues;
use super::emission::{Emission, Handed};
use super::engine::{Engine, metric_order};
use super::group::Arriving;
use super::input::Input;
use super::shard::{Hit, HitOrder};
use crate::model::{AlertId, KeyHash, Metric, Timestamp};
use crate::rule::{CorrelationRule, KeyField, RuleRef};

impl Engine {
    /// Sends a hit, or the end of one that should not have been, to the rules above.
    pub(super) fn hand_up(&mut self, emission: &Emission, arriving: &mut Arrivals) {
        if emission.handed == Handed::Nothing {
            return;
        }
        let plan = Arc::clone(&self.plan);
        let Some(rule) = plan.rules.correlations.get(emission.rule as usize) else { return };
        for parent in &rule.parents {
            let Some(above) = plan.rules.correlations.get(*parent) else { continue };
            let child = RuleRef::Correlation(emission.rule as usize);
            let Some(member) = above.members.iter().find(|member| member.rule == child) else { continue };
            let index = u32::try_from(*parent).unwrap_or(u32::MAX);
            let mut input = emission.hit(rule, self.said);
            input.positions = member.positions;
            input.resets = member.resets;
            self.said += 1;
            for group in parent_groups(&input, &member.key, above.missing_key_groups) {
                let key = KeyHash::of_group(group.iter().map(Option::as_deref));
                let target = Target { above, index, key, group: group.into() };
                if emission.handed == Handed::Hit {
                    self.hand_hit(target, emission, rule, input.clone(), arriving);
                } else {
                    self.hand_removal(&target, emission, rule, arriving);
                }
            }
        }
    }

    fn hand_hit(
        &mut self,
        target: Target<'_>,
        emission: &Emission,
        rule: &CorrelationRule,
        input: Input,
        arriving: &mut Arrivals,
    ) {
        let lane = self.plan.lane_of.get(target.index as usize).copied().unwrap_or(0) as usize;
        let decided = self.done.get(lane).is_some_and(|done| input.time < *done);
        if target.above.early || (decided && target.above.takes_late()) {
            let (_, unit) = target.entry(arriving);
            if unit.cause.is_empty() {
                unit.cause = emission.cause.clone().unwrap_or_else(|| input.named());
            }
            unit.inputs.push(input);
            return;
        }
        if decided {
            self.counts.late += 1;
            return;
        }
        let said = input.hit.as_ref().map_or(0, |facts| facts.said);
        let order = target.order(emission, rule, emission.time, said);
        let shard = target.key.shard(self.shards.len());
        if let Some(hits) = self.shards.get_mut(shard).and_then(|shard| shard.hits.get_mut(lane)) {
            hits.insert(order, Hit { group: target.group, input });
        }
    }

    fn hand_removal(
        &mut self,
        target: &Target<'_>,
        emission: &Emission,
        rule: &CorrelationRule,
        arriving: &mut Arrivals,
    ) {
        if self.take_waiting_hit(target, (emission, rule), emission.time, emission.id) {
            return;
        }
        if target.above.remembers() {
            let (_, unit) = target.entry(arriving);
            unit.cause = emission.cause.clone().unwrap_or_default();
            unit.removals.push(emission.id);
        }
    }

    /// Hands the values of series that a level has come by to the metrics above (RULES S20), and to whoever writes them.
    pub(super) fn say_values(&mut self) {
        let mut said: Vec<(u32, Metric)> = self.shards.iter_mut().flat_map(|shard| shard.metrics.drain(..)).collect();
        said.sort_by(|(_, one), (_, other)| metric_order(one, other));
        let plan = Arc::clone(&self.plan);
        for (index, metric) in &said {
            let Some(rule) = plan.rules.correlations.get(*index as usize) else { continue };
            // a value that is unknown is none
            let Some(value) = metric.value else { continue };
            for parent in &rule.parents {
                let Some(above) = plan.rules.correlations.get(*parent) else { continue };
                let child = RuleRef::Correlation(*index as usize);
                let Some(member) = above.members.iter().find(|member| member.rule == child) else { continue };
                let input = Input { positions: member.positions, ..Input::of_metric(metric, value, self.said) };
                self.said += 1;
                for group in parent_groups(&input, &member.key, above.missing_key_groups) {
                    let key = KeyHash::of_group(group.iter().map(Option::as_deref));
                    let parent = u32::try_from(*parent).unwrap_or(u32::MAX);
                    self.hand_value(metric, (parent, key, group.into()), input.clone());
                }
            }
        }
        self.counts.metrics += said.len() as u64;
        self.metrics.extend(said.into_iter().map(|(_, metric)| metric));
    }

    /// Puts a value among those that wait for the watermark of a rule.
    fn hand_value(
        &mut self,
        metric: &Metric,
        (parent, key, group): (u32, KeyHash, Arc<[Option<String>]>),
        input: Input,
    ) {
        let lane = self.plan.lane_of.get(parent as usize).copied().unwrap_or(0) as usize;
        if self.done.get(lane).is_some_and(|done| metric.time < *done) {
            self.counts.late += 1;
            return;
        }
        let order = HitOrder {
            time: metric.time,
            child: metric.rule.id.clone(),
            child_group: metric.group.iter().map(|(_, value)| value.clone()).collect(),
            said: input.hit.as_ref().map_or(0, |facts| facts.said),
            parent,
            key,
        };
        let shard = key.shard(self.shards.len());
        if let Some(hits) = self.shards.get_mut(shard).and_then(|shard| shard.hits.get_mut(lane)) {
            hits.insert(order, Hit { group, input });
        }
    }

    /// Takes a hit out from among those that wait; says whether it was there.
    pub(super) fn take_waiting_hit(
        &mut self,
        target: &Target<'_>,
        (emission, rule): (&Emission, &CorrelationRule),
        time: Timestamp,
        id: AlertId,
    ) -> bool {
        let lane = self.plan.lane_of.get(target.index as usize).copied().unwrap_or(0) as usize;
        let shard = target.key.shard(self.shards.len());
        let Some(hits) = self.shards.get_mut(shard).and_then(|shard| shard.hits.get_mut(lane)) else { return false };
        let first = target.order(emission, rule, time, 0);
        let waiting = hits
            .range(first..)
            .take_while(|(order, _)| order.time == time)
            .find(|(order, hit)| {
                order.parent == target.index && hit.input.hit.as_ref().is_some_and(|facts| facts.id == id)
            })
            .map(|(order, _)| order.clone());
        waiting.and_then(|order| hits.remove(&order)).is_some()
    }
}

/// A group of a rule above.
pub(super) struct Target<'a> {
    pub(super) above: &'a CorrelationRule,
    pub(super) index: u32,
    pub(super) key: KeyHash,
    pub(super) group: Arc<[Option<String>]>,
}

impl Target<'_> {
    pub(super) fn entry<'m>(&self, arriving: &'m mut Arrivals) -> &'m mut (GroupValues, Arriving) {
        arriving
            .entry((self.above.level, self.index, self.key))
            .or_insert_with(|| (GroupValues::Known(Arc::clone(&self.group)), Arriving::default()))
    }

    pub(super) fn order(&self, emission: &Emission, rule: &CorrelationRule, time: Timestamp, said: u64) -> HitOrder {
        HitOrder {
            time,
            child: rule.card.id.clone(),
            child_group: emission.group.to_vec(),
            said,
            parent: self.index,
            key: self.key,
        }
    }
}

/// The groups of a parent that a hit belongs to: each combination of the values of its key, at most 64.
pub(super) fn parent_groups(input: &Input, key: &[KeyField], missing_key_groups: bool) -> Vec<Vec<Option<String>>> {
    let mut groups: Vec<Vec<Option<String>>> = vec![Vec::new()];
    for field in key {
        let mut values: Vec<Option<String>> = input.values(field).into_iter().map(Some).collect();
        if values.is_empty() {
            if !missing_key_groups {
                return Vec::new();
            }
            values.push(None);
        }
        groups = groups
            .iter()
            .flat_map(|group| {
                values.iter().map(move |value| {
                    let mut longer = group.clone();
                    longer.push(value.clone());
                    longer
                })
            })
            .take(64)
            .collect();
    }
    groups
}
