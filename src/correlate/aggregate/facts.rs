//! What an event brings to a measure: distinct tuples, numbers, or nothing but itself.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::correlate::input::Input;
use crate::rule::decimal::Decimal;
use crate::rule::{CorrelationRule, Measure};

/// Of one event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::correlate) enum Facts {
    /// That it is there.
    Presence,
    /// Hashes of its tuples.
    Tuples(SmallVec<[u128; 1]>),
    /// Its numbers.
    Samples(SmallVec<[Decimal; 1]>),
}

impl Facts {
    /// What an event brings; `None` when it lacks the field that is measured, or has nothing there that is a number, and
    /// is no event of this rule (RULES S9).
    pub(in crate::correlate) fn of(rule: &CorrelationRule, input: &Input) -> Option<Self> {
        if input.positions == 0 {
            return None;
        }
        match rule.measure() {
            Some(Measure::Distinct(fields)) => {
                let tuples = input.tuples(fields);
                (!tuples.is_empty()).then_some(Self::Tuples(tuples))
            }
            Some(
                Measure::Sum(field) | Measure::Average(field) | Measure::Percentile(field, _) | Measure::Last(field),
            ) => {
                let mut samples = input.numbers(field);
                if rule.early {
                    // what a negative number would undo has been said already (RULES S3)
                    samples.retain(|sample| *sample >= Decimal::default());
                }
                (!samples.is_empty()).then_some(Self::Samples(samples))
            }
            Some(Measure::Events | Measure::Rules | Measure::Ratio) | None => Some(Self::Presence),
        }
    }

    /// Its tuples.
    pub(in crate::correlate) fn tuples(&self) -> &[u128] {
        if let Self::Tuples(tuples) = self { tuples } else { &[] }
    }

    /// Its numbers.
    pub(in crate::correlate) fn samples(&self) -> &[Decimal] {
        if let Self::Samples(samples) = self { samples } else { &[] }
    }
}
