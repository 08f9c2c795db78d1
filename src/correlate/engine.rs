//! The engine: takes the log of signals and progress, runs the levels of rules behind their watermarks, and gives alerts.
//!
//! Each level is run by all shards, then its hits are sent to the shards of the rules above under their own keys, then
//! the next level runs. A rule is therefore judged only when everything that it reads is known, and the result does not
//! depend on the number of shards, on batching, or on the order of arrival within the lateness.

use std::sync::Arc;

use super::emission::Emission;
use super::limits::{CorrelateCounts, Limits};
use super::shard::{Hit, HitOrder, Shard};
use super::suppress::Suppressor;
use super::watermark::Progress;
use crate::model::{Alert, AlertStatus, KeyHash, Signal, Span, Timestamp};
use crate::rule::correlation::ColdStart;
use crate::rule::plan::Plan;
use crate::rule::{CorrelationRule, KeyField, RuleRef};

/// Below this many waiting signals threads cost more than they give.
const WORTH_THREADS: usize = 512;

/// A signal that came behind its rule's watermark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Its event time.
    pub time: Timestamp,
    /// The watermark that it missed.
    pub watermark: Timestamp,
}

/// The correlate stage over one plan.
#[derive(Debug)]
pub struct Engine {
    pub(super) plan: Arc<Plan>,
    pub(super) limits: Limits,
    pub(super) progress: Progress,
    pub(super) shards: Vec<Shard>,
    pub(super) suppressor: Suppressor,
    pub(super) counts: CorrelateCounts,
    /// Numbers the hits that were handed up.
    pub(super) said: u64,
}

impl Engine {
    /// An engine without state.
    #[must_use]
    pub fn new(plan: Arc<Plan>, limits: Limits, shards: usize) -> Self {
        Self {
            shards: (0..shards.max(1)).map(|_| Shard::new(&plan, limits)).collect(),
            plan,
            limits,
            progress: Progress::default(),
            suppressor: Suppressor::default(),
            counts: CorrelateCounts::default(),
            said: 0,
        }
    }

    /// How far the partitions have come; records are noted here, in the order of the log.
    pub fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    /// The plan that it runs.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The watermark of each lane.
    pub fn watermarks(&mut self) -> Vec<Timestamp> {
        let plan = Arc::clone(&self.plan);
        plan.lanes.iter().enumerate().map(|(index, lane)| self.progress.watermark(index, lane)).collect()
    }

