//! Alerts that the engine raises about itself (RULES S3, S19): a bound of its state was reached, so that some alerts may
//! be missing or early. They go to the sinks like every alert, at most one an hour for each bound, because who receives
//! alerts at night does not read logs.

use std::sync::Arc;

use super::tally::BoundReached;
use crate::model::{Alert, AlertId, AlertStatus, Level, RuleCard, Span, StableHasher, Timestamp};

const HOUR: i64 = 3_600_000_000_000;

/// Which bounds have been told of, and in which hour.
#[derive(Debug, Default)]
pub(super) struct SystemAlerts {
    told: Vec<(&'static str, i64)>,
}

impl SystemAlerts {
    /// The alert for a bound, unless it has had one within this hour. `now` is the wall clock: the alert is about the
    /// engine and not about events.
    pub(super) fn about(&mut self, reached: BoundReached, now: Timestamp) -> Option<Alert> {
        let hour = now.0.div_euclid(HOUR);
        if self.told.contains(&(reached.bound, hour)) {
            return None;
        }
        self.told.retain(|(bound, _)| *bound != reached.bound);
        self.told.push((reached.bound, hour));
        Some(alert(reached, now, hour))
    }
}

fn alert(reached: BoundReached, now: Timestamp, hour: i64) -> Alert {
    let (what, triage) = meaning(reached.bound);
    let hasher = StableHasher::new("system").part(reached.bound.as_bytes()).number(hour);
    Alert {
        id: AlertId(hasher.finish()),
        revision: 1,
        status: AlertStatus::Open,
        time: now,
        rule: Arc::new(RuleCard {
            id: format!("clarion-bound-{}", reached.bound.replace('_', "-")),
            title: format!("Clarion reached the bound correlate.{}", reached.bound),
            name: None,
            description: Some(what.to_owned()),
            level: Level::High,
            status: None,
            author: None,
            tags: Vec::new(),
            references: Vec::new(),
            falsepositives: Vec::new(),
            triage: triage.iter().map(|step| (*step).to_owned()).collect(),
            kind: "system".to_owned(),
            timespan: Span::ZERO,
            file: String::new(),
            risk_score: Level::High.risk_score(),
            entities: Vec::new(),
            lookups: Vec::new(),
        }),
        group: vec![("clarion.bound".to_owned(), Some(reached.bound.to_owned()))],
        count: reached.times,
        suppressed: 0,
        first_seen: now,
        last_seen: now,
        value: Some(reached.times as f64),
        threshold: None,
        absence: None,
        cold_start: false,
        evidence: Vec::new(),
        cause: None,
    }
}

/// What reaching a bound means for alerts, and what to do.
fn meaning(bound: &str) -> (&'static str, &'static [&'static str]) {
    match bound {
        "groups_per_rule" => (
            "A rule has more groups than correlate.groups_per_rule allows; events of new groups were not correlated by it, so alerts may be missing.",
            &[
                "find the rule in the log and in clarion_bounds_reached_total",
                "narrow its detection or its group-by, or raise correlate.groups_per_rule if memory allows",
            ],
        ),
        "entries_per_group" => (
            "A group holds more events in its window than correlate.entries_per_group allows; the oldest were let go, so counts may be too low.",
            &["shorten the timespan or narrow the rule, or raise correlate.entries_per_group if memory allows"],
        ),
        "told_alerts" => (
            "More alerts than correlate.told_alerts allows may still be taken back; the oldest were forgotten, so a retraction of one of them does not take its score out of the rules that add alerts up.",
            &[
                "find the rule that alerts so often, and narrow it or give it `suppress`",
                "raise correlate.told_alerts if memory allows",
            ],
        ),
        _ => (
            "More events wait for the watermark than correlate.reorder_limit allows; the watermark was raised past the oldest of them, so events that came after that were late.",
            &[
                "see which source holds the watermark: clarion_watermark_holder and clarion_lag_records",
                "lower that source's lateness or idle_timeout, or raise correlate.reorder_limit if memory allows",
            ],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_alerts_once_an_hour_under_one_id() {
        let reached = BoundReached { bound: "reorder_limit", times: 3 };
        let mut alerts = SystemAlerts::default();
        let first = alerts.about(reached, Timestamp(HOUR * 5 + 1)).unwrap();
        assert_eq!((first.count, first.rule.id.as_str()), (3, "clarion-bound-reorder-limit"));
        assert!(alerts.about(reached, Timestamp(HOUR * 6 - 1)).is_none());
        let restarted = SystemAlerts::default().about(reached, Timestamp(HOUR * 5 + 9)).unwrap();
        assert_eq!(restarted.id, first.id, "a restart within the hour overwrites the same document");
        assert!(alerts.about(reached, Timestamp(HOUR * 6)).is_some_and(|next| next.id != first.id));
        assert!(alerts.about(BoundReached { bound: "groups_per_rule", ..reached }, Timestamp(HOUR * 6)).is_some());
    }

    #[test]
    fn it_says_what_it_means_and_what_to_do() {
        for bound in ["groups_per_rule", "entries_per_group", "told_alerts", "reorder_limit"] {
            let alert = SystemAlerts::default().about(BoundReached { bound, times: 1 }, Timestamp(0)).unwrap();
            let document = crate::alert::document(&alert).to_string();
            assert!(document.contains(&format!("correlate.{bound}")), "{document}");
            assert!(!alert.rule.triage.is_empty());
        }
    }
}
