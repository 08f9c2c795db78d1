//! The delivery loop against a destination that does what the test says, with short real times.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::super::{ByteSize, Content, Document, Timespan};
use super::*;
use crate::model::{Alert, AlertId, AlertStatus, Level, Metric, RuleCard, Span, Timestamp};

/// A small document.
pub(in crate::sink) fn document(id: u128, revision: u64, body: &str) -> Arc<Document> {
    let rule = RuleCard {
        id: "rule-1".into(),
        title: "Title".into(),
        name: None,
        description: None,
        level: Level::High,
        status: None,
        author: None,
        tags: Vec::new(),
        references: Vec::new(),
        falsepositives: Vec::new(),
        triage: Vec::new(),
        kind: "detection".into(),
        timespan: Span::ZERO,
        file: "rule.yml".into(),
        risk_score: 60,
        entities: Vec::new(),
        lookups: Vec::new(),
    };
    let time = Timestamp(1_795_248_000_123_000_000); // 2026-11-21T08:00:00.123Z
    let alert = Alert {
        id: AlertId(id),
        revision,
        status: AlertStatus::Open,
        time,
        rule: Arc::new(rule),
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
    };
    Arc::new(Document { id: AlertId(id), revision, time, body: body.into(), content: Content::Alert(Arc::new(alert)) })
}

/// A small document of a value of a series.
pub(in crate::sink) fn metric(id: u128, body: &str) -> Arc<Document> {
    let like = document(id, 1, body);
    let Content::Alert(alert) = &like.content else { panic!("an alert") };
    let content = Content::Metric(Arc::new(Metric {
        id: alert.id,
        time: alert.time,
        rule: Arc::clone(&alert.rule),
        name: "aigov.tickets".into(),
        unit: None,
        group: Vec::new(),
        value: Some(1.0),
        samples: 1,
        from: alert.time,
    }));
    Arc::new(Document { content, ..(*like).clone() })
}

