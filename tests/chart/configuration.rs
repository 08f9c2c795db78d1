//! The configuration that the chart writes, before the program that reads it: valid, and everything that it refers to is
//! mounted or set in the pod.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::rendered::{cases, manifests, of_kind, only};
use crate::tools::root;

/// Texts of a tree with the key that each stands under.
fn texts(value: &Value, key: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((key.to_owned(), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, key, found)),
        Value::Object(map) => map.iter().for_each(|(key, value)| texts(value, key, found)),
        _ => {}
    }
}

fn check(case: &str, configuration: &str, variables: &[String]) {
    let output = Command::new(env!("CARGO_BIN_EXE_clarion"))
        .args(["config", "check", "--config", configuration])
        .env_clear()
        .envs(variables.iter().map(|name| (name, "secret")))
        .output()
        .unwrap();
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_program_takes_it_and_finds_in_the_pod_what_it_names() {
    for case in cases() {
        let manifests = manifests(&case);
        let text = of_kind(&manifests, "ConfigMap")
            .into_iter()
            .find_map(|map| map["data"]["clarion.yaml"].as_str())
            .expect("the configuration");
        let pod = &only(&manifests, "StatefulSet")["spec"]["template"]["spec"]["containers"][0];
        let mounts: Vec<&str> =
            pod["volumeMounts"].as_array().unwrap().iter().map(|mount| mount["mountPath"].as_str().unwrap()).collect();
        let is_mounted =
            |path: &str| mounts.iter().any(|mount| path == *mount || path.starts_with(&format!("{mount}/")));
        let variables: Vec<String> =
            pod["env"].as_array().into_iter().flatten().map(|one| one["name"].as_str().unwrap().to_owned()).collect();

        let folder = tempfile::tempdir().unwrap();
        let here = |path: &str| format!("{}{path}", folder.path().display());
        let mut named = Vec::new();
        texts(&serde_saphyr::from_str(text).unwrap(), "", &mut named);
        for (key, text) in &named {
            if key == "env" {
                assert!(variables.contains(text), "{case}: variable {text} is not set");
            } else if text.starts_with("/usr/share/clarion/") {
                assert!(std::fs::read_to_string(root().join("Dockerfile")).unwrap().contains(text), "{case}: {text}");
            } else if text.starts_with('/') {
                assert!(is_mounted(text), "{case}: {text} is not mounted");
                if text.starts_with("/etc/clarion/") {
                    let path = here(text);
                    std::fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
                    std::fs::write(path, "secret").unwrap();
                }
            }
        }
        let file = here("/clarion.yaml");
        let moved = text.replace("/etc/clarion/", &here("/etc/clarion/")).replace("/var/lib/", &here("/var/lib/"));
        std::fs::write(&file, moved).unwrap();
        check(&case, &file, &variables.into_iter().filter(|name| !name.starts_with("CLARION_")).collect::<Vec<_>>());
        assert_eq!(pod["args"], serde_json::json!(["run", "--config", "/etc/clarion/config/clarion.yaml"]), "{case}");
    }
}

/// Probes, ports and the address that the program is told.
#[test]
fn probes_ask_where_it_listens() {
    for case in cases() {
        let manifests = manifests(&case);
        let text = of_kind(&manifests, "ConfigMap")[0]["data"]["clarion.yaml"].as_str().unwrap();
        let configuration: Value = serde_saphyr::from_str(text).unwrap();
        let pod = &only(&manifests, "StatefulSet")["spec"]["template"]["spec"]["containers"][0];
        let port = pod["ports"][0]["containerPort"].as_u64().unwrap();
        assert_eq!(configuration["admin"]["listen"], format!("0.0.0.0:{port}"), "{case}");
        let asked = |probe: &str| {
            assert_eq!(pod[probe]["httpGet"]["port"], pod["ports"][0]["name"], "{case}");
            pod[probe]["httpGet"]["path"].as_str().unwrap().to_owned()
        };
        assert_eq!(
            [asked("startupProbe"), asked("livenessProbe"), asked("readinessProbe")],
            ["/livez", "/livez", "/readyz"]
        );
    }
}

#[test]
fn rules_of_the_values_are_rules() {
    let folder = tempfile::tempdir().unwrap();
    let manifests = manifests("everything");
    let rules = of_kind(&manifests, "ConfigMap")
        .into_iter()
        .find(|map| map["metadata"]["name"].as_str().unwrap().ends_with("-rules"))
        .expect("rules");
    for (name, text) in rules["data"].as_object().unwrap() {
        std::fs::write(folder.path().join(name), text.as_str().unwrap()).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_clarion"))
        .args(["rules", "check", "rules"])
        .arg(folder.path())
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
