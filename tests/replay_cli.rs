//! `clarion replay` as another tool calls it: the contract of docs/replay.md, seen from outside the process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const DENIED: &str = "title: Denied\nid: denied\nlogsource: {category: policy_decision}\ndetection: {selection: {outcome: deny}, condition: selection}\n";

const COUNTED: &str = "title: Denied\nname: denied\nlogsource: {category: policy_decision}\ndetection: {selection: {outcome: deny}, condition: selection}\n---\ntitle: Three denials\nname: three\ncorrelation:\n    type: event_count\n    rules: [denied]\n    group-by: [endpoint.id]\n    timespan: 10m\n    condition: {gte: 3}\n";

const UNREVIEWED: &str = "title: Denied\nname: denied\nlogsource: {category: policy_decision}\ndetection: {selection: {outcome: deny}, condition: selection}\n---\ntitle: Reviewed\nname: reviewed\nlogsource: {category: human_decision}\ndetection: {selection: {kind: review}, condition: selection}\n---\ntitle: Not reviewed\nid: 0f7f2d2e-5f0a-4f0e-9b1f-6a3c1d2e4f50\ndialect: clarion/1\ncorrelation:\n    type: temporal_ordered\n    rules: [denied, reviewed]\n    condition: denied and not reviewed\n    group-by: [decision]\n    timespan: 24h\n";

/// What a call gave.
struct Outcome {
    code: Option<i32>,
    alerts: Vec<Value>,
    errors: String,
}

/// A folder with rules and events.
struct Stage {
    folder: TempDir,
}

impl Stage {
    fn new(rules: &str, events: &[&str]) -> Self {
        let stage = Self { folder: tempfile::tempdir().unwrap() };
        stage.write("rules/rules.yml", rules.as_bytes());
        stage.write("events.ndjson", (events.join("\n") + "\n").as_bytes());
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// `--rules rules --input events.ndjson --output alerts.ndjson` and more.
    fn replay(&self, more: &[&str]) -> Outcome {
        let mut arguments = vec!["--rules", "rules", "--input", "events.ndjson", "--output", "alerts.ndjson"];
        arguments.extend(more);
        let (code, _, errors) = self.call(&arguments, "");
        let written = std::fs::read_to_string(self.path("alerts.ndjson")).unwrap_or_default();
        Outcome { code, alerts: lines(&written), errors }
    }

    fn call(&self, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clarion"))
            .arg("replay")
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // a program that exits early does not read it
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn deny(at: &str, id: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-11-21T{at}Z","id":"{id}","outcome":"deny","endpoint":{{"id":"e"}},"logsource":{{"category":"policy_decision"}}}}"#
    )
}

fn at<'a>(alert: &'a Value, pointer: &str) -> &'a Value {
    alert.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is missing in {alert}"))
}

#[test]
fn an_alert_has_the_keys_that_are_promised() {
    let events = [deny("08:00:00", "a"), deny("08:02:00", "c"), deny("08:01:30", "b")];
    let stage = Stage::new(COUNTED, &[&events[0], "", &events[1], &events[2]]);
    let outcome = stage.replay(&[]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    let [alert] = outcome.alerts.as_slice() else { panic!("{:?}", outcome.alerts) };
    assert_eq!(at(alert, "/@timestamp"), "2026-11-21T08:02:00.000Z");
    assert!(at(alert, "/alert/id").as_str().is_some_and(|id| !id.is_empty()));
    assert!(at(alert, "/alert/revision").as_u64().is_some_and(|revision| revision >= 1));
    assert!(["open", "closed"].contains(&at(alert, "/alert/status").as_str().unwrap()));
    assert_eq!((at(alert, "/rule/id"), at(alert, "/rule/name")), (&"three".into(), &"Three denials".into()));
    assert_eq!(at(alert, "/group"), &serde_json::json!({"endpoint": {"id": "e"}}));
    let evidence: Vec<(u64, &str)> = at(alert, "/events")
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["line"].as_u64().unwrap(), event["id"].as_str().unwrap()))
        .collect();
    assert_eq!(evidence, [(1, "a"), (4, "b"), (3, "c")], "in the order of events; empty lines count");
}

