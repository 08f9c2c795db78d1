//! From a wish to a loaded filter: it matches exactly what was meant, silences what was meant, and says what else it touches.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use foldhash::HashSet;
use proptest::prelude::*;

use super::{Effect, FilterText, NoException, affected, filters, targets};
use crate::model::{Row, Scalar, Timestamp};
use crate::rule::explain::named;
use crate::rule::number::Number;
use crate::rule::{LoadOptions, RuleSet, load_texts, load_with};

fn about() -> FilterText {
    FilterText {
        title: "Known: \"x\" # 'y'".to_owned(),
        id: 0x1234_5678_9abc_def0_1234_5678_9abc_def0,
        description: "Written for a test".to_owned(),
        date: "2026-11-22".to_owned(),
        expires: Timestamp::parse("2026-12-01T00:00:00Z").unwrap(),
        reason: "CAB-4711".to_owned(),
        owner: "owner@example.com".to_owned(),
    }
}

fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

/// A small estate with every role that a rule can have.
const RULES: &str = "\
title: A
name: a
logsource: {category: one}
detection: {s: {kind: a}, condition: s}
---
title: B
name: b
logsource: {category: two, product: p}
detection: {s: {kind: b}, condition: s}
---
title: C
name: c
logsource: {category: one}
detection: {s: {kind: c}, condition: s}
---
title: A then no B
name: a_without_b
dialect: clarion/1
correlation:
    type: temporal
    rules: [a, b]
    aliases: {model: {a: one.model, b: two.model}}
    group-by: [model]
    timespan: 1h
    condition: a and not b
    generate: true
---
title: Many C
name: many_c
correlation: {type: event_count, rules: [c], group-by: [who], timespan: 1h, generate: true, condition: {gte: 3}}
---
title: B and C
name: b_and_c
correlation:
    type: temporal
    rules: [b, c]
    aliases: {model: {b: two.model, c: one.model}}
    group-by: [model]
    timespan: 1h
---
title: Silence
name: silence
correlation: {type: event_count, rules: [c], group-by: [who], timespan: 1h, condition: {lt: 1}}
---
title: Mean
name: mean
correlation: {type: value_avg, rules: [c], group-by: [who, where], timespan: 1h, condition: {field: v, gt: 1}}
---
title: Streak
name: streak
dialect: clarion/1
correlation: {type: event_count, rules: [a], reset-on: [c], group-by: [who], timespan: 1h, condition: {gte: 3}}
---
title: Series
name: series
dialect: clarion/1
metric: {name: x.y, every: 1h}
correlation: {type: event_count, rules: [b], timespan: 1h}
---
title: Chain
name: chain
correlation:
    type: temporal
    rules: [a_without_b, many_c]
    aliases: {m: {a_without_b: model, many_c: who}}
    group-by: [m]
    timespan: 1d
";

fn set(text: &str) -> RuleSet {
    let loaded = load_texts(vec![("rules.yml".into(), text.to_owned())]);
    let findings: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    loaded.set.unwrap_or_else(|| panic!("{}", findings.join("\n")))
}

/// The same, where what others refer to is quiet.
fn set_of_quiet() -> RuleSet {
    set(&RULES.replace("generate: true, ", ""))
}

fn asked(
    set: &RuleSet,
    rule: &str,
    fields: &[(&str, &str)],
) -> Result<Vec<(String, Vec<(String, String)>)>, NoException> {
    let found = targets(set, named(set, rule)[0], &pairs(fields))?;
    let name = |index: usize| set.detections[index].card.name.clone().unwrap_or_default();
    Ok(found.into_iter().map(|target| (name(target.detection), target.fields)).collect())
}

fn touched(set: &RuleSet, detections: &[&str]) -> Vec<(String, Effect)> {
    let is_one = |name: &Option<String>| name.as_deref().is_some_and(|name| detections.contains(&name));
    let indices = (0..set.detections.len()).filter(|index| is_one(&set.detections[*index].card.name));
    let all = affected(set, &indices.collect::<HashSet<usize>>());
    all.into_iter()
        .filter(|one| one.speaks)
        .map(|one| (set.card(one.rule).unwrap().name.clone().unwrap(), one.effect))
        .collect()
}

#[test]
fn a_correlation_is_silenced_through_the_events_that_it_needs() {
    let set = set(RULES);
    let of = |rule: &str, fields: &[(&str, &str)]| asked(&set, rule, fields).unwrap();
    let one = |name: &str, field: &str| vec![(name.to_owned(), pairs(&[(field, "x")]))];
    assert_eq!(of("a", &[("model", "x")]), one("a", "model"));
    // under the alias it has another name in each log; what must not happen is left alone
    assert_eq!(of("a_without_b", &[("model", "x")]), one("a", "one.model"));
    assert_eq!(of("many_c", &[("who", "x")]), one("c", "who"));
    // two rules and a series hear of b, five of c
    assert_eq!(of("b_and_c", &[("model", "x")]), one("b", "two.model"));
    let both = vec![("b".to_owned(), pairs(&[("f", "x")])), ("c".to_owned(), pairs(&[("f", "x")]))];
    assert_eq!(of("b_and_c", &[("f", "x")]), both, "nobody knows which of them has the field");
    assert_eq!(of("streak", &[("who", "x")]), one("a", "who"));
    assert_eq!(of("chain", &[("m", "x")]), one("a", "one.model"), "through two aliases");
    assert_eq!(of("mean", &[("who", "x"), ("where", "y")])[0].0, "c");
}

