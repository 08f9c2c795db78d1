//! What reviewers would otherwise have to say every time: every file says what it is for, files stay small, names say
//! something, nothing is left to do, and nothing names the machine that it was written on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod source_tree;

use regex::Regex;
use source_tree::{code_lines, files, root, rust_files};

/// Lines of code in a file, at most.
const LINES: usize = 500;

/// Longer files, each with the reason why it is one.
const LONGER: [(&str, &str); 0] = [];

/// Names of modules that hold whatever found no better place.
const NAMES_THAT_SAY_NOTHING: [&str; 9] =
    ["utils", "util", "helpers", "helper", "common", "shared", "models", "misc", "types"];

/// Folders with Rust of this project.
const RUST: [&str; 6] = ["src", "tests", "benches", "tools", "examples", "fuzz"];

#[test]
fn every_file_opens_with_what_it_is_for() {
    let bare: Vec<String> = RUST
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| file.path)
        .collect();
    assert!(bare.is_empty(), "these files do not open with a `//!` paragraph:\n{}", bare.join("\n"));
}

#[test]
fn files_stay_small() {
    let mut wrong = Vec::new();
    for file in RUST.iter().flat_map(|folder| rust_files(folder)) {
        let lines = file.text.lines().count();
        let excused = LONGER.iter().any(|(path, reason)| *path == file.path && !reason.is_empty());
        if lines > LINES && !excused {
            wrong.push(format!("{} has {lines} lines, more than {LINES}: it probably holds two ideas", file.path));
        }
    }
    for (path, _) in LONGER {
        let lines = std::fs::read_to_string(root().join(path)).map_or(0, |text| text.lines().count());
        if lines < LINES * 4 / 5 {
            wrong.push(format!("{path} has {lines} lines: take it out of the list of longer files"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_of_modules_say_something() {
    let wrong: Vec<String> = RUST
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|file| file.path.trim_end_matches(".rs").split('/').any(|part| NAMES_THAT_SAY_NOTHING.contains(&part)))
        .map(|file| file.path)
        .collect();
    assert!(wrong.is_empty(), "name these after what they hold:\n{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_to_do() {
    let marks = Regex::new(r"\b(todo|unimplemented)!|\bdbg!").unwrap();
    let notes = Regex::new(r"\b(TODO|FIXME|XXX|HACK)\b").unwrap();
    let mut wrong = Vec::new();
    for file in RUST.iter().flat_map(|folder| rust_files(folder)).filter(|file| file.path != "tests/tidy.rs") {
        for (number, (line, code)) in (1..).zip(file.text.lines().zip(code_lines(&file.text))) {
            if marks.is_match(&code) || (line.contains("//") && notes.is_match(line)) {
                wrong.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What tells of the machine or the workplace that a file was written on.
struct Traces {
    home: Regex,
    mirror: Regex,
    address: Regex,
}

impl Traces {
    fn new() -> Self {
        Self {
            home: Regex::new(r#"(^|[\s'`=:(\[,]|(^|[^\w}])")/(home|root|Users|work)/[A-Za-z0-9._-]"#).unwrap(),
            mirror: Regex::new(
                r"(?i)(extra-)?index-url|GOPROXY *= *.?http|replace-with|<mirror>|<repository>|--registry[ =]http",
            )
            .unwrap(),
            address: Regex::new(r"[A-Za-z0-9._+-]+@([A-Za-z0-9-]+\.)+[a-z]{2,}").unwrap(),
        }
    }

    fn in_line(&self, path: &str, line: &str) -> Option<&'static str> {
        if line.contains('/') && self.home.is_match(line) {
            return Some("an absolute path of one machine");
        }
        if self.mirror.is_match(line) {
            return Some("a package source of one workplace");
        }
        let ours = ["src/", "rules/", "docs/", "examples/"].iter().any(|folder| path.starts_with(folder));
        let real = |found: regex::Match<'_>| {
            !["example.com", "example.org", "example.net"].iter().any(|safe| found.as_str().ends_with(safe))
        };
        if (ours || path.ends_with(".md")) && line.contains('@') && self.address.find_iter(line).any(real) {
            return Some("an e-mail address that is not of example.com");
        }
        None
    }
}

#[test]
fn nothing_names_a_machine_or_a_workplace() {
    let traces = Traces::new();
    let mut wrong = Vec::new();
    for file in files("").iter().filter(|file| file.path != "tests/tidy.rs") {
        for (number, line) in (1..).zip(file.text.lines()) {
            if let Some(what) = traces.in_line(&file.path, line) {
                wrong.push(format!(
                    "{}:{number}: {what}: {}",
                    file.path,
                    line.trim().chars().take(120).collect::<String>()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(traces.in_line("x", "cd /home/kim/project").is_some());
    assert!(traces.in_line("x", "\"$home/bin\"").is_none());
    assert!(traces.in_line("docs/x.md", "write to kim@corp.test.io").is_some());
    assert!(traces.in_line("docs/x.md", "write to kim@example.com").is_none());
}

#[test]
fn dependencies_are_locked_to_the_public_index() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is part of the project");
    let sources = lock.lines().filter(|line| line.starts_with("source = "));
    let wrong: Vec<&str> =
        sources.filter(|line| *line != "source = \"registry+https://github.com/rust-lang/crates.io-index\"").collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn modules_are_declared_once_each() {
    let text = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut declared: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("pub mod ")).collect();
    let count = declared.len();
    declared.sort_unstable();
    declared.dedup();
    assert_eq!(declared.len(), count, "a module stands twice in src/lib.rs");
}
