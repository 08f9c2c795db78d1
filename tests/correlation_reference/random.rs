//! Random streams and rules.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::spec::{self, Baseline, Condition, Emit, Kind, Risk, Rule, Window};
use super::stream::Event;

fn key() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        6 => Just(Some(json!("x"))),
        3 => Just(Some(json!("1"))),
        2 => Just(Some(json!(1))),
        1 => Just(Some(json!(1.0))),
        1 => Just(Some(json!(["x", 1]))),
        1 => Just(Some(json!(["x", "x"]))),
        1 => Just(Some(json!([]))),
        1 => Just(Some(json!(null))),
        1 => Just(None),
    ]
}

fn value() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        3 => (0..4_i64).prop_map(|value| Some(json!(value))),
        1 => Just(Some(json!(["0", 2]))),
        1 => (-9..9_i64).prop_map(|quarters| Some(json!(quarters as f64 / 4.0))),
        1 => Just(Some(json!(["0.25", 2, 2, "x"]))),
        1 => Just(Some(json!(true))),
        1 => Just(None),
    ]
}

/// 5 to `most` events within 40 seconds. Every third repeats an earlier record, at its own line.
pub(crate) fn events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    let event = (
        0..40_i64,
        proptest::option::weighted(0.4, 0..9_u8),
        prop_oneof![
            8 => (0..4_usize).prop_map(|which| std::array::from_fn(|index| index == which)),
            2 => proptest::array::uniform4(any::<bool>()),
        ],
        (key(), key(), value(), value()).prop_map(|(k, j, v, w)| [k, j, v, w]),
        proptest::option::weighted(0.15, any::<prop::sample::Index>()),
    );
    proptest::collection::vec(event, 5..=most).prop_map(|drawn| {
        let mut events: Vec<Event> = Vec::new();
        for (index, (second, id, matches, fields, copy)) in drawn.into_iter().enumerate() {
            let line = index as i64 + 1;
            let copied = copy.filter(|_| index > 0).map(|copy| events[copy.index(index)].clone());
            // one id at one time is one event, so the id has the time in it; a copy has both
            let id = id.map(|id| format!("{id}-{second}-{line}"));
            events.push(match copied {
                Some(copied) => Event { line, ..copied },
                None => Event { line, second, id, matches, fields },
            });
        }
        events
    })
}

/// An order of arrival: by time, each event up to `disorder` seconds after its time.
pub(crate) fn arrival(events: Vec<Event>, disorder: i64) -> impl Strategy<Value = (Vec<Event>, Vec<usize>)> {
    let count = events.len();
    (Just(events), proptest::collection::vec((0..=disorder, any::<u16>()), count)).prop_map(|(events, delays)| {
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_by_key(|index| (events[*index].second + delays[*index].0, delays[*index].1));
        (events, order)
    })
}

pub(crate) fn names(count: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<String>> {
    (Just(vec!["a", "b", "c", "d"]).prop_shuffle(), count)
        .prop_map(|(all, count)| all[..count].iter().map(|name| (*name).to_owned()).collect())
}

fn group_by() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        2 => Just(vec![]),
        4 => Just(vec!["k".to_owned()]),
        1 => Just(vec!["k".to_owned(), "j".to_owned()]),
    ]
}

fn thresholds(most: i64) -> impl Strategy<Value = Condition> {
    prop_oneof![
        5 => (1..=most).prop_map(|value| Condition::Thresholds(vec![("gte", value)])),
        1 => (0..most).prop_map(|value| Condition::Thresholds(vec![("gt", value)])),
        1 => (1..=most).prop_map(|value| Condition::Thresholds(vec![("lt", value)])),
        1 => (0..most).prop_map(|value| Condition::Thresholds(vec![("lte", value)])),
        1 => (1..=most).prop_map(|value| Condition::Thresholds(vec![("eq", value)])),
        1 => (1..=most).prop_map(|value| Condition::Thresholds(vec![("neq", value)])),
        1 => (1..=most).prop_map(|value| Condition::Thresholds(vec![("gte", value), ("lte", value + 1)])),
    ]
}

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![
        3 => Just(Window::Sliding),
        1 => (0..4_i64).prop_map(Window::Tumbling),
        1 => (1..6_i64).prop_map(Window::Session),
    ]
}

