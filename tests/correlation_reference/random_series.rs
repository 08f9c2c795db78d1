//! Random rules that are written as a series.

use proptest::prelude::*;

use super::random::{accumulated, any_rule, chain, decorate, names};
use super::spec::{self, Condition, Kind, Metric, Rule};

/// Correlations that are written as a series.
pub(crate) fn series() -> BoxedStrategy<Rule> {
    let kinds = prop_oneof![
        Just(Kind::EventCount),
        Just(Kind::ValueCount),
        Just(Kind::ValueSum),
        Just(Kind::ValueAverage),
        Just(Kind::ValueMedian),
        Just(Kind::ValuePercentile),
        Just(Kind::EventRatio),
        Just(Kind::ValueMax),
        Just(Kind::ValueMin),
        Just(Kind::ValueLast),
    ];
    (kinds, names(2..=2), 1..14_i64, 1..14_i64, 0..14_i64, 0..=100_i64, 1..=3_usize)
        .prop_map(|(kind, rules, timespan, every, align, percentile, min_count)| {
            let names: Vec<&str> = rules.iter().map(String::as_str).collect();
            let mut rule = Rule::new("r", kind, &names, timespan, Condition::Default);
            rule.metric = Some(Metric { every, align: align % every });
            rule.percentile = percentile;
            if !matches!(kind, Kind::EventCount | Kind::EventRatio) {
                rule.fields = vec!["v".to_owned()];
            }
            if matches!(kind, Kind::ValueAverage | Kind::ValueMedian | Kind::ValuePercentile | Kind::EventRatio) {
                rule.min_count = min_count;
            }
            rule
        })
        .prop_flat_map(decorate)
        .prop_map(|rule| Rule { suppress: None, suppress_by: None, cold_start: None, ..rule })
        .prop_flat_map(|rule| {
            let half_life = proptest::option::of(prop_oneof![1..6_i64, 6..200_i64]);
            (Just(rule), half_life).prop_map(|(rule, half_life)| Rule {
                half_life: half_life.filter(|_| rule.kind == Kind::ValueSum),
                ..rule
            })
        })
        .boxed()
}

/// A sum of the risk of alerts, of which less is left after a time.
fn fading() -> BoxedStrategy<Vec<Rule>> {
    (accumulated(), series(), 1..40_i64, any::<bool>())
        .prop_map(|(mut rules, sum, half_life, of_all)| {
            rules.pop();
            let key = if of_all { vec![] } else { vec!["alert.risk.entity.value".to_owned()] };
            let metric = sum.metric;
            let sum = Rule::new("sum", Kind::ValueSum, &[spec::ANY_ALERT], sum.timespan, Condition::Default);
            let fields = vec!["alert.risk.score".to_owned()];
            rules.push(Rule { metric, group_by: key, fields, half_life: Some(half_life), ..sum });
            rules
        })
        .boxed()
}

/// Series of detections, and a measure or a weighted sum of their values.
fn values() -> BoxedStrategy<Vec<Rule>> {
    let keys = |count: usize| -> Vec<String> { ["k", "j"][..count].iter().map(|key| (*key).to_owned()).collect() };
    let weights = (
        proptest::collection::vec(-8..9_i64, 3),
        proptest::collection::vec(proptest::option::weighted(0.7, -8..9_i64), 3),
        -8..9_i64,
        proptest::option::of((-20..0_i64, 1..20_i64)),
    );
    let below = proptest::collection::vec((series(), 0..=2_usize), 1..=3);
    (below, series(), (0..=2_usize, 0..=2_usize), any::<bool>(), weights)
        .prop_map(move |(below, above, (whole, common), is_weighted, (weights, otherwise, base, limits))| {
            let common = common.min(whole);
            let mut rules: Vec<Rule> = Vec::new();
            for (index, (rule, grouped)) in below.into_iter().enumerate() {
                // the first has all of the group, others all of it or what is common
                let grouped = if index == 0 || grouped == 1 { whole } else { common };
                let name = format!("m{index}");
                rules.push(Rule { name, group_by: keys(grouped), aliases: Vec::new(), ..rule });
            }
            let names: Vec<String> = rules.iter().map(|rule| rule.name.clone()).collect();
            let mut above = Rule { aliases: Vec::new(), lateness: None, rules: names, ..above };
            if is_weighted {
                let count = rules.len();
                let weighted = spec::Weights {
                    weights: weights[..count].to_vec(),
                    otherwise: otherwise[..count].to_vec(),
                    base,
                    limits,
                };
                let kind = Kind::WeightedSum;
                above = Rule {
                    kind,
                    weighted,
                    group_by: keys(whole),
                    fields: vec![],
                    min_count: 1,
                    half_life: None,
                    ..above
                };
            } else {
                above.group_by = keys(common);
                above.half_life = None;
                match above.kind {
                    Kind::ValueCount => above.kind = Kind::ValueLast,
                    Kind::EventRatio if above.rules.len() != 2 => above.kind = Kind::EventCount,
                    _ => {}
                }
                above.min_count = if above.kind == Kind::EventCount { 1 } else { above.min_count };
                above.fields = match above.kind {
                    Kind::EventCount | Kind::EventRatio => vec![],
                    _ => vec!["metric.value".to_owned()],
                };
            }
            rules.push(above);
            rules
        })
        .boxed()
}

/// A series over detections, and one over the hits of any rule.
pub(crate) fn all_series() -> BoxedStrategy<Vec<Rule>> {
    let above = (any_rule(), series(), any::<prop::sample::Index>())
        .prop_map(|(child, parent, place)| chain(child, parent, false, place));
    prop_oneof![series().prop_map(|rule| vec![rule]), above, values(), fading()].boxed()
}
