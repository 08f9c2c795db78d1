//! Mail, through aiosmtpd, read by Python's mail parser.

use serde_json::{Value, json};

use super::*;
use crate::servers::{MAIL_PASSWORD, People, wait_until};

fn plain(server: &People) -> Value {
    json!({
        "type": "email", "host": "127.0.0.1", "port": server.port(), "encryption": "none",
        "from": "Clarion <clarion@example.com>", "to": ["Kim <kim@example.com>"], "console_url": "https://clarion.example.com",
    })
}

fn secured(server: &People, mode: &str, password: &Path) -> Value {
    let mut config = plain(server);
    config["host"] = "localhost".into();
    config["encryption"] = mode.into();
    config["auth"] = json!({"user": "clarion", "password": {"file": password}});
    config["tls"] = json!({"ca_file": People::ca_pem_path().unwrap()});
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_mail_says_what_happened_and_keeps_a_thread() -> Result<(), ServerError> {
    let server = People::mail("none")?;
    let mut route = route(plain(&server)).await;
    route.tell(an_alert(1, 1)).await;
    route.delivered(1).await;
    route.tell(an_alert(1, 2)).await;
    route.tell(an_alert(2, 1)).await;
    route.delivered(2).await;
    let mails = server.taken()?;
    assert_eq!(mails.len(), 2, "alerts of one group are one mail");
    let (first, second) = (&mails[0], &mails[1]);
    assert_eq!(first["headers"]["Subject"], "[CRITICAL] Model deployed without a risk assessment: model-1");
    assert_eq!(first["receivers"], json!(["kim@example.com"]));
    let id = first["headers"]["Message-ID"].as_str().unwrap();
    assert_eq!(id, "<00000000000000000000000000000001.1@example.com>");
    assert!(second["headers"]["References"].as_str().unwrap().contains(id));
    for part in ["text", "page"] {
        // the page has slashes as entities, too
        let said = first[part].as_str().unwrap().replace("&#x2f;", "/");
        for words in [
            "no \"Risk assessment passed\"",
            "https://clarion.example.com/#/alerts/00000000000000000000000000000001",
            "https://example.com/policy",
            "AML.T0010",
            "Ask the owner",
        ] {
            let words = if part == "page" { words.replace('"', "&quot;") } else { words.to_owned() };
            assert!(said.contains(&words), "{words} in {said}");
        }
    }
    assert_eq!(second["headers"]["Subject"], "[CRITICAL] 2 alerts: Model deployed without a risk assessment");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_mail_is_encrypted_and_authenticated_and_a_password_can_be_rotated() -> Result<(), ServerError> {
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    for mode in ["starttls", "tls"] {
        std::fs::write(&password, MAIL_PASSWORD).unwrap();
        let server = People::mail(mode)?;
        let mut route = route(secured(&server, mode, &password)).await;
        route.tell(an_alert(1, 1)).await;
        route.delivered(1).await;
        let mails = server.taken()?;
        assert_eq!((&mails[0]["encrypted"], &mails[0]["authenticated"]), (&json!(true), &json!(true)), "{mode}");

        std::fs::write(&password, "hunter2").unwrap();
        route.tell(an_alert(2, 1)).await;
        let reason = route.down().await;
        assert!(reason.contains("535") && !reason.contains("hunter2"), "{reason}");
        std::fs::write(&password, MAIL_PASSWORD).unwrap();
        route.delivered(1).await;

        // a wrong password at the start is an error; a stranger's certificate keeps the alerts
        std::fs::write(&password, "hunter2").unwrap();
        let config: SinkConfig = serde_json::from_value(secured(&server, mode, &password)).unwrap();
        let error = start(0, &config, mpsc::unbounded_channel().0).await.err().unwrap().to_string();
        assert!(error.contains("535") && !error.contains("hunter2"), "{error}");
        std::fs::write(&password, MAIL_PASSWORD).unwrap();
        let mut stranger = secured(&server, mode, &password);
        stranger["tls"]["ca_file"] =
            crate::servers::installed("aiosmtpd", "credentials/stranger-ca.pem")?.display().to_string().into();
        let config: SinkConfig = serde_json::from_value(stranger).unwrap();
        let sink = start(0, &config, mpsc::unbounded_channel().0).await.unwrap();
        assert!(matches!(sink.health(), Health::Down { .. }), "{:?}", sink.health());
        assert_eq!(server.taken()?.len(), 2);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_mail_outlives_refusals_and_outages() -> Result<(), ServerError> {
    let mut server = People::mail("none")?;
    let mut config = plain(&server);
    config["to"] = json!(["kim@example.com", "nobody@example.com"]);
    config["route"] = json!({"group_by": ["alert"]});
    let mut route = route(config).await;

    // one receiver is not known: the others are told, and it is said who is not
    route.tell(an_alert(1, 1)).await;
    let outcome = route.outcomes(1).await.remove(0).1;
    let Outcome::Rejected { reason } = outcome else { panic!("{outcome:?}") };
    assert!(
        reason.contains("nobody@example.com") && reason.contains("no such user") && reason.contains("told to 1"),
        "{reason}"
    );
    assert_eq!(server.taken()?[0]["receivers"], json!(["kim@example.com"]));

    let mut config = plain(&server);
    config["route"] = json!({"group_by": ["alert"]});
    let mut route = super::route(config).await;
    server.refuse(Some("451 4.7.1 try again later"))?;
    route.tell(an_alert(2, 1)).await;
    assert!(route.down().await.contains("try again later"));
    server.refuse(None)?;
    route.delivered(1).await;

    server.refuse(Some("554 5.6.0 this we never take"))?;
    route.tell(an_alert(3, 1)).await;
    let outcome = route.outcomes(1).await.remove(0).1;
    assert!(matches!(&outcome, Outcome::Rejected { reason } if reason.contains("this we never take")), "{outcome:?}");
    server.refuse(None)?;

    server.kill();
    route.tell(an_alert(4, 1)).await;
    route.down().await;
    server.restart()?;
    route.delivered(1).await;
    let ids = wait_until("the mails", SOON, || server.taken(), |mails| mails.len() >= 3)?;
    assert_eq!(ids.len(), 3, "each once");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_mail_of_hostile_alerts_is_a_mail_like_any_other() -> Result<(), ServerError> {
    let server = People::mail("none")?;
    let mut config = plain(&server);
    config["route"] = json!({"group_by": ["alert"]});
    let mut route = route(config).await;
    let mut alerts = vec![an_alert(1, 1)];
    alerts.extend(hostile_alerts());
    let count = alerts.len();
    for alert in alerts {
        route.tell(alert).await;
    }
    route.delivered(count).await;
    let mails = server.taken()?;
    assert_eq!(mails.len(), count);
    for mail in &mails {
        assert_eq!(mail["names"], mails[0]["names"], "no header more");
        assert_eq!(mail["receivers"], json!(["kim@example.com"]));
        assert_eq!(mail["defects"], json!([]));
        assert!(!mail["page"].as_str().unwrap().contains("<script"), "{mail}");
        assert!(mail["text"].as_str().unwrap().contains("Clarion, route"), "whole");
    }
    Ok(())
}
