//! The sink against a scripted cluster, for answers that the real ones do not give on demand.

use serde_json::{Value, json};

use super::*;
use crate::sink::deliver::tests::{metric, outgoing};
use crate::sink::scripted_http::{Answer, Request, ScriptedHttp};
use crate::sink::{Outcome, SinkConfig};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

async fn run(hosts: &[String], more: Value) -> Result<(SinkHandle, mpsc::UnboundedReceiver<Receipt>), SinkError> {
    let mut config = json!({
        "type": "elasticsearch", "hosts": hosts, "compress": false,
        "retry": {"initial": "5ms", "max": "20ms"}, "batch": {"linger": "20ms"},
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let config: SinkConfig = serde_json::from_value(config).unwrap();
    let (sender, receipts) = mpsc::unbounded_channel();
    Ok((crate::sink::start(0, &config, sender).await?, receipts))
}

async fn receipt(from: &mut mpsc::UnboundedReceiver<Receipt>) -> (u64, Outcome) {
    let receipt = tokio::time::timeout(SOON, from.recv()).await.unwrap().unwrap();
    (receipt.ticket, receipt.outcome)
}

fn is_bulk(request: &Request) -> bool {
    request.path.starts_with("/_bulk")
}

fn all_created(request: &Request) -> Answer {
    let documents = request.body.iter().filter(|byte| **byte == b'\n').count() / 2;
    let items = vec![json!({"index": {"status": 201}}); documents];
    Answer::json(200, &json!({"errors": false, "items": items}).to_string())
}

#[tokio::test]
async fn an_answer_that_lacks_items_is_no_receipt() {
    let server = ScriptedHttp::start(|count, request| match count {
        0 => Answer::json(200, r#"{"acknowledged":true}"#),
        1 => Answer::json(200, r#"{"errors":false,"items":[]}"#),
        2 => Answer::json(200, "<html>a proxy says hello</html>"),
        _ => all_created(request),
    });
    let (sink, mut from) = run(&[server.url()], json!({})).await.unwrap();
    sink.send(outgoing(1, 1, 1)).await;
    assert_eq!(receipt(&mut from).await, (1, Outcome::Delivered));
    assert_eq!(server.requests().iter().filter(|request| is_bulk(request)).count(), 3);
    sink.close(SOON).await;
}

#[tokio::test]
async fn the_template_is_put_again_for_a_server_without_flattened() {
    let server = ScriptedHttp::start(|_, request| {
        let body = String::from_utf8_lossy(&request.body);
        match body.contains("\"flattened\"") {
            true => Answer::json(
                400,
                r#"{"error":{"type":"mapper_parsing_exception","reason":"No handler for type [flattened] declared on field [fields]"},"status":400}"#,
            ),
            false if is_bulk(request) => all_created(request),
            false => Answer::json(200, r#"{"acknowledged":true}"#),
        }
    });
    let (sink, mut from) = run(&[server.url()], json!({})).await.unwrap();
    sink.send(outgoing(1, 1, 1)).await;
    assert_eq!(receipt(&mut from).await, (1, Outcome::Delivered));
    let paths: Vec<String> = server.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths[..2], ["/_index_template/logs-clarion.alerts", "/_index_template/logs-clarion.alerts"]);
    sink.close(SOON).await;
}

#[tokio::test]
async fn s20_the_template_of_metrics_is_put_before_the_first_of_them_and_once() {
    let server = ScriptedHttp::start(|_, request| match is_bulk(request) {
        true => all_created(request),
        false => Answer::json(200, r#"{"acknowledged":true}"#),
    });
    let (sink, mut from) = run(&[server.url()], json!({})).await.unwrap();
    sink.send(outgoing(1, 1, 1)).await;
    assert_eq!(receipt(&mut from).await, (1, Outcome::Delivered));
    for ticket in 2..4 {
        sink.send(Outgoing { ticket, document: metric(u128::from(ticket), "{}") }).await;
        assert_eq!(receipt(&mut from).await, (ticket, Outcome::Delivered));
    }
    let paths: Vec<String> = server.requests().into_iter().map(|request| request.path).collect();
    let puts: Vec<&String> = paths.iter().filter(|path| path.contains("_index_template")).collect();
    assert_eq!(puts, ["/_index_template/logs-clarion.alerts", "/_index_template/metrics-clarion.governance"]);
    assert!(paths[1].starts_with("/_bulk"), "{paths:?}");
    sink.close(SOON).await;
}

#[tokio::test]
async fn findings_go_to_an_index_of_their_own_under_their_own_template() {
    let server = ScriptedHttp::start(|_, request| match is_bulk(request) {
        true => all_created(request),
        false => Answer::json(200, r#"{"acknowledged":true}"#),
    });
    let (sink, mut from) = run(&[server.url()], json!({"format": "ocsf"})).await.unwrap();
    sink.send(outgoing(1, 1, 1)).await;
    assert_eq!(receipt(&mut from).await, (1, Outcome::Delivered));
    let requests = server.requests();
    let bodies: Vec<_> = requests.iter().map(|request| String::from_utf8_lossy(&request.body)).collect();
    assert_eq!(requests[0].path, "/_index_template/alerts-clarion.ocsf");
    assert!(bodies[0].contains("finding_info") && bodies[0].contains("alerts-clarion.ocsf-*"), "{}", bodies[0]);
    assert!(bodies[1].contains("\"_index\":\"alerts-clarion.ocsf-2026.11\""), "{}", bodies[1]);
    sink.close(SOON).await;
}

#[tokio::test]
async fn a_refused_template_is_an_error_at_start() {
    for (status, body, refused) in [
        (403, r#"{"error":{"type":"security_exception","reason":"action is unauthorized"}}"#, true),
        (400, r#"{"error":{"type":"illegal_argument_exception","reason":"priority is taken"}}"#, false),
    ] {
        let server = ScriptedHttp::start(move |_, _| Answer::json(status, body));
        let error = run(&[server.url()], json!({})).await.err().unwrap();
        assert_eq!(matches!(error, SinkError::Refused { .. }), refused, "{error}");
        assert_eq!(matches!(error, SinkError::Template { .. }), !refused, "{error}");
    }
}

#[tokio::test]
async fn nothing_is_written_before_the_template_is_there_and_a_busy_node_is_left_for_another() {
    let busy = ScriptedHttp::start(|_, _| {
        Answer::json(503, r#"{"error":{"type":"master_not_discovered_exception","reason":null}}"#)
    });
    let ready = ScriptedHttp::start(|count, request| match count {
        0 | 1 => Answer::json(503, ""),
        _ if is_bulk(request) => all_created(request),
        _ => Answer::json(200, r#"{"acknowledged":true}"#),
    });
    let (sink, mut from) = run(&[busy.url(), ready.url()], json!({})).await.unwrap();
    assert!(matches!(sink.health(), Health::Down { .. }));
    sink.send(outgoing(1, 1, 1)).await;
    assert_eq!(receipt(&mut from).await, (1, Outcome::Delivered));
    assert!(!busy.requests().iter().any(is_bulk));
    sink.close(SOON).await;
}

#[tokio::test]
async fn each_way_to_authenticate_has_its_header() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "czNjcmV0\n").unwrap();
    for (auth, header) in [
        (json!({"basic": {"user": "w", "password": {"file": secret}}}), "authorization: basic dzpjek5qy21wma=="),
        (json!({"api_key": {"file": secret}}), "authorization: apikey cznjcmv0"),
        (json!({"bearer": {"file": secret}}), "authorization: bearer cznjcmv0"),
    ] {
        let server = ScriptedHttp::start(|_, _| Answer::json(200, r#"{"acknowledged":true}"#));
        let (sink, _) = run(&[server.url()], json!({"auth": auth})).await.unwrap();
        let request = server.requests().remove(0);
        assert!(request.headers_contain(header), "{}", request.headers);
        sink.close(SOON).await;
    }
}

#[tokio::test]
async fn a_prefix_of_an_address_is_kept() {
    let server = ScriptedHttp::start(|_, _| Answer::json(200, r#"{"acknowledged":true}"#));
    let (sink, _) = run(&[format!("{}/behind/proxy", server.url())], json!({})).await.unwrap();
    assert_eq!(server.requests().remove(0).path, "/behind/proxy/_index_template/logs-clarion.alerts");
    sink.close(SOON).await;
}
