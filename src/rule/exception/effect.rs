//! Which rules a filter on some detections touches, however far they are above them, and whether they alert less for it.

use foldhash::{HashMap, HashSet};

use super::role::{Role, role};
use crate::rule::set::{RuleRef, RuleSet};

/// What a filter does to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It may alert less.
    Fewer,
    /// It may alert more: the filter takes events that it expects.
    More,
    /// Its values become others.
    Changed,
}

impl Effect {
    /// One word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fewer => "fewer",
            Self::More => "more",
            Self::Changed => "changed",
        }
    }

    fn through(self, role: Role) -> Self {
        match (self, role) {
            (Self::Changed, _) | (_, Role::Measured) => Self::Changed,
            (effect, Role::Raises) => effect,
            (Self::Fewer, Role::Prevents) => Self::More,
            (Self::More, Role::Prevents) => Self::Fewer,
        }
    }

    fn and(self, other: Option<Self>) -> Self {
        if other.is_none_or(|other| other == self) { self } else { Self::Changed }
    }
}

/// A rule that is touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Affected {
    /// The rule.
    pub rule: RuleRef,
    /// How.
    pub effect: Effect,
    /// It alerts or writes values by itself; otherwise only the rules above it do.
    pub speaks: bool,
}

/// Every rule that a filter on these detections touches, the detections themselves included, in the order of the set. That an
/// alert which is not raised weighs nothing in the rules that hear alerts is not among it.
#[must_use]
pub fn affected(set: &RuleSet, detections: &HashSet<usize>) -> Vec<Affected> {
    let mut effects: HashMap<RuleRef, Effect> =
        detections.iter().map(|index| (RuleRef::Detection(*index), Effect::Fewer)).collect();
    let mut found: Vec<Affected> = Vec::new();
    for (index, detection) in set.detections.iter().enumerate() {
        if detections.contains(&index) {
            let rule = RuleRef::Detection(index);
            found.push(Affected { rule, effect: Effect::Fewer, speaks: detection.alerts });
        }
    }
    // children come before their parents
    for (index, correlation) in set.correlations.iter().enumerate() {
        let touched = correlation.members.iter().filter_map(|member| {
            let effect = *effects.get(&member.rule)?;
            Some(effect.through(role(correlation, member)))
        });
        let Some(effect) = touched.fold(None, |all: Option<Effect>, one| Some(one.and(all))) else { continue };
        let rule = RuleRef::Correlation(index);
        effects.insert(rule, effect);
        found.push(Affected { rule, effect, speaks: correlation.alerts || correlation.metric.is_some() });
    }
    found
}
