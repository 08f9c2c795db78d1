//! Alerts and values for tests.

use std::sync::Arc;

use crate::alert::{document, metric_document};
use crate::model::{
    Alert, AlertId, AlertStatus, Coordinates, Evidence, Level, Metric, RuleCard, Span, TimeSource, Timestamp,
};
use crate::sink::{Content, Document};

/// Noon of a day.
pub(super) const NOON: Timestamp = Timestamp(1_795_262_400_000_000_000);

pub(super) fn card(title: &str) -> Arc<RuleCard> {
    Arc::new(RuleCard {
        id: "00000000-0000-4000-8000-000000000001".to_owned(),
        title: title.to_owned(),
        name: None,
        description: None,
        level: Level::High,
        status: None,
        author: None,
        tags: vec!["atlas.aml.t0018".to_owned()],
        references: Vec::new(),
        falsepositives: Vec::new(),
        triage: Vec::new(),
        kind: "event_count".to_owned(),
        timespan: Span::seconds(3600),
        file: "rules/x.yml".to_owned(),
        risk_score: 73,
        entities: Vec::new(),
        lookups: Vec::new(),
    })
}

/// An alert at so many seconds after noon whose texts are `text`.
pub(super) fn alert(id: u128, revision: u64, seconds: i64, text: &str) -> Document {
    let time = NOON.plus(Span::seconds(seconds));
    let evidence = Evidence {
        time,
        time_source: TimeSource::Event,
        coordinates: Coordinates { topic: text.into(), partition: 1, offset: 7, sequence: 0 },
        id: Some(text.to_owned()),
        rules: vec![text.to_owned()],
        fields: vec![(text.to_owned(), vec![text.into()]), ("aigov.model.name".to_owned(), vec![text.into()])],
    };
    let alert = Alert {
        id: AlertId(id),
        revision,
        status: if revision > 1 { AlertStatus::Closed } else { AlertStatus::Open },
        time,
        rule: card(text),
        group: vec![("aigov.model.name".to_owned(), Some(text.to_owned())), (text.to_owned(), Some(text.to_owned()))],
        count: 5,
        suppressed: 0,
        first_seen: time,
        last_seen: time,
        value: Some(5.0),
        threshold: Some(">= 5".to_owned()),
        absence: None,
        cold_start: false,
        evidence: vec![evidence],
        cause: None,
    };
    let body = document(&alert).to_string().into();
    Document { id: alert.id, revision, time, body, content: Content::Alert(Arc::new(alert)) }
}

/// A value at so many seconds after noon.
pub(super) fn value(name: &str, model: &str, seconds: i64, value: f64) -> Document {
    let time = NOON.plus(Span::seconds(seconds));
    let metric = Metric {
        id: AlertId(u128::from(seconds.unsigned_abs())),
        time,
        rule: card(name),
        name: name.to_owned(),
        unit: None,
        group: vec![("aigov.model.name".to_owned(), Some(model.to_owned()))],
        value: Some(value),
        samples: 3,
        from: time.minus(Span::seconds(3600)),
    };
    let body = metric_document(&metric).to_string().into();
    Document { id: metric.id, revision: 1, time, body, content: Content::Metric(Arc::new(metric)) }
}