#[test]
fn what_no_filter_silences_is_refused() {
    let set = set(RULES);
    let refused = |rule: &str| asked(&set, rule, &[("who", "x")]).unwrap_err();
    assert_eq!(refused("silence"), NoException::Expects("Silence".to_owned()));
    assert_eq!(refused("mean"), NoException::Measures("Mean".to_owned(), "who, where".to_owned()));
    let quiet = set_of_quiet();
    assert_eq!(asked(&quiet, "many_c", &[("who", "x")]).unwrap_err(), NoException::Silent("Many C".to_owned()));
    assert_eq!(refused("series"), NoException::Metric("Series".to_owned()));
}

#[test]
fn what_is_touched_as_well_is_told_with_its_direction() {
    let set = set(RULES);
    let (fewer, more, changed) = (Effect::Fewer, Effect::More, Effect::Changed);
    let own =
        |all: &[(&str, Effect)]| all.iter().map(|(name, effect)| ((*name).to_owned(), *effect)).collect::<Vec<_>>();
    let found = |detections: &[&str]| {
        let mut found = touched(&set, detections);
        found.sort();
        found
    };
    assert_eq!(found(&["a"]), own(&[("a_without_b", fewer), ("chain", fewer), ("streak", fewer)]));
    let of_b = own(&[("a_without_b", more), ("b_and_c", fewer), ("chain", more), ("series", changed)]);
    assert_eq!(found(&["b"]), of_b);
    let of_c = [
        ("b_and_c", fewer),
        ("chain", fewer),
        ("many_c", fewer),
        ("mean", changed),
        ("silence", more),
        ("streak", more),
    ];
    assert_eq!(found(&["c"]), own(&of_c));
    let of_both = found(&["b", "c"]);
    assert!(of_both.contains(&("chain".to_owned(), changed)), "one part comes more often, the other less: {of_both:?}");
}

#[test]
fn the_file_says_it_all_and_loads_without_a_word() {
    let set = set(RULES);
    let wanted = targets(&set, named(&set, "b_and_c")[0], &pairs(&[("f[0]", "x*"), ("g", "a\u{202e}b")])).unwrap();
    let (text, ids) = filters(&set, &wanted, &about());
    assert_eq!(ids, ["12345678-9abc-4ef0-9234-56789abcdef0", "12345678-9abc-4ef0-9234-56789abcdef1"]);
    assert!(
        text.starts_with("title: 'Known: \"x\" # ''y'' (1)'\nid: 12345678-9abc-4ef0-9234-56789abcdef0\n"),
        "{text}"
    );
    assert!(text.contains("logsource:\n    category: 'two'\n    product: 'p'\n"), "{text}");
    assert!(text.contains("        'f\\[0\\]|cased': 'x\\*'\n"), "{text}");
    assert!(text.contains("        'g|cased': \"a\\u202eb\"\n"), "{text}");
    assert!(
        text.ends_with("expires: '2026-12-01T00:00:00.000Z'\nreason: 'CAB-4711'\nowner: 'owner@example.com'\n"),
        "{text}"
    );
    let loaded = load_texts(vec![("rules.yml".into(), RULES.to_owned()), ("e.yml".into(), text)]);
    let findings: Vec<String> =
        loaded.diagnostics.iter().filter(|finding| &*finding.file == "e.yml").map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{findings:?}");
    let set = loaded.set.unwrap();
    assert_eq!(set.filters.len(), 2);
    for name in ["b", "c"] {
        let rule = set.detections.iter().find(|rule| rule.card.name.as_deref() == Some(name)).unwrap();
        assert_eq!(rule.filters.len(), 1, "{name}");
    }
}

