//! From the rule that somebody saw alert to the detections that a filter must name, and the fields under which their events
//! have the group's values. Filters apply to detections only (RULES 1.5), so a correlation is silenced through the events that
//! it needs. Of several that are each needed, the one whose filter touches the fewest other rules is taken.

use foldhash::HashSet;

use super::effect::{Effect, affected};
use super::role::{Role, alerts_when_more, grows, role, ways};
use crate::rule::set::{CorrelationRule, Logic, Member, RuleRef, RuleSet};

/// A field and the value that it must have.
pub(super) type Fields = Vec<(String, String)>;

/// A detection that a filter names, with the fields of its events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Index into [`RuleSet::detections`].
    pub detection: usize,
    /// Field names as the detection's events have them, with their values.
    pub fields: Fields,
}

/// Why a rule cannot be silenced for some events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoException {
    /// Only rules above it alert.
    #[error("`{0}` raises no alert by itself: name the rule that does, or the detections below it")]
    Silent(String),
    /// It is a metric.
    #[error("`{0}` is a metric and raises no alert: there is nothing to except")]
    Metric(String),
    /// It alerts because events are missing.
    #[error(
        "`{0}` alerts when there are too few events, and an exception takes events away: it would alert more often; \
         change its `expect` or its threshold instead"
    )]
    Expects(String),
    /// It compares a measure that goes up and down.
    #[error(
        "`{0}` judges a value that fewer events may raise as well as lower: except whole groups, with all of these fields: {1}"
    )]
    Measures(String, String),
    /// It judges metrics.
    #[error("`{0}` judges the values of a metric, which an exception would falsify: change the rule instead")]
    JudgesMetric(String),
    /// The same events prevent its alerts.
    #[error("`{0}` needs the same events as a reason to alert and as a reason not to: no exception only silences it")]
    Ambiguous(String),
}

/// The detections that silence a rule for events whose fields have these values.
///
/// # Errors
/// [`NoException`] when no filter silences it, or one would make it alert more.
pub fn targets(set: &RuleSet, rule: RuleRef, fields: &[(String, String)]) -> Result<Vec<Target>, NoException> {
    if let RuleRef::Correlation(index) = rule
        && let Some(silent) = set.correlations.get(index).filter(|rule| !rule.alerts && rule.metric.is_none())
    {
        return Err(NoException::Silent(silent.card.title.clone()));
    }
    below(set, rule, fields)
}

