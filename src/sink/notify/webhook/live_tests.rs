//! Requests of a webhook: body, id, headers, signature.

use serde_json::{Value, json};

use super::*;
use crate::sink::notify::arbitrary::{alert, hostile_messages, told};
use crate::sink::scripted_http::{Answer as HttpAnswer, ScriptedHttp};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn webhook(url: &str, more: &Value, secrets: &tempfile::TempDir) -> Result<Webhook, SinkError> {
    let mut config = json!({"url": url});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    std::fs::write(secrets.path().join("key"), KEY).unwrap();
    std::fs::write(secrets.path().join("token"), "Bearer t0ken").unwrap();
    let config: WebhookConfig = serde_json::from_value(config).unwrap();
    assert_eq!(config.fault(), None);
    Webhook::new("hook", &config, Arc::default())
}

#[tokio::test]
async fn a_request_has_an_id_headers_and_a_signature() {
    let secrets = tempfile::tempdir().unwrap();
    let server = ScriptedHttp::start(|_, _| HttpAnswer::json(202, ""));
    let of = |name: &str| json!({"file": secrets.path().join(name)});
    let more = json!({"headers": {"Authorization": of("token")}, "signing_key": of("key")});
    let hook = webhook(&server.url(), &more, &secrets).unwrap();
    let message = hook.compose(&told(vec![alert(7, 3)], vec![]));
    assert!(matches!(hook.send(&message).await, Answer::Taken { .. }));
    let request = server.requests().remove(0);
    let id = format!("{}.3", crate::model::AlertId(7));
    assert!(request.headers_contain(&format!("webhook-id: {id}")), "{}", request.headers);
    assert!(request.headers_contain("authorization: bearer t0ken"));
    assert!(request.headers_contain("content-type: application/json"));
    let header =
        |name: &str| request.headers.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let seconds = header("webhook-timestamp: ").parse().unwrap();
    let signature = SigningKey::read(KEY).unwrap().signature(&id, seconds, &request.body);
    assert_eq!(header("webhook-signature: "), signature.to_lowercase());
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["type"], "clarion.alerts");
    assert_eq!(body["data"]["alerts"][0]["alert"]["revision"], 3);
}

#[test]
fn the_usual_body_is_json_whatever_is_told() {
    let secrets = tempfile::tempdir().unwrap();
    let hook = webhook("http://127.0.0.1:1", &json!({}), &secrets).unwrap();
    for message in hostile_messages() {
        let body: Value = serde_json::from_slice(&hook.compose(&message).body).unwrap();
        assert_eq!(body["data"]["alerts"].as_array().unwrap().len(), message.alerts.len());
        assert_eq!(body["data"]["more"][0]["id"], message.more[0].id);
        assert!(body["data"]["more"][0].get("document").is_none());
    }
}

#[test]
fn the_id_is_of_the_revisions_that_are_told() {
    let secrets = tempfile::tempdir().unwrap();
    let hook = webhook("http://127.0.0.1:1", &json!({}), &secrets).unwrap();
    let id = |alerts| hook.compose(&told(alerts, vec![])).id;
    let two = id(vec![alert(1, 1), alert(2, 1)]);
    assert_eq!(two, id(vec![alert(2, 1), alert(1, 1)]));
    assert_ne!(two, id(vec![alert(1, 1), alert(2, 2)]));
    assert_eq!(two.len(), 32);
}

#[test]
fn a_template_that_fails_keeps_nobody_from_being_told() {
    let secrets = tempfile::tempdir().unwrap();
    let body = json!({"body": "{\"owner\": {{ alerts[0].document.owner.name }}}"});
    let hook = webhook("http://127.0.0.1:1", &body, &secrets).unwrap();
    let said = hook.compose(&told(vec![alert(1, 1)], vec![]));
    assert!(String::from_utf8(said.body).unwrap().contains("clarion.alerts"));
    assert_eq!(hook.counts.template_failures.load(Ordering::Relaxed), 1);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let fault = |more: Value| {
        let mut config = json!({"url": "https://hook.example.com/x"});
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value::<WebhookConfig>(config)
            .map(|config| config.fault().map(|(setting, _)| setting))
            .map_err(drop)
    };
    assert_eq!(fault(json!({})), Ok(None));
    assert_eq!(fault(json!({"url": "https://hook.example.com/x?token=hunter2"})), Ok(Some("url")));
    assert_eq!(fault(json!({"headers": {"Host": {"env": "A"}}})), Ok(Some("headers")));
    assert_eq!(fault(json!({"headers": {"a b": {"env": "A"}}})), Ok(Some("headers")));
    assert_eq!(fault(json!({"headers": {"A": "literal"}})), Err(()));
    assert_eq!(fault(json!({"content_type": "a\nb"})), Ok(Some("content_type")));
    assert_eq!(fault(json!({"console_url": "clarion.example.com"})), Ok(Some("console_url")));
    assert_eq!(fault(json!({"route": {"tell": []}})), Ok(Some("route.tell")));
    let secrets = tempfile::tempdir().unwrap();
    let missing =
        webhook("http://127.0.0.1:1", &json!({"signing_key": {"file": secrets.path().join("none")}}), &secrets);
    assert!(matches!(missing.err(), Some(SinkError::Secret { .. })));
}