fn emit() -> impl Strategy<Value = Option<Emit>> {
    prop_oneof![
        4 => Just(None),
        1 => Just(Some(Emit::Edge)),
        1 => Just(Some(Emit::Every)),
        1 => Just(Some(Emit::Reset)),
        1 => Just(Some(Emit::Close)),
    ]
}

/// The alternatives of a condition in which every rule is used and at least one is needed.
fn alternatives(count: usize, negate: bool) -> impl Strategy<Value = Vec<(Vec<usize>, Vec<usize>)>> {
    let one =
        proptest::collection::vec(0..if negate { 3_u8 } else { 2 }, count).prop_filter_map("a positive", |signs| {
            let of = |wanted: u8| -> Vec<usize> {
                signs.iter().enumerate().filter(|(_, sign)| **sign == wanted).map(|(index, _)| index).collect()
            };
            (!of(1).is_empty()).then(|| (of(1), of(2)))
        });
    proptest::collection::vec(one, 1..=2).prop_filter("all rules are used", move |all| {
        (0..count).all(|index| {
            all.iter().any(|(positives, negatives)| positives.contains(&index) || negatives.contains(&index))
        })
    })
}

/// Keys that go with every type.
pub(crate) fn decorate(rule: Rule) -> impl Strategy<Value = Rule> {
    let aliased = proptest::bool::weighted(0.15);
    (
        group_by(),
        proptest::bool::weighted(0.2),
        proptest::option::weighted(0.25, 1..20_i64),
        proptest::bool::weighted(0.3),
        proptest::option::weighted(0.2, 0..6_i64),
        prop_oneof![3 => Just(None), 1 => Just(Some("suppress")), 1 => Just(Some("alert"))],
        aliased,
    )
        .prop_map(move |(group_by, missing_key_groups, suppress, global, lateness, cold_start, aliased)| {
            let mut rule = Rule { group_by, missing_key_groups, suppress, lateness, cold_start, ..rule.clone() };
            if suppress.is_some() && global {
                rule.suppress_by = Some(Vec::new());
            }
            if aliased && rule.group_by == ["k"] {
                rule.group_by = vec!["key".to_owned()];
                let mut names: Vec<String> = rule.rules.iter().chain(&rule.reset_on).cloned().collect();
                names.sort();
                names.dedup();
                let fields = names
                    .into_iter()
                    .enumerate()
                    .map(|(index, name)| (name, if index == 0 { "j" } else { "k" }.to_owned()));
                rule.aliases = vec![("key".to_owned(), fields.collect())];
            }
            rule
        })
}

/// `event_count` and `value_count`.
pub(crate) fn counting() -> BoxedStrategy<Rule> {
    let fields = prop_oneof![2 => Just(vec![]), 1 => Just(vec!["v".to_owned()]), 1 => Just(vec!["v".to_owned(), "w".to_owned()])];
    (names(1..=2), names(1..=1), any::<bool>(), 1..14_i64, thresholds(4), fields, window(), emit())
        .prop_map(|(rules, reset_on, resets, timespan, condition, fields, window, emit)| {
            let kind = if fields.is_empty() { Kind::EventCount } else { Kind::ValueCount };
            let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
            let rule = Rule::new("r", kind, &rules, timespan, condition);
            Rule { fields, window, emit, reset_on: if resets { reset_on } else { Vec::new() }, ..rule }
        })
        .prop_flat_map(decorate)
        .boxed()
}

