//! Alerts as OCSF findings, before Tenzir, which has the attributes and enumerations of OCSF 1.8 and warns of what does not
//! belong there. What OCSF requires, which Tenzir does not ask for, is asked for here, from its description of the schema.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use clarion::alert::ocsf_document;
use clarion::demo::generator::{GeneratorSettings, generate};
use clarion::demo::shipped_rules;
use clarion::model::{Alert, AlertStatus, Level, RuleCard, Span, Timestamp};
use clarion::pipeline::rule_tests;
use clarion::rule::load_texts;
use serde_json::{Value, json};

use crate::pipeline::{expected_until, place};
use crate::servers::installed;
use crate::sinks::{a_hostile_alert, an_alert};

const PIPELINE: &str = include_str!("ocsf.tql");
/// 2026-10-05, a Monday.
const START: Timestamp = Timestamp(1_791_158_400_000_000_000);

/// Gives documents to Tenzir: what it made of them, and what it had to say.
fn judged(documents: &[Value]) -> (Vec<Value>, String) {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = documents.iter().map(|document| format!("{document}\n")).collect();
    let mut child = Command::new(installed("tenzir", "tenzir/bin/tenzir").unwrap())
        .arg("--bare-mode")
        .arg("--state-directory")
        .arg(folder.path().join("state"))
        .arg("--cache-directory")
        .arg(folder.path().join("cache"))
        .arg(PIPELINE)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    writing.join().unwrap().unwrap();
    let made = String::from_utf8_lossy(&output.stdout);
    (made.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), said)
}

/// An OCSF object as Tenzir describes it.
#[derive(Default)]
struct Object {
    /// The type of each attribute, and whether the attribute is required.
    attributes: BTreeMap<String, (String, bool)>,
    /// Attributes of which there must be one.
    at_least_one: Vec<String>,
}

/// Tenzir's description of OCSF 1.8.
fn description() -> BTreeMap<String, Object> {
    let python = std::fs::read_dir(installed("tenzir", "tenzir/lib").unwrap()).unwrap().next().unwrap().unwrap().path();
    let file = python.join("site-packages/tenzir/bundled/share/tenzir/schema/types/ocsf/v1_8_0.schema");
    let mut objects: BTreeMap<String, Object> = BTreeMap::new();
    let mut current = String::new();
    for line in std::fs::read_to_string(file).unwrap().lines() {
        if let Some(rest) = line.strip_prefix("type ") {
            current = rest.split(' ').next().unwrap().to_owned();
        } else if let Some(rest) = line.strip_prefix("} #at_least_one=") {
            let one = rest.split('|').map(str::to_owned).collect();
            objects.get_mut(&current).unwrap().at_least_one = one;
        } else if let Some((name, rest)) = line.strip_prefix("  ").and_then(|line| line.split_once(": ")) {
            let kind = rest.split([' ', ',']).next().unwrap();
            let kind = kind.strip_prefix("list<").map_or(kind, |inner| inner.trim_end_matches('>'));
            let required = rest.contains("#required") && !rest.contains("#profile=");
            let object = objects.entry(current.clone()).or_default();
            object.attributes.insert(name.to_owned(), (kind.to_owned(), required));
        }
    }
    assert!(objects.len() > 200, "{}", objects.len());
    objects
}

/// What OCSF requires of an object and is not there.
fn missing(value: &Value, kind: &str, objects: &BTreeMap<String, Object>, path: &str) -> Vec<String> {
    let (members, object) = match (value, objects.get(kind)) {
        (Value::Array(items), _) => {
            return items.iter().flat_map(|item| missing(item, kind, objects, path)).collect();
        }
        (Value::Object(members), Some(object)) => (members, object),
        _ => return Vec::new(),
    };
    let mut absent: Vec<String> = Vec::new();
    for (name, (kind, required)) in &object.attributes {
        match members.get(name) {
            Some(member) => absent.extend(missing(member, kind, objects, &format!("{path}.{name}"))),
            None if *required => absent.push(format!("{path}.{name}")),
            None => {}
        }
    }
    if !object.at_least_one.is_empty() && !object.at_least_one.iter().any(|name| members.contains_key(name)) {
        absent.push(format!("{path}: one of {:?}", object.at_least_one));
    }
    absent
}

