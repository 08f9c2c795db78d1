//! Webhooks and chats.

use serde_json::{Value, json};

use super::*;
use crate::servers::{Hec, HecOptions, People, wait_until};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn secret(folder: &tempfile::TempDir, name: &str, text: &str) -> Value {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    json!({"file": path})
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_webhook_signatures_are_what_standardwebhooks_verifies() -> Result<(), ServerError> {
    let mut server = People::receiver("signed", KEY)?;
    let folder = tempfile::tempdir().unwrap();
    let key = secret(&folder, "key", KEY);
    let config = json!({"type": "webhook", "url": format!("{}/hook", server.url()), "signing_key": key});
    let mut route = route(config).await;
    let alerts = hostile_alerts();
    let count = alerts.len();
    for alert in alerts {
        route.tell(alert).await;
    }
    route.delivered(count).await;
    let told: usize =
        server.taken()?.iter().map(|taken| taken["body"]["data"]["alerts"].as_array().unwrap().len()).sum();
    assert_eq!(told, count);

    // another key is refused, and the alert is kept until it is put right
    secret(&folder, "key", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    route.tell(an_alert(1, 1)).await;
    assert!(route.down().await.contains("WebhookVerificationError"));
    server.kill();
    secret(&folder, "key", KEY);
    server.restart()?;
    route.delivered(1).await;
    let last = server.taken()?.pop().unwrap();
    assert_eq!(last["id"], "00000000000000000000000000000001.1");
    assert_eq!(last["body"]["data"]["alerts"][0], alert::document(&an_alert(1, 1)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_webhook_template_and_headers_reach_a_collector_over_tls() -> Result<(), ServerError> {
    let mut hec = Hec::start(&HecOptions { tls: true, ..HecOptions::default() })?;
    let folder = tempfile::tempdir().unwrap();
    let token = secret(&folder, "token", &format!("Splunk {}", hec.token()));
    let body = r#"{"event": {"title": {{ title }}, "ids": [{% for alert in alerts %}{{ alert.id }}{% if not loop.last %},{% endif %}{% endfor %}]}, "sourcetype": "on-call"}"#;
    let config = json!({
        "type": "webhook", "url": format!("{}/services/collector/event", hec.url()), "headers": {"Authorization": token},
        "tls": {"ca_file": hec.ca_pem_path()}, "body": body,
    });
    let mut route = route(config).await;
    route.tell(an_alert(1, 1)).await;
    route.tell(an_alert(2, 1)).await;
    route.delivered(2).await;
    let received = wait_until("the event", SOON, || hec.received(), |events| !events.is_empty())?;
    assert_eq!(received[0]["event"]["title"], "[CRITICAL] 2 alerts: Model deployed without a risk assessment");
    assert_eq!(received[0]["event"]["ids"].as_array().unwrap().len(), 2);
    assert_eq!(received[0]["sourcetype"], "on-call");

    hec.kill();
    route.tell(an_alert(3, 1)).await;
    route.down().await;
    hec.restart()?;
    route.delivered(1).await;
    secret(&folder, "token", "Splunk wrong");
    route.tell(an_alert(4, 1)).await;
    assert!(route.down().await.contains("401"));
    secret(&folder, "token", &format!("Splunk {}", hec.token()));
    route.delivered(1).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_slack_messages_are_what_slacks_sdk_takes() -> Result<(), ServerError> {
    let server = People::receiver("slack", KEY)?;
    let folder = tempfile::tempdir().unwrap();
    let url = secret(&folder, "url", &format!("{}/services/T0/B0/x", server.url()));
    let config =
        json!({"type": "slack", "url": url, "console_url": "https://clarion.example.com", "route": {"group_by": []}});
    let mut route = route(config).await;
    let mut alerts = hostile_alerts();
    alerts.extend((1000..1300).map(|id| an_alert(id, 1)));
    let count = alerts.len();
    for alert in alerts {
        route.tell(alert).await;
    }
    route.delivered(count).await;
    for taken in server.taken()? {
        let text = taken["body"]["text"].as_str().unwrap();
        assert!(!text.contains("<!channel") && !text.contains("@here"), "{text}");
    }

    // what the SDK does not take goes to the dead letters with its words
    let url = secret(&folder, "url", &format!("{}/services/T0/B0/x", server.url()));
    let mut wrong = super::route(json!({"type": "slack", "url": url, "text": "  "})).await;
    wrong.tell(an_alert(1, 1)).await;
    let outcome = wrong.outcomes(1).await.remove(0).1;
    assert!(matches!(&outcome, Outcome::Rejected { reason } if reason.contains("a block is not known")), "{outcome:?}");
    Ok(())
}

#[test]
fn notifications_are_tried_with_one_marked_message_each() -> Result<(), ServerError> {
    let (signed, slack, mail) =
        (People::receiver("signed", KEY)?, People::receiver("slack", KEY)?, People::mail("none")?);
    let folder = tempfile::tempdir().unwrap();
    let key = secret(&folder, "key", KEY);
    let url = secret(&folder, "url", &format!("{}/services/x", slack.url()));
    let config = json!({
        "rules": [], "kafka": {"brokers": ["127.0.0.1:9"]}, "sources": [{"name": "a", "type": "kafka", "topics": ["a"]}],
        "sinks": [
            {"type": "webhook", "url": signed.url(), "signing_key": key},
            {"type": "slack", "url": url},
            {"type": "email", "host": "127.0.0.1", "port": mail.port(), "encryption": "none", "from": "clarion@example.com", "to": ["kim@example.com"]},
            {"type": "stdout"},
        ],
    });
    std::fs::write(folder.path().join("clarion.yaml"), config.to_string()).unwrap();
    let (code, said) = clarion(folder.path(), &["notify", "test"]);
    assert_eq!(code, Some(0), "{said}");
    for words in ["webhook: taken: status 200: ok", "slack: taken: status 200: ok", "email: taken: 250 OK, kept"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    assert_eq!(signed.taken()?[0]["body"]["type"], "clarion.test");
    assert!(slack.taken()?[0]["body"]["text"].as_str().unwrap().contains("TEST, nothing has happened"));
    assert!(mail.taken()?[0]["headers"]["Subject"].as_str().unwrap().starts_with("TEST, nothing has happened"));

    drop(slack);
    let (code, said) = clarion(folder.path(), &["notify", "test", "slack"]);
    assert!(code == Some(1) && said.contains("slack: not taken: the receiver cannot be reached"), "{said}");
    let (code, said) = clarion(folder.path(), &["notify", "test", "stdout"]);
    assert!(code == Some(2) && said.contains("there is no route stdout"), "{said}");
    assert_eq!(signed.taken()?.len(), 1);
    Ok(())
}