/// The numeric types and `event_ratio`.
pub(crate) fn measuring() -> BoxedStrategy<Rule> {
    let kinds = prop_oneof![
        Just(Kind::ValueSum),
        Just(Kind::ValueAverage),
        Just(Kind::ValueMedian),
        Just(Kind::ValuePercentile),
        Just(Kind::EventRatio),
    ];
    (kinds, names(2..=2), names(1..=1), proptest::bool::weighted(0.3), 1..14_i64, thresholds(9), window(), emit())
        .prop_flat_map(|(kind, rules, reset_on, resets, timespan, condition, window, emit)| {
            let names: Vec<&str> = rules.iter().map(String::as_str).collect();
            let mut rule = Rule::new("r", kind, &names, timespan, condition);
            rule.reset_on = if resets { reset_on } else { Vec::new() };
            (rule.window, rule.emit, rule.scale) = (window, emit, 4);
            if kind != Kind::EventRatio {
                rule.fields = vec!["v".to_owned()];
            }
            let min_count = if kind == Kind::ValueSum { 1..=1_usize } else { 1..=4 };
            (Just(rule), 0..=100_i64, min_count)
        })
        .prop_map(|(rule, percentile, min_count)| Rule { percentile, min_count, ..rule })
        .prop_flat_map(decorate)
        .boxed()
}

/// Rules that compare with what was before.
pub(crate) fn remembering() -> BoxedStrategy<Rule> {
    let baseline =
        (1..9_i64, any::<bool>(), prop_oneof![Just("ratio"), Just("delta"), Just("zscore"), Just("mad")], 1..4_usize)
            .prop_map(|(buckets, median, measure, min_samples)| Baseline { buckets, median, measure, min_samples });
    let compared = (prop_oneof![counting(), measuring()], 1..6_i64, baseline, 1..3_usize).prop_map(
        |(rule, timespan, baseline, min_count)| Rule { timespan, min_count, baseline: Some(baseline), ..rule },
    );
    let unseen = (counting(), 1..30_i64).prop_map(|(rule, unseen_for)| {
        let fields = if rule.fields.is_empty() { vec!["v".to_owned()] } else { rule.fields.clone() };
        Rule { kind: Kind::ValueCount, fields, unseen_for: Some(unseen_for), ..rule }
    });
    let sums =
        measuring().prop_map(|rule| Rule { kind: Kind::ValueSum, min_count: 1, fields: vec!["v".to_owned()], ..rule });
    let expected = (prop_oneof![counting(), sums], 0..4_i64, any::<bool>()).prop_map(|(rule, align, close)| Rule {
        expect: true,
        window: Window::Tumbling(align),
        emit: close.then_some(Emit::Close),
        ..rule
    });
    prop_oneof![2 => compared, 1 => unseen, 1 => expected].boxed()
}

/// `temporal` without negation.
pub(crate) fn temporal() -> BoxedStrategy<Rule> {
    let condition = prop_oneof![
        2 => Just(Condition::Default),
        2 => thresholds(3),
        1 => alternatives(3, false).prop_map(Condition::Text),
    ];
    (names(3..=3), names(1..=1), proptest::bool::weighted(0.3), 1..14_i64, condition, window(), emit())
        .prop_map(|(rules, reset_on, resets, timespan, condition, window, emit)| {
            let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
            let rule = Rule::new("r", Kind::Temporal, &rules, timespan, condition);
            Rule { window, emit, reset_on: if resets { reset_on } else { Vec::new() }, ..rule }
        })
        .prop_flat_map(decorate)
        .boxed()
}

fn without_close() -> impl Strategy<Value = Option<Emit>> {
    emit().prop_map(|emit| emit.filter(|emit| *emit != Emit::Close))
}

