//! Elasticsearch with TLS, a user of few rights, and everything that goes wrong with it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::search_engine::{searches_find_what_is_mapped, takes_the_same_documents_and_comes_back};
use super::*;
use crate::servers::{Elasticsearch, ElasticsearchOptions, ElasticsearchVersion, ServerError};

fn elasticsearch(node: &Elasticsearch, password: &SecretFile, more: Value) -> Value {
    let mut config = json!({
        "type": "elasticsearch",
        "hosts": [node.url()],
        "auth": {"basic": {"user": node.writer_user(), "password": password.source()}},
        "tls": {"ca_file": node.ca_pem_path()},
        "strict_mapping": true,
        "retry": quick_retries(),
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_holds_the_newest_revision_of_every_alert_once() -> Result<(), ServerError> {
    let node = Elasticsearch::start(&ElasticsearchOptions::default())?;
    let password = SecretFile::new(node.writer_password());
    let mut running = run(elasticsearch(&node, &password, json!({}))).await;
    for (ticket, alert) in [an_alert(1, 1), an_alert(2, 1), an_alert(1, 2), an_alert(1, 1)].into_iter().enumerate() {
        running.sink.send(outgoing(ticket as u64, alert)).await;
    }
    let mut old = an_alert(3, 1);
    old.time = Timestamp::parse("2025-01-31T23:59:59Z").unwrap();
    running.sink.send(outgoing(4, old)).await;
    running.sink.send(outgoing(5, a_hostile_alert(4))).await;
    running.delivered(6).await;
    assert_eq!(running.sink.health(), Health::Up);

    let hits = node.search_all(INDICES)?;
    let found: Vec<(String, String, u64)> = hits
        .iter()
        .map(|hit| {
            let text = |name: &str| hit[name].as_str().unwrap().to_owned();
            (text("_index"), text("_id"), hit["_version"].as_u64().unwrap())
        })
        .collect();
    let row = |index: &str, id: u128, version: u64| (index.to_owned(), AlertId(id).to_string(), version);
    assert_eq!(
        found,
        [
            row("logs-clarion.alerts-2025.01", 3, 1),
            row("logs-clarion.alerts-2026.11", 1, 2),
            row("logs-clarion.alerts-2026.11", 2, 1),
            row("logs-clarion.alerts-2026.11", 4, 1),
        ]
    );
    let mut source = hits[1]["_source"].clone();
    let ingested = source["event"].as_object_mut().unwrap().remove("ingested").unwrap();
    assert!(Timestamp::parse(ingested.as_str().unwrap()).unwrap() > Timestamp(0));
    assert_eq!(source, alert::document(&an_alert(1, 2)), "what is stored is the document");
    searches_find_what_is_mapped(&|query| node.http().expect("POST", &format!("/{INDICES}/_search"), Some(query)))?;
    running.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_refuses_one_document_in_its_own_words_and_keeps_the_others() -> Result<(), ServerError> {
    let node = Elasticsearch::start(&ElasticsearchOptions::default())?;
    let password = SecretFile::new(node.writer_password());
    let mut running = run(elasticsearch(&node, &password, json!({}))).await;
    running.sink.send(outgoing(1, an_alert(1, 1))).await;
    running.sink.send(with_body(2, an_alert(2, 1), r#"{"@timestamp":"2026-11-21T08:00:00Z","surprise":1}"#)).await;
    running.sink.send(with_body(3, an_alert(3, 1), r#"{"@timestamp":"tomorrow"}"#)).await;
    running.sink.send(outgoing(4, an_alert(4, 1))).await;
    let outcomes = running.outcomes(4).await;
    assert_eq!((&outcomes[&1], &outcomes[&4]), (&Outcome::Delivered, &Outcome::Delivered));
    for (ticket, words) in [(2, "surprise"), (3, "tomorrow")] {
        let Outcome::Rejected { reason } = &outcomes[&ticket] else { panic!("{outcomes:?}") };
        assert!(reason.contains(words), "{reason}");
    }
    node.put_index_settings(INDICES, &json!({"index.blocks.read_only_allow_delete": true}))?;
    running.sink.send(outgoing(5, an_alert(5, 1))).await;
    let why = running.down().await;
    assert!(why.contains("read-only-allow-delete"), "{why}");
    node.put_index_settings(INDICES, &json!({"index.blocks.read_only_allow_delete": null}))?;
    running.delivered(1).await;
    running.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_credentials_are_checked_at_start_and_read_again_when_refused() -> Result<(), ServerError> {
    let mut node = Elasticsearch::start(&ElasticsearchOptions::default())?;
    let password = SecretFile::new("wrong");
    for more in [json!({}), json!({"manage_template": false})] {
        let error = try_run(elasticsearch(&node, &password, more)).await.err().unwrap();
        assert!(matches!(&error, SinkError::Refused { said, .. } if said.contains("401")), "{error}");
    }
    password.write(node.writer_password());
    run(elasticsearch(&node, &password, json!({"manage_template": false}))).await.close().await;
    let stranger = json!({"tls": {"ca_file": node.stranger_ca_pem_path()}});
    let untrusted = run(elasticsearch(&node, &password, stranger)).await;
    let why = untrusted.down().await;
    assert!(why.contains("certificate"), "{why}");
    untrusted.close().await;

    node.stop();
    password.write("wrong again");
    let mut running = run(elasticsearch(&node, &password, json!({}))).await;
    running.sink.send(outgoing(1, an_alert(1, 1))).await;
    let why = running.down().await;
    assert!(why.contains("cannot be reached"), "{why}");
    node.restart()?;
    let mut health = running.sink.watch_health();
    let refused = |health: &Health| matches!(health, Health::Down { since_message } if since_message.contains("401"));
    tokio::time::timeout(SOON, health.wait_for(refused)).await.unwrap().unwrap();
    password.write(node.writer_password());
    running.delivered(1).await;
    running.close().await;
    assert_eq!(node.search_all(INDICES)?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_gets_everything_once_through_outages_and_limits() -> Result<(), ServerError> {
    let mut node = Elasticsearch::start(&ElasticsearchOptions::default())?;
    let password = SecretFile::new(node.writer_password());
    let dead_first = json!({
        "hosts": ["https://127.0.0.1:9", node.url()],
        "request_timeout": "3s",
        "batch": {"documents": 40, "max_bytes": "1MiB", "linger": "20ms"},
    });
    let mut running = run(elasticsearch(&node, &password, dead_first)).await;
    let total = 600_u64;
    for ticket in 0..200 {
        running.sink.send(outgoing(ticket, an_alert(u128::from(ticket), 1))).await;
    }
    running.outcomes(50).await;
    node.kill();
    let (handle, rest) = (&running.sink, 200..400);
    let feed = async {
        for ticket in rest {
            handle.send(outgoing(ticket, an_alert(u128::from(ticket), 1))).await;
        }
    };
    // Requests of about 40 kB uncompressed per ten documents: most are too large, many are too much at once.
    let limits = ElasticsearchOptions::default().coordinating_limit("60kb").max_content_length("48kb");
    let restart = async { tokio::task::block_in_place(|| node.restart_with(&limits)) };
    let ((), restarted) = tokio::join!(feed, restart);
    restarted?;
    running.delivered(350).await;
    node.freeze();
    for ticket in 400..total {
        if running.sink.try_send(outgoing(ticket, an_alert(u128::from(ticket), 1))).is_err() {
            node.thaw();
            running.sink.send(outgoing(ticket, an_alert(u128::from(ticket), 1))).await;
        }
    }
    running.down().await;
    node.thaw();
    running.delivered(200).await;

    let mut large = an_alert(u128::from(total), 1);
    large.rule = Arc::new(RuleCard {
        triage: (0..3000).map(|step| format!("step {step} {step:x}")).collect(),
        ..(*rule()).clone()
    });
    running.sink.send(outgoing(total, large)).await;
    let outcomes = running.outcomes(1).await;
    assert!(
        matches!(&outcomes[&total], Outcome::Rejected { reason } if reason.contains("413")),
        "a document that alone is too large is refused: {outcomes:?}"
    );
    running.close().await;
    let hits = node.search_all(INDICES)?;
    assert_eq!(hits.len() as u64, total);
    assert!(hits.iter().all(|hit| hit["_version"] == 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_8_and_9_take_the_same_documents() -> Result<(), ServerError> {
    for version in [ElasticsearchVersion::Eight, ElasticsearchVersion::Nine] {
        let mut node = Elasticsearch::start(&ElasticsearchOptions::default().version(version))?;
        let password = SecretFile::new(node.writer_password());
        let config = elasticsearch(&node, &password, json!({}));
        takes_the_same_documents_and_comes_back(&mut node, config).await?;
    }
    Ok(())
}
