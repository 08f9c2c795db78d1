//! `type: weighted_sum`: one figure made of the values of several metrics (RULES S20). The arithmetic, and reading it; which
//! groups a rule's values belong to is resolved later.

use super::{Kind, Named};
use crate::rule::diagnostic::suggest;
use crate::rule::keys::Keys;
use crate::rule::number::Number;
use crate::rule::yaml::Node;

/// Keys of this type, which no other has.
const KEYS: [&str; 4] = ["weights", "otherwise", "base", "limits"];
const HELP: &str = "write `weights: {a_rule: 1, another: -0.5}`, with every name in `rules`";

/// A sum of the newest values of some metrics, each times its weight.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedSum {
    /// By position in `rules`.
    pub weights: Vec<f64>,
    /// What counts for a rule that says nothing; without it there is no sum then.
    pub otherwise: Vec<Option<f64>>,
    /// What is added to the sum.
    pub base: f64,
    /// The sum is at least the one and at most the other.
    pub limits: Option<(f64, f64)>,
}

impl WeightedSum {
    /// The sum of these values, by position; `None` where one is unknown.
    #[must_use]
    pub fn of(&self, value: impl Fn(usize) -> Option<f64>) -> Option<f64> {
        let mut sum = self.base;
        for (position, (weight, otherwise)) in self.weights.iter().zip(&self.otherwise).enumerate() {
            sum += weight * value(position).or(*otherwise)?;
        }
        Some(match self.limits {
            Some((least, greatest)) => sum.max(least).min(greatest),
            None => sum,
        })
    }
}

/// Reads it. For another type its keys are findings. What is wrong has been said when it is given all the same.
pub(super) fn read(keys: &mut Keys<'_, '_>, kind: Option<Kind>, rules: &[Named]) -> Option<WeightedSum> {
    if kind != Some(Kind::WeightedSum) {
        for (key, _) in keys.entries.iter().filter(|_| kind.is_some()) {
            let Some(name) = key.text().filter(|name| KEYS.contains(name)) else { continue };
            let message = format!("`{name}` belongs to `weighted_sum`");
            keys.diagnostics.error(key.place, "key-without-effect", message, Some("leave it out".to_owned()));
        }
        return None;
    }
    let weights = by_rule(keys, "weights", rules);
    let otherwise = by_rule(keys, "otherwise", rules);
    for (named, weight) in rules.iter().zip(&weights) {
        if weight.is_none() {
            let message = format!("`weighted_sum` needs a weight for `{}`", named.name);
            keys.diagnostics.error(named.place, "bad-weights", message, Some(HELP.to_owned()));
        }
    }
    let base = keys.get("base").and_then(|node| number(keys, "base", node)).unwrap_or_default();
    let limits = read_limits(keys);
    Some(WeightedSum { weights: weights.into_iter().map(Option::unwrap_or_default).collect(), otherwise, base, limits })
}

/// A map of numbers by names that stand in `rules`, in the order of `rules`.
fn by_rule(keys: &mut Keys<'_, '_>, key: &str, rules: &[Named]) -> Vec<Option<f64>> {
    let mut found = vec![None; rules.len()];
    let Some(node) = keys.get(key) else { return found };
    let Some(inner) = Keys::of(node, &format!("`{key}`"), keys.diagnostics) else { return found };
    let mut inner = inner;
    for (name, value) in inner.entries {
        let text = name.text().unwrap_or_default();
        let number = number(&mut inner, key, value);
        if !rules.iter().any(|named| named.name == text) {
            let message = format!("`{key}` names `{text}`, which is not in `rules`");
            let help = suggest(text, rules.iter().map(|named| named.name.as_str()));
            inner.diagnostics.error(name.place, "bad-weights", message, help.or_else(|| Some(HELP.to_owned())));
        }
        for (named, place) in rules.iter().zip(&mut found) {
            if named.name == text {
                *place = number.or(Some(0.0));
            }
        }
    }
    found
}

fn number(keys: &mut Keys<'_, '_>, key: &str, node: &Node) -> Option<f64> {
    let number = node.text().and_then(Number::parse_yaml).map(Number::as_f64).filter(|number| number.is_finite());
    if number.is_none() {
        keys.wrong(node.place, key, "a number", node.kind());
    }
    number
}

fn read_limits(keys: &mut Keys<'_, '_>) -> Option<(f64, f64)> {
    let node = keys.get("limits")?;
    let help = "write the least and the greatest value, such as `limits: [0, 100]`".to_owned();
    let Some([least, greatest]) = node.sequence() else {
        keys.diagnostics.error(node.place, "bad-weights", "`limits` are two numbers", Some(help));
        return None;
    };
    let (least, greatest) = (number(keys, "limits", least)?, number(keys, "limits", greatest)?);
    if least >= greatest {
        let message = format!("the limits {least} and {greatest} leave no room between them");
        keys.diagnostics.error(node.place, "bad-weights", message, Some(help));
    }
    Some((least, greatest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s20_an_unknown_part_makes_the_sum_unknown_and_limits_hold() {
        let mut sum = WeightedSum {
            weights: vec![1.0, -0.5],
            otherwise: vec![None, Some(8.0)],
            base: 10.0,
            limits: Some((0.0, 20.0)),
        };
        assert_eq!(sum.of(|position| [Some(3.0), Some(4.0)][position]), Some(11.0));
        assert_eq!(sum.of(|position| [Some(3.0), None][position]), Some(9.0));
        assert_eq!(sum.of(|position| [None, Some(4.0)][position]), None);
        assert_eq!(sum.of(|_| Some(1000.0)), Some(20.0));
        assert_eq!(sum.of(|_| Some(-1000.0)), Some(0.0));
        sum.limits = None;
        assert_eq!(sum.of(|_| Some(1000.0)), Some(510.0));
    }
}
