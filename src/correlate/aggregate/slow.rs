//! The slow twin of the aggregates: measures a window by going through all of its events, and a test over random windows.

use foldhash::HashSet;
use proptest::prelude::*;
use smallvec::smallvec;

use super::{Aggregate, Facts};
use crate::rule::decimal::Decimal;
use crate::rule::measured::Measured;
use crate::rule::number::Number;
use crate::rule::{CorrelationRule, Measure};

/// An event of a window: positions and facts.
type Member = (u64, Facts);

fn measured(rule: &CorrelationRule, window: &[Member]) -> Option<Measured> {
    let positions = |position: usize| window.iter().filter(|(set, _)| set & (1 << position) != 0).count() as u64;
    let mut samples: Vec<Decimal> = window.iter().flat_map(|(_, facts)| facts.samples().to_vec()).collect();
    samples.sort_unstable();
    let sum = samples.iter().fold(Decimal::default(), |sum, one| sum.plus(*one));
    let (count, least) = (samples.len() as u64, rule.min_count.max(1));
    match rule.measure()? {
        Measure::Events => Some(Measured::count(window.len())),
        Measure::Distinct(_) => {
            let tuples: HashSet<u128> = window.iter().flat_map(|(_, facts)| facts.tuples().to_vec()).collect();
            Some(Measured::count(tuples.len()))
        }
        Measure::Rules => Some(Measured::count((0..64).filter(|position| positions(*position) > 0).count())),
        Measure::Sum(_) => Some(Measured::Exact(sum, 1)),
        Measure::Average(_) => (count >= least).then_some(Measured::Exact(sum, count)),
        Measure::Percentile(_, percent) => {
            if count < least {
                return None;
            }
            let place = (count - 1) * percent.parts;
            let at = |place: u64| samples[usize::try_from(place.min(count - 1)).unwrap()];
            let beyond = place % percent.of;
            let below = at(place / percent.of).times(percent.of - beyond);
            Some(Measured::Exact(below.plus(at(place / percent.of + 1).times(beyond)), percent.of))
        }
        Measure::Last(_) => {
            let last = window.iter().flat_map(|(_, facts)| facts.samples()).last();
            last.map(|last| Measured::Exact(*last, 1))
        }
        Measure::Ratio => (positions(1) >= least).then(|| Measured::Exact(Decimal::whole(positions(0)), positions(1))),
    }
}

fn rule(keys: &str) -> CorrelationRule {
    let base = |name: &str| {
        format!(
            "title: {name}\nname: {name}\nlogsource: {{category: t}}\ndetection: {{s: {{f: 1}}, condition: s}}\n---\n"
        )
    };
    let text = format!(
        "{}{}title: r\nname: r\ndialect: clarion/1\ncorrelation: {{rules: [a, b], timespan: 1m, {keys}}}\n",
        base("a"),
        base("b")
    );
    let loaded = crate::rule::load_texts(vec![("rules.yml".into(), text)]);
    loaded.set.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics)).correlations.remove(0)
}

fn rules() -> Vec<CorrelationRule> {
    [
        "type: event_count, condition: {gte: 1}",
        "type: value_count, condition: {field: v, gte: 1}",
        "type: temporal",
        "type: value_sum, condition: {field: v, gte: 1}",
        "type: value_avg, condition: {field: v, gte: 1}",
        "type: value_avg, min-count: 3, condition: {field: v, gte: 1}",
        "type: value_median, condition: {field: v, gte: 1}",
        "type: value_percentile, percentile: 95, min-count: 2, condition: {field: v, gte: 1}",
        "type: value_percentile, percentile: 12.5, condition: {field: v, gte: 1}",
        "type: event_ratio, min-count: 2, condition: {gte: 0.5}",
    ]
    .map(rule)
    .into()
}

fn member(rule: &CorrelationRule, positions: u64, numbers: &[i64]) -> Member {
    let facts = match rule.measure() {
        Some(Measure::Distinct(_)) => Facts::Tuples(numbers.iter().map(|number| *number as u128).collect()),
        Some(Measure::Sum(_) | Measure::Average(_) | Measure::Percentile(..)) => {
            let of = |number: &i64| Decimal::of(Number::Float(*number as f64 / 8.0)).unwrap();
            Facts::Samples(numbers.iter().map(of).collect())
        }
        _ => Facts::Presence,
    };
    (positions, facts)
}

proptest! {
    #[test]
    fn every_measure_is_that_of_the_whole_window(
        events in proptest::collection::vec(
            (1..4_u64, proptest::collection::vec(-20..20_i64, 1..3), 0..3_usize),
            1..80,
        ),
    ) {
        for rule in rules() {
            let mut aggregate = Aggregate::default();
            let mut window: std::collections::VecDeque<Member> = std::collections::VecDeque::new();
            for (positions, numbers, leave) in &events {
                let (positions, facts) = member(&rule, *positions, numbers);
                aggregate.add(&rule, positions, &facts);
                window.push_back((positions, facts));
                for _ in 0..*leave {
                    if let Some((positions, facts)) = window.pop_front() {
                        aggregate.remove(&rule, positions, &facts);
                    }
                }
                let members: Vec<Member> = window.iter().cloned().collect();
                prop_assert_eq!(aggregate.measured(&rule), measured(&rule, &members), "{:?}", rule.measure());
                prop_assert_eq!(aggregate.is_empty(), members.is_empty());
            }
        }
    }
}

#[test]
fn a_measure_of_nothing_is_zero_or_undefined() {
    for rule in rules() {
        let has_zero = rule.measure().is_some_and(Measure::has_zero);
        assert_eq!(Aggregate::default().measured(&rule).map(Measured::value), has_zero.then_some(0.0));
        let mut aggregate = Aggregate::default();
        let facts = Facts::Samples(smallvec![Decimal::of(Number::Float(0.1)).unwrap()]);
        aggregate.add(&rule, 3, &facts);
        aggregate.remove(&rule, 3, &facts);
        assert_eq!(aggregate.measured(&rule).map(Measured::value), has_zero.then_some(0.0));
    }
}
