//! What the chart gives stands in the repository, so that a change to it is seen. `CLARION_RENEW=1 cargo test --test chart` writes
//! it anew; the difference is then for people to read.

use crate::rendered::{cases, text};
use crate::tools::{helm, root};

#[test]
fn helm_lint_has_nothing_against_it() {
    for case in cases() {
        let values = format!("tests/chart/cases/{case}/values.yaml");
        helm(["lint", "--strict", "helm/clarion", "--values", &values]).or_fail(&case);
    }
    helm(["lint", "--strict", "helm/clarion"]).or_fail("without values");
}

#[test]
fn it_gives_what_is_expected() {
    for case in cases() {
        let path = root().join("tests/chart/cases").join(&case).join("golden.yaml");
        let rendered = text(&case);
        if std::env::var_os("CLARION_RENEW").is_some() {
            std::fs::write(&path, &rendered).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        let difference = rendered.lines().zip(expected.lines()).find(|(now, before)| now != before);
        assert!(
            rendered == expected,
            "{case}: `CLARION_RENEW=1 cargo test --test chart`, and read the difference; it begins with {difference:?}"
        );
    }
}

#[test]
fn it_is_of_the_programs_version() {
    let chart: serde_json::Value =
        serde_saphyr::from_str(&std::fs::read_to_string(root().join("helm/clarion/Chart.yaml")).unwrap()).unwrap();
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn other_rules_are_no_other_pod_and_another_configuration_is() {
    let values = "tests/chart/cases/everything/values.yaml";
    let checksum = |set: &str| {
        let mut arguments: Vec<&str> = crate::rendered::template_arguments(values).to_vec();
        arguments.extend(["--set-string", set]);
        let text = helm(arguments).or_fail(set);
        text.lines().find(|line| line.contains("checksum/config")).unwrap().to_owned()
    };
    let plain = checksum("podLabels.team=governance");
    assert_eq!(plain, checksum("rules.inline.overridden\\.yml=title: another"));
    assert_ne!(plain, checksum("config.log.level=debug"));
}

#[test]
fn the_values_of_the_operators_guide_are_taken() {
    let page = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let (_, behind) = page.split_once("<!-- values of the chart -->\n```yaml\n").expect("the example");
    let folder = tempfile::tempdir().unwrap();
    let values = folder.path().join("values.yaml");
    std::fs::write(&values, behind.split("\n```").next().unwrap()).unwrap();
    let text = helm(crate::rendered::template_arguments(values.to_str().unwrap())).or_fail("docs/operations.md");
    assert!(text.contains("kind: PrometheusRule") && text.contains("runbook_url: "), "{text}");
}
