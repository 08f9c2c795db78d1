//! The alerts of the chart before promtool: their rules are valid, and each fires and is silent when it should
//! (`tests.yaml` beside this file).

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::rendered::{manifests, only};
use crate::tools::{promtool, root};

/// Writes the rules as Prometheus reads them, without what the operator adds.
fn write_rules(folder: &Path, change: impl Fn(&mut Value)) -> BTreeSet<String> {
    let manifests = manifests("everything");
    let mut rules = only(&manifests, "PrometheusRule")["spec"].clone();
    let mut names = BTreeSet::new();
    for rule in rules["groups"][0]["rules"].as_array_mut().unwrap() {
        names.insert(rule["alert"].as_str().unwrap().to_owned());
        change(rule);
    }
    std::fs::write(folder.join("rules.yaml"), rules.to_string()).unwrap();
    names
}

#[test]
fn promtool_takes_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let names = write_rules(folder.path(), |_| {});
    let said = promtool(folder.path(), ["check", "rules", "--lint-fatal", "rules.yaml"]).or_fail("check rules");
    assert!(said.contains(&format!("{} rules found", names.len())), "{said}");
}

#[test]
fn every_alert_fires_and_is_silent_when_it_should() {
    let folder = tempfile::tempdir().unwrap();
    // what is written in the tests is the one text with values in it
    let names = write_rules(folder.path(), |rule| {
        let annotations = rule["annotations"].as_object_mut().unwrap();
        annotations.retain(|name, _| name == "description");
    });
    let text = std::fs::read_to_string(root().join("tests/chart/alerts/tests.yaml")).unwrap();
    std::fs::write(folder.path().join("tests.yaml"), &text).unwrap();
    promtool(folder.path(), ["test", "rules", "tests.yaml"]).or_fail("test rules");

    let tests: Value = serde_saphyr::from_str(&text).unwrap();
    let checks =
        || tests["tests"].as_array().unwrap().iter().flat_map(|test| test["alert_rule_test"].as_array().unwrap());
    let tested = |fires: bool| -> BTreeSet<String> {
        let of_kind = checks().filter(|check| (check["exp_alerts"] != json!([])) == fires);
        of_kind.map(|check| check["alertname"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(tested(true), names, "each fires in a test");
    assert_eq!(tested(false), names, "each is silent in a test");
}

#[test]
fn an_alert_that_is_not_wanted_is_not_there() {
    let values = "tests/chart/cases/everything/values.yaml";
    let mut arguments: Vec<&str> = crate::rendered::template_arguments(values).to_vec();
    arguments.extend(["--set", "prometheusRule.disabled[0]=ClarionLag,prometheusRule.thresholds.outbox=99"]);
    let text = crate::tools::helm(arguments).or_fail("disabled");
    assert!(!text.contains("alert: ClarionLag") && text.contains("alert: ClarionLateEvents"));
    assert!(text.contains("> 99\""), "thresholds come from the values");
}