#[test]
fn exit_codes_tell_broken_rules_from_everything_else() {
    let stage = Stage::new(DENIED, &[&deny("08:00:00", "a")]);
    assert_eq!(stage.replay(&[]).code, Some(0));
    stage.write(
        "broken.yml",
        b"title: T\nlogsource: {category: x}\ndetection: {selection: {f|contians: 1}, condition: selction}\n",
    );
    let (code, _, errors) = stage.call(
        &["--rules", "rules", "--rules", "broken.yml", "--input", "events.ndjson", "--output", "never.ndjson"],
        "",
    );
    assert_eq!(code, Some(2));
    assert!(errors.contains("did you mean `contains`?") && errors.contains("did you mean `selection`?"), "{errors}");
    assert!(!stage.path("never.ndjson").exists(), "nothing was run");
    for missing in [
        ["--rules", "rules", "--input", "nowhere.ndjson", "--output", "a.ndjson"],
        ["--rules", "rules", "--input", "events.ndjson", "--output", "nowhere/a.ndjson"],
    ] {
        let (code, _, errors) = stage.call(&missing, "");
        assert_eq!(code, Some(1), "{errors}");
        assert!(errors.contains("nowhere"), "{errors}");
    }
    let (code, _, errors) = stage.call(&["--rules", "nowhere.yml", "--input", "events.ndjson", "--output", "-"], "");
    assert_eq!(code, Some(2), "{errors}");
}

#[test]
fn dashes_are_standard_input_and_output() {
    let stage = Stage::new(DENIED, &[]);
    let input = format!("{}\n{}", deny("08:00:00", "a"), deny("08:00:01", "b"));
    let (code, out, errors) = stage.call(&["--rules", "rules", "--input", "-", "--output", "-"], &input);
    assert_eq!(code, Some(0), "{errors}");
    let alerts = lines(&out);
    assert_eq!(alerts.len(), 2, "a last line without a newline counts");
    assert_eq!(at(&alerts[1], "/events/0/line"), 2);
    assert!(errors.lines().last().unwrap().starts_with("replay: 2 records"), "{errors}");
}

