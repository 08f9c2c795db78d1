//! What Clarion writes, before the programs of others that judge it: Splunk's AppInspect, kb-dashboard, Tenzir (`ocsf`), and Schemathesis (`schemathesis`).
//! `tests/validators/install` puts them into `.cache/servers`; one that is missing makes its test fail.

mod ocsf;
mod schemathesis;

use std::path::Path;
use std::process::Command;

use clarion::dashboard::{SHIPPED, Show, read};
use serde_json::Value;

use crate::servers::installed;

/// Runs one of the programs in a folder, and gives what it printed; it must succeed.
fn run(program: &'static str, folder: &Path, arguments: &[&str]) -> String {
    let path = installed(program, &format!("validators/bin/{program}")).unwrap();
    let output = Command::new(path).args(arguments).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    said
}

#[test]
fn splunks_appinspect_has_nothing_against_the_app() {
    let folder = tempfile::tempdir().unwrap();
    let packed = Command::new(env!("CARGO_BIN_EXE_clarion"))
        .args(["dashboards", "package", "--splunk", "clarion_app.tar.gz"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(packed.status.success(), "{packed:?}");
    let report = ["--mode", "precert", "--data-format", "json", "--output-file", "report.json"];
    let said = run("splunk-appinspect", folder.path(), &[&["inspect", "clarion_app.tar.gz"], &report[..]].concat());
    let report: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("report.json")).unwrap()).unwrap();
    let of = |result: &str| report["summary"][result].as_u64().unwrap();
    for bad in ["error", "failure", "future_failure", "warning"] {
        assert_eq!(of(bad), 0, "{bad}: {said}");
    }
    assert!(of("success") > 80, "it looked at something: {}", report["summary"]);
}

#[test]
fn kb_dashboard_takes_kibanas_saved_objects_apart_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let description = read(SHIPPED).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards/kibana/clarion.ndjson");
    let text = std::fs::read_to_string(file).unwrap();
    let mut seen = 0;
    // it reads one dashboard a file
    for line in text.lines() {
        let object: Value = serde_json::from_str(line).unwrap();
        let id = object["id"].as_str().unwrap();
        let Some(dashboard) = id.strip_prefix("clarion-").and_then(|id| description.dashboard(id)) else { continue };
        seen += 1;
        let (input, parts, stubs) = (format!("{id}.ndjson"), format!("{id}-parts"), format!("{id}.yaml"));
        std::fs::write(folder.path().join(&input), line).unwrap();
        run("kb-dashboard", folder.path(), &["disassemble", &input, "--output", &parts]);
        let mut panels: Vec<String> = std::fs::read_dir(folder.path().join(&parts).join("panels"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        panels.sort();
        assert_eq!(panels.len(), dashboard.panels.len(), "{panels:?}");
        for (number, (file, panel)) in panels.iter().zip(&dashboard.panels).enumerate() {
            let kind = match panel.show {
                Show::Markdown(_) => "visualization",
                Show::Documents(_) => "search",
                _ => "lens",
            };
            assert_eq!(*file, format!("{number:03}_{}_{kind}.json", panel.id));
        }
        run("kb-dashboard", folder.path(), &["decompile", &input, "--output", &stubs]);
        let stubs = std::fs::read_to_string(folder.path().join(&stubs)).unwrap();
        assert!(stubs.contains(&dashboard.title), "{stubs}");
    }
    assert_eq!(seen, description.dashboards.len());
}
