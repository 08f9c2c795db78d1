//! A `weighted_sum` reads the values of metrics only, each for its own groups or for all alike (RULES S20).

use super::Resolver;
use crate::rule::correlation::Correlation;
use crate::rule::diagnostic::Diagnostics;
use crate::rule::metric_values::Weighted;
use crate::rule::set::{CorrelationRule, Member, RuleRef};

impl Resolver {
    /// Finds the groups of each rule; the members' keys are those of the shared fields from here on.
    pub(super) fn weigh(
        &self,
        correlation: &Correlation,
        members: &mut [Member],
        diagnostics: &mut Diagnostics,
    ) -> Option<Weighted> {
        let sum = correlation.weighted.as_deref()?.clone();
        let count = correlation.group_by.len();
        let metric = |member: &Member| match member.rule {
            RuleRef::Correlation(child) => self.set.correlations.get(child).filter(|child| child.metric.is_some()),
            RuleRef::Detection(_) => None,
        };
        let place = |member: &Member| {
            let first = member.positions.trailing_zeros() as usize;
            correlation.rules.get(first).map_or(correlation.place, |named| named.place)
        };
        // by position in `group-by`, whether the rule is grouped by it
        let has = |member: &Member, child: &CorrelationRule| -> Vec<bool> {
            member.key.iter().map(|field| child.group_by.contains(&field.name)).collect()
        };
        let mut grouped: Vec<Vec<bool>> = Vec::new();
        for member in members.iter() {
            let Some(child) = metric(member) else {
                let message = format!("`weighted_sum` takes the values of metrics, and `{}` is none", member.title);
                let help = "add `metric` to it, or write a metric over it".to_owned();
                diagnostics.error(place(member), "bad-weights", message, Some(help));
                return None;
            };
            grouped.push(has(member, child));
        }
        let at = |has: &Vec<bool>, index: usize| has.get(index).copied().unwrap_or(false);
        let shared: Vec<bool> = (0..count).map(|index| grouped.iter().all(|has| at(has, index))).collect();
        for (member, has) in members.iter().zip(&grouped) {
            let whole = (0..count).all(|index| at(has, index));
            let common = (0..count).all(|index| at(has, index) == at(&shared, index));
            if !whole && !common {
                let message = format!(
                    "`{}` is grouped by some of the fields only, and not by the same as the others",
                    member.title
                );
                let help = "group each rule by all of `group-by`, or by the fields that all rules have".to_owned();
                diagnostics.error(place(member), "bad-weights", message, Some(help));
            }
        }
        if !grouped.iter().any(|has| (0..count).all(|index| at(has, index))) {
            let message = "no rule is grouped by all of `group-by`, so nothing says which groups there are";
            let help = "group by the fields that a rule has".to_owned();
            diagnostics.error(correlation.place, "bad-weights", message, Some(help));
        }
        let mut rest = vec![None; correlation.rules.len()];
        for (member, has) in members.iter_mut().zip(&grouped) {
            let whole = (0..count).all(|index| at(has, index));
            let key = std::mem::take(&mut member.key);
            let (of_shared, others): (Vec<_>, Vec<_>) =
                key.into_iter().enumerate().partition(|(index, _)| at(&shared, *index));
            member.key = of_shared.into_iter().map(|(_, field)| field).collect();
            let others: Vec<_> = others.into_iter().map(|(_, field)| field).collect();
            for position in (0..rest.len()).filter(|position| member.positions & (1 << position) != 0) {
                if let Some(place) = rest.get_mut(position) {
                    *place = whole.then(|| others.clone());
                }
            }
        }
        Some(Weighted { sum, shared, rest })
    }
}
