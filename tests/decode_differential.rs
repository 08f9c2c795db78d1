//! The one-pass scanner against its slow twin: the same documents accepted, the same rows, whatever the bytes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod decode_twin;

use clarion::decode::Format;
use decode_twin::{NUMBER_MARK, Outcome, fast, slow};
use proptest::prelude::*;

/// Fields that share their parts, so that the generated documents hit them.
const NAMES: [&str; 9] = ["a", "b", "a.b", "a.b.c", "b.a", "c.a.b.c", "a.a", "event.id", "\u{e9}.b"];

/// A document with its spelling for the scanner and for the twin.
#[derive(Debug, Clone)]
struct Spelled {
    fast: String,
    slow: String,
}

fn both(text: impl Into<String>) -> Spelled {
    let text = text.into();
    Spelled { fast: text.clone(), slow: text }
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop_oneof![
            Just("a"), Just("b"), Just("c"), Just("a.b"), Just("b.c"), Just("a.b.c"), Just("\u{e9}"), Just("event"),
            Just("id"), Just("time"), Just("created"), Just(""), Just("logsource"), Just("category"),
        ].prop_map(|key| serde_json::to_string(key).unwrap()),
        1 => Just("\"\\u0061\"".to_owned()),
        1 => Just("\"\\u00e9.b\"".to_owned()),
        1 => "[a-c.]{0,4}".prop_map(|key| serde_json::to_string(&key).unwrap()),
    ]
}

fn scalar() -> impl Strategy<Value = Spelled> {
    prop_oneof![
        Just("null"),
        Just("true"),
        Just("false"),
        Just("0"),
        Just("-0"),
        Just("17"),
        Just("-2.50"),
        Just("1e5"),
        Just("1E-3"),
        Just("12345678901234567890"),
        Just("\"\""),
        Just("\"x\""),
        Just("\"a\\nb\\\\\""),
        Just("\"\\ud83d\\ude00\\u00e9\""),
        Just("\"2026-11-21T02:53:51Z\""),
        Just("\"long enough to need several words\""),
    ]
    .prop_map(both)
    .boxed()
    .prop_union("\\PC{0,9}".prop_map(|text| both(serde_json::to_string(&text).unwrap())).boxed())
    .or(prop_oneof![Just("NaN"), Just("Infinity"), Just("-Infinity")]
        .prop_map(|literal| Spelled { fast: literal.to_owned(), slow: format!("\"{NUMBER_MARK}{literal}\"") })
        .boxed())
}

fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just(""), 2 => Just(" "), 1 => Just("\n\t\r ")]
}

fn value() -> impl Strategy<Value = Spelled> {
    scalar().prop_recursive(5, 48, 6, |inner| {
        let array = (proptest::collection::vec(inner.clone(), 0..5), space()).prop_map(|(elements, space)| Spelled {
            fast: bracket('[', elements.iter().map(|element| element.fast.clone()), ']', space),
            slow: bracket('[', elements.iter().map(|element| element.slow.clone()), ']', space),
        });
        prop_oneof![1 => array, 2 => object(inner)]
    })
}

fn object(inner: impl Strategy<Value = Spelled>) -> impl Strategy<Value = Spelled> {
    (proptest::collection::vec((key(), inner), 0..6), space()).prop_map(|(members, space)| Spelled {
        fast: bracket(
            '{',
            members.iter().map(|(key, value)| format!("{key}{space}:{space}{}", value.fast)),
            '}',
            space,
        ),
        slow: bracket(
            '{',
            members.iter().map(|(key, value)| format!("{key}{space}:{space}{}", value.slow)),
            '}',
            space,
        ),
    })
}

fn bracket(open: char, members: impl Iterator<Item = String>, close: char, space: &str) -> String {
    let joined = members.collect::<Vec<_>>().join(&format!("{space},{space}"));
    format!("{space}{open}{space}{joined}{space}{close}{space}")
}

/// Outcomes without what the twin cannot know: whether a broken text is cut off or wrong, and how a number that became an
/// id was spelled.
fn comparable(outcomes: Vec<Outcome>) -> Vec<Outcome> {
    outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Outcome::Fault { kind, sequence } if kind == "not_json" || kind == "truncated" => {
                Outcome::Fault { kind: "broken".to_owned(), sequence }
            }
            Outcome::Event { fields, leaves, time, id, sequence } => {
                let id = id.filter(|id| id.parse::<f64>().is_err());
                Outcome::Event { fields, leaves, time, id, sequence }
            }
            other => other,
        })
        .collect()
}

fn check(bytes: &[u8], twin_bytes: &[u8], leaves: bool) -> Result<(), TestCaseError> {
    let Some(expected) = slow(twin_bytes, &NAMES, leaves) else { return Ok(()) };
    let expected = comparable(expected);
    for format in [Format::Json, Format::Auto] {
        let actual = comparable(fast(bytes, &NAMES, leaves, format));
        prop_assert_eq!(&actual, &expected, "{} {}", format, String::from_utf8_lossy(bytes));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_the_same(document in prop_oneof![3 => object(value()).boxed(), 1 => value().boxed()], leaves in any::<bool>()) {
        check(document.fast.as_bytes(), document.slow.as_bytes(), leaves)?;
    }

    #[test]
    fn mangled_bytes_are_judged_the_same(
        document in object(value()), at in any::<prop::sample::Index>(), byte in any::<u8>(), what in 0..4,
    ) {
        // The twin's parser knows no NaN: here they are texts.
        let mut bytes = document.slow.replace(NUMBER_MARK, "").into_bytes();
        let at = at.index(bytes.len());
        match what {
            0 => bytes[at] = byte,
            1 => bytes.truncate(at),
            2 => drop(bytes.remove(at)),
            _ => bytes.insert(at, byte),
        }
        check(&bytes, &bytes, false)?;
    }

    #[test]
    fn a_prefix_of_an_object_is_cut_off(document in object(value()), at in any::<prop::sample::Index>()) {
        let text = document.fast.trim_end();
        let at = text.floor_char_boundary(at.index(text.len()));
        let kinds = fast(&text.as_bytes()[..at], &NAMES, false, Format::Json);
        prop_assert_eq!(kinds, vec![Outcome::Fault { kind: "truncated".to_owned(), sequence: 0 }]);
    }

    #[test]
    fn objects_of_very_many_read_keys_are_judged_the_same(
        keys in proptest::collection::vec(0_usize..150, 1..60), within in any::<bool>(),
    ) {
        let names: Vec<String> = (0..150).map(|number| format!("k{number}.x")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let members: Vec<String> = keys.iter().map(|key| format!("\"k{key}\":{{\"x\":[{{}},{key}]}}")).collect();
        let object = format!("{{{}}}", members.join(","));
        let text = if within { format!("[{object},{{\"a\":{object}}}]") } else { object };
        let expected = slow(text.as_bytes(), &names, false).unwrap();
        prop_assert_eq!(fast(text.as_bytes(), &names, false, Format::Json), expected);
    }

    #[test]
    fn deep_nesting_is_judged_the_same(levels in 1_usize..200, arrays in any::<bool>(), below in prop_oneof![Just("a"), Just("x")]) {
        let (open, close) = if arrays { ("[".to_owned(), "]") } else { (format!("{{\"{below}\":"), "}") };
        let text = format!("{{\"a\":{}1{}}}", open.repeat(levels), close.repeat(levels));
        check(text.as_bytes(), text.as_bytes(), true)?;
    }
}
