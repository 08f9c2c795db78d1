//! The files in `dashboards/` are those that the description gives, and the same each time.

use std::path::Path;

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