/// The detections through which a rule is silenced, whoever alerts.
fn below(set: &RuleSet, rule: RuleRef, fields: &[(String, String)]) -> Result<Vec<Target>, NoException> {
    let correlation = match rule {
        RuleRef::Detection(detection) => return Ok(vec![Target { detection, fields: fields.to_vec() }]),
        RuleRef::Correlation(index) => set.correlations.get(index),
    };
    let Some(correlation) = correlation else { return Ok(Vec::new()) };
    let title = || correlation.card.title.clone();
    if correlation.metric.is_some() {
        return Err(NoException::Metric(title()));
    }
    let whole_group = !correlation.group_by.is_empty()
        && correlation.group_by.iter().all(|name| fields.iter().any(|(field, _)| field == name));
    if let Logic::Threshold(measure, thresholds) = &correlation.logic {
        match alerts_when_more(thresholds) {
            Some(true) if grows(measure) => {}
            Some(false) | None if grows(measure) => return Err(NoException::Expects(title())),
            // without events there is no value, unless empty windows are judged
            _ if whole_group && correlation.expect.is_none() => {}
            _ => return Err(NoException::Measures(title(), correlation.group_by.join(", "))),
        }
    }
    let needed = correlation.members.iter().filter(|member| is_needed(correlation, member));
    let found: Vec<(&Member, Result<Vec<Target>, NoException>)> =
        needed.map(|member| (member, below(set, member.rule, &fields_of(correlation, member, fields)))).collect();
    let first_refusal = found.iter().find_map(|(_, found)| found.as_ref().err().cloned());
    let refusal = match first_refusal {
        Some(NoException::Metric(_)) => NoException::JudgesMetric(title()),
        Some(other) => other,
        None => NoException::Ambiguous(title()),
    };
    let count = found.len();
    let candidates: Vec<(&Member, Vec<Target>)> =
        found.into_iter().filter_map(|(member, found)| Some((member, found.ok()?))).collect();
    let is_group = |(field, _): &(String, String)| correlation.group_by.contains(field);
    let chosen: Option<Vec<Target>> = match ways(correlation) {
        Some(ways) => cheapest(set, &ways, &candidates, fields.iter().all(is_group)),
        // each of them counts
        None => (candidates.len() == count).then(|| candidates.into_iter().flat_map(|(_, targets)| targets).collect()),
    };
    let Some(mut chosen) = chosen else { return Err(refusal) };
    let detections: HashSet<usize> = chosen.iter().map(|target| target.detection).collect();
    let effect = affected(set, &detections).into_iter().find(|one| one.rule == rule).map(|one| one.effect);
    let measured = matches!(&correlation.logic, Logic::Threshold(measure, _) if !grows(measure));
    match effect {
        Some(Effect::Fewer) => {}
        Some(Effect::Changed) if measured => {}
        Some(_) | None => return Err(NoException::Ambiguous(title())),
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

/// Whether events of the member are among the reasons to alert.
fn is_needed(correlation: &CorrelationRule, member: &Member) -> bool {
    let measured = matches!(&correlation.logic, Logic::Threshold(measure, _) if !grows(measure));
    member.positions != 0 && (measured || role(correlation, member) == Role::Raises)
}

/// The fields as the events of a member have them: a name of the group is an alias, perhaps.
fn fields_of(correlation: &CorrelationRule, member: &Member, fields: &[(String, String)]) -> Fields {
    let own = |name: &String| {
        let place = correlation.group_by.iter().position(|group| group == name)?;
        Some(member.key.get(place)?.name.clone())
    };
    let mut own: Fields =
        fields.iter().map(|(name, value)| (own(name).unwrap_or_else(|| name.clone()), value.clone())).collect();
    own.sort();
    own.dedup();
    own
}

/// For each way to be true one event that it needs, so that together they touch as few other rules as possible; or all of
/// them, where it is not known which events have the fields: those that lack them are not excepted anyway. `None` when a way
/// stays open.
fn cheapest(
    set: &RuleSet,
    ways: &[Vec<usize>],
    candidates: &[(&Member, Vec<Target>)],
    fewest: bool,
) -> Option<Vec<Target>> {
    let is_at = |member: &Member, position: usize| {
        u32::try_from(position).is_ok_and(|at| member.positions.checked_shr(at).unwrap_or(0) & 1 == 1)
    };
    let serves = |member: &Member, way: &[usize]| way.iter().any(|position| is_at(member, *position));
    let mut order: Vec<(usize, usize, &(&Member, Vec<Target>))> = candidates
        .iter()
        .enumerate()
        .map(|(index, candidate)| {
            let detections: HashSet<usize> = candidate.1.iter().map(|target| target.detection).collect();
            let others = affected(set, &detections).iter().filter(|one| one.speaks).count();
            let ways_left = ways.iter().filter(|way| !serves(candidate.0, way)).count();
            (ways_left * 1_000 + others, index, candidate)
        })
        .collect();
    order.sort_by_key(|(cost, index, _)| (*cost, *index));
    let mut left: Vec<&Vec<usize>> = ways.iter().collect();
    let mut chosen = Vec::new();
    for (_, _, (member, targets)) in order {
        let before = left.len();
        left.retain(|way| !serves(member, way));
        if left.len() < before || !fewest {
            chosen.extend(targets.iter().cloned());
        }
    }
    left.is_empty().then_some(chosen)
}
