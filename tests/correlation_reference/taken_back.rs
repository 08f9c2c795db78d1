//! Series over alerts that late events retract (RULES S17, S20): what is left of them is what is left of a sum that alerts,
//! and neither depends on batches, shards or restarts.

use std::collections::BTreeMap;

use clarion::alert::metric_document;
use proptest::prelude::*;

use super::engine::{self, Run};
use super::spec::{self, Condition, Emit, Kind, Metric, Rule};
use super::{cases, disordered, listing, random};

/// Rules whose alerts are retracted, and series over these alerts.
fn rules(timespan: i64, half_life: Option<i64>) -> impl Strategy<Value = Vec<Rule>> {
    random::accumulated().prop_map(move |mut rules| {
        rules.pop();
        for rule in &mut rules {
            "on-late: revise".clone_into(&mut rule.more);
        }
        let sum = Rule::new("sum", Kind::ValueSum, &[spec::ANY_ALERT], timespan, Condition::Default);
        let sum = Rule {
            group_by: vec!["alert.risk.entity.value".to_owned()],
            fields: vec!["alert.risk.score".to_owned()],
            ..sum
        };
        let metric = Some(Metric { every: 1, align: 0 });
        rules.push(Rule { name: "series".to_owned(), metric, half_life, ..sum.clone() });
        let always = Condition::Thresholds(vec![("gte", -1_000_000)]);
        rules.push(Rule { condition: always, emit: Some(Emit::Every), ..sum });
        rules
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_series_of_alerts_ends_where_their_sum_does((events, arrival, lateness) in disordered(), rules in rules(5000, None)) {
        let set = engine::load(&rules);
        let run = Run { lateness, ..Run::default() };
        // what the sum was after each alert event of the last moment; alerts of one moment are in no order of their own
        let mut sums: BTreeMap<Vec<Option<String>>, (i64, Vec<f64>)> = BTreeMap::new();
        for alert in engine::revisions(&set, &events, &arrival, &run).iter().filter(|alert| alert.rule.id == "sum") {
            let group = alert.group.iter().map(|(_, value)| value.clone()).collect();
            let (time, values) = sums.entry(group).or_insert((alert.time.0, Vec::new()));
            if *time != alert.time.0 {
                (*time, *values) = (alert.time.0, Vec::new());
            }
            values.push(alert.value.unwrap());
        }
        let mut series: BTreeMap<Vec<Option<String>>, f64> = BTreeMap::new();
        for metric in engine::metrics(&set, &events, &arrival, &run) {
            series.insert(metric.group.iter().map(|(_, value)| value.clone()).collect(), metric.value.unwrap());
        }
        // an alert that is taken back before anybody heard of it is in neither, or is nothing
        series.retain(|_, value| *value != 0.0);
        let agrees = |(group, (_, values)): (&Vec<Option<String>>, &(i64, Vec<f64>))| {
            values.contains(&series.get(group).copied().unwrap_or(0.0))
        };
        let agree = sums.iter().all(agrees) && series.keys().all(|group| sums.contains_key(group));
        let yaml: Vec<String> = rules.iter().map(Rule::yaml).collect();
        prop_assert!(agree, "{sums:?}\n{series:?}\n{}\n{}", yaml.join("---\n"), listing(&events, &arrival));
    }

    #[test]
    fn a_series_of_alerts_is_the_same_in_any_batches(
        (events, arrival, lateness) in disordered(),
        rules in rules(9, Some(4)),
        batches in proptest::collection::vec(1..20_usize, 1..5),
        cut in any::<prop::sample::Index>(),
        shards in 1..3_usize,
    ) {
        let set = engine::load(&rules);
        let written = |run: &Run| -> Vec<String> {
            engine::metrics(&set, &events, &arrival, run).iter().map(|metric| metric_document(metric).to_string()).collect()
        };
        let one = Run { lateness, batches: vec![1000], ..Run::default() };
        let other = Run { lateness, batches, shards, restore_at: Some(cut.index(arrival.len())), ..Run::default() };
        prop_assert_eq!(written(&one), written(&other));
    }
}
