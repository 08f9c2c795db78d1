//! The whole of a rule set over a stream, slowly: who is late, who repeats whom, which groups there are, what children
//! hand to parents, what is suppressed (RULES S1b, S2, S5, S10, S12, S13, S14).

use std::collections::BTreeMap;

use super::items::{Item, Raised, union};
use super::series::{Point, points};
use super::spec::{self, Condition, Kind, Risk, Rule};
use super::stream::{DETECTIONS, Event, SECOND};
use super::values::{is_above, points_above};
use super::{counting, ordered, stream, unordered};

/// Values of a group.
pub(crate) type Group = Vec<Option<String>>;

/// An alert as it stands at the end of the stream.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Expected {
    pub(crate) time: i64,
    pub(crate) rule: String,
    pub(crate) group: Group,
    pub(crate) lines: Vec<i64>,
    pub(crate) count: u64,
    pub(crate) status: &'static str,
    pub(crate) revision: u64,
    pub(crate) last_seen: i64,
    pub(crate) suppressed: u64,
    pub(crate) cold_start: bool,
}

/// A hit on its way to parents.
struct Hit {
    time: i64,
    child: String,
    group: Group,
    names: Vec<String>,
    base: Vec<usize>,
    /// Of an alert event: its fields.
    alert: Option<Vec<(String, String)>>,
}

/// All alerts of the rules, which are in an order in which children come first. `arrival` holds indices into `events`.
pub(crate) fn evaluate(rules: &[Rule], events: &[Event], arrival: &[usize], lateness: i64) -> Vec<Expected> {
    evaluate_all(rules, events, arrival, lateness).0
}

/// All alerts, and all values of series.
pub(crate) fn evaluate_all(
    rules: &[Rule],
    events: &[Event],
    arrival: &[usize],
    lateness: i64,
) -> (Vec<Expected>, Vec<Point>) {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|index| (events[*index].second, events[*index].line));
    let sorted: Vec<&Event> = order.iter().map(|index| &events[*index]).collect();
    let mut hits: Vec<Hit> = Vec::new();
    let mut expected = Vec::new();
    let mut series = Vec::new();
    let last = sorted.last().map_or(0, |event| event.time());
    if rules.iter().any(|rule| rule.risk.is_some()) {
        let kept: Vec<bool> = order.iter().map(|index| !is_late(events, arrival, *index, lateness)).collect();
        for index in 0..sorted.len() {
            if sorted[index].matches[3] && kept[index] && !is_repeated(&sorted, &kept, index) {
                let time = sorted[index].time();
                hits.extend(alert_events(&spec::lone_risk(), spec::LONE, time, &[], &[index], &sorted));
            }
        }
    }
    for rule in rules {
        if let Some(metric) = rule.metric.filter(|_| is_above(rule, rules)) {
            let points = points_above(rule, metric, rules, &series, last);
            series.extend(points);
            continue;
        }
        let lateness = effective_lateness(rules, rule, lateness);
        // what comes too late does not change how warm a rule is
        let in_time = order.iter().find(|index| !is_late(events, arrival, **index, lateness));
        let start = in_time.map_or(0, |index| events[*index].time());
        let kept: Vec<bool> = order.iter().map(|index| !is_late(events, arrival, *index, lateness)).collect();
        let mut all: Vec<(i64, Group, Raised, bool)> = Vec::new();
        for (group, items) in groups(rule, &sorted, &kept, &hits) {
            if let Some(metric) = rule.metric {
                series.extend(points(rule, metric, &group, &items, last));
                continue;
            }
            let negated =
                matches!(&rule.condition, Condition::Text(all) if all.iter().any(|(_, negated)| !negated.is_empty()));
            let raised = match rule.kind {
                Kind::TemporalOrdered => ordered::alerts(rule, &items),
                Kind::Temporal if negated => unordered::alerts(rule, &items),
                _ => counting::alerts(rule, &items, last),
            };
            for one in raised {
                let needed = match (&rule.baseline, rule.unseen_for) {
                    _ if one.absence => Some(rule.timespan),
                    (Some(baseline), _) => Some(baseline.buckets * rule.timespan),
                    (None, unseen_for) => unseen_for,
                };
                let cold = needed.is_some_and(|needed| one.time - start < needed * SECOND);
                if !(cold && rule.cold_start == Some("suppress")) {
                    all.push((one.at, group.clone(), one, cold && rule.cold_start != Some("alert")));
                }
            }
        }
        all.sort_by(|one, two| (one.0, &one.1).cmp(&(two.0, &two.1)));
        hits.extend(all.iter().map(|(_, group, raised, _)| Hit {
            time: raised.time,
            child: rule.name.clone(),
            group: group.clone(),
            names: rule.group_by.clone(),
            base: newest(&raised.base),
            alert: None,
        }));
        if !is_referred(rules, rule) || rule.generate {
            let accepted = suppress(rule, &all, &sorted);
            if let Some(risk) = rule.risk.as_ref().filter(|_| !hears(rules, rule)) {
                for (alert, base) in &accepted {
                    let named: Vec<_> = rule.group_by.iter().cloned().zip(alert.group.clone()).collect();
                    hits.extend(alert_events(risk, &rule.name, alert.time, &named, base, &sorted));
                }
            }
            expected.extend(accepted.into_iter().map(|(alert, _)| alert));
        }
    }
    expected.sort();
    series.sort_by(|one, two| (one.time, &one.rule, &one.group).cmp(&(two.time, &two.rule, &two.group)));
    (expected, series)
}

