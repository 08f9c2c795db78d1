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
    let times: Vec<i64> = items.iter().map(|item| item.time).collect();
    walk(rule, metric, group, &times, last, |time, inside| {
        let inside: Vec<&Item> = inside.iter().map(|index| items[*index]).collect();
        let value = match rule.half_life {
            Some(half_life) => Some(inside.iter().map(|item| left(item, time, half_life)).sum()),
            None => measure(rule, &inside).map(|(part, whole)| part as f64 / whole as f64),
        };
        (value, inside.len() as u64)
    })
}

/// What is left of an event's numbers after some time.
fn left(item: &Item, time: i64, half_life: i64) -> f64 {
    let age = (time - item.time) as f64 / (half_life * SECOND) as f64;
    item.quarters.iter().map(|quarter| *quarter as f64 / 4.0 * (-age).exp2()).sum()
}

/// The values at all multiples, given the times of what counts: `value` has a multiple and what is in its window.
pub(crate) fn walk(
    rule: &Rule,
    metric: Metric,
    group: &[Option<String>],
    times: &[i64],
    last: i64,
    value: impl Fn(i64, &[usize]) -> (Option<f64>, u64),
) -> Vec<Point> {
    let (Some(first), Some(newest)) = (times.first(), times.last()) else { return Vec::new() };
    let (every, align) = (metric.every * SECOND, metric.align * SECOND);
    let multiple_from = |time: i64| (time - align + every - 1).div_euclid(every) * every + align;
    let end = multiple_from(last.max(*newest));
    let mut points: Vec<Point> = Vec::new();
    let mut before = 0;
    let mut time = multiple_from(*first);
    while time <= end {
        let in_window = |index: &usize| time - rule.timespan * SECOND < times[*index] && times[*index] <= time;
        let inside: Vec<usize> = (0..times.len()).filter(in_window).collect();
        if !inside.is_empty() || before > 0 {
            let zero = matches!(rule.kind, Kind::EventCount | Kind::ValueCount | Kind::ValueSum);
            let (value, samples) = value(time, &inside);
            let value = if zero || !inside.is_empty() { value } else { None };
            points.push(Point { time, rule: rule.name.clone(), group: group.to_vec(), value, samples });
        }
        before = inside.len();
        time += every;
    }
    points
}
