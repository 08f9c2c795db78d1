//! Messages of a chat: Slack's bounds hold and nobody is mentioned, whatever is told; the address is in nothing that is said.

use serde_json::{Value, json};

use super::*;
use crate::sink::SinkConfig;
use crate::sink::notify::arbitrary::{alert, hostile_messages, told};
use crate::sink::scripted_http::{Answer as HttpAnswer, ScriptedHttp};

fn slack(address: &str, more: &Value) -> (Slack, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    std::fs::write(&file, address).unwrap();
    let mut config = json!({"url": {"file": file}});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let config: SlackConfig = serde_json::from_value(config).unwrap();
    assert_eq!(config.fault(), None);
    (Slack::new("on-call", &config, Arc::default()).unwrap(), folder)
}

fn texts(block: &Value) -> &str {
    block["text"]["text"].as_str().unwrap()
}

#[test]
fn the_usual_message_is_within_slacks_bounds_and_mentions_nobody() {
    let (slack, _folder) = slack("https://hooks.example.com/T/B/x", &json!({}));
    for message in hostile_messages() {
        let body: Value = serde_json::from_slice(&slack.compose(&message)).unwrap();
        let text = body["text"].as_str().unwrap();
        assert!(text.chars().count() <= 40_000);
        let blocks = body["blocks"].as_array().unwrap();
        assert!((2..=50).contains(&blocks.len()), "{}", blocks.len());
        assert!(texts(&blocks[0]).chars().count() <= 150);
        for block in &blocks[1..] {
            assert!((1..=3000).contains(&texts(block).chars().count()));
        }
        for shown in blocks[1..].iter().map(texts).chain([text]) {
            assert!(
                !shown.contains("<!") && !shown.contains("<@") && !shown.contains("@here") && !shown.contains("@all")
            );
            // every link is one of ours, whole
            for link in shown.split('<').skip(1) {
                assert!(link.starts_with("https://") && link.contains('|') && link.contains('>'), "{link}");
            }
        }
        for notice in message.alerts.iter().chain(&message.more) {
            assert!(text.contains(&notice.id), "every alert is named");
        }
    }
}

#[test]
fn a_message_says_what_one_wants_to_know_at_night() {
    let (slack, _folder) = slack("https://hooks.example.com/T/B/x", &json!({"channel": "#ai-on-call"}));
    let body: Value = serde_json::from_slice(&slack.compose(&told(vec![alert(1, 1)], vec![alert(2, 2)]))).unwrap();
    assert_eq!(texts(&body["blocks"][0]), "[HIGH] Model promoted without approval: credit (and 1 more)");
    let first = texts(&body["blocks"][1]);
    for words in [
        "Model credit did what it should not",
        "1 event, 2026-11-21 08:00:00 UTC",
        "|Open in the console>",
        "<https://example.com/runbook|Runbook>",
        "<https://atlas.mitre.org/techniques/AML.T0010|AML.T0010 AI Supply Chain Compromise>",
        "1. Ask the owner",
    ] {
        assert!(first.contains(words), "{words}: {first}");
    }
    assert!(texts(&body["blocks"][2]).contains("*1 more alerts*, held back by the limit"));
    assert_eq!(body["channel"], "#ai-on-call");
}

#[test]
fn a_template_replaces_the_text_and_is_cut_to_blocks() {
    let (slack, _folder) = slack("https://hooks.example.com/x", &json!({"text": "*{{ title }}* {{ 'x' * 50000 }}"}));
    let body: Value = serde_json::from_slice(&slack.compose(&told(vec![alert(1, 1)], vec![]))).unwrap();
    assert!(body["text"].as_str().unwrap().starts_with("*[HIGH] Model promoted"));
    assert!(body["text"].as_str().unwrap().chars().count() <= 40_000);
    assert!(body["blocks"].as_array().unwrap().iter().all(|block| texts(block).chars().count() <= 3000));
}

#[tokio::test]
async fn the_address_is_a_secret() {
    let server = ScriptedHttp::start(|_, _| HttpAnswer::json(404, "no_service"));
    let (slack, folder) = slack(&format!("{}/services/T0/B0/hunter2", server.url()), &json!({}));
    let message = slack.compose(&told(vec![alert(1, 1)], vec![]));
    let refused = format!("{:?}", slack.send(&message).await);
    assert!(refused.contains("404: no_service"), "{refused}");
    drop(server);
    let unreachable = format!("{:?}", slack.send(&message).await);
    assert!(unreachable.contains("cannot be reached"), "{unreachable}");
    std::fs::write(folder.path().join("url"), "hunter2").unwrap();
    let broken = format!("{:?}", slack.send(&message).await);
    assert!(broken.contains("must be https://"), "{broken}");
    for said in [refused, unreachable, broken, format!("{:?}", slack.config)] {
        assert!(!said.contains("hunter2"), "{said}");
    }
    let literal =
        serde_json::from_value::<SinkConfig>(json!({"type": "slack", "url": "https://hooks.example.com/hunter2"}));
    let error = literal.unwrap_err().to_string();
    assert!(error.contains("{env: NAME}") && !error.contains("hunter2"), "{error}");
}