fn newest(base: &[usize]) -> Vec<usize> {
    base[base.len().saturating_sub(64)..].to_vec()
}

/// One event of one id and one time: the first in the order of the log.
fn is_repeated(events: &[&Event], kept: &[bool], index: usize) -> bool {
    let event = events[index];
    event.id.is_some()
        && (0..index).any(|other| kept[other] && events[other].id == event.id && events[other].second == event.second)
}

fn is_referred(rules: &[Rule], rule: &Rule) -> bool {
    rules.iter().any(|other| other.rules.contains(&rule.name) || other.reset_on.contains(&rule.name))
}

/// Whether a rule depends on alert events (RULES S17).
fn hears(rules: &[Rule], rule: &Rule) -> bool {
    let mut below = rule.rules.iter().chain(&rule.reset_on);
    below.any(|name| name == spec::ANY_ALERT || rules.iter().any(|child| child.name == *name && hears(rules, child)))
}

/// One event for each entity of an alert (RULES S17).
fn alert_events(
    risk: &Risk,
    rule: &str,
    time: i64,
    group: &[(String, Option<String>)],
    base: &[usize],
    events: &[&Event],
) -> Vec<Hit> {
    let mut entities: Vec<(String, String)> = Vec::new();
    for (kind, field) in &risk.entities {
        let values: Vec<String> = match group.iter().find(|(name, _)| name == field) {
            Some((_, value)) => value.iter().cloned().collect(),
            None => base.iter().flat_map(|index| events[*index].values(field)).collect(),
        };
        for value in values {
            let entity = (kind.clone(), value);
            if !entity.1.is_empty() && !entities.contains(&entity) {
                entities.push(entity);
            }
        }
    }
    let hit = |(kind, value): (String, String)| {
        let mut fields = vec![
            ("alert.risk.entity.type".to_owned(), kind),
            ("alert.risk.entity.value".to_owned(), value),
            ("alert.risk.score".to_owned(), risk.score.to_string()),
            ("alert.rule.id".to_owned(), rule.to_owned()),
        ];
        fields.extend(group.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))));
        Hit {
            time,
            child: rule.to_owned(),
            group: group.iter().map(|(_, value)| value.clone()).collect(),
            names: Vec::new(),
            base: base.to_vec(),
            alert: Some(fields),
        }
    };
    entities.into_iter().map(hit).collect()
}

