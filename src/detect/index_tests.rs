//! The index against the plain evaluator: on random rules and events it never loses a rule and judges those
//! that it finds as the evaluator does.

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::rule::pattern::fold;
use std::sync::Arc;

use crate::model::{ELEMENT, Scalar};
use crate::rule::element::Elements;
use crate::rule::modifier::DatePart;
use crate::rule::number::Number;
use crate::rule::pattern::{Anchoring, Pattern};
use crate::rule::predicate::{Comparison, Keyword, Test};
use crate::rule::reference::Reference;
use crate::rule::selector::Selector;
use crate::rule::text::Piece;
use crate::rule::value_set::ValueSet;

const SLOTS: u32 = 3;

/// Short texts over few letters, so that they meet; with letters whose folding changes their length or leaves ASCII.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[abAB1]{0,4}",
        "[abkKÄäİı\u{212a}ß]{0,4}",
        "[ab]{1,2}\\*[ab]{0,2}",
        "[aB/\u{2013}-]{1,5}",
        "-?[0-9]{1,2}(\\.0)?",
        Just("1e1".to_owned())
    ]
}

/// A value with dashes of `windash`.
fn dashed() -> impl Strategy<Value = Pattern> {
    let piece = prop_oneof![
        2 => "[abAB]{1,2}".prop_map(Piece::Literal),
        2 => Just(Piece::Dash),
        1 => Just(Piece::Many),
    ];
    (proptest::collection::vec(piece, 0..6), any::<bool>(), any::<bool>())
        .prop_map(|(pieces, open, cased)| Pattern::of(pieces, Anchoring { open_start: open, open_end: open }, cased))
}

fn value_set() -> impl Strategy<Value = Test> {
    (proptest::collection::vec(text(), 0..4), any::<bool>()).prop_map(|(texts, cased)| {
        let value = |text: &String| {
            (Pattern::of(vec![Piece::Literal(text.clone())], Anchoring::default(), cased), Number::parse(text))
        };
        Test::OneOf(Arc::new(ValueSet::new(&texts.iter().map(value).collect::<Vec<_>>())))
    })
}

fn pattern() -> impl Strategy<Value = Pattern> {
    (text(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(text, open_start, open_end, cased)| {
        Pattern::parse(&text, Anchoring { open_start, open_end }, cased)
    })
}

fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        6 => (pattern(), proptest::option::of(-12_i128..12)).prop_map(|(pattern, number)| Test::Text(pattern, number.map(Number::Integer))),
        2 => text().prop_map(|text| Test::Text(Pattern::parse(&text, Anchoring::default(), false), Number::parse(&text))),
        1 => Just(Test::Regex(Box::new(regex::Regex::new("a.?b").unwrap()))),
        1 => prop_oneof!["[aAbk]{1,2}", "(?i)[aAbk]{1,2}", "(ab|k)1?", "ab+|k"]
            .prop_map(|text| Test::Regex(Box::new(regex::Regex::new(&text).unwrap()))),
        1 => Just(Test::Compare(Comparison::Gte, Number::Integer(1))),
        1 => any::<bool>().prop_map(Test::Exists),
        2 => dashed().prop_map(|pattern| Test::Text(pattern, None)),
        2 => value_set(),
        1 => Just(Test::Date(DatePart::Year, Comparison::Lt, Number::Integer(2000))),
        1 => Just(Test::Network("10.0.0.0/8".parse().unwrap())),
        1 => (0..SLOTS, any::<bool>(), any::<bool>()).prop_map(|(other, open_end, cased)| {
            let anchoring = Anchoring { open_start: false, open_end };
            Test::Reference(Reference { other: Slot(other), anchoring, cased })
        }),
        1 => Just(Test::Null),
    ]
}

fn selector() -> impl Strategy<Value = Selector> {
    prop_oneof![
        Just(Selector::Any),
        Just(Selector::All),
        Just(Selector::AllOrEmpty),
        Just(Selector::None),
        (-2_i64..2).prop_map(Selector::At),
    ]
}

