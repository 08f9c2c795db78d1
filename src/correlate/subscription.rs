//! Which correlations listen to a detection in a channel, and what each of them makes of it.

use std::sync::Arc;

use smallvec::SmallVec;

use super::input::Input;
use crate::model::{SignalRoute, Timestamp};
use crate::rule::RuleRef;
use crate::rule::correlation::OnLate;
use crate::rule::plan::Plan;

/// What one listening correlation makes of a detection in a channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subscription {
    pub(super) detection: u32,
    pub(super) correlation: u32,
    pub(super) positions: u64,
    pub(super) resets: bool,
    /// It is judged on arrival.
    pub(super) early: bool,
    /// It takes what is late.
    pub(super) late: bool,
    /// What is not newer came before the correlation was there.
    since: Timestamp,
}

impl Subscription {
    /// Whether the event is one for this correlation.
    pub(super) fn takes(&self, signal: &SignalRoute<'_>) -> bool {
        (signal.time > self.since || self.since == Timestamp::MIN) && signal.detections.contains(&self.detection)
    }

    /// The event as this correlation sees it.
    pub(super) fn input(&self, signal: &SignalRoute<'_>, bytes: &Arc<[u8]>) -> Input {
        let mut events = SmallVec::new();
        events.push(Arc::clone(bytes));
        Input {
            time: signal.time,
            source: Some(signal.source),
            positions: self.positions,
            resets: self.resets,
            events,
            count: 1,
            hit: None,
        }
    }
}

/// Who listens to a channel at all.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Listeners {
    /// A correlation that waits for the watermark.
    pub(super) waiting: bool,
    /// One that is judged on arrival.
    pub(super) early: bool,
    /// One that takes what is late.
    pub(super) late: bool,
    /// One that does not.
    pub(super) dropping: bool,
}

/// The subscriptions of each channel; `since` is from where on each correlation sees events.
pub(super) fn subscriptions(plan: &Plan, since: &[Timestamp]) -> Vec<Vec<Subscription>> {
    let of_channel = |correlations: &[usize]| {
        let mut all = Vec::new();
        for correlation in correlations {
            let Some(rule) = plan.rules.correlations.get(*correlation) else { continue };
            for member in &rule.members {
                if let RuleRef::Detection(detection) = member.rule {
                    all.push(Subscription {
                        detection: u32::try_from(detection).unwrap_or(u32::MAX),
                        correlation: u32::try_from(*correlation).unwrap_or(u32::MAX),
                        positions: member.positions,
                        resets: member.resets,
                        early: rule.early,
                        late: rule.on_late != OnLate::Drop,
                        since: since.get(*correlation).copied().unwrap_or(Timestamp::MIN),
                    });
                }
            }
        }
        all
    };
    plan.channels.iter().map(|channel| of_channel(&channel.correlations)).collect()
}

impl Listeners {
    /// Of these subscriptions.
    pub(super) fn of(subscriptions: &[Subscription]) -> Self {
        Self {
            waiting: subscriptions.iter().any(|one| !one.early),
            early: subscriptions.iter().any(|one| one.early),
            late: subscriptions.iter().any(|one| one.late),
            dropping: subscriptions.iter().any(|one| !one.late),
        }
    }
}
