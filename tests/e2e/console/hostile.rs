//! What comes from outside is text, wherever it is shown: nothing of it runs, turns around or pushes the page aside, and in a
//! spreadsheet it is no formula.

use clarion::telemetry::clock;
use serde_json::{Value, json};

use super::stage::{EVENTS, SOON, Stage};
use super::views::asked;
use crate::engine::Workspace;
use crate::servers::{Kafka, KafkaOptions, wait_until};

const DENIED: &str = r#"
title: '<img src=x onerror="window.executed=1"> was denied'
id: 5a1d7b1e-6f3b-4a55-9d0e-00000000c002
name: hostile_denial
level: critical
description: '<script>window.executed=1</script> \u202e'
falsepositives: ['"><svg onload=window.executed=1>']
triage: ['[click](javascript:window.executed=1)']
references: ['javascript:window.executed=1', 'https://example.com/"onmouseover="window.executed=1']
tags: [attack.t1595]
correlation:
    type: event_count
    rules: [denied]
    group-by: [aigov.model.name, aigov.policy.name]
    timespan: 1h
    condition: {gte: 1}
---
title: denied
name: denied
logsource: {category: test}
detection: {denied: {outcome: denied}, condition: denied}
"#;

/// Characters that turn texts around, hide, or move a cursor.
const DECEPTIVE: &str = "/[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]/";

fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "<img src=x onerror=\"window.executed=1\">",
        "\"><script>window.executed=1</script>",
        "'-alert(1)-'{{constructor.constructor('window.executed=1')()}}",
        "javascript:window.executed=1",
        "\u{202e}nohtyp.exe\u{202c}\u{2066}x",
        "\u{1b}[2J\u{0}\u{8}\u{85}bell\u{7}",
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd",
        "+1\t=2",
        "-1\r\n=3",
        "__proto__",
        "constructor",
        "../../../etc/passwd?x=%00#/alerts",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{645}\u{631}\u{62d}\u{628}\u{627}",
        "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30a}\u{fe0f}\u{1f468}\u{200d}\u{1f469}",
    ]
    .map(str::to_owned)
    .to_vec();
    // five times in one record of at most a megabyte
    names.push("W".repeat(190_000));
    names
}

/// The page is as it should be: nothing ran, nothing was read as mark-up, nothing deceives, nothing sticks out.
fn check(stage: &Stage, place: &str) {
    let seen = stage.browser.run(
        &format!(
            "return [window.executed ?? null, document.querySelectorAll('main :is(img, script, iframe, object, embed, svg[onload])').length,
                {DECEPTIVE}.test(document.body.innerText),
                document.documentElement.scrollWidth <= window.innerWidth,
                [...document.querySelectorAll('main a')].every((link) => ['http:', 'https:'].includes(link.protocol)),
                ({{}}).polluted ?? null];"
        ),
        &[],
    );
    assert_eq!(seen, json!([null, 0, false, true, true, null]), "{place}");
}

/// The cells of a table, as a spreadsheet reads them (RFC 4180).
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut symbols = text.chars().peekable();
    while let Some(symbol) = symbols.next() {
        match symbol {
            '"' if quoted && symbols.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    rows
}

fn check_table(stage: &Stage, alerts: usize) {
    stage.browser.click("#csv");
    let file = stage.browser.downloads().join("alerts.csv");
    let read = || Ok(std::fs::read_to_string(&file).unwrap_or_default());
    let text = wait_until("the download", SOON, read, |text| text.matches("\r\n").count() > alerts).unwrap();
    let rows = cells(&text);
    assert_eq!(rows.len(), alerts + 1, "{text}");
    for row in &rows {
        assert_eq!(row.len(), rows[0].len(), "{row:?}");
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            assert!(!cell.contains(['\n', '\u{1b}', '\u{202e}']), "{cell}");
        }
    }
    assert!(text.contains("'=cmd|' /C calc'!A0"));
}

