//! What an event of a rule is to a correlation over it: a reason to alert, a reason not to, or one more value.

use crate::rule::predicate::Comparison;
use crate::rule::set::{CorrelationRule, Logic, Measure, Member};

/// What the events of a member are to its correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// More of them make an alert likelier.
    Raises,
    /// More of them make an alert less likely: what is expected, what resets.
    Prevents,
    /// More of them may do either.
    Measured,
}

/// Whether more of what is counted raises an alert, or less. `None` for a range, `=` and `!=`.
pub(super) fn alerts_when_more(thresholds: &[(Comparison, crate::rule::number::Number)]) -> Option<bool> {
    let all = |one: Comparison, other: Comparison| {
        thresholds.iter().all(|(comparison, _)| *comparison == one || *comparison == other)
    };
    match (all(Comparison::Gt, Comparison::Gte), all(Comparison::Lt, Comparison::Lte)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// Whether a measure only grows with further events.
pub(super) fn grows(measure: &Measure) -> bool {
    match measure {
        Measure::Events | Measure::Distinct(_) | Measure::Rules | Measure::Sum(_) => true,
        Measure::Average(_) | Measure::Percentile(..) | Measure::Last(_) | Measure::Ratio => false,
    }
}

/// The role of a member.
pub(super) fn role(rule: &CorrelationRule, member: &Member) -> Role {
    if rule.metric.is_some() {
        return Role::Measured;
    }
    let at = |position: &usize| {
        u32::try_from(*position).is_ok_and(|at| member.positions.checked_shr(at).unwrap_or(0) & 1 == 1)
    };
    let (raises, prevents) = match &rule.logic {
        Logic::Threshold(..) if member.positions == 0 => (false, false),
        Logic::Threshold(measure, thresholds) => match (grows(measure), alerts_when_more(thresholds)) {
            (true, Some(more)) => (more, !more),
            _ => (true, true),
        },
        Logic::Present(alternatives) | Logic::Absent(alternatives) => (
            alternatives.iter().any(|one| one.positives.iter().any(at)),
            alternatives.iter().any(|one| one.negatives.iter().any(at)),
        ),
        Logic::Sequences(sequences) => (
            sequences.iter().any(|one| one.steps.iter().any(at)),
            sequences.iter().any(|one| one.absences.iter().any(|(position, _)| at(position))),
        ),
    };
    match (raises, prevents || member.resets) {
        (true, false) => Role::Raises,
        (false, true) => Role::Prevents,
        _ => Role::Measured,
    }
}

/// The ways in which the condition can be true, as positions of which each way needs an event. `None` where events are
/// counted, so that none of them is needed by itself.
pub(super) fn ways(rule: &CorrelationRule) -> Option<Vec<Vec<usize>>> {
    match &rule.logic {
        Logic::Threshold(Measure::Rules, thresholds) if alerts_when_more(thresholds) == Some(true) => {
            let positions = rule.titles.len();
            // all of them are needed: `gte: n` of n
            let one_less = crate::rule::number::Number::Integer(i128::try_from(positions).ok()? - 1);
            let enough = thresholds.iter().all(|(comparison, threshold)| {
                one_less.compare(*threshold).is_some_and(|ordering| comparison.holds(ordering))
            });
            (!enough).then(|| vec![(0..positions).collect()])
        }
        Logic::Threshold(..) => None,
        Logic::Present(all) | Logic::Absent(all) => Some(all.iter().map(|one| one.positives.clone()).collect()),
        Logic::Sequences(all) => Some(all.iter().map(|one| one.steps.clone()).collect()),
    }
}
