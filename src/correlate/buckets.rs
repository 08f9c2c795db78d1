//! What a group used to be like (RULES S15, `baseline`): its measure in closed windows of the timespan, and how the rule's
//! own window compares with those.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::aggregate::{Aggregate, Facts};
use crate::model::{Span, Timestamp};
use crate::rule::correlation::{Baseline, Compared, Statistic, Window};
use crate::rule::measured::Measured;
use crate::rule::{CorrelationRule, Measure};

/// Nanoseconds of an hour.
const HOUR: i64 = 3_600_000_000_000;
/// How long behind its history a silent group is remembered: that it was seen is what makes its silence a sample.
const REMEMBERED: Span = Span::seconds(400 * 86_400);

/// The history of one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Buckets {
    /// Bucket of the first event.
    first: Option<i64>,
    /// The newest bucket and its measure so far.
    current: Option<(i64, Aggregate)>,
    /// Older buckets that had events, and their measures.
    closed: VecDeque<(i64, f64)>,
    /// What the bucket of this number is compared with.
    reference: Option<(i64, Reference)>,
    newest: Option<Timestamp>,
}

/// The samples of a season, summed up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Reference {
    samples: usize,
    mean: f64,
    /// Standard deviation over the population.
    deviation: f64,
    median: f64,
    /// Median absolute deviation from the median.
    median_deviation: f64,
}

/// The bucket of a time.
fn bucket(rule: &CorrelationRule, time: Timestamp) -> i64 {
    time.0.saturating_sub(offset(rule)).div_euclid(rule.timespan.0.max(1))
}

fn offset(rule: &CorrelationRule) -> i64 {
    if let Window::Tumbling(offset) = rule.window { offset.0 } else { 0 }
}

/// The hour of the season that a bucket begins in.
fn slot(rule: &CorrelationRule, baseline: &Baseline, bucket: i64) -> i64 {
    let start = bucket.saturating_mul(rule.timespan.0).saturating_add(offset(rule));
    baseline.season.slots().map_or(0, |slots| start.div_euclid(HOUR).rem_euclid(slots))
}

impl Buckets {
    /// Takes an event of the group.
    pub(super) fn take(&mut self, rule: &CorrelationRule, baseline: &Baseline, time: Timestamp, event: (u64, &Facts)) {
        let number = bucket(rule, time);
        self.close_before(rule, baseline, number);
        self.first.get_or_insert(number);
        self.newest = Some(time);
        let (_, aggregate) = self.current.get_or_insert_with(|| (number, Aggregate::default()));
        aggregate.add(rule, event.0, event.1);
    }

    /// What the thresholds are held against, for a window that is judged at `time`; `None` when there is too little to
    /// compare with.
    pub(super) fn compare(
        &mut self,
        rule: &CorrelationRule,
        baseline: &Baseline,
        time: Timestamp,
        measured: Measured,
    ) -> Option<Measured> {
        let number = bucket(rule, time);
        self.close_before(rule, baseline, number);
        let reference = match self.reference {
            Some((of, reference)) if of == number => reference,
            _ => {
                let reference = self.sum_up(rule, baseline, number);
                self.reference = Some((number, reference));
                reference
            }
        };
        (reference.samples >= baseline.min_samples.max(1))
            .then(|| Measured::Rounded(reference.compare(baseline, measured.value())))
    }

    /// The newest bucket is over when a later one has begun.
    fn close_before(&mut self, rule: &CorrelationRule, baseline: &Baseline, number: i64) {
        if let Some((closed, aggregate)) = self.current.take_if(|(current, _)| *current < number) {
            // a quotient of too few events is no sample
            self.closed.extend(aggregate.measured(rule).map(|measured| (closed, measured.value())));
            self.reference = None;
        }
        let oldest = number.saturating_sub(baseline.buckets);
        while self.closed.front().is_some_and(|(closed, _)| *closed < oldest) {
            self.closed.pop_front();
        }
    }

    /// All buckets of the history that are of the current one's season. One without events is zero once the group has
    /// been seen, where the measure of nothing is zero.
    fn sum_up(&self, rule: &CorrelationRule, baseline: &Baseline, number: i64) -> Reference {
        let own = slot(rule, baseline, number);
        let alike = |bucket: i64| slot(rule, baseline, bucket) == own;
        let of_season = self.closed.iter().filter(|(closed, _)| *closed < number && alike(*closed));
        let mut samples: Vec<f64> = of_season.map(|(_, value)| *value).collect();
        if rule.measure().is_some_and(Measure::has_zero)
            && let Some(first) = self.first
        {
            let from = first.max(number.saturating_sub(baseline.buckets));
            let all = (from..number).filter(|bucket| alike(*bucket)).count();
            samples.resize(all.max(samples.len()), 0.0);
        }
        Reference::of(samples)
    }

    /// When the group is forgotten.
    pub(super) fn deadline(&self, baseline: &Baseline) -> Option<Timestamp> {
        self.newest.map(|newest| newest.plus(baseline.history).plus(REMEMBERED))
    }

    /// Whether the group has been silent for so long that it is forgotten.
    pub(super) fn is_over(&self, baseline: &Baseline, now: Timestamp) -> bool {
        self.deadline(baseline).is_none_or(|deadline| deadline < now)
    }
}

impl Reference {
    fn of(mut samples: Vec<f64>) -> Self {
        let count = samples.len() as f64;
        samples.sort_unstable_by(f64::total_cmp);
        let mean = if samples.is_empty() { 0.0 } else { samples.iter().sum::<f64>() / count };
        let squares: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
        let middle = median(&samples);
        let mut distances: Vec<f64> = samples.iter().map(|sample| (sample - middle).abs()).collect();
        distances.sort_unstable_by(f64::total_cmp);
        Self {
            samples: samples.len(),
            mean,
            deviation: if samples.is_empty() { 0.0 } else { (squares / count).sqrt() },
            median: middle,
            median_deviation: median(&distances),
        }
    }

    fn compare(&self, baseline: &Baseline, value: f64) -> f64 {
        let usual = match baseline.statistic {
            Statistic::Mean => self.mean,
            Statistic::Median => self.median,
        };
        match baseline.compared {
            Compared::Ratio => value / usual.max(1.0),
            Compared::Delta => value - usual,
            Compared::ZScore => (value - self.mean) / self.deviation.max(1.0),
            Compared::MedianDeviation => 0.6745 * (value - self.median) / self.median_deviation.max(1.0),
        }
    }
}

/// The median of sorted numbers, zero of none.
fn median(sorted: &[f64]) -> f64 {
    let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { at(half) } else { f64::midpoint(at(half.saturating_sub(1)), at(half)) }
}
