//! The chart with the values of a case, in the control plane.

use serde_json::Value;

use crate::control_plane::ControlPlane;

/// A case of `tests/chart/cases`, by whose name the release goes.
pub(crate) struct Release<'a> {
    plane: &'a ControlPlane,
    name: String,
    values: String,
}

impl<'a> Release<'a> {
    pub(crate) fn of(plane: &'a ControlPlane, case: &str) -> Self {
        let values = format!("tests/chart/cases/{case}/values.yaml");
        Self { plane, name: case.replace('_', "-"), values }
    }

    /// Helm's command for this chart and these values; every case runs here, also the one that is stopped.
    fn with_chart(&self, words: &[&str]) -> String {
        // without a server to ask, Helm takes a version that is older than the chart allows
        let version: &[&str] = if words[0] == "template" { &["--kube-version", "1.34.0"] } else { &[] };
        let values = ["helm/clarion", "--values", &self.values, "--set", "replicas=1"];
        let all: Vec<&str> = [words, version, &values].concat();
        self.plane.helm(&all).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn manifests(&self) -> Vec<Value> {
        serde_saphyr::from_multiple(&self.with_chart(&["template", &self.name])).unwrap()
    }

    fn set(&self) -> Value {
        self.manifests().into_iter().find(|manifest| manifest["kind"] == "StatefulSet").unwrap()
    }

    fn full_name(&self) -> String {
        self.set()["metadata"]["name"].as_str().unwrap().to_owned()
    }

    pub(crate) fn pod_template(&self) -> Value {
        self.set()["spec"]["template"].clone()
    }

    /// The claim with the state.
    pub(crate) fn claim(&self) -> String {
        let volumes = self.pod_template()["spec"]["volumes"].as_array().unwrap().clone();
        let existing = volumes.iter().find_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str());
        existing.map_or_else(|| format!("state-{}-0", self.full_name()), str::to_owned)
    }

    /// The API server knows every field of every object.
    pub(crate) fn is_taken_strictly(&self) {
        let text = self.with_chart(&["template", &self.name, "--no-hooks"]);
        let arguments = ["create", "--dry-run=server", "--validate=strict", "-f", "-"];
        self.plane.kubectl(&arguments, &text).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let wrong = text.replace("podManagementPolicy:", "podManagementPolizy:");
        let refused = self.plane.kubectl(&arguments, &wrong).unwrap_err();
        assert!(refused.contains("podManagementPolizy"), "{refused}");
    }

    pub(crate) fn install(&self) {
        let notes = self.with_chart(&["install", &self.name]);
        assert!(notes.contains("STATUS: deployed") && notes.contains("is installed as"), "{notes}");
    }

    pub(crate) fn all_objects_are_there(&self) {
        let manifest = self.plane.helm(&["get", "manifest", &self.name]).unwrap();
        let there = self.plane.kubectl(&["get", "--output=name", "-f", "-"], &manifest).unwrap();
        assert_eq!(there.lines().count(), manifest.matches("\nkind: ").count(), "{there}");
    }

    fn get_pod(&self) -> Option<Value> {
        let name = format!("{}-0", self.full_name());
        let text = self.plane.kubectl(&["get", "pod", &name, "--namespace", "governance", "--output=json"], "").ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The pod that the StatefulSet's controller has made, which the API server has admitted.
    pub(crate) fn pod(&self) -> Value {
        self.plane.wait_for(&format!("the pod of {} is admitted", self.name), || self.get_pod().is_some());
        self.get_pod().unwrap()
    }

    /// There is no node to run it on, so it is only asked whether it may be made.
    pub(crate) fn the_pod_of_the_test_is_admitted(&self) {
        let hook = self.plane.helm(&["get", "hooks", &self.name]).unwrap();
        let made = self.plane.kubectl(&["create", "--dry-run=server", "--validate=strict", "-f", "-"], &hook).unwrap();
        assert!(made.contains("-test created"), "{made}");
    }

    /// Another configuration gives another pod, although the one before never became ready.
    pub(crate) fn upgrade_replaces_the_pod(&self, before: &Value) {
        let checksum = |pod: &Value| pod["metadata"]["annotations"]["checksum/config"].clone();
        self.with_chart(&["upgrade", &self.name, "--set", "config.log.level=warn"]);
        self.plane.wait_for(&format!("the pod of {} is replaced", self.name), || {
            self.get_pod().is_some_and(|pod| checksum(&pod) != checksum(before))
        });
        let history = self.plane.helm(&["history", &self.name]).unwrap();
        assert!(history.contains("superseded") && history.contains("Upgrade complete"), "{history}");
    }

    pub(crate) fn uninstall_keeps_the_claim(&self) {
        self.plane.helm(&["uninstall", &self.name]).unwrap();
        self.plane.wait_for(&format!("the pod of {} is gone", self.name), || self.get_pod().is_none());
        let claims = ["get", "persistentvolumeclaims", "--namespace", "governance", "--output=name"];
        let claims = self.plane.kubectl(&claims, "").unwrap();
        let made = self.set()["spec"]["volumeClaimTemplates"].is_array();
        assert_eq!(claims.contains(&format!("/{}\n", self.claim())), made, "{claims}");
    }
}
