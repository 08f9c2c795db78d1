//! `clarion rules test`: what failed and how, filters, JUnit, watching.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::{DENIALS, Workplace};

#[test]
fn a_failure_shows_expected_and_got_line_by_line() {
    let place = Workplace::with(&[("rules/denials.yml", &DENIALS.replace("{at: +1m, key", "{at: +2m, key"))]);
    let done = place.rules(&["test"]);
    assert_eq!(done.code, Some(1));
    assert!(done.out.contains("FAIL  denials · two") && done.out.contains("ok    denials · one"), "{}", done.out);
    assert!(done.out.contains("1 passed, 1 failed"), "{}", done.out);
    let id = "0d1b6a52-54f2-4a0e-9c53-6b1d3f3f5a01";
    assert!(done.err.contains("rules/denials.yml:19: two"), "{}", done.err);
    assert!(done.err.contains(&format!("+ {id} at +1m for {{\"user.name\":\"kim\"}}")), "{}", done.err);
    assert!(done.err.contains(&format!("- {id} at +2m for {{\"user.name\":\"kim\"}}")), "{}", done.err);
    assert!(done.err.contains("it came 1m earlier than expected"), "{}", done.err);
}

#[test]
fn what_agrees_is_shown_beside_what_does_not() {
    let text = DENIALS.replace(
        "          - {at: +1m, key: {user.name: kim}}\n",
        "          - {at: +1m, key: {user.name: kim}}\n          - {at: +5m}\n",
    );
    let done = Workplace::with(&[("rules/denials.yml", &text)]).rules(&["test"]);
    let lines: Vec<&str> = done.err.lines().filter(|line| line.contains("0d1b6a52")).collect();
    assert_eq!(lines.len(), 2, "{}", done.err);
    assert!(lines[0].starts_with("      0d1b") && lines[1].starts_with("    - 0d1b"), "{lines:?}");
}

#[test]
fn a_filter_chooses_by_rule_or_name() {
    let place = Workplace::with(&[("rules/denials.yml", DENIALS)]);
    for (filter, count) in [("DENIALS", 2), ("0d1b6a52", 2), ("two denials", 2), ("one", 2), ("two", 2)] {
        let done = place.rules(&["test", "--filter", filter]);
        assert!(done.code == Some(0) && done.out.contains(&format!("{count} passed")), "{filter}: {}", done.out);
    }
    let done = place.rules(&["test", "--filter", "nothing like it"]);
    assert!(done.code == Some(1) && done.err.contains("no test of 2"), "{}", done.err);
}

#[test]
fn junit_has_every_case() {
    let text =
        DENIALS.replace("expect: none", "expect: [{at: +0s}]").replace("name: two\n", "name: two & \"more\" <x>\n");
    let place = Workplace::with(&[("rules/denials.yml", &text)]);
    assert_eq!(place.rules(&["test", "--junit", "results.xml"]).code, Some(1));
    let xml = place.read("results.xml");
    assert!(
        xml.starts_with(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"clarion rules\" tests=\"2\" failures=\"1\""
        ),
        "{xml}"
    );
    assert!(xml.contains("<testsuite name=\"rules/denials.yml\" tests=\"2\" failures=\"1\""), "{xml}");
    assert!(xml.contains("name=\"two &amp; &quot;more&quot; &lt;x&gt;\""), "{xml}");
    assert!(xml.contains("<failure message=") && xml.contains("- 0d1b6a52"), "{xml}");
    for (open, close) in [("<testsuite ", "</testsuite>"), ("<failure", "</failure>"), ("<testsuites", "</testsuites>")]
    {
        assert_eq!(xml.matches(open).count(), xml.matches(close).count(), "{open}: {xml}");
    }
    let unwritable = place.rules(&["test", "--junit", "no/such/folder.xml"]);
    assert!(unwritable.code == Some(1) && unwritable.err.contains("cannot write"), "{}", unwritable.err);
}

#[test]
fn broken_rules_are_not_tested() {
    let done = Workplace::with(&[("rules/a.yml", DENIALS), ("rules/b.yml", "title: T\n")]).rules(&["test"]);
    assert!(done.code == Some(2) && done.err.contains("no-rule") && !done.out.contains("passed"), "{}", done.out);
}

#[test]
fn watching_runs_again_when_a_file_changes() {
    let place = Workplace::with(&[("rules/denials.yml", DENIALS)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_clarion"))
        .args(["rules", "test", "--watch"])
        .current_dir(place.folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut until = |word: &str| lines.find(|line| line.as_ref().unwrap().contains(word)).unwrap().unwrap();
    assert_eq!(until("passed"), "2 passed, 0 failed");
    until("waiting");
    place.write("rules/denials.yml", &DENIALS.replace("condition: {gte: 2}", "condition: {gte: 20}"));
    assert_eq!(until("passed"), "1 passed, 1 failed");
    until("waiting");
    place.write("rules/denials.yml", DENIALS);
    assert_eq!(until("passed"), "2 passed, 0 failed");
    child.kill().unwrap();
    child.wait().unwrap();
}