#[test]
fn every_shipped_rule_has_an_exception_or_a_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let plain = load_with(std::slice::from_ref(&folder), &LoadOptions::default());
    let set = plain.set.unwrap();
    let mut written = 0;
    for rule in crate::rule::explain::every(&set) {
        let card = set.card(rule).unwrap();
        let fields: Vec<(String, String)> = match rule {
            crate::rule::RuleRef::Correlation(index) => {
                set.correlations[index].group_by.iter().map(|name| (name.clone(), "x".to_owned())).collect()
            }
            crate::rule::RuleRef::Detection(_) => pairs(&[("aigov.model.name", "x")]),
        };
        match targets(&set, rule, &fields) {
            Ok(found) => {
                assert!(!found.is_empty(), "{}", card.title);
                let (text, ids) = filters(&set, &found, &about());
                let options = LoadOptions { texts: vec![(Arc::from("e.yml"), text)], ..LoadOptions::default() };
                let loaded = load_with(std::slice::from_ref(&folder), &options);
                let errors: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
                let with = loaded.set.unwrap_or_else(|| panic!("{}: {errors:?}", card.title));
                assert_eq!(with.filters.len(), ids.len());
                assert!(!errors.iter().any(|finding| finding.starts_with("e.yml")), "{}: {errors:?}", card.title);
                written += 1;
            }
            Err(NoException::Metric(_) | NoException::Silent(_)) => {}
            Err(other) => panic!("{}: {other}", card.title),
        }
    }
    assert!(written > 10, "{written}");
}

/// Texts that YAML or Sigma might take for something else.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "",
            " ",
            "*",
            "?",
            "\\",
            "\\*",
            "a\\",
            "'",
            "\"",
            "null",
            "~",
            "true",
            "yes",
            "on",
            "1",
            "1.0",
            "0x17",
            "00429",
            "a: b",
            "a #b",
            "# a",
            "- a",
            "--- a",
            "---",
            "...",
            "{a}",
            "[a]",
            "&a",
            "*a",
            "!a",
            "%a%",
            "@a",
            "`a",
            "|",
            ">",
            "a\nb",
            "\n",
            "a\r\nb",
            "\t",
            " a ",
            "\u{85}",
            "\u{2028}",
            "\u{feff}a",
            "\u{202e}a",
            "\u{fffe}",
            "\u{0}",
            "\u{7f}",
            "\u{1f600}",
            "e\u{301}",
            "模型",
            "<<",
            "=",
            "2026-12-01",
            "1:30",
            "1e3",
            ".inf",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,12}",
        any::<String>(),
    ]
}

fn suppresses(set: &RuleSet, field: &str, value: &str) -> bool {
    let mut row = Row::new(set.fields.len());
    let slot = set.fields.find(field).unwrap();
    row.push(slot, 0, Scalar::Text(Cow::Owned(value.to_owned())));
    set.filters[0].suppresses(&row, Timestamp(0))
}

proptest! {
    #[test]
    fn the_filter_matches_exactly_the_value(value in hostile(), other in hostile(), near in any::<prop::sample::Index>(), title in hostile()) {
        let rules = set(RULES);
        let about = FilterText { title: format!("T{title}"), reason: value.clone(), owner: other.clone(), ..about() };
        let wanted = targets(&rules, named(&rules, "a")[0], &[("f".to_owned(), value.clone())]).unwrap();
        let (text, _) = filters(&rules, &wanted, &about);
        prop_assume!(about.title.chars().count() <= 256);
        let loaded = load_texts(vec![("rules.yml".into(), RULES.to_owned()), ("e.yml".into(), text.clone())]);
        let errors: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
        let Some(set) = loaded.set else { return Err(TestCaseError::fail(format!("{text}\n{errors:?}"))) };
        prop_assert_eq!(set.filters[0].title.as_str(), about.title.as_str());
        prop_assert_eq!(set.filters[0].reason.as_deref(), Some(value.as_str()));
        prop_assert_eq!(set.filters[0].owner.as_deref(), Some(other.as_str()));
        prop_assert!(suppresses(&set, "f", &value), "{}", text);
        // nearly the same is not the same, unless both are one number
        let mut neighbours = vec![other.clone(), value.to_uppercase(), value.to_lowercase(), format!("{value}x"), format!("x{value}")];
        let characters: Vec<char> = value.chars().collect();
        if !characters.is_empty() {
            let mut without = characters.clone();
            without.remove(near.index(characters.len()));
            neighbours.push(without.into_iter().collect());
        }
        for neighbour in neighbours {
            let same_number = Number::parse(&neighbour).is_some() && Number::parse(&neighbour) == Number::parse(&value);
            prop_assert_eq!(suppresses(&set, "f", &neighbour), neighbour == value || same_number, "{}: {:?}", text, neighbour);
        }
    }

    #[test]
    fn a_field_of_any_name_stays_that_field(name in "[a-zA-Z0-9_.\\-@/\\[\\]:#'\"{}*?&!%é模,]{1,12}") {
        prop_assume!(name != ".");
        let rules = set(RULES);
        let wanted = targets(&rules, named(&rules, "a")[0], &[(name.clone(), "v".to_owned())]).unwrap();
        let (text, _) = filters(&rules, &wanted, &about());
        let loaded = load_texts(vec![("rules.yml".into(), RULES.to_owned()), ("e.yml".into(), text.clone())]);
        let errors: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
        let Some(set) = loaded.set else { return Err(TestCaseError::fail(format!("{text}\n{errors:?}"))) };
        prop_assert!(suppresses(&set, &name, "v") && !suppresses(&set, &name, "w"), "{}", text);
    }
}