const FINDING: &str = "_ocsf.v1_8_0.detection_finding";

/// The last revisions of a week of the demonstration, and of every test of every shipped rule.
fn raised() -> Vec<Alert> {
    let week = generate(&GeneratorSettings { events: 6_000, ..GeneratorSettings::new(11, START) });
    let behind = START.plus(Span::seconds(9 * 86_400));
    let mut alerts = expected_until(&place(&week.records), behind, shipped_rules()).alerts;
    assert!(alerts.len() > 10, "{}", alerts.len());
    let set = load_texts(shipped_rules()).set.unwrap();
    for test in &set.tests {
        alerts.extend(rule_tests::outcome(&set, test).unwrap().alerts);
    }
    alerts
}

/// Everything that an alert can say of itself: each level, each status, nothing that is optional, and hostile values.
fn odd() -> Vec<Alert> {
    let mut alerts = vec![a_hostile_alert(1), Alert { evidence: Vec::new(), group: Vec::new(), ..an_alert(2, 1) }];
    for status in [AlertStatus::Open, AlertStatus::Closed, AlertStatus::Retracted] {
        alerts.extend((1..3).map(|revision| Alert { status, ..an_alert(3, revision) }));
    }
    for (level, status) in Level::ALL.into_iter().zip(["experimental", "test", "stable", "deprecated", "unsupported"]) {
        let mut alert = an_alert(4, 1);
        let status = Some(status.to_owned());
        alert.rule = Arc::new(RuleCard { level, status, triage: Vec::new(), ..(*alert.rule).clone() });
        alerts.push(alert);
    }
    alerts
}

#[test]
fn tenzir_has_nothing_against_any_finding() {
    let mut alerts = raised();
    let statuses: Vec<AlertStatus> = alerts.iter().map(|alert| alert.status).collect();
    for status in [AlertStatus::Open, AlertStatus::Closed, AlertStatus::Retracted] {
        assert!(statuses.contains(&status), "no test of a rule is {status:?}");
    }
    alerts.extend(odd());
    let documents: Vec<Value> = alerts.iter().map(ocsf_document).collect();
    let (made, said) = judged(&documents);
    assert_eq!(said, "", "of {} documents", documents.len());
    let uids = |documents: &[Value]| -> Vec<Value> {
        let mut uids: Vec<Value> = documents.iter().map(|one| one["finding_info"]["uid"].clone()).collect();
        uids.sort_by_key(ToString::to_string);
        uids
    };
    assert_eq!(uids(&made), uids(&documents));
    let objects = description();
    for document in &documents {
        assert_eq!(missing(document, FINDING, &objects, ""), Vec::<String>::new(), "{document}");
    }
}

#[test]
fn tenzir_complains_of_a_damaged_finding() {
    let good = ocsf_document(&an_alert(1, 1));
    for (place, wrong, words) in [
        ("/ai_model", json!({"name": "m"}), "does not exist in schema"),
        ("/finding_info/analytic/stage", json!("live"), "does not exist in schema"),
        ("/evidences/0/src_endpoint/ip", json!("nowhere"), "expected type `ip`"),
        ("/risk_score", json!("high"), "for `risk_score`"),
        ("/status_id", json!(42), "invalid value for `status_id`"),
        ("/severity_id", json!(2), "inconsistency between `severity_id`"),
        ("/activity_id", json!(3), "inconsistency between `activity_id`"),
    ] {
        let mut document = good.clone();
        let (parent, name) = place.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[name] = wrong;
        let (_, said) = judged(&[document]);
        assert!(said.contains(words), "{place}: {said}");
    }
    let objects = description();
    for (parent, name) in [("", "severity_id"), ("/finding_info", "uid"), ("/metadata/product", "name")] {
        let mut document = good.clone();
        document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        assert_eq!(missing(&document, FINDING, &objects, "").len(), 1, "{parent}/{name}");
    }
}
