//! Array selectors (RULES 1.2; Sigma enhancement proposal 212).

use super::matching::lines_of_rule;

/// Lines that a selection of these YAML lines matches.
fn lines_of(selection: &str, records: &[&str]) -> Vec<i64> {
    lines_of_rule("sigma-version: 3\n", &format!("    s:\n{selection}\n    condition: s\n"), records)
}

#[test]
fn a_map_is_of_one_element() {
    let records = [
        r#"{"c":[{"p":"UDP","ip":"10.0.0.1"},{"p":"TCP","ip":"10.0.0.2"}]}"#,
        r#"{"c":[{"p":"UDP","ip":"10.0.0.1"},{"p":"TCP","ip":"1.0.0.2"}]}"#,
        r#"{"c":{"p":"tcp","ip":"10.1.1.1"}}"#,
        r#"{"c":[]}"#,
        r#"{"d":1}"#,
        r#"{"c":[{"p":"TCP","ip":"10.0.0.2"}]}"#,
        r#"{"c":[[{"p":"TCP","ip":"10.0.0.2"}]]}"#,
        r#"{"c":"TCP"}"#,
    ];
    let of = |selector: &str| lines_of(&format!("        c[{selector}]: {{p: TCP, ip|cidr: 10.0.0.0/8}}"), &records);
    assert_eq!(of("any"), [1, 3, 6, 7]);
    assert_eq!(of("all"), [3, 6, 7]);
    assert_eq!(of("all_or_empty"), [3, 4, 5, 6, 7]);
    assert_eq!(of("none"), [2, 4, 5, 8]);
    assert_eq!(of("0"), [6, 7]);
    assert_eq!(of("-1"), [1, 6, 7]);
    assert_eq!(of("1"), [1]);
    assert_eq!(lines_of("        c.p: TCP\n        c.ip|cidr: 10.0.0.0/8", &records), [1, 2, 3, 6, 7], "of any two");
}

#[test]
fn without_elements_all_and_any_do_not_match() {
    let records = [r#"{"t":[]}"#, "{}", r#"{"t":null}"#, r#"{"t":[null]}"#, r#"{"t":"x"}"#, r#"{"t":["x","xy"]}"#];
    let of = |selector: &str| lines_of(&format!("        t[{selector}]|startswith: x"), &records);
    assert_eq!(of("any"), [5, 6]);
    assert_eq!(of("all"), [5, 6]);
    assert_eq!(of("all_or_empty"), [1, 2, 3, 5, 6]);
    assert_eq!(of("none"), [1, 2, 3, 4]);
    assert_eq!(lines_of("        t[any]: null", &records), [4]);
}

#[test]
fn places_are_of_arrays_and_count_from_both_ends() {
    let records = [r#"{"a":["x","y","z"]}"#, r#"{"a":["z"]}"#, r#"{"a":"z"}"#, r#"{"a":[]}"#, "{}", r#"{"a":[["z"]]}"#];
    assert_eq!(lines_of("        a[0]: x", &records), [1]);
    assert_eq!(lines_of("        a[-1]: z", &records), [1, 2, 6]);
    assert_eq!(lines_of("        a[-3]: x", &records), [1]);
    assert_eq!(lines_of("        a[3]: x", &records), [0_i64; 0]);
    assert_eq!(lines_of("        a[0][0]: z", &records), [6]);
    assert_eq!(lines_of("        a[0]|exists: false", &records), [3, 4, 5]);
    assert_eq!(lines_of("        a[1]: null", &records), [2, 3, 4, 5, 6]);
    assert_eq!(lines_of("        a[0]|neq: x", &records), [2, 3, 4, 5, 6], "as of a missing field");
    let one = [r#"{"a": {"b": "x"}}"#, r#"{"a": {"b": ["x"]}}"#, r#"{"a": {"b": [["x"]]}}"#];
    assert_eq!(lines_of("        a[any]:\n            b[any][0]: x", &one), [3], "a text has no places");
    assert_eq!(lines_of("        a[any]|neq: z", &records), [1]);
    assert_eq!(lines_of("        a[all]|neq: x", &records), [2, 3, 6]);
}

#[test]
fn selectors_stand_within_paths_and_within_one_another() {
    let records = [
        r#"{"a":{"b":[{"c":["u","v"]},{"c":["w"]}]}}"#,
        r#"{"a.b":[{"c":["v"]},{"c":["v","w"]}]}"#,
        r#"{"a":[{"b":[{"c":"v"},{"c":"w"}]},{"b":{"c":"w"}}]}"#,
    ];
    assert_eq!(lines_of("        a.b[0].c: v", &records), [1, 2, 3]);
    assert_eq!(lines_of("        a.b[1].c: w", &records), [1, 2, 3]);
    assert_eq!(lines_of("        a.b[any]: {'c[all]': w}", &records), [1, 3]);
    assert_eq!(lines_of("        a.b[any].c[all]: w", &records), [1, 3]);
    assert_eq!(lines_of("        a.b[all].c[any]: v", &records), [2]);
    assert_eq!(lines_of("        a.b[none].c[1]: v", &records), [2, 3]);
    assert_eq!(lines_of("        a[any]: {'b[all]': {c: w}}", &records), [3]);
    assert_eq!(lines_of("        a[any].b[all].c: w", &records), [3]);
    assert_eq!(lines_of("        a.b[all].c: w", &records), [0_i64; 0], "elements of several arrays are together");
}

#[test]
fn lists_conditions_and_the_element_itself() {
    let records = [r#"{"r":[200,504]}"#, r#"{"r":[500]}"#, r#"{"r":[{"code":502,"by":"x"},{"code":100,"by":"y"}]}"#];
    let condition = "        r[any]:\n            condition: server and not gateway\n            server: {.|gte: 500, .|lte: 599}\n            gateway: {.: 504}";
    assert_eq!(lines_of(condition, &records), [2]);
    assert_eq!(lines_of("        r[any]: [{code: 502, by: y}, {.: 504}]", &records), [1]);
    assert_eq!(lines_of("        r[any]: [504, 500]", &records), [1, 2]);
    assert_eq!(lines_of("        r[all]|gt: 400", &records), [2]);
    let texts = [r#"{"t":["alpha beta"]}"#, r#"{"t":["alpha","beta"]}"#];
    assert_eq!(lines_of("        t[any]|contains|all: [alpha, beta]", &texts), [1]);
    let pairs = [r#"{"p":[{"a":"x","b":"y"},{"a":"y","b":"x"}]}"#, r#"{"p":[{"a":"x","b":"y"},{"a":"z","b":"Z"}]}"#];
    assert_eq!(lines_of("        p[any]: {a|fieldref: b}", &pairs), [2]);
}

#[test]
fn keys_that_occur_twice_in_an_element_are_refused() {
    let rule =
        "title: d\nsigma-version: 3\nlogsource: {category: test}\ndetection: {s: {'c[any]': {i: ok}}, condition: s}";
    let line = |rest: &str| format!("{{\"ts\":\"2026-01-05T00:00:00Z\",\"c\":[{{\"i\":\"ok\"{rest}}}]}}");
    let outcome = super::stage::stage(rule).run_lines([line(",\"i\":\"bad\""), line(",\"j\":1,\"j\":2")].into_iter());
    assert_eq!((outcome.faults.len(), outcome.matched().len()), (1, 1), "{:?}", outcome.faults);
}