/// The watermark of a rule is the least of those of everything that it reads.
fn effective_lateness(rules: &[Rule], rule: &Rule, lateness: i64) -> i64 {
    rule.rules
        .iter()
        .chain(&rule.reset_on)
        .map(|name| {
            if name == spec::ANY_ALERT {
                // all rules of which it may hear, and the detection that stands alone
                let heard = rules.iter().filter(|child| child.risk.is_some() && !hears(rules, child));
                let heard = heard.filter(|child| child.generate || !is_referred(rules, child));
                return heard.map(|child| effective_lateness(rules, child, lateness)).max().unwrap_or(0).max(lateness);
            }
            rules
                .iter()
                .find(|child| child.name == *name)
                .map_or(rule.lateness.unwrap_or(lateness), |child| effective_lateness(rules, child, lateness))
        })
        .max()
        .unwrap()
}

/// Whether the watermark had passed the event when it came.
fn is_late(events: &[Event], arrival: &[usize], index: usize, lateness: i64) -> bool {
    let before = arrival.iter().take_while(|other| **other != index);
    before.map(|other| events[*other].second).max().is_some_and(|highest| events[index].second < highest - lateness)
}

/// The items of each group, in order.
fn groups(rule: &Rule, events: &[&Event], kept: &[bool], hits: &[Hit]) -> BTreeMap<Group, Vec<Item>> {
    let mut groups: BTreeMap<Group, Vec<Item>> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        if !kept[index] || is_repeated(events, kept, index) {
            continue;
        }
        let mut of_event: BTreeMap<Group, Item> = BTreeMap::new();
        for (detection, matches) in DETECTIONS.iter().zip(event.matches) {
            if !matches {
                continue;
            }
            let values = |field: &str| event.values(field);
            let quarters = |field: &str| event.quarters(field);
            for (group, mut item) in member(rule, detection, &values, &quarters) {
                item.time = event.time();
                item.base = vec![index];
                let known = of_event.entry(group).or_insert_with(|| Item {
                    positions: Vec::new(),
                    resets: false,
                    ..item.clone()
                });
                known.positions.extend(item.positions);
                known.resets |= item.resets;
            }
        }
        for (group, item) in of_event {
            groups.entry(group).or_default().push(item);
        }
    }
    let mut of_rule: Vec<&Hit> = hits.iter().collect();
    of_rule.sort_by(|one, two| (one.time, &one.child, &one.group).cmp(&(two.time, &two.child, &two.group)));
    for hit in of_rule {
        let of_alert = |fields: &Vec<(String, String)>, field: &str| -> Vec<String> {
            fields.iter().filter(|(name, _)| name == field).map(|(_, value)| value.clone()).collect()
        };
        let values = |field: &str| match hit.names.iter().position(|name| name == field) {
            _ if hit.alert.is_some() => of_alert(hit.alert.as_ref().unwrap(), field),
            Some(position) => hit.group[position].iter().cloned().collect(),
            None => {
                let mut all: Vec<String> = Vec::new();
                for value in hit.base.iter().flat_map(|index| events[*index].values(field)) {
                    if !all.contains(&value) {
                        all.push(value);
                    }
                }
                all.truncate(64);
                all
            }
        };
        let quarters = |field: &str| values(field).iter().filter_map(|text| stream::quarters(text)).collect();
        let name = if hit.alert.is_some() { spec::ANY_ALERT } else { &hit.child };
        for (group, mut item) in member(rule, name, &values, &quarters) {
            item.time = hit.time;
            item.base = hit.base.clone();
            groups.entry(group).or_default().push(item);
        }
    }
    for items in groups.values_mut() {
        // stable: events before hits of one time
        items.sort_by_key(|item| item.time);
    }
    groups
}

