//! `clarion rules …` through the program's command line, over rules of this test's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod source_tree;

#[path = "rules_cli/check.rs"]
mod check;
#[path = "rules_cli/explain.rs"]
mod explain;
#[path = "rules_cli/new.rs"]
mod new;
#[path = "rules_cli/run_tests.rs"]
mod run_tests;
#[path = "rules_cli/schema.rs"]
mod schema;

use std::path::{Path, PathBuf};
use std::process::Command;

use source_tree::root;
use tempfile::TempDir;

/// What the program did.
struct Done {
    code: Option<i32>,
    out: String,
    err: String,
}

/// A folder with files, in which the program is run.
struct Workplace {
    folder: TempDir,
}

impl Workplace {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn with(files: &[(&str, &str)]) -> Self {
        let place = Self::new();
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn rules(&self, arguments: &[&str]) -> Done {
        rules_in(self.folder.path(), arguments)
    }
}

fn rules_in(folder: &Path, arguments: &[&str]) -> Done {
    let output =
        Command::new(env!("CARGO_BIN_EXE_clarion")).arg("rules").args(arguments).current_dir(folder).output().unwrap();
    Done {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Denials, and five of them by one user.
const DENIALS: &str = "\
title: Request denied
name: denied
logsource: {category: policy_decision}
detection: {selection: {aigov.decision.outcome: deny}, condition: selection}
---
title: Two denials of one user
id: 0d1b6a52-54f2-4a0e-9c53-6b1d3f3f5a01
name: denials
status: test
level: high
tags: [eu_ai_act.art15]
correlation:
    type: event_count
    rules: [denied]
    group-by: [user.name]
    timespan: 10m
    condition: {gte: 2}
tests:
    - name: two
      events:
          - {at: +0s, logsource: {category: policy_decision}, aigov.decision.outcome: deny, user.name: kim}
          - {at: +1m, logsource: {category: policy_decision}, aigov.decision.outcome: deny, user.name: kim}
      expect:
          - {at: +1m, key: {user.name: kim}}
    - name: one
      events:
          - {at: +0s, logsource: {category: policy_decision}, aigov.decision.outcome: deny, user.name: kim}
      expect: none
";

#[test]
fn generated_files_are_fresh() {
    for arguments in [
        vec!["codes", "--output", "docs/rules", "--check"],
        vec!["docs", "rules", "--output", "docs/catalog", "--check"],
    ] {
        let done = rules_in(&root(), &arguments);
        assert_eq!(done.code, Some(0), "{}\n{}", done.err, arguments.join(" "));
    }
    let schema = rules_in(&root(), &["schema"]);
    let committed = std::fs::read_to_string(root().join("schemas/rule.json")).unwrap();
    assert_eq!(schema.out, committed, "run `clarion rules schema > schemas/rule.json`");
}

#[test]
fn list_shows_every_rule() {
    let place = Workplace::with(&[("rules/denials.yml", DENIALS)]);
    let table = place.rules(&["list"]);
    assert_eq!(table.code, Some(0), "{}", table.err);
    let lines: Vec<&str> = table.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", table.out);
    assert!(lines[0].starts_with("ID ") && lines[0].ends_with("FILE"));
    assert!(lines[1].contains("denied") && lines[1].contains("detection (block)"));
    for word in ["0d1b6a52", "Two denials of one user", "high", "event_count", "test", "eu_ai_act.art15", "denials.yml"]
    {
        assert!(lines[2].contains(word), "{word}: {}", lines[2]);
    }
    let json = place.rules(&["list", "--json"]);
    let rules: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(rules[1]["id"], "0d1b6a52-54f2-4a0e-9c53-6b1d3f3f5a01");
    assert_eq!(rules[0]["alerts"], false);
    assert_eq!(place.rules(&["list", "nowhere"]).code, Some(2));
}

#[test]
fn codes_are_explained() {
    let place = Workplace::new();
    let all = place.rules(&["codes"]);
    assert!(all.out.contains("unknown-key") && all.out.contains("yaml-alias"), "{}", all.out);
    let one = place.rules(&["codes", "unknown-key"]);
    assert!(one.code == Some(0) && one.out.contains("gruop-by") && one.out.contains("group-by"), "{}", one.out);
    let none = place.rules(&["codes", "unknwon-key"]);
    assert!(none.code == Some(1) && none.err.contains("did you mean `unknown-key`?"), "{}", none.err);
    let stale = place.rules(&["codes", "--output", "pages", "--check"]);
    assert!(stale.code == Some(1) && stale.err.contains("is stale"), "{}", stale.err);
    assert_eq!(place.rules(&["codes", "--output", "pages"]).code, Some(0));
    assert_eq!(place.rules(&["codes", "--output", "pages", "--check"]).code, Some(0));
    place.write("pages/gone.md", "# gone\n");
    let left = place.rules(&["codes", "--output", "pages", "--check"]);
    assert!(left.code == Some(1) && left.err.contains("gone.md"), "{}", left.err);
}
