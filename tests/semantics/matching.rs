//! Decisions about detections: A15 to A19, A21 and A22.

use super::stage::stage;

/// Lines that a detection of these YAML lines matches.
fn lines_of(detection: &str, records: &[&str]) -> Vec<i64> {
    lines_of_rule("", detection, records)
}

/// The same of a rule with further keys.
pub(crate) fn lines_of_rule(keys: &str, detection: &str, records: &[&str]) -> Vec<i64> {
    let rule = format!("title: d\n{keys}logsource: {{category: test}}\ndetection:\n{detection}");
    let records = records.iter().zip(0..).map(|(record, second)| {
        let rest = record.strip_prefix('{').unwrap();
        let comma = if rest == "}" { "" } else { "," };
        format!("{{\"ts\":\"2026-01-05T00:00:{second:02}Z\"{comma}{rest}")
    });
    let outcome = stage(&rule).run_lines(records);
    assert!(outcome.faults.is_empty(), "{:?}", outcome.faults);
    outcome.matched().into_iter().map(|(_, line)| line).collect()
}

#[test]
fn a15_null_is_missing_or_null_and_the_empty_text_is_present() {
    let records = ["{}", "{\"f\":null}", "{\"f\":\"\"}", "{\"f\":\"x\"}"];
    assert_eq!(lines_of("    s: {f: null}\n    condition: s\n", &records), [1, 2]);
    assert_eq!(lines_of("    s: {f: ''}\n    condition: s\n", &records), [3]);
    assert_eq!(lines_of("    s: {f|exists: true}\n    condition: s\n", &records), [2, 3, 4]);
    assert_eq!(lines_of("    s: {f|exists: false}\n    condition: s\n", &records), [1]);
}

#[test]
fn a16_not_is_true_of_a_missing_field() {
    assert_eq!(lines_of("    s: {f: x}\n    condition: not s\n", &["{}", "{\"f\":\"x\"}", "{\"f\":\"y\"}"]), [1, 3]);
}

#[test]
fn brackets_that_are_escaped_are_part_of_the_name() {
    let records = ["{\"args[0]\":\"x\"}", "{\"args\":[\"x\"]}"];
    assert_eq!(lines_of("    s: {'args\\[0\\]': x}\n    condition: s\n", &records), [1]);
}

#[test]
fn a17_numbers_and_texts_are_equal_by_form_or_by_value() {
    let records = ["{\"f\":1}", "{\"f\":\"1\"}", "{\"f\":1.0}", "{\"f\":\"01\"}", "{\"f\":true}", "{\"f\":\"TRUE\"}"];
    assert_eq!(lines_of("    s: {f: 1}\n    condition: s\n", &records), [1, 2, 3, 4]);
    assert_eq!(lines_of("    s: {f: true}\n    condition: s\n", &records), [5, 6]);
}

#[test]
fn a18_a_dotted_name_is_first_a_key_and_then_a_path() {
    let records = ["{\"a.b\":\"x\"}", "{\"a\":{\"b\":\"x\"}}", "{\"a.b\":\"y\",\"a\":{\"b\":\"x\"}}"];
    assert_eq!(lines_of("    s: {a.b: x}\n    condition: s\n", &records), [1, 2]);
}

#[test]
fn a19_keywords_are_looked_for_in_every_leaf_and_in_no_key() {
    let records =
        ["{\"m\":\"an ERROR here\"}", "{\"error\":\"fine\"}", "{\"deep\":{\"er\":[\"some error\"]}}", "{\"n\":12345}"];
    assert_eq!(lines_of("    k: [error]\n    condition: k\n", &records), [1, 3]);
    assert_eq!(lines_of("    k: ['234']\n    condition: k\n", &records), [4]);
}

#[test]
fn a21_a_list_of_conditions_is_one_alert_an_event() {
    let detection = "    s: {f: x}\n    t: {g: y}\n    condition: [s, t]\n";
    assert_eq!(lines_of(detection, &["{\"f\":\"x\",\"g\":\"y\"}", "{\"g\":\"y\"}"]), [1, 2]);
}

#[test]
fn a22_plain_scalars_keep_their_spelling_where_they_are_text() {
    assert_eq!(
        lines_of("    s: {f|contains: 00000429}\n    condition: s\n", &["{\"f\":\"x00000429\"}", "{\"f\":\"429\"}"]),
        [1]
    );
    assert_eq!(lines_of("    s: {f: on}\n    condition: s\n", &["{\"f\":\"on\"}", "{\"f\":true}"]), [1]);
    assert_eq!(lines_of("    s: {f: yes}\n    condition: s\n", &["{\"f\":\"yes\"}", "{\"f\":true}"]), [1]);
}