#[test]
fn hostile_texts_are_shown_and_never_read_as_anything_else() {
    let kafka = Kafka::start(&KafkaOptions::default()).unwrap();
    kafka.create_topic_with("events", 1, &[("retention.ms", "-1")]).unwrap();
    let mut workspace = Workspace::new(&kafka.bootstrap());
    workspace.only_rule("hostile.yml", DENIED);
    workspace.file();
    // they are of now, and are decided when nothing can come before them any more
    workspace.lateness("5s");
    let address = workspace.console(None);
    let stage = Stage::start(kafka, workspace, address, &EVENTS, "1s");
    let browser = &stage.browser;
    stage.open("alerts");
    let (names, now) = (names(), clock::now().to_string());
    let events: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({"@timestamp": now, "outcome": "denied", "endpoint": name, "user": {"name": name},
                "aigov": {"model": {"name": name, "version": name}, "policy": {"name": name}}})
        })
        .collect();
    stage.produce(&events);
    stage.kafka.produce("events", &[("k", b"<img src=x onerror=window.executed=1>\x1b[2J\xe2\x80\xae")]).unwrap();
    stage.until_delivered(names.len());
    browser.until_it_is("document.querySelectorAll('#alerts tr[data-id]').length", names.len());
    browser.until("document.querySelectorAll('#facet-model input').length > 8");
    browser.run("for (const fold of document.querySelectorAll('details')) fold.open = true;", &[]);
    assert!(browser.text("#alerts").contains("<img src=x onerror=\"window.executed=1\">"));
    check(&stage, "the list");
    browser.click("#by-model");
    browser.until_it_is("document.querySelectorAll('#alerts tr.group').length", names.len());
    check(&stage, "the list by model");
    check_table(&stage, names.len());

    // every model by itself: the filter is in the address
    for index in 0..4 {
        stage.go("alerts");
        browser.until("document.querySelectorAll('#facet-model input').length > 8");
        browser.click(&format!("#facet-model label:nth-of-type({}) input", index + 1));
        browser.until_it_is("document.querySelectorAll('#alerts tr[data-id]').length", 1);
        check(&stage, "the list of one model");
    }
    for alert in asked(&stage, "alerts")["alerts"].as_array().unwrap() {
        let id = alert["id"].as_str().unwrap();
        stage.go(&format!("alerts/{id}"));
        browser.until("document.querySelector('#timeline') !== null");
        browser.until(&format!("document.querySelector('#facts .id').textContent === {}", json!(id)));
        browser.run("for (const fold of document.querySelectorAll('details')) fold.open = true;", &[]);
        check(&stage, &format!("the alert {alert:#}"));
    }

    // what people write is no better
    browser.run("window.scrollTo(0, 0);", &[]);
    browser.click("#close");
    browser.fill("#life-by", "<img src=x onerror=window.executed=1>");
    browser.fill("#life-reason", "=1+1 \u{202e}<script>window.executed=1</script>");
    browser.click("#life-confirm");
    browser.until("document.querySelector('#lives')?.innerText.includes('<script>window.executed=1') ?? false");
    check(&stage, "the life of an alert");

    for (route, whole) in
        [("", "#tile-open-alerts"), ("rules", "#rules tbody tr"), ("sources", "#dead-letters tbody tr")]
    {
        stage.go(route);
        browser.until(&format!("document.querySelector('{whole}') !== null"));
        check(&stage, route);
    }
    assert!(browser.text("#dead-letters").contains("<img src=x"));
    stage.go("rules");
    browser.click("#rules tbody a");
    browser.until("document.querySelector('#rule-facts') !== null");
    check(&stage, "the rule");
    for address in [
        "alerts/%E0%A4%A",
        "alerts?level=%3Cimg%3E&q=%22%3E%3Cimg%20src=x%3E",
        "rules/%3Cscript%3E",
        "__proto__",
        "constructor/x",
    ] {
        stage.go(address);
        browser.until("document.querySelector('main h1') !== null");
        check(&stage, address);
    }
    // a rule and an alert that do not exist are answered with 404, which the browser notes
    stage.check_browser_but(|complaint| complaint.contains("404"));
}
