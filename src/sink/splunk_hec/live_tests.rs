//! The sink against a scripted collector, for answers that the real ones do not give on demand.

use serde_json::{Value, json};

use super::*;
use crate::sink::deliver::tests::outgoing;
use crate::sink::scripted_http::{Answer, Request, ScriptedHttp};
use crate::sink::{Outcome, SinkConfig};

const SOON: Duration = Duration::from_secs(20);

async fn run(server: &ScriptedHttp, more: Value) -> Result<(SinkHandle, mpsc::UnboundedReceiver<Receipt>), SinkError> {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "t0ken\n").unwrap();
    let mut config = json!({
        "type": "splunk_hec", "url": server.url(), "token": {"file": token}, "ack": "none", "compress": false,
        "retry": {"initial": "5ms", "max": "20ms"}, "ack_poll": "20ms", "batch": {"linger": "20ms"},
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let config: SinkConfig = serde_json::from_value(config).unwrap();
    let (sender, receipts) = mpsc::unbounded_channel();
    Ok((crate::sink::start(0, &config, sender).await?, receipts))
}

async fn receipts(from: &mut mpsc::UnboundedReceiver<Receipt>, count: usize) -> Vec<(u64, Outcome)> {
    let mut found = Vec::new();
    for _ in 0..count {
        let receipt = tokio::time::timeout(SOON, from.recv()).await.unwrap().unwrap();
        found.push((receipt.ticket, receipt.outcome));
    }
    found.sort_by_key(|(ticket, _)| *ticket);
    found
}

fn revisions(request: &Request) -> Vec<u64> {
    serde_json::Deserializer::from_slice(&request.body)
        .into_iter::<Value>()
        .map(|event| event.unwrap()["fields"]["revision"].as_u64().unwrap())
        .collect()
}

fn delivered(tickets: impl IntoIterator<Item = u64>) -> Vec<(u64, Outcome)> {
    tickets.into_iter().map(|ticket| (ticket, Outcome::Delivered)).collect()
}

#[tokio::test]
async fn exactly_the_named_event_is_refused_and_the_rest_goes_again() {
    let server = ScriptedHttp::start(|_, request| match request.path.as_str() {
        _ if request.body.is_empty() => Answer::json(400, r#"{"text":"No data","code":5}"#),
        _ => match revisions(request).iter().position(|revision| *revision == 3) {
            Some(at) => Answer::json(
                400,
                &format!(r#"{{"text":"Event field cannot be blank","code":13,"invalid-event-number":{at}}}"#),
            ),
            None => Answer::json(200, r#"{"text":"Success","code":0}"#),
        },
    });
    let (sink, mut from) = run(&server, json!({})).await.unwrap();
    for ticket in 0..6 {
        sink.send(outgoing(ticket, u128::from(ticket), ticket)).await;
    }
    let mut expected = delivered(0..6);
    expected[3].1 = Outcome::Rejected { reason: "status 400: Event field cannot be blank (code 13)".into() };
    assert_eq!(receipts(&mut from, 6).await, expected);
    let sent: Vec<Vec<u64>> = server.requests().iter().skip(1).map(revisions).collect();
    assert_eq!(sent, [vec![0, 1, 2, 3, 4, 5], vec![0, 1, 2, 4, 5]]);
    sink.close(SOON).await;
}

#[tokio::test]
async fn every_temporary_answer_is_outlived() {
    let answers = [
        (503, r#"{"text":"Server is busy","code":9}"#),
        (429, r#"{"text":"queue at capacity","code":26}"#),
        (500, "<html>oops</html>"),
        (403, r#"{"text":"Token disabled","code":1}"#),
        (400, r#"{"text":"Incorrect index","code":7,"invalid-event-number":1}"#),
        (503, r#"{"text":"Server is shutting down","code":23}"#),
        (404, ""),
    ];
    let server = ScriptedHttp::start(move |count, _| match count.checked_sub(1) {
        None => Answer::json(400, r#"{"text":"No data","code":5}"#),
        Some(at) => answers.get(at).map_or_else(
            || Answer::json(200, r#"{"text":"queue approaching capacity","code":24}"#),
            |(status, body)| Answer::json(*status, body),
        ),
    });
    let (sink, mut from) = run(&server, json!({})).await.unwrap();
    sink.send(outgoing(1, 1, 1)).await;
    assert_eq!(receipts(&mut from, 1).await, delivered([1]));
    assert_eq!(sink.health(), Health::Up);
    assert_eq!(server.requests().len(), answers.len() + 2);
    sink.close(SOON).await;
}

#[tokio::test]
async fn a_receipt_waits_for_the_acknowledgement_and_a_missing_one_is_sent_again() {
    let polls = std::sync::atomic::AtomicU64::new(0);
    let server = ScriptedHttp::start(move |_, request| {
        if request.path.starts_with("/services/collector/ack") {
            // The first request is never acknowledged, the second one at the third time of asking.
            let asked: Value = serde_json::from_slice(&request.body).unwrap();
            let second = asked["acks"].as_array().unwrap().contains(&json!(8));
            let done = second && polls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) >= 2;
            return Answer::json(200, &format!(r#"{{"acks":{{"7":false,"8":{done}}}}}"#));
        }
        let again = request.headers_contain("x-splunk-request-channel: ") && revisions(request) == [1];
        assert!(again);
        let id = if FIRST.swap(false, std::sync::atomic::Ordering::SeqCst) { 7 } else { 8 };
        Answer::json(200, &format!(r#"{{"text":"Success","code":0,"ackId":{id}}}"#))
    });
    static FIRST: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(true);
    let (sink, mut from) = run(&server, json!({"ack": "indexer", "ack_timeout": "200ms"})).await.unwrap();
    sink.send(outgoing(1, 1, 1)).await;
    assert_eq!(receipts(&mut from, 1).await, delivered([1]));
    let events = server.requests().iter().filter(|request| request.path.ends_with("/event")).count();
    assert_eq!(events, 2);
    sink.close(SOON).await;
}

#[tokio::test]
async fn a_token_that_cannot_acknowledge_is_an_error_at_start_and_no_event_is_sent() {
    let server = ScriptedHttp::start(|_, _| Answer::json(400, r#"{"text":"ACK is disabled","code":14}"#));
    let error = run(&server, json!({"ack": "indexer"})).await.err().unwrap();
    assert!(matches!(error, SinkError::NoAcknowledgement { .. }), "{error}");
    assert!(error.to_string().contains("ACK is disabled"));
    assert!(server.requests().iter().all(|request| request.path.starts_with("/services/collector/ack")));
}

#[tokio::test]
async fn a_token_that_stops_acknowledging_holds_the_alerts() {
    let server = ScriptedHttp::start(|count, _| match count {
        0 => Answer::json(200, r#"{"acks":{"0":false}}"#),
        _ => Answer::json(200, r#"{"text":"Success","code":0}"#),
    });
    let (sink, mut from) = run(&server, json!({"ack": "indexer"})).await.unwrap();
    sink.send(outgoing(1, 1, 1)).await;
    let mut health = sink.watch_health();
    let down = health
        .wait_for(|health| matches!(health, Health::Down { since_message } if since_message.contains("acknowledge")));
    tokio::time::timeout(SOON, down).await.unwrap().unwrap();
    assert!(from.try_recv().is_err(), "what is not acknowledged has no receipt");
    sink.close(Duration::from_millis(50)).await;
}
