//! Metrics over the values of metrics (RULES S20), by listing the window of every multiple.

use std::collections::BTreeMap;

use super::evaluate::Group;
use super::series::{Point, walk};
use super::spec::{Kind, Metric, Rule};
use super::stream::SECOND;

/// A value of a metric as the rule above sees it.
struct Value {
    time: i64,
    positions: Vec<usize>,
    value: f64,
}

/// Whether the rule reads values of metrics, and nothing else.
pub(crate) fn is_above(rule: &Rule, rules: &[Rule]) -> bool {
    rule.rules.iter().all(|name| rules.iter().any(|child| child.name == *name && child.metric.is_some()))
}

/// All values of a rule over the values of metrics in `series`. `last` is the time of the last event of the input.
pub(crate) fn points_above(rule: &Rule, metric: Metric, rules: &[Rule], series: &[Point], last: i64) -> Vec<Point> {
    let mut below: Vec<(&Point, &Rule)> = series
        .iter()
        .filter(|point| point.value.is_some() && rule.rules.contains(&point.rule))
        .map(|point| (point, rules.iter().find(|child| child.name == point.rule).unwrap()))
        .collect();
    below.sort_by(|(one, _), (two, _)| (one.time, &one.rule, &one.group).cmp(&(two.time, &two.rule, &two.group)));
    let value = |point: &Point| Value {
        time: point.time,
        positions: (0..rule.rules.len()).filter(|position| rule.rules[*position] == point.rule).collect(),
        value: point.value.unwrap(),
    };
    if rule.kind == Kind::WeightedSum {
        return weighted(rule, metric, rules, &below, &value, last);
    }
    let mut groups: BTreeMap<Group, Vec<Value>> = BTreeMap::new();
    for (point, child) in &below {
        if let Some(group) = group_of(rule, &rule.group_by, point, child) {
            groups.entry(group).or_default().push(value(point));
        }
    }
    let mut points = Vec::new();
    for (group, values) in groups {
        let times: Vec<i64> = values.iter().map(|value| value.time).collect();
        points.extend(walk(rule, metric, &group, &times, last, |_, inside| {
            let inside: Vec<&Value> = inside.iter().map(|index| &values[*index]).collect();
            (measure(rule, &inside), inside.len() as u64)
        }));
    }
    points
}

/// The values of these fields in a value's own group; one that is missing may be a group.
fn group_of(rule: &Rule, names: &[String], point: &Point, child: &Rule) -> Option<Group> {
    names
        .iter()
        .map(|name| {
            let value = child.group_by.iter().position(|own| own == name).and_then(|index| point.group[index].clone());
            (value.is_some() || rule.missing_key_groups).then_some(value)
        })
        .collect()
}

fn measure(rule: &Rule, inside: &[&Value]) -> Option<f64> {
    let mut sorted: Vec<f64> = inside.iter().map(|value| value.value).collect();
    sorted.sort_by(f64::total_cmp);
    let (sum, count) = (sorted.iter().sum::<f64>(), sorted.len());
    let having = |position: usize| inside.iter().filter(|value| value.positions.contains(&position)).count();
    let percentile = |percent: usize| {
        (count >= rule.min_count && count > 0).then(|| {
            let (place, beyond) = ((count - 1) * percent / 100, (count - 1) * percent % 100);
            let (below, above) = (sorted[place], sorted[(place + 1).min(count - 1)]);
            below + (above - below) * beyond as f64 / 100.0
        })
    };
    match rule.kind {
        Kind::EventCount => Some(count as f64),
        Kind::ValueSum => Some(sum),
        Kind::ValueAverage => (count >= rule.min_count && count > 0).then(|| sum / count as f64),
        Kind::ValueMedian => percentile(50),
        Kind::ValuePercentile => percentile(rule.percentile as usize),
        Kind::ValueMax => sorted.last().copied(),
        Kind::ValueMin => sorted.first().copied(),
        Kind::ValueLast => inside.last().map(|value| value.value),
        Kind::EventRatio => (having(1) >= rule.min_count && having(1) > 0).then(|| having(0) as f64 / having(1) as f64),
        other => panic!("{other:?} over values"),
    }
}

/// Each whole group by itself: its own values, and those of rules that have only what all rules have of its fields.
fn weighted(
    rule: &Rule,
    metric: Metric,
    rules: &[Rule],
    below: &[(&Point, &Rule)],
    value: &dyn Fn(&Point) -> Value,
    last: i64,
) -> Vec<Point> {
    let children: Vec<&Rule> =
        rule.rules.iter().map(|name| rules.iter().find(|child| child.name == *name).unwrap()).collect();
    let shared: Vec<String> = rule
        .group_by
        .iter()
        .filter(|name| children.iter().all(|child| child.group_by.contains(name)))
        .cloned()
        .collect();
    let is_whole = |child: &Rule| rule.group_by.iter().all(|name| child.group_by.contains(name));
    let mut groups: Vec<Group> = below
        .iter()
        .filter(|(_, child)| is_whole(child))
        .filter_map(|(point, child)| group_of(rule, &rule.group_by, point, child))
        .collect();
    groups.sort();
    groups.dedup();
    let mut points = Vec::new();
    for group in groups {
        let of_shared: Group = shared
            .iter()
            .map(|name| group[rule.group_by.iter().position(|known| known == name).unwrap()].clone())
            .collect();
        let alike = |point: &Point, child: &Rule| group_of(rule, &shared, point, child).as_ref() == Some(&of_shared);
        let own: Vec<Value> = below
            .iter()
            .filter(|(point, child)| {
                is_whole(child) && group_of(rule, &rule.group_by, point, child).as_ref() == Some(&group)
            })
            .map(|(point, _)| value(point))
            .collect();
        let others: Vec<Value> = below
            .iter()
            .filter(|(point, child)| !is_whole(child) && alike(point, child))
            .map(|(point, _)| value(point))
            .collect();
        // the input ends for all groups that are kept together
        let newest = below.iter().filter(|(point, child)| alike(point, child)).map(|(point, _)| point.time).max();
        let last = last.max(newest.unwrap());
        let times: Vec<i64> = own.iter().map(|value| value.time).collect();
        points.extend(walk(rule, metric, &group, &times, last, |time, inside| {
            if inside.is_empty() {
                return (None, 0);
            }
            let in_window = |value: &&Value| time - rule.timespan * SECOND < value.time && value.time <= time;
            let mut sum = Some(rule.weighted.base as f64 / 4.0);
            let mut samples = 0;
            for position in 0..rule.rules.len() {
                let mine = |values: &[Value]| {
                    let mut of_position = values.iter().filter(|value| value.positions.contains(&position));
                    of_position.by_ref().filter(in_window).last().map(|value| value.value)
                };
                let found = mine(&own).or_else(|| mine(&others));
                samples += u64::from(found.is_some());
                let part = found.or(rule.weighted.otherwise[position].map(|value| value as f64 / 4.0));
                let weight = rule.weighted.weights[position] as f64 / 4.0;
                sum = sum.zip(part).map(|(sum, part)| sum + weight * part);
            }
            let limited = rule
                .weighted
                .limits
                .map_or(sum, |(least, greatest)| sum.map(|sum| sum.max(least as f64 / 4.0).min(greatest as f64 / 4.0)));
            (limited, samples)
        }));
    }
    points
}
