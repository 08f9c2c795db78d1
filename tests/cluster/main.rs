//! The chart in a real Kubernetes control plane: `./test cluster`. It starts etcd, kube-apiserver and kube-controller-manager on
//! free loopback ports, installs every case of `tests/chart/cases` with `helm install` into a namespace that admits restricted
//! pods only, upgrades and uninstalls it, and stops everything. There is no node: pods are admitted and wait, none runs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod control_plane;
mod release;

use std::path::Path;

use serde_json::{Value, json};

use control_plane::ControlPlane;
use release::Release;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One control plane for all of it: starting one is most of the time.
#[test]
fn the_chart_in_a_control_plane() {
    let plane = ControlPlane::start();
    plane.apply("tests/cluster/prometheus_operator.yaml");
    plane.apply("tests/cluster/around.yaml");
    let is_served = |what: &[&str]| plane.kubectl(&[&["get", "--namespace", "governance"], what].concat(), "").is_ok();
    plane.wait_for("the custom resources are served", || is_served(&["servicemonitors,prometheusrules"]));
    plane.wait_for("the namespace has its service account", || is_served(&["serviceaccount", "default"]));
    for case in ["minimal", "secured", "existing", "assigned_ids", "everything"] {
        println!("cluster: case {case}");
        let release = Release::of(&plane, case);
        release.is_taken_strictly();
        release.install();
        release.all_objects_are_there();
        let pod = release.pod();
        the_pod_is_of_the_template(&release, &pod);
        release.the_pod_of_the_test_is_admitted();
        release.upgrade_replaces_the_pod(&pod);
        release.uninstall_keeps_the_claim();
    }
    what_is_not_restricted_is_refused(&plane);
}

fn the_pod_is_of_the_template(release: &Release<'_>, pod: &Value) {
    let security = &pod["spec"]["containers"][0]["securityContext"];
    assert_eq!(security["readOnlyRootFilesystem"], json!(true), "{security}");
    assert_eq!(pod["metadata"]["ownerReferences"][0]["kind"], "StatefulSet");
    let volumes = pod["spec"]["volumes"].as_array().unwrap();
    assert!(
        volumes.iter().any(|volume| volume["persistentVolumeClaim"]["claimName"] == release.claim()),
        "{volumes:?}"
    );
    assert!(!volumes.iter().any(|volume| volume["projected"].is_object()), "no token is mounted: {volumes:?}");
}

/// The namespace does refuse: the pod of the chart, made worse one step at a time.
fn what_is_not_restricted_is_refused(plane: &ControlPlane) {
    let release = Release::of(plane, "minimal");
    let template = release.pod_template();
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "worse", "namespace": "governance"},
        "spec": template["spec"]});
    // in place of the claim that a StatefulSet adds
    pod["spec"]["volumes"].as_array_mut().unwrap().push(json!({"name": "state", "emptyDir": {}}));
    pod["spec"]["serviceAccountName"] = json!("default");
    let ask = |pod: &Value| plane.kubectl(&["create", "--dry-run=server", "-f", "-"], &pod.to_string());
    ask(&pod).expect("the chart's own pod is admitted");
    for (pointer, value, word) in [
        ("/spec/hostNetwork", json!(true), "hostNetwork"),
        ("/spec/securityContext/runAsNonRoot", json!(false), "runAsNonRoot"),
        ("/spec/securityContext/seccompProfile", json!({"type": "Unconfined"}), "seccompProfile"),
        ("/spec/containers/0/securityContext/capabilities", json!({"add": ["NET_ADMIN"]}), "capabilities"),
        ("/spec/containers/0/securityContext/allowPrivilegeEscalation", json!(true), "allowPrivilegeEscalation"),
        ("/spec/volumes/0", json!({"name": "config", "hostPath": {"path": "/etc"}}), "hostPath"),
    ] {
        let mut worse = pod.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match worse.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
            parent => parent[key] = value,
        }
        let refused = ask(&worse).expect_err(pointer);
        assert!(refused.contains("violates PodSecurity \"restricted:latest\"") && refused.contains(word), "{refused}");
    }
}