/// A small document under a ticket.
pub(in crate::sink) fn outgoing(ticket: u64, id: u128, revision: u64) -> Outgoing {
    let body = format!(r#"{{"event":{{"kind":"alert"}},"alert":{{"id":"{id}","revision":{revision}}}}}"#);
    Outgoing { ticket, document: document(id, revision, &body) }
}

type Answer = Box<dyn FnOnce(&[Outgoing]) -> Reply + Send>;
type Script = VecDeque<Answer>;

/// Answers from a script, then takes everything.
struct Scripted {
    script: Mutex<Script>,
    seen: Arc<Mutex<Vec<Vec<u64>>>>,
}

impl Transport for Scripted {
    async fn deliver(&self, batch: &[Outgoing]) -> Reply {
        self.seen.lock().unwrap().push(batch.iter().map(|outgoing| outgoing.ticket).collect());
        tokio::time::sleep(Duration::from_millis(5)).await;
        let answer = self.script.lock().unwrap().pop_front();
        answer.map_or_else(|| Reply::done(batch.len()), |answer| answer(batch))
    }
}

struct Running {
    sink: SinkHandle,
    receipts: mpsc::UnboundedReceiver<Receipt>,
    seen: Arc<Mutex<Vec<Vec<u64>>>>,
}

fn start(script: Script, documents: usize, concurrency: usize) -> Running {
    let (sender, receipts) = mpsc::unbounded_channel();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let transport = Scripted { script: Mutex::new(script), seen: Arc::clone(&seen) };
    let settings = DeliverySettings {
        batch: BatchSettings { documents, max_bytes: ByteSize(1 << 20), linger: Timespan(Duration::from_millis(20)) },
        retry: RetrySettings { initial: Timespan(Duration::from_millis(1)), max: Timespan(Duration::from_millis(20)) },
        concurrency,
    };
    let sink = spawn(3, "test".into(), transport, &settings, sender, Health::Starting);
    Running { sink, receipts, seen }
}

impl Running {
    async fn receipts(&mut self, count: usize) -> Vec<(u64, bool)> {
        let mut found = Vec::new();
        for _ in 0..count {
            let receipt = self.receipts.recv().await.unwrap();
            assert_eq!(receipt.sink, 3);
            found.push((receipt.ticket, receipt.outcome == Outcome::Delivered));
        }
        found
    }

    fn seen(&self) -> Vec<Vec<u64>> {
        self.seen.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn documents_that_come_together_go_together() {
    let mut running = start(Script::new(), 10, 2);
    for ticket in 0..4 {
        running.sink.send(outgoing(ticket, u128::from(ticket), 1)).await;
    }
    assert_eq!(running.receipts(4).await, [(0, true), (1, true), (2, true), (3, true)]);
    assert_eq!(running.seen(), [[0, 1, 2, 3]]);
    assert_eq!(running.sink.health(), Health::Up);
}

#[tokio::test]
async fn an_outage_delays_and_loses_nothing() {
    let down = || -> Answer {
        Box::new(|batch| Reply::again(batch.len(), TroubleKind::Unreachable, "connection refused".into()))
    };
    let mut running = start((0..20).map(|_| down()).collect(), 10, 4);
    let started = Instant::now();
    for ticket in 0..30 {
        running.sink.send(outgoing(ticket, u128::from(ticket), 1)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(running.sink.health(), Health::Down { since_message: "connection refused".into() });
    let mut receipts = running.receipts(30).await;
    receipts.sort_unstable();
    assert_eq!(receipts, (0..30).map(|ticket| (ticket, true)).collect::<Vec<_>>());
    assert!(started.elapsed() > Duration::from_millis(150), "pauses grow: {:?}", started.elapsed());
    running.sink.close(Duration::from_secs(1)).await;
    assert!(running.receipts.recv().await.is_none(), "one receipt each");
}

#[tokio::test]
async fn only_the_items_that_failed_go_again() {
    let partly = |_: &[Outgoing]| Reply::Items {
        verdicts: vec![Verdict::Done, Verdict::Again, Verdict::Refused { reason: "no".into() }, Verdict::Again],
        trouble: Some(Trouble { kind: TroubleKind::Overloaded, message: "busy".into(), wait: None }),
    };
    let mut running = start(Script::from([Box::new(partly) as _]), 4, 1);
    for ticket in 0..4 {
        running.sink.send(outgoing(ticket, u128::from(ticket), 1)).await;
    }
    assert_eq!(running.receipts(4).await, [(0, true), (2, false), (1, true), (3, true)]);
    assert_eq!(running.seen(), [vec![0, 1, 2, 3], vec![1, 3]]);
}

#[tokio::test]
async fn a_bad_document_is_found_by_halving_and_the_others_get_through() {
    let judge = || -> Answer {
        Box::new(|batch| match batch.iter().any(|outgoing| outgoing.ticket == 5) {
            true => Reply::Invalid { said: "bad event".into() },
            false => Reply::done(batch.len()),
        })
    };
    let mut running = start((0..20).map(|_| judge()).collect(), 8, 1);
    for ticket in 0..8 {
        running.sink.send(outgoing(ticket, u128::from(ticket), 1)).await;
    }
    let mut receipts = running.receipts(8).await;
    receipts.sort_unstable();
    assert_eq!(receipts, (0..8).map(|ticket| (ticket, ticket != 5)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_missing_verdict_is_no_receipt() {
    let short = |_: &[Outgoing]| Reply::Items { verdicts: vec![Verdict::Done], trouble: None };
    let mut running = start(Script::from([Box::new(short) as _]), 2, 1);
    running.sink.send(outgoing(1, 1, 1)).await;
    running.sink.send(outgoing(2, 2, 1)).await;
    assert_eq!(running.receipts(2).await, [(1, true), (2, true)]);
    assert_eq!(running.seen(), [vec![1, 2], vec![2]]);
}

#[tokio::test]
async fn a_full_sink_pushes_back_and_closing_flushes() {
    let mut running = start(Script::new(), 1, 1);
    let mut taken = 0;
    while running.sink.try_send(outgoing(taken, u128::from(taken), 1)).is_ok() {
        taken += 1;
    }
    assert!(taken <= 4, "{taken} documents fit");
    let Running { sink, .. } = running;
    sink.close(Duration::from_secs(5)).await;
    let mut delivered = 0;
    while running.receipts.try_recv().is_ok() {
        delivered += 1;
    }
    assert_eq!(delivered, taken);
}

#[tokio::test]
async fn a_sink_that_cannot_deliver_closes_at_the_deadline_without_receipts() {
    let never = |batch: &[Outgoing]| Reply::again(batch.len(), TroubleKind::Credentials, "401".into());
    let mut running = start((0..1000).map(|_| Box::new(never) as _).collect(), 10, 1);
    running.sink.send(outgoing(1, 1, 1)).await;
    let started = Instant::now();
    running.sink.close(Duration::from_millis(200)).await;
    assert!((200..2000).contains(&started.elapsed().as_millis()));
    assert_eq!(running.receipts.recv().await, None);
}
