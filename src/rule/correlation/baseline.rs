//! `baseline`: what a measure is compared with before its thresholds (RULES S15).

use crate::model::Span;
use crate::rule::keys::Keys;

/// Most buckets that a history holds.
const MOST_BUCKETS: i64 = 100_000;

/// The history of a group and how the measure is compared with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Baseline {
    /// How far back it reaches, in buckets of the timespan.
    pub buckets: i64,
    /// How far back it reaches.
    pub history: Span,
    /// Which buckets of it count.
    pub season: Season,
    /// What they are summed up as.
    pub statistic: Statistic,
    /// How the measure is compared with that.
    pub compared: Compared,
    /// With fewer buckets there is nothing to compare with.
    pub min_samples: usize,
}

/// Which buckets are like the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Season {
    /// All.
    None,
    /// Those of the same hour of the day, UTC.
    HourOfDay,
    /// Those of the same hour of the week, UTC.
    HourOfWeek,
}

impl Season {
    /// Number of slots; `None` when all buckets are alike.
    #[must_use]
    pub fn slots(self) -> Option<i64> {
        match self {
            Self::None => None,
            Self::HourOfDay => Some(24),
            Self::HourOfWeek => Some(168),
        }
    }
}

/// What the buckets are summed up as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Their mean.
    Mean,
    /// Their median.
    Median,
}

/// How a measure is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// Divided by the reference, or by one if that is less.
    Ratio,
    /// Less the reference.
    Delta,
    /// Standard deviations from the mean.
    ZScore,
    /// 0.6745 times the median absolute deviations from the median.
    MedianDeviation,
}

/// Reads it.
pub(super) fn read(keys: &mut Keys<'_, '_>, timespan: Span) -> Option<Baseline> {
    let node = keys.get("baseline")?;
    let mut inner = Keys::of(node, "`baseline`", keys.diagnostics)?;
    inner.refuse_unknown("`baseline`", &["history", "season", "stat", "measure", "min-samples"]);
    let season = inner.word(
        "season",
        &[("none", Season::None), ("hour_of_day", Season::HourOfDay), ("hour_of_week", Season::HourOfWeek)],
    );
    let statistic = inner.word("stat", &[("mean", Statistic::Mean), ("median", Statistic::Median)]);
    let compared = inner.word(
        "measure",
        &[
            ("ratio", Compared::Ratio),
            ("delta", Compared::Delta),
            ("zscore", Compared::ZScore),
            ("mad", Compared::MedianDeviation),
        ],
    );
    let min_samples = inner.count("min-samples").unwrap_or(3);
    let place = inner.get("history").map_or(node.place, |node| node.place);
    let Some(history) = inner.span("history") else {
        if inner.get("history").is_none() {
            let help = "add `history:`, such as 28d".to_owned();
            inner.diagnostics.error(place, "missing-history", "a `baseline` needs a `history`", Some(help));
        }
        return None;
    };
    if inner.get("measure").is_none() {
        let help = "add `measure:`, one of ratio, delta, zscore, mad".to_owned();
        inner.diagnostics.error(node.place, "missing-measure", "a `baseline` needs a `measure`", Some(help));
    }
    let buckets = history.0 / timespan.0.max(1);
    if !(1..=MOST_BUCKETS).contains(&buckets) {
        let help = format!("a history has 1 to {MOST_BUCKETS} timespans");
        let message = format!("a history of {history} has {buckets} timespans");
        inner.diagnostics.error(place, "bad-history", message, Some(help));
        return None;
    }
    Some(Baseline {
        buckets,
        history,
        season: season.unwrap_or(Season::None),
        statistic: statistic.unwrap_or(Statistic::Mean),
        compared: compared?,
        min_samples: usize::try_from(min_samples).unwrap_or(usize::MAX),
    })
}
