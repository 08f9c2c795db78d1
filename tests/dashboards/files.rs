//! The files in `dashboards/` are those that the description gives, and the same each time.

use std::path::Path;
use std::process::Command;

use clarion::dashboard::artefacts;

use super::shipped;

#[test]
fn the_files_in_the_repository_are_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
    for file in artefacts(&shipped()) {
        let there = std::fs::read_to_string(root.join(&file.path)).unwrap_or_default();
        assert!(there == file.text, "{} is stale: run `clarion dashboards build`", file.path);
    }
}

#[test]
fn the_same_description_gives_the_same_bytes() {
    assert_eq!(artefacts(&shipped()), artefacts(&shipped()));
    let archive = || clarion::dashboard::splunk::package::archive(&shipped()).unwrap();
    assert_eq!(archive(), archive());
}

#[test]
fn no_two_files_have_one_path() {
    let mut paths: Vec<String> = artefacts(&shipped()).into_iter().map(|file| file.path).collect();
    let count = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), count);
}

/// `clarion dashboards …` in a folder: exit code, and what was said on either channel.
fn clarion(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_clarion"))
        .arg("dashboards")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn check_says_what_is_stale_and_build_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    assert_eq!(clarion(root, &["build", "--check"]).0, 1);
    assert_eq!(clarion(root, &["build"]).0, 0);
    let (code, said) = clarion(root, &["build", "--check"]);
    assert_eq!((code, said.contains("fresh")), (0, true), "{said}");
    let conf = root.join("dashboards/splunk/clarion_app/default/app.conf");
    std::fs::write(&conf, "changed").unwrap();
    std::fs::write(root.join("dashboards/grafana/old.json"), "{}").unwrap();
    // what a team adds to the app is its own
    let local = root.join("dashboards/splunk/clarion_app/local");
    std::fs::create_dir_all(&local).unwrap();
    std::fs::write(local.join("macros.conf"), "[clarion_index]").unwrap();
    let (code, said) = clarion(root, &["build", "--check"]);
    assert_eq!(code, 1);
    assert!(said.contains("app.conf is stale") && said.contains("old.json belongs to nothing any more"), "{said}");
    assert!(!said.contains("macros.conf") && said.matches("is stale").count() == 1, "{said}");
    assert_eq!(clarion(root, &["build"]).0, 0);
    assert_ne!(std::fs::read_to_string(&conf).unwrap(), "changed");
}

#[test]
fn a_description_of_ones_own_is_written_and_packed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kibana.md")).unwrap();
    let examples = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let example = examples.into_iter().find(|text| text.starts_with("dashboards:")).unwrap();
    std::fs::write(root.join("my.yml"), example).unwrap();
    let (code, said) = clarion(root, &["build", "--description", "my.yml", "--out", "mine"]);
    assert_eq!(code, 0, "{said}");
    assert!(root.join("mine/grafana/clarion-gateways.json").exists());
    let (code, said) = clarion(root, &["package", "--description", "my.yml", "--splunk", "my.tar.gz"]);
    assert_eq!(code, 0, "{said}");
    assert!(std::fs::metadata(root.join("my.tar.gz")).unwrap().len() > 500);
    std::fs::write(root.join("my.yml"), example.replace("w: 48", "w: 50")).unwrap();
    let (code, said) = clarion(root, &["build", "--description", "my.yml", "--out", "mine"]);
    assert_eq!(code, 2);
    assert!(said.contains("gateways/denials: the place is not on the grid"), "{said}");
}
