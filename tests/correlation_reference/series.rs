//! Metrics (RULES S20), by listing the window of every multiple.

use super::counting::{counts, measure};
use super::items::Item;
use super::spec::{Kind, Metric, Rule};
use super::stream::SECOND;

/// A value of a series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub(crate) time: i64,
    pub(crate) rule: String,
    pub(crate) group: Vec<Option<String>>,
    pub(crate) value: Option<f64>,
    pub(crate) samples: u64,
}

/// All values of a group. `last` is the time of the last event of the input.
pub(crate) fn points(rule: &Rule, metric: Metric, group: &[Option<String>], items: &[Item], last: i64) -> Vec<Point> {
    let items: Vec<&Item> = items.iter().filter(|item| counts(rule, item)).collect();
    let (Some(first), Some(newest)) = (items.first(), items.last()) else { return Vec::new() };
    let (every, align) = (metric.every * SECOND, metric.align * SECOND);
    let multiple_from = |time: i64| (time - align + every - 1).div_euclid(every) * every + align;
    let end = multiple_from(last.max(newest.time));
    let mut points: Vec<Point> = Vec::new();
    let mut before = 0;
    let mut time = multiple_from(first.time);
    while time <= end {
        let inside: Vec<&Item> = items
            .iter()
            .copied()
            .filter(|item| time - rule.timespan * SECOND < item.time && item.time <= time)
            .collect();
        if !inside.is_empty() || before > 0 {
            let zero = matches!(rule.kind, Kind::EventCount | Kind::ValueCount | Kind::ValueSum);
            let value = if zero || !inside.is_empty() { measure(rule, &inside) } else { None };
            points.push(Point {
                time,
                rule: rule.name.clone(),
                group: group.to_vec(),
                value: value.map(|(part, whole)| part as f64 / whole as f64),
                samples: inside.len() as u64,
            });
        }
        before = inside.len();
        time += every;
    }
    points
}
