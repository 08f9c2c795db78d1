//! `clarion rules check`: exit codes, formats, portability, and what is read.

use std::collections::BTreeSet;

use clarion::rule::{codes, load_texts};
use serde_json::{Value, json};

use super::source_tree::files;
use super::{DENIALS, Workplace};

const GOOD: &str = "title: T\nlogsource: {category: x}\ndetection: {selection: {f: 1}, condition: selection}\n";
const WARNS: &str =
    "title: T\nid: mine\nlogsource: {category: x}\ndetection: {selection: {f: 1}, condition: selection}\n";
const BAD: &str =
    "title: Bad\nlogsource: {category: x}\ndetection:\n    selection: {f|contians: ü}\n    condition: selectoin\n";

#[test]
fn exit_codes_tell_errors_from_warnings() {
    let place = Workplace::with(&[("good.yml", GOOD), ("warns.yml", WARNS), ("bad.yml", BAD)]);
    for (arguments, code) in [
        (vec!["check", "good.yml"], 0),
        (vec!["check", "warns.yml"], 0),
        (vec!["check", "good.yml", "--deny-warnings"], 0),
        (vec!["check", "warns.yml", "--deny-warnings"], 1),
        (vec!["check", "bad.yml"], 2),
        (vec!["check", "bad.yml", "warns.yml", "--deny-warnings"], 2),
        (vec!["check", "missing.yml"], 2),
        (vec!["check", "good.yml", "missing.yml"], 2),
    ] {
        let done = place.rules(&arguments);
        assert_eq!(done.code, Some(code), "{arguments:?}: {}", done.err);
    }
}

#[test]
fn people_see_place_caret_suggestion_and_code() {
    let place = Workplace::with(&[("bad.yml", BAD)]);
    let done = place.rules(&["check", "bad.yml"]);
    for word in [
        "bad.yml:4:17",
        "unknown-modifier",
        "did you mean `contains`?",
        "^^^",
        "bad.yml:5:16",
        "did you mean `selection`?",
        "nothing was loaded",
        "clarion rules codes",
    ] {
        assert!(done.err.contains(word), "{word}: {}", done.err);
    }
    assert!(!done.out.contains("well"), "{}", done.out);
}

#[test]
fn folders_are_read_recursively_and_other_files_are_named() {
    let place = Workplace::with(&[
        ("rules/a.yml", GOOD),
        ("rules/deep/er/bad.yaml", BAD),
        ("rules/deep/warns.yml", WARNS),
        ("rules/README.md", "no rule"),
        ("rules/.hidden/notes.txt", "somebody else's"),
    ]);
    let done = place.rules(&["check"]);
    assert_eq!(done.code, Some(2));
    assert!(done.err.contains("rules/deep/er/bad.yaml:4:17"), "{}", done.err);
    assert!(done.err.contains("id-not-uuid"), "all files in one run: {}", done.err);
    assert!(done.err.contains("note: not read") && done.err.contains("README.md"), "{}", done.err);
    assert!(!done.err.contains("notes.txt"), "{}", done.err);
}

#[test]
fn an_empty_folder_and_a_file_without_permission_are_errors() {
    let place = Workplace::with(&[("empty/README.md", "nothing")]);
    let done = place.rules(&["check", "empty"]);
    assert!(done.code == Some(2) && done.err.contains("no-rules"), "{}", done.err);
}

#[test]
fn json_has_every_finding_with_its_place() {
    let place = Workplace::with(&[("bad.yml", BAD), ("warns.yml", WARNS), ("x/notes.txt", "")]);
    let done = place.rules(&["check", "bad.yml", "warns.yml", "--format", "json"]);
    assert_eq!(done.code, Some(2));
    let report: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!((&report["errors"], &report["warnings"], &report["files"]), (&json!(2), &json!(1), &json!(2)));
    let first = &report["findings"][0];
    assert_eq!(first["code"], "unknown-modifier");
    assert_eq!((&first["line"], &first["column"]), (&json!(4), &json!(17)));
    assert_eq!((&first["end_line"], &first["end_column"]), (&json!(4), &json!(27)), "{first}");
    assert_eq!(first["help"], "did you mean `contains`?");
    let clean = place.rules(&["check", "warns.yml", "--format", "json", "--portable"]);
    assert_eq!(clean.code, Some(0));
    assert_eq!(serde_json::from_str::<Value>(&clean.out).unwrap()["rules"], 1);
}

/// The essentials of the public schema of SARIF 2.1.0: what is required, and the types of what this program writes.
const SARIF: &str = include_str!("sarif_essentials.json");

#[test]
fn sarif_is_what_the_standard_asks_for() {
    let place = Workplace::with(&[("my rules/bad.yml", BAD), ("my rules/warns.yml", WARNS)]);
    let done = place.rules(&["check", "my rules", "--format", "sarif"]);
    assert_eq!(done.code, Some(2));
    let log: Value = serde_json::from_str(&done.out).unwrap();
    let validator =
        jsonschema::options().should_validate_formats(true).build(&serde_json::from_str(SARIF).unwrap()).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "my%20rules/bad.yml");
    assert_eq!(location["region"]["startColumn"], 17);
}

#[test]
fn portability_is_asked_for() {
    let own = DENIALS
        .replace("condition: {gte: 2}", "condition: {gte: 2}\n    suppress: 1h")
        .replace("name: denials", "name: denials\ndialect: clarion/1");
    let place = Workplace::with(&[("own.yml", own.as_str()), ("pure.yml", GOOD)]);
    assert_eq!(place.rules(&["check", "own.yml", "--deny-warnings"]).code, Some(0));
    let done = place.rules(&["check", "own.yml", "--portable"]);
    assert!(
        done.code == Some(0) && done.err.contains("dialect-key") && done.err.contains("`suppress`"),
        "{}",
        done.err
    );
    assert_eq!(place.rules(&["check", "own.yml", "--portable", "--deny-warnings"]).code, Some(1));
    assert_eq!(place.rules(&["check", "pure.yml", "--portable", "--deny-warnings"]).code, Some(0));
}

/// Every code that the corpus of bad rules gives has its entry, with the severity that is given.
#[test]
fn every_finding_has_a_page() {
    let mut seen = BTreeSet::new();
    for file in files("tests/bad_rules") {
        for finding in load_texts(vec![(file.path.as_str().into(), file.text.clone())]).diagnostics {
            let code = codes::find(finding.code);
            assert!(code.is_some(), "{}: the code `{}` has no entry in src/rule/codes", file.path, finding.code);
            seen.insert(finding.code);
        }
    }
    assert!(seen.len() >= 45, "{seen:?}");
}

/// Codes that no file of the corpus has still stand as texts in the source.
#[test]
fn every_code_in_the_source_has_a_page() {
    let literal = regex::Regex::new(r#""([a-z]+(?:-[a-z0-9]+)+)""#).unwrap();
    let calls = regex::Regex::new(r#"(?s)(?:error|warning|refuse|ConditionError::new|file_error)\([^;"]*"([a-z]+(?:-[a-z0-9]+)+)",\s*(?:format!|message|"|&|error|some)"#).unwrap();
    assert!(literal.is_match("\"unknown-key\""));
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for file in
        files("src/rule").iter().filter(|file| !file.path.contains("/codes/") && !file.path.contains("/schema/"))
    {
        for found in calls.captures_iter(&file.text) {
            seen += 1;
            if codes::find(&found[1]).is_none() {
                missing.insert(format!("{}: {}", file.path, &found[1]));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
    assert!(seen >= 50, "the search finds codes: {seen}");
}