/// `temporal` with `not`.
pub(crate) fn absent() -> BoxedStrategy<Rule> {
    (2..=4_usize)
        .prop_flat_map(|count| {
            (
                names(count..=count),
                alternatives(count, true),
                names(1..=1),
                proptest::bool::weighted(0.2),
                1..14_i64,
                without_close(),
            )
        })
        .prop_filter("a negation", |(_, all, ..)| all.iter().any(|(_, negatives)| !negatives.is_empty()))
        .prop_map(|(rules, all, reset_on, resets, timespan, emit)| {
            let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
            let rule = Rule::new("r", Kind::Temporal, &rules, timespan, Condition::Text(all));
            Rule { emit, reset_on: if resets { reset_on } else { Vec::new() }, ..rule }
        })
        .prop_flat_map(decorate)
        .boxed()
}

/// `temporal_ordered` with all rules as steps, some of them twice.
pub(crate) fn sequences() -> BoxedStrategy<Rule> {
    let rules = proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("c")], 1..=4);
    let window = prop_oneof![3 => Just(Window::Sliding), 1 => (1..6_i64).prop_map(Window::Session)];
    (rules, names(1..=1), proptest::bool::weighted(0.2), 1..14_i64, window, without_close())
        .prop_map(|(rules, reset_on, resets, timespan, window, emit)| {
            let rule = Rule::new("r", Kind::TemporalOrdered, &rules, timespan, Condition::Default);
            Rule { window, emit, reset_on: if resets { reset_on } else { Vec::new() }, ..rule }
        })
        .prop_flat_map(decorate)
        .boxed()
}

/// `temporal_ordered` with absence before, between and after.
pub(crate) fn ordered_absent() -> BoxedStrategy<Rule> {
    (2..=4_usize)
        .prop_flat_map(|count| {
            (
                names(count..=count),
                alternatives(count, true),
                names(1..=1),
                proptest::bool::weighted(0.2),
                1..14_i64,
                without_close(),
            )
        })
        .prop_map(|(rules, all, reset_on, resets, timespan, emit)| {
            let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
            let rule = Rule::new("r", Kind::TemporalOrdered, &rules, timespan, Condition::Text(all));
            Rule { emit, reset_on: if resets { reset_on } else { Vec::new() }, ..rule }
        })
        .prop_flat_map(decorate)
        .boxed()
}

/// Any rule over detections.
pub(crate) fn any_rule() -> BoxedStrategy<Rule> {
    prop_oneof![counting(), measuring(), remembering(), temporal(), absent(), sequences(), ordered_absent()].boxed()
}

/// A child, and a parent that reads it together with detections, under the same key or another one.
pub(crate) fn chained() -> BoxedStrategy<Vec<Rule>> {
    (any_rule(), any_rule(), any::<bool>(), any::<prop::sample::Index>())
        .prop_map(|(child, parent, generate, place)| chain(child, parent, generate, place))
        .boxed()
}

/// The parent reads the child instead of one of its rules.
pub(crate) fn chain(child: Rule, parent: Rule, generate: bool, place: prop::sample::Index) -> Vec<Rule> {
    let child = Rule { name: "child".to_owned(), generate, ..child };
    let mut parent = Rule { name: "parent".to_owned(), lateness: None, ..parent };
    let replaced = parent.rules[place.index(parent.rules.len())].clone();
    for name in parent.rules.iter_mut().chain(&mut parent.reset_on) {
        if *name == replaced {
            "child".clone_into(name);
        }
    }
    for (_, fields) in &mut parent.aliases {
        for (name, _) in fields {
            if *name == replaced {
                "child".clone_into(name);
            }
        }
    }
    vec![child, parent]
}

fn risk() -> impl Strategy<Value = Risk> {
    let entity = |kind: &str, field: &str| (kind.to_owned(), field.to_owned());
    let entities = prop_oneof![
        3 => Just(vec![entity("thing", "k")]),
        1 => Just(vec![entity("thing", "k"), entity("place", "v")]),
        1 => Just(vec![entity("place", "v"), entity("thing", "j"), entity("thing", "k")]),
    ];
    (0..4_i64, entities).prop_map(|(score, entities)| Risk { score, entities })
}

