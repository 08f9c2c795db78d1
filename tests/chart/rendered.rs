//! The chart with the values of a case, as Helm renders it. A case is a folder of `tests/chart/cases` with `values.yaml` and
//! `golden.yaml`.

use serde_json::Value;

use crate::tools::{helm, root};

/// The version of Kubernetes that charts are rendered for.
const KUBERNETES: &str = "1.34.0";

/// Names of the cases.
pub(crate) fn cases() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root().join("tests/chart/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 5, "{names:?}");
    names
}

/// Arguments of `helm template` for a case.
pub(crate) fn template_arguments(values: &str) -> [&str; 9] {
    [
        "template",
        "clarion",
        "helm/clarion",
        "--namespace",
        "governance",
        "--kube-version",
        KUBERNETES,
        "--values",
        values,
    ]
}

/// What Helm renders of a case.
pub(crate) fn text(case: &str) -> String {
    let values = format!("tests/chart/cases/{case}/values.yaml");
    helm(template_arguments(&values)).or_fail(case)
}

/// The manifests of a case.
pub(crate) fn manifests(case: &str) -> Vec<Value> {
    let found: Vec<Value> = serde_saphyr::from_multiple(&text(case)).unwrap();
    assert!(found.len() >= 4, "{case}: {found:?}");
    found
}

/// The manifests of one kind.
pub(crate) fn of_kind<'a>(manifests: &'a [Value], kind: &str) -> Vec<&'a Value> {
    manifests.iter().filter(|manifest| manifest["kind"] == kind).collect()
}

/// The only manifest of a kind.
pub(crate) fn only<'a>(manifests: &'a [Value], kind: &str) -> &'a Value {
    let found = of_kind(manifests, kind);
    assert_eq!(found.len(), 1, "{kind}: {found:?}");
    found[0]
}