#[test]
fn time_fields_are_read_by_magnitude() {
    let rule =
        "title: D\nid: d\nlogsource: {category: x}\ndetection: {selection: {n|exists: true}, condition: selection}\n";
    let times = ["1795229631", "1795229631000", "1795229631000000", "1795229631000000000", "\"2026-11-21T02:53:51Z\""];
    let events: Vec<String> =
        times.iter().enumerate().map(|(n, time)| format!(r#"{{"meta":{{"ts":{time}}},"n":{n}}}"#)).collect();
    let stage = Stage::new(rule, &events.iter().map(String::as_str).collect::<Vec<_>>());
    let outcome = stage.replay(&["--time-field", "meta.ts", "--any-logsource", "--now", "2026-11-22T00:00:00Z"]);
    assert_eq!(outcome.alerts.len(), 5, "{}", outcome.errors);
    for alert in &outcome.alerts {
        assert_eq!(at(alert, "/@timestamp"), "2026-11-21T02:53:51.000Z");
    }
}

#[test]
fn a_rule_looks_at_its_log_source_unless_told_otherwise() {
    let other = deny("08:00:00", "a").replace("policy_decision", "something_else");
    let none = r#"{"@timestamp":"2026-11-21T08:00:01Z","outcome":"deny"}"#;
    let stage = Stage::new(DENIED, &[&other, none]);
    assert_eq!(stage.replay(&[]).alerts.len(), 0);
    assert_eq!(stage.replay(&["--any-logsource"]).alerts.len(), 2);
}

#[test]
fn revisions_are_written_when_asked_for() {
    let events = [deny("08:00:00", "a"), deny("08:00:10", "b"), deny("08:00:20", "c"), deny("08:00:30", "d")];
    let stage = Stage::new(COUNTED, &events.iter().map(String::as_str).collect::<Vec<_>>());
    let last = stage.replay(&[]).alerts;
    let all = stage.replay(&["--revisions"]).alerts;
    assert_eq!((last.len(), all.len()), (1, 2));
    assert_eq!(last[0], all[1]);
    assert_eq!(at(&all[0], "/alert/id"), at(&all[1], "/alert/id"));
    assert_eq!((at(&all[0], "/alert/revision"), at(&all[0], "/alert/status")), (&1.into(), &"open".into()));
    assert_eq!((at(&all[1], "/alert/revision"), at(&all[1], "/alert/count")), (&2.into(), &4.into()));
}

#[test]
fn findings_are_written_when_asked_for() {
    let denied = [deny("08:00:00", "d1"), deny("08:01:00", "d2")];
    let stage = Stage::new(DENIED, &denied.each_ref().map(String::as_str));
    let Outcome { code, alerts, .. } = stage.replay(&["--format", "ocsf"]);
    assert_eq!((code, alerts.len()), (Some(0), 2));
    let first = &alerts[0];
    assert_eq!((at(first, "/class_uid"), at(first, "/time")), (&json!(2004), &json!(1_795_248_000_000_i64)));
    assert_eq!(at(first, "/finding_info/related_events/0/uid"), "d1");
    assert_eq!(at(first, "/evidences/0/data/line"), 1);
    assert_eq!(first.pointer("/finding_info/data_sources"), None, "there is no topic");
    let schema = serde_json::from_str(include_str!("../schemas/alert.ocsf.json")).unwrap();
    let schema = jsonschema::draft202012::options().build(&schema).unwrap();
    assert!(alerts.iter().all(|alert| schema.is_valid(alert)));
    let again = stage.replay(&["--format", "ecs"]);
    assert_eq!(at(&again.alerts[0], "/alert/id"), at(first, "/finding_info/uid"), "the same alert");
    assert_eq!(stage.replay(&["--format", "cef"]).code, Some(2));
}

#[test]
fn what_cannot_be_used_is_reported_with_its_line_and_the_rest_goes_on() {
    let good = deny("08:00:00", "a");
    let events = [
        "{\"broken\": ",
        &good,
        "no json",
        "[1, 2",
        "{\"entity\": \"model_version\", \"action\": \"exploded\", \"timestamp\": \"2026-11-21T08:00:00Z\", \"data\": {}}",
    ];
    let stage = Stage::new(DENIED, &events);
    let outcome = stage.replay(&[]);
    assert_eq!(outcome.code, Some(0));
    assert_eq!(outcome.alerts.len(), 1);
    for line in ["line 1: ", "line 3: ", "line 4: ", "line 5: "] {
        assert!(outcome.errors.contains(line), "{line}: {}", outcome.errors);
    }
    assert!(outcome.errors.contains("4 records not usable"), "{}", outcome.errors);
}

#[test]
fn bytes_that_are_no_text_and_deep_nesting_are_reported_too() {
    let stage = Stage::new(DENIED, &[]);
    let deep = format!("{}1{}", "{\"a\":".repeat(1000), "}".repeat(1000));
    let mut bytes = b"{\"outcome\": \"caf\xe9\"}\n".to_vec();
    bytes.extend(deep.as_bytes());
    bytes.extend(format!("\n{}\n", deny("08:00:00", "a")).as_bytes());
    stage.write("events.ndjson", &bytes);
    let outcome = stage.replay(&[]);
    assert_eq!((outcome.code, outcome.alerts.len()), (Some(0), 1), "{}", outcome.errors);
    assert!(outcome.errors.contains("line 1: "), "{}", outcome.errors);
}

#[test]
fn lines_come_in_the_order_of_time_rule_and_group() {
    let second = DENIED.replace("id: denied", "id: another");
    let events = [deny("08:00:05", "b"), deny("08:00:00", "a"), deny("08:00:05", "c")];
    let stage = Stage::new(&format!("{DENIED}---\n{second}"), &events.iter().map(String::as_str).collect::<Vec<_>>());
    let alerts = stage.replay(&[]).alerts;
    let order: Vec<(String, String)> = alerts
        .iter()
        .map(|alert| {
            (at(alert, "/@timestamp").as_str().unwrap().to_owned(), at(alert, "/rule/id").as_str().unwrap().to_owned())
        })
        .collect();
    let mut sorted = order.clone();
    sorted.sort();
    assert_eq!(order, sorted);
    assert_eq!(alerts.len(), 6);
    assert_eq!(at(&alerts[0], "/group"), &serde_json::json!({}), "without group-by the group is empty, and there");
}

#[test]
fn any_order_within_the_lateness_gives_the_same_alerts() {
    let times = ["08:00:00", "08:00:20", "08:00:40", "08:00:50"];
    let identities = |order: &[usize]| {
        let events: Vec<String> = order.iter().map(|index| deny(times[*index], &format!("id-{index}"))).collect();
        let stage = Stage::new(COUNTED, &events.iter().map(String::as_str).collect::<Vec<_>>());
        let mut alerts = stage.replay(&["--revisions"]).alerts;
        for event in alerts.iter_mut().flat_map(|alert| alert["events"].as_array_mut().unwrap().iter_mut()) {
            event.as_object_mut().unwrap().remove("line");
        }
        alerts
    };
    let reference = identities(&[0, 1, 2, 3]);
    assert_eq!(reference.len(), 2);
    for order in [[3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]] {
        assert_eq!(identities(&order), reference, "{order:?}");
    }
}

#[test]
fn the_end_of_the_input_decides_what_is_pending() {
    let denied = r#"{"@timestamp":"2026-11-21T08:00:00Z","decision":"d1","outcome":"deny","logsource":{"category":"policy_decision"}}"#;
    let stage = Stage::new(UNREVIEWED, &[denied]);
    let alerts = stage.replay(&[]).alerts;
    assert_eq!(alerts.len(), 1);
    assert_eq!(at(&alerts[0], "/@timestamp"), "2026-11-22T08:00:00.000Z", "an absence alerts at its deadline");
    assert_eq!(at(&alerts[0], "/rule/id"), "0f7f2d2e-5f0a-4f0e-9b1f-6a3c1d2e4f50");
    let review = r#"{"@timestamp":"2026-11-22T08:00:00Z","decision":"d1","kind":"review","logsource":{"category":"human_decision"}}"#;
    let stage = Stage::new(UNREVIEWED, &[denied, review]);
    assert_eq!(stage.replay(&[]).alerts.len(), 0, "a review at the deadline is there");
}

#[test]
fn repeated_late_and_future_records_are_counted() {
    let events = [
        deny("08:00:00", "a"),
        deny("08:00:00", "a"),
        deny("08:10:00", "b"),
        deny("08:00:30", "late"),
        deny("23:00:00", "future"),
    ];
    let stage = Stage::new(COUNTED, &events.iter().map(String::as_str).collect::<Vec<_>>());
    let outcome = stage.replay(&["--now", "2026-11-21T09:00:00Z"]);
    for words in ["5 records", "1 late", "1 repeated", "1 in the future", "0 records not usable"] {
        assert!(outcome.errors.contains(words), "{words}: {}", outcome.errors);
    }
    let patient = stage.replay(&["--now", "2026-11-21T09:00:00Z", "--lateness", "15m"]);
    assert!(patient.errors.contains("0 late"), "{}", patient.errors);
}

#[test]
fn building_blocks_are_silent_unless_they_generate() {
    let events = [deny("08:00:00", "a")];
    let stage = Stage::new(COUNTED, &[&events[0]]);
    assert_eq!(stage.replay(&[]).alerts.len(), 0);
    stage.write("rules/rules.yml", COUNTED.replacen("name: denied", "name: denied\ngenerate: true", 1).as_bytes());
    assert_eq!(stage.replay(&[]).alerts.len(), 1);
}

#[test]
fn folders_are_read_recursively_and_given_paths_are_one_set() {
    let stage = Stage::new(DENIED, &[&deny("08:00:00", "a")]);
    stage.write("rules/deeper/still/more.yaml", DENIED.replace("denied", "deeper").as_bytes());
    stage.write("rules/notes.txt", b"no rule: [");
    stage.write("other/one.yml", DENIED.replace("denied", "other").as_bytes());
    let mut names: Vec<String> = stage
        .replay(&["--rules", "other/one.yml"])
        .alerts
        .iter()
        .map(|alert| at(alert, "/rule/id").as_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["deeper", "denied", "other"]);
}

#[test]
fn the_output_is_the_same_every_time() {
    let events: Vec<String> =
        (0..50).map(|n| deny(&format!("08:{:02}:{:02}", n / 6, n % 6 * 10), &format!("e{n}"))).collect();
    let stage = Stage::new(COUNTED, &events.iter().map(String::as_str).collect::<Vec<_>>());
    let read = |path: &Path| std::fs::read(path).unwrap();
    stage.replay(&[]);
    let first = read(&stage.path("alerts.ndjson"));
    stage.replay(&["--shards", "4"]);
    assert_eq!(first, read(&stage.path("alerts.ndjson")));
    assert!(!first.is_empty());
}

const COUNTED_AS_METRIC: &str = "title: Denied\nname: denied\nlogsource: {category: policy_decision}\ndetection: {selection: {outcome: deny}, condition: selection}\n---\ntitle: Denials\nid: denials\ndialect: clarion/1\nmetric: {name: aigov.denials, unit: requests, every: 10m}\ncorrelation:\n    type: event_count\n    rules: [denied]\n    group-by: [endpoint.id]\n    timespan: 10m\n";

#[test]
fn s20_metrics_go_where_they_are_asked_for_and_are_counted_otherwise() {
    let denied = |time: &str, endpoint: &str| {
        format!(r#"{{"@timestamp": "2026-11-21T{time}Z", "outcome": "deny", "endpoint": {{"id": "{endpoint}"}}}}"#)
    };
    let events = [denied("08:25:00", "b"), denied("08:01:00", "a"), denied("08:02:00", "a"), denied("08:31:00", "b")];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let stage = Stage::new(COUNTED_AS_METRIC, &events);
    let outcome = stage.replay(&["--any-logsource", "--lateness", "1h"]);
    assert_eq!((outcome.code, outcome.alerts.len()), (Some(0), 0), "{}", outcome.errors);
    assert!(outcome.errors.contains("0 alerts, 4 metrics;"), "{}", outcome.errors);
    let outcome = stage.replay(&["--any-logsource", "--lateness", "1h", "--metrics", "metrics.ndjson"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    let written = lines(&std::fs::read_to_string(stage.path("metrics.ndjson")).unwrap());
    let short: Vec<String> = written
        .iter()
        .map(|metric| {
            let time = metric["@timestamp"].as_str().unwrap();
            format!("{} {} {}", &time[11..16], metric["group"]["endpoint"]["id"], metric["clarion"]["metric"]["value"])
        })
        .collect();
    let expected = ["08:10 \"a\" 2.0", "08:20 \"a\" 0.0", "08:30 \"b\" 1.0", "08:40 \"b\" 1.0"];
    assert_eq!(short, expected);
    assert_eq!(written[0]["event"]["kind"], "metric");
    assert_eq!(written[0]["rule"]["id"], "denials");
    let both = stage.call(
        &["--rules", "rules", "--input", "events.ndjson", "--output", "-", "--metrics", "-", "--any-logsource"],
        "",
    );
    assert_eq!((both.0, both.1.as_str()), (Some(1), ""), "{}", both.2);
}
