//! Every pod passes Kubernetes' *restricted* pod security standard, and has what that does not ask for: a read-only root file
//! system and no token. `./test cluster` has the same judged by a real API server.

use serde_json::{Value, json};

use crate::rendered::{cases, manifests};

/// Kinds of volumes that *restricted* allows.
const VOLUMES: [&str; 8] =
    ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

/// What is wrong with a pod.
fn objections(pod: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut must = |is: bool, what: &str| {
        if !is {
            found.push(what.to_owned());
        }
    };
    for host in ["hostNetwork", "hostPID", "hostIPC"] {
        must(pod[host].is_null(), host);
    }
    let security = &pod["securityContext"];
    must(security["runAsNonRoot"] == json!(true), "runAsNonRoot");
    must(security["runAsUser"] != json!(0), "runAsUser");
    must(security["seccompProfile"] == json!({"type": "RuntimeDefault"}), "seccompProfile");
    must(security["sysctls"].is_null(), "sysctls");
    must(pod["automountServiceAccountToken"] == json!(false), "automountServiceAccountToken");
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        let kinds = volume.as_object().unwrap().keys().filter(|key| *key != "name");
        kinds.for_each(|kind| must(VOLUMES.contains(&kind.as_str()), kind));
    }
    let containers = ["initContainers", "containers"].into_iter().flat_map(|key| pod[key].as_array()).flatten();
    for container in containers {
        let security = &container["securityContext"];
        must(security["allowPrivilegeEscalation"] == json!(false), "allowPrivilegeEscalation");
        must(security["capabilities"] == json!({"drop": ["ALL"]}), "capabilities");
        must(security["readOnlyRootFilesystem"] == json!(true), "readOnlyRootFilesystem");
        must(security["privileged"].is_null(), "privileged");
        let ports = container["ports"].as_array().into_iter().flatten();
        ports.for_each(|port| must(port["hostPort"].is_null(), "hostPort"));
        must(container["resources"]["requests"].is_object(), "resources");
    }
    found
}

#[test]
fn every_pod_is_restricted() {
    for case in cases() {
        let manifests = manifests(&case);
        let pods = manifests.iter().filter_map(|manifest| match manifest["kind"].as_str() {
            Some("Pod") => Some(&manifest["spec"]),
            Some("StatefulSet") => Some(&manifest["spec"]["template"]["spec"]),
            _ => None,
        });
        let mut seen = 0;
        for pod in pods {
            assert!(objections(pod).is_empty(), "{case}: {:?}", objections(pod));
            seen += 1;
            let mut worse = pod.clone();
            worse["containers"][0]["securityContext"]["privileged"] = json!(true);
            worse["hostNetwork"] = json!(true);
            assert_eq!(objections(&worse), ["hostNetwork", "privileged"]);
        }
        assert_eq!(seen, 2, "{case}");
    }
}

/// Credentials come from Secrets that are there; the chart makes none and writes none into anything else.
#[test]
fn the_chart_has_no_secrets() {
    for case in cases() {
        for manifest in manifests(&case) {
            assert_ne!(manifest["kind"], "Secret", "{case}");
        }
    }
}
