//! Alerts for tests: a plain one to change, and random hostile ones.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::model::{
    Absence, Alert, AlertId, AlertStatus, Coordinates, Evidence, Level, LookupVersion, RuleCard, Span, TimeSource,
    Timestamp,
};

/// An alert of a rule of that kind, without group and evidence.
pub(crate) fn alert(kind: &str) -> Alert {
    let time = Timestamp(1_795_248_000_000_000_000); // 2026-11-21T08:00:00Z
    Alert {
        id: AlertId(0x0123_4567_89ab_cdef),
        revision: 1,
        status: AlertStatus::Open,
        time,
        rule: Arc::new(RuleCard {
            id: "6b6f2a1e-58d7-4d0a-9c5a-6f1f6b6d7d11".into(),
            title: "Model deployed without a risk assessment".into(),
            name: Some("deploy_without_assessment".into()),
            description: Some("A model reached production unassessed".into()),
            level: Level::Critical,
            status: Some("stable".into()),
            author: Some("Governance team".into()),
            tags: vec!["atlas.aml.t0010.003".into(), "attack.t1562".into(), "eu_ai_act.art9".into()],
            references: vec!["https://example.com/policy".into()],
            falsepositives: vec!["Emergency fix".into()],
            triage: vec!["Ask the owner".into()],
            kind: kind.to_owned(),
            timespan: Span::seconds(600),
            file: "rules/deploy.yml".into(),
            risk_score: 90,
            entities: Vec::new(),
            lookups: Vec::new(),
        }),
        group: Vec::new(),
        count: 1,
        suppressed: 0,
        first_seen: time,
        last_seen: time,
        value: None,
        threshold: None,
        absence: None,
        cold_start: false,
        evidence: Vec::new(),
        cause: None,
    }
}

/// An event that matched one rule.
pub(crate) fn event(rule: &str, time: &str, fields: &[(&str, Value)]) -> Evidence {
    Evidence {
        time: Timestamp::parse(time).unwrap(),
        time_source: TimeSource::Event,
        coordinates: Coordinates { topic: "events".into(), partition: 0, offset: 17, sequence: 0 },
        id: Some("event-1".into()),
        rules: vec![rule.to_owned()],
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), vec![value.clone()])).collect(),
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z-]{0,12}",
        2 => any::<String>(),
        1 => Just("a\u{202e}b\r\n\u{0}\u{1b}[31m".to_owned()),
        1 => Just("long ".repeat(4000)),
    ]
}

fn name() -> impl Strategy<Value = String> {
    let canonical: Vec<&'static str> = super::lift::LIFTED.iter().map(|(field, _)| *field).collect();
    prop_oneof![
        6 => proptest::sample::select(canonical).prop_map(str::to_owned),
        2 => "[ab](\\.[abc]){0,3}",
        1 => any::<String>(),
        1 => Just("a..b.".to_owned()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!({"odd": ["object"]})),
    ]
}

fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![8 => (1_700_000_000..1_900_000_000_i64).prop_map(|second| Timestamp(second * 1_000_000_000 + 1)), 1 => any::<i64>().prop_map(Timestamp)]
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let source =
        proptest::sample::select(vec![TimeSource::Event, TimeSource::Kafka, TimeSource::Arrival, TimeSource::Skewed]);
    let coordinates =
        (text(), any::<i32>(), any::<i64>(), any::<u32>()).prop_map(|(topic, partition, offset, sequence)| {
            Coordinates { topic: topic.into(), partition, offset, sequence }
        });
    let fields = proptest::collection::vec((name(), proptest::collection::vec(value(), 0..3)), 0..6);
    (time(), source, coordinates, proptest::option::of(text()), proptest::collection::vec(text(), 0..3), fields)
        .prop_map(|(time, time_source, coordinates, id, rules, fields)| Evidence {
            time,
            time_source,
            coordinates,
            id,
            rules,
            fields,
        })
}

prop_compose! {
    fn rule()(
        texts in proptest::collection::vec(text(), 3),
        optional in proptest::collection::vec(proptest::option::of(text()), 4),
        lists in proptest::collection::vec(proptest::collection::vec(text(), 0..3), 3),
        tags in proptest::collection::vec(prop_oneof!["(attack|atlas\\.aml)\\.ta?[0-9]{4}(\\.[0-9]{3})?", text()], 0..5),
        level in proptest::sample::select(Level::ALL.to_vec()),
        kind in proptest::sample::select(vec![
            "detection", "event_count", "value_count", "value_sum", "value_avg", "value_percentile", "value_median",
            "event_ratio", "temporal", "temporal_ordered",
        ]),
        timespan in 0..10_000_000_i64,
        risk_score in any::<u8>(),
        lookups in proptest::collection::vec((text(), text()), 0..3),
    ) -> RuleCard {
        RuleCard {
            id: texts[0].clone(),
            title: texts[1].clone(),
            name: optional[0].clone(),
            description: optional[1].clone(),
            level,
            status: optional[2].clone(),
            author: optional[3].clone(),
            tags,
            references: lists[0].clone(),
            falsepositives: lists[1].clone(),
            triage: lists[2].clone(),
            kind: kind.to_owned(),
            timespan: Span::seconds(timespan),
            file: texts[2].clone(),
            risk_score,
            entities: vec![crate::model::RiskEntity { kind: "model".to_owned(), field: "aigov.model.name".to_owned() }],
            lookups: lookups.into_iter().map(|(name, version)| LookupVersion { name, version }).collect(),
        }
    }
}

prop_compose! {
    /// Any alert at all, with hostile texts.
    pub(crate) fn any_alert()(
        rule in rule(),
        id in any::<u128>(),
        numbers in (any::<u64>(), any::<u64>(), 0..9_u64),
        times in (time(), time(), time()),
        status in proptest::sample::select(vec![AlertStatus::Open, AlertStatus::Closed, AlertStatus::Retracted]),
        group in proptest::collection::vec((name(), proptest::option::of(text())), 0..4),
        value in proptest::option::of(any::<f64>()),
        threshold in proptest::option::of(text()),
        absence in proptest::option::of((proptest::collection::vec(text(), 0..3), time(), time())),
        cold_start in any::<bool>(),
        evidence in proptest::collection::vec(evidence(), 0..5),
        cause in proptest::option::of(text()),
    ) -> Alert {
        Alert {
            id: AlertId(id),
            revision: numbers.0,
            status,
            time: times.0,
            rule: Arc::new(rule),
            group,
            count: numbers.1,
            suppressed: numbers.2,
            first_seen: times.1,
            last_seen: times.2,
            value,
            threshold,
            absence: absence.map(|(missing, from, until)| Absence { missing, from, until }),
            cold_start,
            evidence,
            cause,
        }
    }
}
