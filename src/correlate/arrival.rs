//! Signals that do not wait for the watermark: late ones for rules with `on-late`, and all signals of early rules (RULES
//! S3, S12). They are kept in the order of arrival, each with the watermarks at that time, and taken before anything later:
//! so what comes of them does not depend on how the log was cut into batches.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::delivery::GroupValues;
use super::engine::Engine;
use super::group::Arriving;
use crate::model::{Alert, KeyHash, SignalRoute, Timestamp};
use crate::rule::plan::Plan;

/// A signal out of order.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    /// How far each lane was decided when it came.
    pub(super) marks: Arc<[Timestamp]>,
    /// It lay behind the watermark of its lane.
    pub(super) late: bool,
    /// The encoded signal.
    pub(super) bytes: Arc<[u8]>,
}

/// What comes to groups out of order, by level, correlation and group: children before parents.
pub(super) type Arrivals = BTreeMap<(usize, u32, KeyHash), (GroupValues, Arriving)>;

impl Engine {
    /// Takes all arrivals, event by event.
    pub(super) fn receive_all(&mut self, alerts: &mut Vec<Alert>) {
        let mut arrivals = std::mem::take(&mut self.arrivals).into_iter().peekable();
        while let Some(first) = arrivals.next() {
            let follows =
                |next: &Arrival| next.marks == first.marks && SignalRoute::is_one_event(&next.bytes, &first.bytes);
            let others: Vec<Arrival> = std::iter::from_fn(|| arrivals.next_if(follows)).collect();
            let marks = Arc::clone(&first.marks);
            let event: Vec<Arrival> = std::iter::once(first).chain(others).collect();
            self.receive(&marks, &event, alerts);
        }
    }

    /// Takes the signals of one event.
    fn receive(&mut self, marks: &[Timestamp], event: &[Arrival], alerts: &mut Vec<Alert>) {
        let plan = Arc::clone(&self.plan);
        if event.iter().any(|arrival| arrival.late) {
            // what was decided when it came, and no more
            self.run(marks, alerts);
        }
        let mut arriving = self.sort_out(&plan, event);
        while let Some(((level, correlation, _), _)) = arriving.first_key_value() {
            let (level, correlation) = (*level, *correlation);
            let rest = arriving.split_off(&(level, correlation + 1, KeyHash(0)));
            let units = std::mem::replace(&mut arriving, rest);
            let index = correlation as usize;
            let lane = plan.lane_of.get(index).copied().unwrap_or(0) as usize;
            let watermark = marks.get(lane).copied().unwrap_or(Timestamp::MIN);
            let extent = self.extent(index);
            let mut out = Vec::new();
            if plan.rules.correlations.get(index).is_some_and(|rule| rule.early) {
                // the ends of episodes that the watermark has passed come first
                for shard in &mut self.shards {
                    shard.fire_timers(&plan, index, watermark, extent, &mut out);
                }
                self.sort(&mut out);
            }
            let ended = out.len();
            let shards = self.shards.len();
            for ((_, _, key), unit) in units {
                if let Some(shard) = self.shards.get_mut(key.shard(shards)) {
                    shard.receive(correlation, key, unit, (watermark, extent), &mut out);
                }
            }
            // stable: a group's own order stays
            out.get_mut(ended..).unwrap_or_default().sort_by(|one, two| one.group.cmp(&two.group));
            for emission in out {
                self.say(emission, &mut arriving, false, alerts);
            }
        }
    }

    /// Which groups get what of an event.
    fn sort_out(&self, plan: &Plan, event: &[Arrival]) -> Arrivals {
        let mut arriving = Arrivals::new();
        for arrival in event {
            let Ok(signal) = SignalRoute::of(&arrival.bytes) else { continue };
            for subscription in self.subscriptions.get(signal.channel as usize).into_iter().flatten() {
                let listens = if arrival.late { subscription.late } else { subscription.early };
                if !listens || !subscription.takes(&signal) {
                    continue;
                }
                let input = subscription.input(&signal, &arrival.bytes);
                let level = plan.rules.correlations.get(subscription.correlation as usize).map_or(0, |rule| rule.level);
                let (_, unit) = arriving
                    .entry((level, subscription.correlation, signal.key))
                    .or_insert_with(|| (GroupValues::Encoded(Arc::clone(&arrival.bytes)), Arriving::default()));
                unit.cause = input.named();
                unit.inputs.push(input);
            }
        }
        arriving
    }
}