fn predicate() -> impl Strategy<Value = Predicate> {
    let leaf = prop_oneof![
        8 => (0..SLOTS, test()).prop_map(|(slot, test)| Predicate::Field(Slot(slot), test)),
        1 => dashed().prop_map(|pattern| Predicate::Keyword(Keyword { pattern, literal: None })),
        2 => text().prop_map(|text| {
            let pattern = Pattern::parse(&text, Anchoring { open_start: true, open_end: true }, false);
            let literal = (!text.contains(['*', '?', '\\'])).then(|| fold(&text));
            Predicate::Keyword(Keyword { pattern, literal })
        }),
        1 => any::<bool>().prop_map(Predicate::Constant),
        2 => (0..SLOTS, selector(), prop_oneof![Just(ELEMENT), Just(Slot(1))], test(), any::<bool>()).prop_map(
            |(slot, selector, of, test, negated)| {
                let body = Predicate::Field(of, test);
                let body = if negated { Predicate::Not(Box::new(body)) } else { body };
                Predicate::Elements(Box::new(Elements { slot: Slot(slot), selection: 0, selector, body }))
            }
        ),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Predicate::And),
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Predicate::Or),
            inner.prop_map(|part| Predicate::Not(Box::new(part))),
        ]
    })
}

fn scalar() -> impl Strategy<Value = Scalar<'static>> {
    prop_oneof![
        6 => text().prop_map(|text| Scalar::Text(Cow::Owned(text))),
        1 => prop_oneof![Just("1"), Just("1.0"), Just("-0"), Just("10"), Just("1e1")].prop_map(Scalar::Number),
        1 => any::<bool>().prop_map(Scalar::Bool),
        1 => Just(Scalar::Null),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn rules_are_found_and_judged_as_by_the_evaluator(
        rules in proptest::collection::vec(predicate(), 1..70),
        events in proptest::collection::vec(proptest::collection::vec((0..SLOTS, proptest::option::of(scalar())), 0..5), 1..5),
        routed in proptest::collection::vec(any::<bool>(), 70),
    ) {
        let index = Index::new(rules.iter());
        let mut found = Found::default();
        let all: Vec<u32> = (0..rules.len() as u32).collect();
        let few: Vec<u32> = all.iter().copied().filter(|rule| routed[*rule as usize]).collect();
        // every rule, those of one log source, and those of one with the scope that all share
        let searches = [
            (&all, index.scope(&all)),
            (&few, index.scope(&few)),
            (&few, index.scope(&all)),
        ];
        for event in events {
            let mut row = Row::new(SLOTS as usize);
            for (slot, value) in event {
                match value {
                    None => row.mark_present(Slot(slot), 0),
                    Some(value) => {
                        row.push_leaf(value.clone());
                        row.push(Slot(slot), 0, value);
                    }
                }
            }
            for (within, scope) in &searches {
                index.find(scope, &Mask::of(within), &row, &mut found);
                let candidates: Vec<u32> = found.candidates.sorted().to_vec();
                prop_assert!(candidates.iter().all(|rule| within.contains(rule)));
                for rule in *within {
                    let predicate = &rules[*rule as usize];
                    let expected = predicate.matches(&row);
                    prop_assert!(!expected || candidates.contains(rule), "{predicate:?} is lost on {row:?}");
                    prop_assert_eq!(
                        index.matches(*rule, scope, &mut found, &row),
                        expected,
                        "{:?} on {:?}",
                        predicate,
                        row
                    );
                }
            }
        }
    }
}

#[test]
fn an_event_without_the_text_tries_nothing() {
    let slot = Slot(0);
    let rule = |text: &str| Predicate::Field(slot, Test::Text(Pattern::parse(text, Anchoring::default(), false), None));
    let rules = [rule("*mimikatz*"), rule("whoami"), rule("*.EXE")];
    let index = Index::new(rules.iter());
    let (all, scope) = (Mask::of(&[0, 1, 2]), index.scope(&[0, 1, 2]));
    let mut found = Found::default();
    for (value, expected) in [("notepad", vec![]), ("WhoAmI", vec![1]), ("x Mimikatz.exe", vec![0, 2])] {
        let mut row = Row::new(1);
        row.push(slot, 0, Scalar::Text(value.into()));
        index.find(&scope, &all, &row, &mut found);
        assert_eq!(found.candidates.sorted(), expected, "{value}");
    }
}

#[test]
fn a_scope_looks_at_no_other_rules_fields() {
    let rule = |slot: u32, text: &str| {
        Predicate::Field(Slot(slot), Test::Text(Pattern::parse(text, Anchoring::default(), false), None))
    };
    let rules = [rule(0, "*a*"), rule(1, "*b*")];
    let index = Index::new(rules.iter());
    let mut row = Row::new(2);
    row.push(Slot(0), 0, Scalar::Text("a".into()));
    row.push(Slot(1), 0, Scalar::Text("b".into()));
    let mut found = Found::default();
    for (rules, expected) in [(vec![0], vec![0]), (vec![1], vec![1]), (vec![0, 1], vec![0, 1]), (vec![], vec![])] {
        index.find(&index.scope(&rules), &Mask::of(&[0, 1]), &row, &mut found);
        assert_eq!(found.candidates.sorted(), expected);
    }
}