/// Rules with a risk, and one that hears of their alerts, perhaps beside events.
pub(crate) fn accumulated() -> BoxedStrategy<Vec<Rule>> {
    let below = prop_oneof![
        3 => (any_rule(), risk()).prop_map(|(rule, risk)| vec![Rule { risk: Some(risk), ..rule }]),
        2 => (any_rule(), any_rule(), risk(), risk()).prop_map(|(one, other, risk, more)| {
            vec![Rule { name: "q".to_owned(), risk: Some(risk), ..one }, Rule { risk: Some(more), ..other }]
        }),
        1 => (chained(), risk(), risk()).prop_map(|(rules, one, other)| {
            let risks = [one, other].into_iter();
            rules.into_iter().zip(risks).map(|(rule, risk)| Rule { risk: Some(risk), ..rule }).collect()
        }),
    ];
    let keys = prop_oneof![
        1 => Just(vec![]),
        3 => Just(vec!["alert.risk.entity.value"]),
        3 => Just(vec!["alert.risk.entity.type", "alert.risk.entity.value"]),
        1 => Just(vec!["k"]),
        1 => Just(vec!["alert.rule.id"]),
    ];
    (below, any_rule(), keys, any::<prop::sample::Index>(), any::<bool>(), risk())
        .prop_map(|(mut rules, reader, keys, place, only, risk)| {
            let mut reader = Rule { name: "sum".to_owned(), lateness: None, ..reader };
            let replaced = reader.rules[place.index(reader.rules.len())].clone();
            let counts = matches!(reader.kind, Kind::EventCount | Kind::ValueCount)
                || matches!(
                    reader.kind,
                    Kind::ValueSum | Kind::ValueAverage | Kind::ValueMedian | Kind::ValuePercentile
                );
            if only && counts {
                reader.rules = vec![spec::ANY_ALERT.to_owned()];
                reader.reset_on.retain(|name| *name != replaced);
            }
            for name in reader.rules.iter_mut().chain(&mut reader.reset_on).filter(|name| **name == replaced) {
                spec::ANY_ALERT.clone_into(name);
            }
            reader.aliases.clear();
            if !(reader.group_by.is_empty() && reader.suppress_by.is_none()) {
                if only && counts {
                    reader.group_by = keys.iter().map(|key| (*key).to_owned()).collect();
                } else {
                    // an entity beside the key of events
                    reader.group_by = vec!["key".to_owned()];
                    let mut names: Vec<String> = reader.rules.iter().chain(&reader.reset_on).cloned().collect();
                    names.sort();
                    names.dedup();
                    let field = |name: &String| if name == spec::ANY_ALERT { "alert.risk.entity.value" } else { "k" };
                    let fields = names.iter().map(|name| (name.clone(), field(name).to_owned())).collect();
                    reader.aliases = vec![("key".to_owned(), fields)];
                }
            }
            for field in &mut reader.fields {
                *field = if field == "v" { "alert.risk.score" } else { "alert.rule.id" }.to_owned();
            }
            reader.risk = Some(risk);
            rules.push(reader);
            rules
        })
        .boxed()
}

/// Whether later events cannot undo its condition (RULES S3).
pub(crate) fn may_be_early(rule: &Rule) -> bool {
    let monotone = match &rule.condition {
        Condition::Default => true,
        Condition::Thresholds(all) => all.iter().all(|(operator, _)| matches!(*operator, "gt" | "gte")),
        Condition::Text(all) => all.iter().all(|(_, negated)| negated.is_empty()),
    };
    let counts = matches!(
        rule.kind,
        Kind::EventCount | Kind::ValueCount | Kind::ValueSum | Kind::Temporal | Kind::TemporalOrdered
    );
    let compares = rule.baseline.is_some() || rule.unseen_for.is_some();
    monotone && counts && !compares && rule.reset_on.is_empty() && rule.emit() != Emit::Close
}
