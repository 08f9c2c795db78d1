//! A corpus of broken rule files: each says in its first line what must be found and where, as `# expect: LINE:COLUMN code`
//! (with `warning` before the code of a warning). What cannot lie in a text file is made here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod source_tree;

use std::path::Path;
use std::process::Command;

use clarion::rule::{Severity, load, load_texts};
use source_tree::{files, root};

/// All findings, in the order of the file, each once.
fn findings(path: &Path) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for finding in load(&[path.to_path_buf()]).diagnostics {
        let warning = if finding.severity == Severity::Warning { "warning " } else { "" };
        let words = format!("{}:{} {warning}{}", finding.place.line, finding.place.column, finding.code);
        if !found.contains(&words) {
            found.push(words);
        }
    }
    found
}

#[test]
fn every_mistake_has_its_code_and_its_place() {
    let corpus = files("tests/bad_rules");
    let mut wrong = Vec::new();
    for file in &corpus {
        let expected = file.text.lines().next().and_then(|line| line.strip_prefix("# expect: "));
        let expected = expected.unwrap_or_else(|| panic!("{}: no `# expect:` in its first line", file.path));
        let found = findings(&root().join(&file.path)).join(", ");
        if found != expected {
            wrong.push(format!("{}\n  expected: {expected}\n  found:    {found}", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(corpus.len() >= 90, "the corpus has {} files", corpus.len());
}

#[test]
fn a_file_with_an_error_gives_no_rules_at_all() {
    for file in files("tests/bad_rules") {
        let loaded = load_texts(vec![(file.path.as_str().into(), file.text.clone())]);
        assert_eq!(loaded.set.is_none(), loaded.errors() > 0, "{}", file.path);
    }
}

#[test]
fn a_suggestion_is_made_where_one_is_near() {
    for (file, suggestion) in [
        ("correlation_unknown_key", "did you mean `group-by`?"),
        ("modifier_unknown", "did you mean `contains`?"),
        ("level_unknown", "did you mean `high`?"),
        ("condition_unknown_name", "did you mean `selection`?"),
        ("rule_unknown", "did you mean `a`?"),
        ("dialect_not_declared", "add `dialect: clarion/1`"),
    ] {
        let loaded = load(&[root().join(format!("tests/bad_rules/{file}.yml"))]);
        let text = loaded.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(text.contains(suggestion), "{file}: {text}");
    }
}

#[test]
fn every_finding_can_be_shown_with_its_lines() {
    for file in files("tests/bad_rules") {
        let loaded = load_texts(vec![(file.path.as_str().into(), file.text.clone())]);
        for finding in &loaded.diagnostics {
            let shown = finding.render(&file.text, false);
            assert!(shown.contains(finding.code), "{}: {shown}", file.path);
            assert!(
                shown.contains(&format!(":{}:{}", finding.place.line, finding.place.column)),
                "{}: {shown}",
                file.path
            );
        }
    }
}

#[test]
fn what_is_no_text_or_too_large_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    assert_eq!(findings(&write("latin1.yml", b"title: caf\xe9\n")), ["1:1 not-utf8"]);
    assert_eq!(findings(&write("utf16.yml", b"\xff\xfet\0i\0t\0l\0e\0")), ["1:1 not-utf8"]);
    let large = format!("title: T\ndescription: {}\n", "x".repeat(10 * 1024 * 1024));
    assert_eq!(findings(&write("large.yml", large.as_bytes())), ["1:1 file-too-large"]);
    assert_eq!(findings(&folder.path().join("missing.yml")), ["1:1 unreadable"]);
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert_eq!(findings(&empty), ["1:1 no-rules"]);
    let marked = "\u{feff}title: T\nlogsource: {category: x}\ndetection: {selection: {f: 1}, condition: selection}\n";
    assert_eq!(
        findings(&write("marked.yml", marked.as_bytes())),
        Vec::<String>::new(),
        "a byte order mark is accepted"
    );
}

#[test]
fn two_files_cannot_define_the_same_rule() {
    let text = "title: T\nname: t\nlogsource: {category: x}\ndetection: {selection: {f: 1}, condition: selection}\n";
    let loaded = load_texts(vec![("one.yml".into(), text.to_owned()), ("two.yml".into(), text.to_owned())]);
    let found: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("two.yml:1:1: error[duplicate-rule]") && found[0].contains("one.yml:1"), "{found:?}");
}

#[test]
fn a_hostile_file_of_ten_megabytes_is_refused_and_not_suffered() {
    const LENGTH: usize = 10 * 1024 * 1024 - 4096;
    let rule = |selection: &str, condition: &str| {
        format!("title: T\nlogsource: {{category: x}}\ndetection:\n    s: {selection}\n    condition: {condition}\n")
    };
    let fill = |part: &str| part.repeat(LENGTH / part.len());
    let files = [
        ("nested", "[".repeat(LENGTH), "yaml-syntax"),
        ("parentheses", rule("{f: 1}", &fill("(")), "condition-too-large"),
        ("negations", rule("{f: 1}", &fill("not ")), "condition-too-large"),
        ("mistakes", rule(&format!("[{}{{f: 1}}]", "{f|x: 1}, ".repeat(100_000)), "s"), "unknown-modifier"),
        ("documents", fill("a: 1\n---\n"), "file-too-large"),
        (
            "copies",
            format!("action: global\nx: [{}1]\n{}", "1,".repeat(100_000), "---\na: 1\n".repeat(100_000)),
            "collection-too-large",
        ),
        ("aliases", format!("a: &a [{}1]\nb: *a\n", fill("1,")), "file-too-large"),
        ("expression", rule(&format!("{{f|re: '{}'}}", fill("a{9}")), "s"), "bad-regex"),
        ("dashes", rule(&format!("{{f|windash|base64: '{}'}}", fill(" -a")), "s"), "too-many-values"),
    ];
    let mut wrong = Vec::new();
    for (name, text, code) in files {
        let loaded = load_texts(vec![(name.into(), text.clone())]);
        let found: Vec<&str> = loaded.diagnostics.iter().map(|finding| finding.code).collect();
        let shown: usize = loaded.diagnostics.iter().map(|finding| finding.render(&text, false).len()).sum();
        if !found.contains(&code) || loaded.set.is_some() || found.len() > 202 || shown > 8 << 20 {
            let some = found.get(..5).unwrap_or(&found);
            wrong.push(format!("{name}: {} findings, {some:?}, {shown} bytes shown", found.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_is_read_once_and_what_is_hidden_is_not_read() {
    let rule =
        "title: T\nid: t\nname: t\nlogsource: {category: x}\ndetection: {selection: {f: 1}, condition: selection}\n";
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(path("..2026/deep")).unwrap();
    std::fs::write(path("..2026/t.yml"), rule).unwrap();
    std::os::unix::fs::symlink("..2026/t.yml", path("t.yml")).unwrap();
    std::os::unix::fs::symlink(".", path("loop")).unwrap();
    std::fs::write(path("notes.txt"), "no rule").unwrap();
    let loaded = load(&[folder.path().to_path_buf(), path("t.yml"), path("loop/t.yml")]);
    assert_eq!(loaded.errors(), 0, "{:?}", loaded.diagnostics);
    assert_eq!(loaded.set.unwrap().detections.len(), 1);
}

#[test]
fn one_run_shows_what_is_wrong_within_rules_and_between_them() {
    let rule = |title: &str, item: &str| {
        format!("title: {title}\nname: n\nlogsource: {{category: x}}\ndetection: {{s: {{{item}}}, condition: s}}\n")
    };
    let texts = [rule("A", "f: 1"), rule("B", "f: 1"), rule("C", "f|nothing: 1")].join("---\n");
    let loaded = load_texts(vec![("t.yml".into(), texts)]);
    let codes: Vec<&str> = loaded.diagnostics.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["unknown-modifier", "duplicate-rule"]);
}

#[test]
fn strict_makes_an_error_of_a_missing_table() {
    let file = "tests/bad_rules/lookup_missing_below.yml";
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_clarion")).args(arguments).current_dir(root()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said, found) = run(&["rules", "check", file]);
    assert_eq!((code, said.contains("2 rules inactive")), (Some(0), true), "{said}{found}");
    assert!(
        found.contains("the rule `R` is inactive") && found.contains("`%t%`") && found.contains("--lookup t=FILE"),
        "{found}"
    );
    let (code, _, found) = run(&["rules", "check", "--strict", file]);
    assert_eq!((code, found.contains("error[missing-lookup]")), (Some(2), true), "{found}");
    let table = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    std::fs::write(table.path(), "name\nada\n").unwrap();
    let lookup = format!("t={}", table.path().display());
    let (code, said, _) = run(&["rules", "check", "--strict", "--lookup", &lookup, file]);
    assert_eq!((code, said.contains("inactive")), (Some(0), false), "{said}");
    let (code, _, found) = run(&["rules", "check", "--lookup", "t=does-not-exist.csv", file]);
    assert_eq!((code, found.contains("does-not-exist.csv")), (Some(2), true), "{found}");
}

#[test]
fn check_exits_with_2_and_shows_every_error() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_clarion")).args(arguments).current_dir(root()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, errors) = run(&["rules", "check", "tests/bad_rules/several_mistakes.yml"]);
    assert_eq!(code, Some(2));
    for word in ["17:15", "bad-duration", "18:5", "did you mean `group-by`?", "19:22", "timespan: soon"] {
        assert!(errors.contains(word), "{word}: {errors}");
    }
    let (code, errors) = run(&["rules", "test", "tests/bad_rules"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("yaml_alias_bomb.yml:3:8"), "one run shows the errors of all files");
    let (code, _) = run(&["rules", "check", "tests/bad_rules/id_not_uuid.yml"]);
    assert_eq!(code, Some(0), "a warning is no error");
}
