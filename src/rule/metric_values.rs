//! Values of metrics as what other metrics read (RULES S20): what such a value looks like, and how a `weighted_sum` finds out
//! which of its groups a value is of.

use super::correlation::WeightedSum;
use super::set::KeyField;

/// The field that holds the value of another metric, beside those of its group.
pub const METRIC_VALUE: &str = "metric.value";

/// A `weighted_sum` with its rules resolved.
///
/// A rule whose values are grouped by fewer fields speaks of all groups alike that have its values in those fields. So that
/// all of them are in one place, the state is kept by the fields that all rules have, the shared ones, and within it by the
/// rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted {
    /// The arithmetic.
    pub sum: WeightedSum,
    /// By position in `group-by`: all rules are grouped by it.
    pub shared: Vec<bool>,
    /// By position in `rules`: the fields of the rest in its values; `None` where they are of all groups alike.
    pub rest: Vec<Option<Vec<KeyField>>>,
}

impl Weighted {
    /// The values of a whole group, in the order of `group-by`, from those of the shared fields and of the rest.
    #[must_use]
    pub fn group(&self, shared: &[Option<String>], rest: &[Option<String>]) -> Vec<Option<String>> {
        let (mut shared, mut rest) = (shared.iter(), rest.iter());
        let value = |is_shared: &bool| if *is_shared { shared.next() } else { rest.next() }.cloned().flatten();
        self.shared.iter().map(value).collect()
    }
}
