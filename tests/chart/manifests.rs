//! The manifests before Kubernetes' own schemas, strictly: nothing that the API server would not know. The custom resources of
//! the Prometheus operator have none there; `alerts` gives their rules to promtool, and `./test cluster` gives both to a real API
//! server with a definition of ours.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::rendered::{cases, manifests, of_kind, only};
use crate::tools::kubernetes_validate;

/// The oldest and the newest version that are tried.
const VERSIONS: [&str; 3] = ["1.27", "1.34", "1.37"];
/// What is not of Kubernetes itself.
const CUSTOM: [&str; 2] = ["ServiceMonitor", "PrometheusRule"];

#[test]
fn kubernetes_knows_every_field() {
    let folder = tempfile::tempdir().unwrap();
    let mut kinds = BTreeSet::new();
    let mut files = Vec::new();
    for case in cases() {
        for (number, manifest) in manifests(&case).iter().enumerate() {
            let kind = manifest["kind"].as_str().unwrap().to_owned();
            if CUSTOM.contains(&kind.as_str()) {
                assert_eq!(manifest["apiVersion"], "monitoring.coreos.com/v1");
                continue;
            }
            kinds.insert(kind);
            let name = format!("{case}-{number}.json");
            std::fs::write(folder.path().join(&name), manifest.to_string()).unwrap();
            files.push(name);
        }
    }
    let expected =
        ["ConfigMap", "NetworkPolicy", "Pod", "PodDisruptionBudget", "Service", "ServiceAccount", "StatefulSet"];
    assert_eq!(kinds, BTreeSet::from(expected.map(str::to_owned)));
    for version in VERSIONS {
        let arguments = ["-k", version, "--strict"].into_iter().chain(files.iter().map(String::as_str));
        kubernetes_validate(folder.path(), arguments).or_fail(version);
    }
    // it would say so if there were something
    let wrong = r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"x"},"spec":{"prots":[]}}"#;
    std::fs::write(folder.path().join("wrong.json"), wrong).unwrap();
    assert!(!kubernetes_validate(folder.path(), ["-k", "1.34", "--strict", "wrong.json"]).success);
}

fn labels_of(selector: &Value) -> Vec<(String, Value)> {
    let labels = selector.as_object().unwrap();
    assert!(!labels.is_empty());
    labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A selector that selects nothing is valid and useless.
#[test]
fn everything_selects_the_pod_and_not_that_of_the_test() {
    let manifests = manifests("everything");
    let set = only(&manifests, "StatefulSet");
    let engine = &set["spec"]["template"]["metadata"]["labels"];
    let test = &only(&manifests, "Pod")["metadata"]["labels"];
    let service = only(&manifests, "Service");
    let policy = only(&manifests, "NetworkPolicy");
    for selector in [
        &set["spec"]["selector"]["matchLabels"],
        &service["spec"]["selector"],
        &only(&manifests, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        &policy["spec"]["podSelector"]["matchLabels"],
    ] {
        let labels = labels_of(selector);
        assert!(labels.iter().all(|(name, value)| engine[name] == *value), "{selector}");
        assert!(labels.iter().any(|(name, value)| test[name] != *value), "{selector}");
    }
    let monitor = labels_of(&only(&manifests, "ServiceMonitor")["spec"]["selector"]["matchLabels"]);
    assert!(monitor.iter().all(|(name, value)| service["metadata"]["labels"][name] == *value));
    let tester = labels_of(&policy["spec"]["ingress"][0]["from"][0]["podSelector"]["matchLabels"]);
    assert!(tester.iter().all(|(name, value)| test[name] == *value), "the test may ask");
    assert_eq!(set["spec"]["serviceName"], service["metadata"]["name"]);
}

#[test]
fn names_fit_and_volumes_are_there() {
    for case in cases() {
        let manifests = manifests(&case);
        let set = only(&manifests, "StatefulSet");
        let pod = &set["spec"]["template"]["spec"];
        let names = |list: &Value| -> BTreeSet<String> {
            list.as_array().into_iter().flatten().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        let claims = set["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten();
        let claims = claims.map(|claim| claim["metadata"]["name"].as_str().unwrap().to_owned());
        let there: BTreeSet<String> = names(&pod["volumes"]).into_iter().chain(claims).collect();
        assert_eq!(names(&pod["containers"][0]["volumeMounts"]), there, "{case}");
        for map in of_kind(&manifests, "ConfigMap") {
            assert!(map["metadata"]["name"].as_str().unwrap().len() <= 63, "{case}");
        }
    }
}