    /// Signals that wait for their watermark.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shards.iter().map(Shard::waiting).sum()
    }

    /// What has been counted.
    #[must_use]
    pub fn counts(&self) -> CorrelateCounts {
        let mut counts = self.counts;
        self.shards.iter().for_each(|shard| counts.add(&shard.counts));
        counts
    }

    /// Takes a signal, encoded as [`Signal::encode`] does. Its record's time has been noted in [`Self::progress`].
    ///
    /// # Errors
    /// [`Late`] when its lane's watermark has passed its time; it is counted and not used.
    pub fn push(&mut self, key: KeyHash, channel: u32, time: Timestamp, bytes: &[u8]) -> Result<(), Late> {
        let plan = Arc::clone(&self.plan);
        let Some(lane_index) = plan.channels.get(channel as usize).map(|channel| channel.lane as usize) else {
            return Ok(());
        };
        let Some(lane) = plan.lanes.get(lane_index) else { return Ok(()) };
        let watermark = self.progress.watermark(lane_index, lane);
        if time < watermark {
            self.counts.late += 1;
            return Err(Late { time, watermark });
        }
        self.counts.signals += 1;
        let shard = key.shard(self.shards.len());
        if let Some(buffer) = self.shards.get_mut(shard).and_then(|shard| shard.buffers.get_mut(lane_index)) {
            buffer.push(time, Arc::from(bytes));
        }
        Ok(())
    }

    /// Runs everything that lies behind the watermarks. Alerts come in the order of time, rule id and group.
    pub fn advance(&mut self) -> Vec<Alert> {
        self.relieve();
        let plan = Arc::clone(&self.plan);
        let mut watermarks = self.watermarks();
        for (watermark, lane) in watermarks.iter_mut().zip(&plan.lanes) {
            if *watermark != Timestamp::MAX {
                *watermark = watermark.minus(lane.hold_back);
            }
        }
        let starts: Vec<Option<Timestamp>> = plan.lanes.iter().map(|lane| self.progress.start(lane)).collect();
        let mut alerts = Vec::new();
        for level in 0..plan.levels {
            let mut emissions = self.run_level(level, &watermarks, &starts);
            emissions.retain(|emission| self.keeps(emission));
            // stable: a group's own order stays
            emissions.sort_by(|one, two| self.emission_order(one).cmp(&self.emission_order(two)));
            for mut emission in emissions {
                let Some(rule) = plan.rules.correlations.get(emission.rule as usize) else { continue };
                emission.cold_start &= rule.cold_start == ColdStart::Annotate;
                if emission.revision == 1 && emission.status == AlertStatus::Open {
                    self.hand_up(&plan, &emission);
                }
                if rule.alerts {
                    let mut held_back = 0;
                    self.suppressor.take(&plan.rules, rule, emission, &mut held_back, &mut alerts);
                    self.counts.suppressed += held_back;
                }
            }
        }
        let watermark_of = |rule: u32| {
            let lane = plan.lane_of.get(rule as usize).copied().unwrap_or(0);
            let delay = plan.rules.correlations.get(rule as usize).map_or(Span::ZERO, CorrelationRule::delay);
            match watermarks.get(lane as usize).copied().unwrap_or(Timestamp::MIN) {
                Timestamp::MAX => Timestamp::MAX,
                watermark => watermark.minus(delay),
            }
        };
        alerts.extend(self.suppressor.expire(&plan.rules, watermark_of));
        self.counts.alerts += alerts.iter().filter(|alert| alert.revision == 1).count() as u64;
        alerts.sort_by(alert_order);
        alerts
    }

    /// The input has ended: every pending decision is made.
    pub fn finish(&mut self) -> Vec<Alert> {
        self.progress.end();
        self.advance()
    }

    fn keeps(&self, emission: &Emission) -> bool {
        let rule = self.plan.rules.correlations.get(emission.rule as usize);
        !(emission.cold_start && rule.is_some_and(|rule| rule.cold_start == ColdStart::Suppress))
    }

    fn emission_order<'e>(&'e self, emission: &'e Emission) -> (Timestamp, &'e str, &'e [Option<String>]) {
        let id = self.plan.rules.correlations.get(emission.rule as usize).map_or("", |rule| rule.card.id.as_str());
        (emission.at, id, &emission.group)
    }

    fn run_level(&mut self, level: usize, watermarks: &[Timestamp], starts: &[Option<Timestamp>]) -> Vec<Emission> {
        let waiting: usize = self.shards.iter().map(Shard::waiting).sum();
        let mut outs: Vec<Vec<Emission>> = self.shards.iter().map(|_| Vec::new()).collect();
        if self.shards.len() == 1 || waiting < WORTH_THREADS {
            for (shard, out) in self.shards.iter_mut().zip(&mut outs) {
                shard.advance(level, watermarks, starts, out);
            }
        } else {
            std::thread::scope(|scope| {
                for (shard, out) in self.shards.iter_mut().zip(&mut outs) {
                    scope.spawn(move || shard.advance(level, watermarks, starts, out));
                }
            });
        }
        outs.into_iter().flatten().collect()
    }

    /// Sends a hit to the rules above, under their own keys (RULES S13).
    fn hand_up(&mut self, plan: &Plan, emission: &Emission) {
        let Some(rule) = plan.rules.correlations.get(emission.rule as usize) else { return };
        for parent in &rule.parents {
            let Some(parent_rule) = plan.rules.correlations.get(*parent) else { continue };
            let lane = plan.lane_of.get(*parent).copied().unwrap_or(0) as usize;
            let member =
                parent_rule.members.iter().find(|member| member.rule == RuleRef::Correlation(emission.rule as usize));
            let Some(member) = member else { continue };
            let mut input = emission.hit(rule);
            input.positions = member.positions;
            input.resets = member.resets;
            self.said += 1;
            for group in parent_groups(&input, &member.key, parent_rule.missing_key_groups) {
                let key = KeyHash::of_group(group.iter().map(Option::as_deref));
                let order = HitOrder {
                    time: emission.time,
                    child: rule.card.id.clone(),
                    child_group: emission.group.to_vec(),
                    said: self.said,
                    parent: u32::try_from(*parent).unwrap_or(u32::MAX),
                    key,
                };
                let shard = key.shard(self.shards.len());
                if let Some(hits) = self.shards.get_mut(shard).and_then(|shard| shard.hits.get_mut(lane)) {
                    hits.insert(order, Hit { group: group.into(), input: input.clone() });
                }
            }
        }
    }

    /// A full reorder buffer raises the watermark of its lane to the time of the oldest quarter (RULES S19).
    fn relieve(&mut self) {
        if self.waiting() <= self.limits.reorder {
            return;
        }
        let lanes = self.plan.lanes.len();
        for lane in 0..lanes {
            let of_lane = self.shards.iter().filter_map(|shard| shard.buffers.get(lane));
            let mut times: Vec<Timestamp> = of_lane.flat_map(super::buffer::Buffer::times).collect();
            if times.len() * lanes <= self.limits.reorder / 2 {
                continue;
            }
            let quarter = times.len() / 4;
            let (_, time, _) = times.select_nth_unstable(quarter);
            let raised = Timestamp(time.0.saturating_add(1));
            self.progress.raise(lane, raised);
            self.counts.reorder_overflows += 1;
        }
    }
}

/// The groups of a parent that a hit belongs to: each combination of the values of its key, at most 64.
fn parent_groups(input: &super::input::Input, key: &[KeyField], missing_key_groups: bool) -> Vec<Vec<Option<String>>> {
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

/// The order of alerts in every output: time, rule id, group, then identity and revision.
#[must_use]
pub fn alert_order(one: &Alert, two: &Alert) -> std::cmp::Ordering {
    let key = |alert: &Alert| (alert.time, alert.rule.id.clone(), alert.group.clone(), alert.id, alert.revision);
    key(one).cmp(&key(two))
}

/// The event time of an encoded signal.
#[must_use]
pub fn signal_time(bytes: &[u8]) -> Option<Timestamp> {
    Signal::decode_head(bytes).ok().map(|signal| signal.time)
}
