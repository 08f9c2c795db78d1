//! The file sink on real files.

use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc;

use super::append::Appender;
use super::*;
use crate::sink::deliver::tests::outgoing;
use crate::sink::{ByteSize, Outcome, SinkConfig, SinkError};

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn every_document_is_one_line_before_its_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.ndjson");
    let config = SinkConfig::File(FileConfig {
        name: None,
        format: crate::sink::DocumentFormat::Ecs,
        path: path.clone(),
        rotate_at: None,
    });
    let (sender, mut receipts) = mpsc::unbounded_channel();
    let sink = crate::sink::start(0, &config, sender).await.unwrap();
    for ticket in 0..50 {
        sink.send(outgoing(ticket, u128::from(ticket % 7), ticket)).await;
    }
    for count in 1..=50 {
        assert_eq!(receipts.recv().await.unwrap().outcome, Outcome::Delivered);
        assert!(read(&path).lines().count() >= count);
    }
    sink.close(Duration::from_secs(5)).await;
    let mut revisions: Vec<u64> = Vec::new();
    for line in read(&path).lines() {
        let document: serde_json::Value = serde_json::from_str(line).unwrap();
        revisions.push(document["alert"]["revision"].as_u64().unwrap());
    }
    for alert in 0..7 {
        assert!(revisions.iter().filter(|revision| *revision % 7 == alert).is_sorted(), "{revisions:?}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_error_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = FileConfig {
        name: None,
        format: crate::sink::DocumentFormat::Ecs,
        path: folder.path().join("none/alerts.ndjson"),
        rotate_at: None,
    };
    let (sender, _receipts) = mpsc::unbounded_channel();
    let error = crate::sink::start(0, &SinkConfig::File(config), sender).await.unwrap_err();
    assert!(matches!(error, SinkError::File { .. }), "{error}");
}

#[test]
fn a_line_that_a_crash_cut_off_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.ndjson");
    for (before, after) in [("{\"a\":1}\n{\"b\"", "{\"a\":1}\n{}\n"), ("{\"a\"", "{}\n"), ("", "{}\n")] {
        std::fs::write(&path, before).unwrap();
        Appender::open(&path, None).unwrap().append(b"{}\n").unwrap();
        assert_eq!(read(&path), after);
    }
    let long = format!("{{\"a\":1}}\n{}", "x".repeat(200_000));
    std::fs::write(&path, long).unwrap();
    Appender::open(&path, None).unwrap();
    assert_eq!(read(&path), "{\"a\":1}\n");
}

#[test]
fn a_full_file_is_set_aside_under_the_next_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.ndjson");
    let mut appender = Appender::open(&path, Some(ByteSize(10).0)).unwrap();
    for line in ["1234567\n", "abc\n", "defg\n", "this one is longer than the limit\n", "z\n"] {
        appender.append(line.as_bytes()).unwrap();
    }
    let aside = |number: u8| read(&folder.path().join(format!("alerts.ndjson.{number}")));
    assert_eq!(aside(1), "1234567\n");
    assert_eq!(aside(2), "abc\ndefg\n");
    assert_eq!(aside(3), "this one is longer than the limit\n");
    assert_eq!(read(&path), "z\n");
}

#[test]
fn a_disk_that_is_full_leaves_no_half_line() {
    // /dev/full takes no byte.
    let Ok(mut appender) = Appender::open(Path::new("/dev/full"), None) else { return };
    let error = appender.append(b"{}\n").unwrap_err().to_string();
    assert!(error.contains("cannot write /dev/full"), "{error}");
}
