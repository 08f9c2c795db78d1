//! Runs what the documents show. A fenced block behind an HTML comment is run: `<!-- rules -->` is loaded and its tests are
//! run, together with `rules/base`; `<!-- refused: CODE -->` must not load, with that finding; `<!-- file: NAME -->` is
//! written into a folder, in which the commands of `<!-- run -->` must succeed; `<!-- output: FILE -->` must stand in what
//! they wrote.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod source_tree;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use clarion::pipeline::rule_tests;
use clarion::rule::{Severity, load_texts};
use source_tree::{files, root};

/// A block that is run.
struct Example {
    place: String,
    mark: String,
    text: String,
}

fn examples(page: &str) -> Vec<Example> {
    let text = std::fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
    let mut found = Vec::new();
    let mut mark: Option<String> = None;
    let mut block: Option<(usize, String)> = None;
    for (number, line) in (1_usize..).zip(text.lines()) {
        if let Some((start, content)) = &mut block {
            if line == "```" {
                if let Some(mark) = mark.take() {
                    found.push(Example { place: format!("{page}:{start}"), mark, text: std::mem::take(content) });
                }
                block = None;
            } else {
                content.push_str(line);
                content.push('\n');
            }
        } else if line.starts_with("```") {
            block = Some((number, String::new()));
        } else if let Some(comment) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
            mark = Some(comment.to_owned());
        } else if !line.is_empty() {
            mark = None;
        }
    }
    assert!(block.is_none(), "{page}: a block is not closed");
    found
}

fn base_rules() -> Vec<(Arc<str>, String)> {
    files("rules/base").into_iter().map(|file| (Arc::from(file.path), file.text)).collect()
}

#[test]
fn rules_in_the_guide_load_and_pass_their_tests() {
    let (mut loaded, mut tested) = (0, 0);
    for page in ["docs/rules.md", "README.md", "CONTRIBUTING.md"] {
        for example in examples(page).iter().filter(|example| example.mark == "rules") {
            let name: Arc<str> = Arc::from(example.place.as_str());
            let mut texts = base_rules();
            texts.push((Arc::clone(&name), example.text.clone()));
            let found = load_texts(texts);
            let complaints: Vec<String> = found.diagnostics.iter().map(ToString::to_string).collect();
            assert!(complaints.is_empty(), "{}:\n{}", example.place, complaints.join("\n"));
            let set = found.set.unwrap();
            loaded += 1;
            for test in set.tests.iter().filter(|test| test.file == name) {
                tested += 1;
                if let Err(difference) = rule_tests::run(&set, test) {
                    panic!("{}: {}: {difference}", example.place, test.case.name);
                }
            }
        }
    }
    assert!(loaded >= 5 && tested >= 10, "the guide has examples with tests: {loaded}, {tested}");
}

#[test]
fn what_the_guide_calls_refused_is_refused() {
    let mut refused = 0;
    for example in examples("docs/rules.md") {
        let Some(code) = example.mark.strip_prefix("refused: ") else { continue };
        let mut texts = base_rules();
        texts.push((Arc::from(example.place.as_str()), example.text.clone()));
        let found = load_texts(texts);
        let codes: Vec<&str> = found
            .diagnostics
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.code)
            .collect();
        assert_eq!(codes, [code], "{}", example.place);
        refused += 1;
    }
    assert!(refused >= 1);
}

#[test]
fn the_commands_of_the_pages_do_what_they_say() {
    for page in ["README.md", "docs/replay.md", "docs/rules.md"] {
        let folder = tempfile::tempdir().unwrap();
        let mut ran = 0;
        for example in examples(page) {
            if let Some(name) = example.mark.strip_prefix("file: ") {
                let path = folder.path().join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, &example.text).unwrap();
            } else if example.mark == "run" {
                run(&example, folder.path());
                ran += 1;
            } else if let Some(file) = example.mark.strip_prefix("output: ") {
                let written = std::fs::read_to_string(folder.path().join(file)).unwrap();
                let expected = example.text.trim_end();
                assert!(written.contains(expected), "{}: not in {file}:\n{written}", example.place);
            }
        }
        assert!(ran > 0, "{page} shows commands");
    }
}

fn run(example: &Example, folder: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_clarion"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
    let output =
        Command::new("sh").args(["-e", "-c", &example.text]).current_dir(folder).env("PATH", path).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", example.place);
}

#[test]
fn the_configuration_of_the_readme_is_valid() {
    let examples = examples("README.md");
    let text = &examples.iter().find(|example| example.mark == "file: clarion.yaml").unwrap().text;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clarion.yaml");
    // the certificates that it names must be there to be checked
    for name in text.lines().filter_map(|line| line.split("/etc/clarion/").nth(1)) {
        std::fs::write(folder.path().join(name.trim_end_matches('}')), "certificate").unwrap();
    }
    std::fs::write(&file, text.replace("/etc/clarion", &folder.path().to_string_lossy())).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_clarion"))
        .args(["config", "check", "--config"])
        .arg(&file)
        .env("KAFKA_PASSWORD", "x")
        .env("ELASTIC_API_KEY", "x")
        .env("SPLUNK_HEC_TOKEN", "x")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn links_between_the_pages_lead_somewhere() {
    let mut wrong = Vec::new();
    for file in files("").iter().filter(|file| file.path.ends_with(".md")) {
        let folder = root().join(&file.path).parent().unwrap().to_path_buf();
        for (at, _) in file.text.match_indices("](") {
            let target: String = file.text[at + 2..].chars().take_while(|symbol| *symbol != ')').collect();
            let target = target.split('#').next().unwrap_or("");
            if !target.is_empty() && !target.contains("://") && !folder.join(target).exists() {
                wrong.push(format!("{}: {target}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
