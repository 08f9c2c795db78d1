//! How the loaded rules run over the configured sources: lanes (which watermark an input waits for) and channels (under
//! which group keys an event is sent to correlation). Made once; detect and correlate read the same plan.

use std::sync::Arc;

use foldhash::HashMap;

use super::alert_events::{AlertEvents, with_stand_ins};
use super::set::{CorrelationRule, KeyField, RuleRef, RuleSet};
use crate::model::{LogSource, Slot, Span};

/// What the plan needs to know of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSpec {
    /// Its name in the configuration.
    pub name: String,
    /// How late an event may be.
    pub lateness: Span,
    /// The log sources that it can yield; empty means any.
    pub logsources: Vec<LogSource<'static>>,
}

/// Inputs that wait for the same watermark: the minimum over these sources, each less its lateness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Source index and lateness, ascending.
    pub sources: Vec<(u32, Span)>,
    /// Level of the correlations that it feeds.
    pub level: usize,
    /// How much longer its inputs wait, because rules below may speak of a moment only this long after it.
    pub hold_back: Span,
}

/// A group-key specification: events of these detections are sent under the key of these fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Index of the lane.
    pub lane: u32,
    /// Detection and the slots of its key.
    pub keys: Vec<(usize, Vec<Slot>)>,
    /// A missing value is a value.
    pub missing_key_groups: bool,
    /// Correlations that listen.
    pub correlations: Vec<usize>,
}

/// The plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The rules, with correlations that stand in for detections whose alerts are heard.
    pub rules: Arc<RuleSet>,
    /// The sources.
    pub sources: Vec<SourceSpec>,
    /// All lanes.
    pub lanes: Vec<Lane>,
    /// All channels.
    pub channels: Vec<Channel>,
    /// Lane of each correlation.
    pub lane_of: Vec<u32>,
    /// Channels that each detection's matches are sent to.
    pub channels_of: Vec<Vec<u32>>,
    /// Number of levels.
    pub levels: usize,
    /// Who makes alert events and who hears them (RULES S17).
    pub alerts: AlertEvents,
}

impl Plan {
    /// Plans the rules over the sources.
    #[must_use]
    pub fn new(rules: Arc<RuleSet>, sources: Vec<SourceSpec>) -> Self {
        let (rules, alerts) = with_stand_ins(rules);
        let mut plan = Self {
            lanes: Vec::new(),
            channels: Vec::new(),
            lane_of: vec![0; rules.correlations.len()],
            channels_of: vec![Vec::new(); rules.detections.len()],
            levels: rules.correlations.iter().map(|rule| rule.level + 1).max().unwrap_or(0),
            rules,
            sources,
            alerts,
        };
        let rules = Arc::clone(&plan.rules);
        let mut channels: HashMap<(u32, Vec<(usize, Vec<Slot>)>, bool), u32> = HashMap::default();
        // correlations that share a key program share a channel; without aliases the program is the fields alone
        let mut shared: HashMap<(u32, Vec<Slot>, bool), u32> = HashMap::default();
        // a lane waits for those below
        let mut order: Vec<usize> = (0..rules.correlations.len()).collect();
        order.sort_by_key(|index| rules.correlations.get(*index).map(|rule| rule.level));
        for index in order {
            let lane = plan.lane(index);
            if let Some(place) = plan.lane_of.get_mut(index) {
                *place = lane;
            }
        }
        for (index, rule) in rules.correlations.iter().enumerate() {
            let lane = plan.lane_of.get(index).copied().unwrap_or(0);
            let keys: Vec<(usize, Vec<Slot>)> = rule
                .members
                .iter()
                .filter_map(|member| match member.rule {
                    RuleRef::Detection(detection) => {
                        (!plan.alerts.detections.contains(&detection)).then(|| (detection, slots(&member.key)))
                    }
                    RuleRef::Correlation(_) => None,
                })
                .collect();
            let Some((_, first)) = keys.first() else { continue };
            let uniform = keys.iter().all(|(_, slots)| slots == first);
            let channel = if uniform {
                let key = (lane, first.clone(), rule.missing_key_groups);
                *shared.entry(key).or_insert_with(|| plan.open_channel(lane, rule.missing_key_groups))
            } else {
                let key = (lane, keys.clone(), rule.missing_key_groups);
                *channels.entry(key).or_insert_with(|| plan.open_channel(lane, rule.missing_key_groups))
            };
            plan.subscribe(channel, index, keys);
        }
        plan
    }

    fn open_channel(&mut self, lane: u32, missing_key_groups: bool) -> u32 {
        self.channels.push(Channel { lane, keys: Vec::new(), missing_key_groups, correlations: Vec::new() });
        u32::try_from(self.channels.len() - 1).unwrap_or(u32::MAX)
    }

    fn subscribe(&mut self, channel: u32, correlation: usize, keys: Vec<(usize, Vec<Slot>)>) {
        for (detection, slots) in keys {
            if let Some(opened) = self.channels.get_mut(channel as usize)
                && !opened.keys.iter().any(|(known, _)| *known == detection)
            {
                opened.keys.push((detection, slots));
            }
            if let Some(listening) = self.channels_of.get_mut(detection)
                && !listening.contains(&channel)
            {
                listening.push(channel);
            }
        }
        if let Some(opened) = self.channels.get_mut(channel as usize) {
            opened.correlations.push(correlation);
        }
    }

    fn lane(&mut self, index: usize) -> u32 {
        let Some(rule) = self.rules.correlations.get(index) else { return 0 };
        let mut sources: Vec<(u32, Span)> = Vec::new();
        let mut hold_back = Span::ZERO;
        let mut wait_for = |child: usize, sources: &mut Vec<(u32, Span)>| {
            let child_lane = self.lane_of.get(child).and_then(|lane| self.lanes.get(*lane as usize));
            sources.extend(child_lane.into_iter().flat_map(|lane| lane.sources.iter().copied()));
            let delay = self.rules.correlations.get(child).map_or(Span::ZERO, CorrelationRule::delay);
            let below = child_lane.map_or(Span::ZERO, |lane| lane.hold_back);
            hold_back = hold_back.max(Span(below.0.saturating_add(delay.0)));
        };
        for member in &rule.members {
            match member.rule {
                RuleRef::Detection(detection) if self.alerts.detections.contains(&detection) => {
                    let heard = (0..self.rules.correlations.len()).filter(|child| self.alerts.is_heard(*child));
                    heard.for_each(|child| wait_for(child, &mut sources));
                }
                RuleRef::Detection(detection) => {
                    let Some(detection) = self.rules.detections.get(detection) else { continue };
                    for (source, spec) in self.sources.iter().enumerate() {
                        let readable = spec.logsources.is_empty()
                            || spec.logsources.iter().any(|logsource| detection.logsource.covers(logsource));
                        if readable {
                            let lateness = rule.lateness.unwrap_or(spec.lateness);
                            sources.push((u32::try_from(source).unwrap_or(u32::MAX), lateness));
                        }
                    }
                }
                RuleRef::Correlation(child) => wait_for(child, &mut sources),
            }
        }
        sources.sort_unstable();
        sources.dedup();
        let lane = Lane { sources, level: rule.level, hold_back };
        let known = self.lanes.iter().position(|known| *known == lane);
        let at = known.unwrap_or_else(|| {
            self.lanes.push(lane);
            self.lanes.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}

fn slots(key: &[KeyField]) -> Vec<Slot> {
    key.iter().map(|field| field.slot).collect()
}