/// The groups that an event or hit of a referred rule belongs to.
fn member(
    rule: &Rule,
    name: &str,
    values: &dyn Fn(&str) -> Vec<String>,
    quarters: &dyn Fn(&str) -> Vec<i64>,
) -> Vec<(Group, Item)> {
    let positions: Vec<usize> = (0..rule.rules.len()).filter(|position| rule.rules[*position] == name).collect();
    let resets = rule.reset_on.iter().any(|reset| reset == name);
    if positions.is_empty() && !resets {
        return Vec::new();
    }
    let mut groups: Vec<Group> = vec![Vec::new()];
    for group_by in &rule.group_by {
        let mut found: Vec<Option<String>> = values(&rule.key_field(group_by, name)).into_iter().map(Some).collect();
        if found.is_empty() && rule.missing_key_groups {
            found.push(None);
        }
        groups = groups
            .iter()
            .flat_map(|group| {
                found.iter().map(|value| [group.as_slice(), std::slice::from_ref(value)].concat()).collect::<Vec<_>>()
            })
            .take(64)
            .collect();
    }
    let mut tuples: Vec<Vec<String>> = vec![Vec::new()];
    for field in &rule.fields {
        let found = values(field);
        tuples = tuples
            .iter()
            .flat_map(|tuple| {
                found.iter().map(|value| [tuple.as_slice(), std::slice::from_ref(value)].concat()).collect::<Vec<_>>()
            })
            .take(64)
            .collect();
    }
    let quarters = rule.fields.first().map(|field| quarters(field)).unwrap_or_default();
    let item = Item { time: 0, positions, resets, base: Vec::new(), tuples, quarters };
    groups.into_iter().map(|group| (group, item.clone())).collect()
}

/// RULES S10: after an alert at t no new one for the same values in [t, t + suppress).
/// Each with the events of its evidence.
fn suppress(rule: &Rule, all: &[(i64, Group, Raised, bool)], events: &[&Event]) -> Vec<(Expected, Vec<usize>)> {
    let by: Vec<usize> = match &rule.suppress_by {
        Some(names) => names.iter().map(|name| rule.group_by.iter().position(|known| known == name).unwrap()).collect(),
        None => (0..rule.group_by.len()).collect(),
    };
    let mut accepted: Vec<(Expected, &Raised)> = Vec::new();
    let mut unreported: Vec<bool> = Vec::new();
    for (at, group, raised, cold_start) in all {
        let same = |other: &Group| by.iter().all(|index| other[*index] == group[*index]);
        let open = accepted.iter_mut().enumerate().rev().find(|(_, (other, _))| same(&other.group));
        if let Some((index, (open, opener))) = open
            && rule.suppress.is_some_and(|suppress| raised.time < open.time + suppress * SECOND)
        {
            open.suppressed += 1;
            let reported = opener.closing.as_ref().is_some_and(|closing| (*at, group) < (closing.at, &open.group));
            unreported[index] |= !reported;
            continue;
        }
        let base = union(std::iter::once(raised.base.as_slice()));
        let closing = raised.closing.as_ref();
        accepted.push((
            Expected {
                time: raised.time,
                rule: rule.name.clone(),
                group: group.clone(),
                lines: newest(&base).iter().map(|index| events[*index].line).collect(),
                count: closing.map_or(base.len(), |closing| closing.count) as u64,
                status: if closing.is_some() { "closed" } else { "open" },
                revision: 1 + u64::from(closing.is_some()),
                last_seen: closing.map_or(raised.last_seen, |closing| closing.last_seen),
                suppressed: 0,
                cold_start: *cold_start,
            },
            raised,
        ));
        unreported.push(false);
    }
    accepted
        .into_iter()
        .zip(unreported)
        .map(|((expected, raised), unreported)| {
            let revision = expected.revision + u64::from(unreported);
            (Expected { revision, ..expected }, newest(&union(std::iter::once(raised.base.as_slice()))))
        })
        .collect()
}
