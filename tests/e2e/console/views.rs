//! Each view shows what the engine has: its numbers are compared with the interface, its filters with what is left.

use serde_json::{Value, json};

use super::stage::{SOON, Stage};
use crate::servers::wait_until;

const ROWS: &str = "[...document.querySelectorAll('#alerts tr[data-id]')].filter((row) => row.checkVisibility())";

/// What the interface answers, asked by the page itself.
pub(super) fn asked(stage: &Stage, path: &str) -> Value {
    stage.browser.run_to_its_end("return (await fetch(given[0])).json();", &[json!(format!("api/v1/{path}"))])
}

pub(super) fn overview_has_numbers(stage: &Stage) {
    let browser = &stage.browser;
    stage.open("");
    browser.until_it_is("document.title", "Overview – Clarion");
    let links = browser.run("return [...document.querySelectorAll('#nav a')].map((link) => link.dataset.route);", &[]);
    assert_eq!(links, json!(["overview", "alerts", "rules", "exceptions", "sources"]));
    // all of the week has been read, and what waited is decided
    browser.until("document.querySelectorAll('#top-models tbody tr').length >= 3");
    for section in ["model-risk-score", "policy-violations", "drift-trend", "audit-completeness", "alerts-by-level"] {
        browser.until(&format!("document.querySelector('#{section} svg path, #{section} svg rect') !== null"));
    }
    browser.until("/^[0-9]/.test(document.querySelector('#tile-posture .posture').textContent.trim())");
    let worst = asked(stage, "overview")["models"][0]["name"].as_str().unwrap().to_owned();
    browser.until(&format!("document.querySelector('#top-models tbody').innerText.includes({})", json!(worst)));
    let total = "document.querySelector('#tile-open-alerts .figure').firstChild.data";
    let open = "status=open&life=new&life=acknowledged&limit=1";
    let matching = |stage: &Stage| asked(stage, &format!("alerts?{open}"))["matching"].to_string();
    // the week goes on while it is looked at
    let both = || Ok((browser.value(total), matching(stage)));
    let agree = |(shown, counted): &(Value, String)| shown.as_str() == Some(counted);
    wait_until("as many open alerts on the overview as there are", SOON, both, agree).unwrap();
    browser.click("#tile-open-alerts a.figure");
    browser.until_it_is("document.title", "Alerts – Clarion");
}

pub(super) fn alerts_can_be_found(stage: &Stage) {
    let browser = &stage.browser;
    browser.click("#nav a[data-route=alerts]");
    browser.until(&format!("location.hash === '#/alerts' && {ROWS}.length > 5"));
    let all = browser.value(&format!("{ROWS}.length")).as_u64().unwrap();
    assert_eq!(asked(stage, "alerts?limit=1")["matching"], all);

    browser.click("#facet-level input[value=critical]");
    let critical = asked(stage, "alerts?level=critical&limit=1")["matching"].as_u64().unwrap();
    assert!(critical > 0 && critical < all, "{critical} of {all}");
    browser.until_it_is(&format!("{ROWS}.length"), critical);
    browser.until(&format!("{ROWS}.every((row) => row.classList.contains('level-critical'))"));
    browser.until("location.hash.includes('level=critical')");
    // a link shows another person the same
    browser.reload();
    browser.until_it_is(&format!("{ROWS}.length"), critical);
    browser.until("document.querySelector('#facet-level input[value=critical]')?.checked ?? false");
    browser.click("#facet-level input[value=critical]");
    browser.until_it_is(&format!("{ROWS}.length"), all);

    browser.fill("#search", "Risk-ASSESSMENT days");
    let found = asked(stage, "alerts?q=risk-assessment+days&limit=1")["matching"].as_u64().unwrap();
    assert!(found > 0 && found < all, "{found} of {all}");
    browser.until_it_is(&format!("{ROWS}.length"), found);
    browser.until(&format!("{ROWS}.every((row) => /risk-assessment/i.test(row.innerText))"));
    browser.clear("#search");
    browser.fill("#search", "nothing-is-called-so");
    browser.until("document.body.innerText.includes('No alert fits these filters.')");
    browser.click("#conditions .chip-button");
    browser.until_it_is(&format!("{ROWS}.length"), all);

    browser.click("#by-model");
    let groups = "document.querySelectorAll('#alerts tr.group').length";
    browser.until(&format!("{groups} > 1"));
    let models = asked(stage, "facets")["models"].as_array().unwrap().len() as u64;
    let shown = browser.value(groups).as_u64().unwrap();
    assert!(shown == models || shown == models + 1, "{shown} groups of {models} models");
    let first = "Number(/([0-9]+) alert/.exec(document.querySelector('#alerts tr.group').innerText)[1])";
    let folded = browser.value(first).as_u64().unwrap();
    browser.click("#alerts tr.group button");
    browser.until_it_is(&format!("{ROWS}.length"), all - folded);
    browser.click("#by-model");
    browser.until_it_is(groups, 0);
}

/// The first alert of a rule, opened from the list.
fn open_first_of(stage: &Stage, rule: &str) -> Value {
    let rules = asked(stage, "rules");
    let rule = rules["rules"].as_array().unwrap().iter().find(|known| known["name"] == rule).unwrap();
    let path = format!("alerts?rule={}", rule["id"].as_str().unwrap());
    let alert = asked(stage, &path)["alerts"][0].clone();
    stage.go(&path);
    stage.browser.click(&format!("#alerts tr[data-id='{}'] a.open", alert["id"].as_str().unwrap()));
    stage.browser.until("document.querySelector('#timeline') !== null");
    asked(stage, &format!("alerts/{}", alert["id"].as_str().unwrap()))
}

fn kinds(stage: &Stage) -> Vec<String> {
    let kinds = stage
        .browser
        .run("return [...document.querySelectorAll('#timeline li')].map((item) => item.dataset.kind);", &[]);
    kinds.as_array().unwrap().iter().map(|kind| kind.as_str().unwrap().to_owned()).collect()
}

pub(super) fn evidence_is_on_a_time_line(stage: &Stage) {
    let browser = &stage.browser;
    // what should have come before
    let alert = open_first_of(stage, "deployment_without_risk_assessment");
    let kinds_before = kinds(stage);
    assert_eq!(kinds_before.iter().filter(|kind| *kind == "missing").count(), 3, "{kinds_before:?}");
    assert_eq!(kinds_before.last().map(String::as_str), Some("alert"));
    let missing = browser.text("#timeline li[data-kind=missing]");
    assert!(missing.contains("Expected, did not happen"), "{missing}");
    let moments = alert["timeline"].as_array().unwrap();
    let event = moments.iter().find(|moment| moment["kind"] == "event").unwrap();
    let place = &event["coordinates"];
    assert_eq!(place["topic"], "mlflow.webhooks");
    let wanted = format!("mlflow.webhooks/{}/{}", place["partition"], place["offset"]);
    assert!(browser.text("#timeline li[data-kind=event] .place").contains(&wanted));
    assert!(
        browser.text("#document pre").is_empty()
            || !browser.value("document.querySelector('#document').open").as_bool().unwrap()
    );
    browser.click("#document summary");
    let document: Value = serde_json::from_str(&browser.text("#document pre")).unwrap();
    assert_eq!(document, alert["document"]);

    // what should have come after, and until when it was waited for
    let alert = open_first_of(stage, "decision_not_reviewed");
    let kinds_after = kinds(stage);
    assert_eq!(kinds_after.first().map(String::as_str), Some("event"), "{kinds_after:?}");
    let text = browser.text("#timeline li[data-kind=deadline]");
    assert!(text.contains("Waited until"), "{text}");
    let times = browser.run(
        "return [...document.querySelectorAll('#timeline li[data-kind=deadline] time')].map((time) => time.dateTime);",
        &[],
    );
    assert_eq!(times[0], alert["document"]["alert"]["waited_until"]);
    browser.click("#back");
    browser.until_it_is("document.title", "Alerts – Clarion");
}

pub(super) fn rules_explain_themselves(stage: &Stage) {
    let browser = &stage.browser;
    browser.click("#nav a[data-route=rules]");
    let known = asked(stage, "rules")["rules"].as_array().unwrap().len() as u64;
    browser.until_it_is("document.querySelectorAll('#rules tbody tr').length", known);
    browser.fill("#rule-search", "consecutive_policy");
    browser.until_it_is("document.querySelectorAll('#rules tbody tr').length", 1);
    browser.click("#rules tbody a");
    browser.until("document.querySelector('#rule-facts') !== null");
    for part in ["explanation", "triage", "falsepositives", "tests", "rule-tags", "rule-references"] {
        assert!(browser.text(&format!("#{part}")).lines().count() > 1, "{part}");
    }
    browser.click("#source summary");
    let source = browser.text("#source pre");
    assert!(source.contains("name: consecutive_policy_violations"), "{source}");
}

pub(super) fn sources_and_dead_letters_are_told(stage: &Stage) {
    let browser = &stage.browser;
    browser.click("#nav a[data-route=sources]");
    browser.until("document.querySelectorAll('#instances tbody tr').length > 0");
    let shown = browser.text("#instances");
    for name in
        ["mlflow.webhooks", "opa.decisions", "evidently.reports", "governance.decisions", "jira.webhooks", "file"]
    {
        assert!(shown.contains(name), "{name}: {shown}");
    }
    let before = browser.text("#dead-letters-total");
    browser.run("window.neverReloaded = true;", &[]);
    stage.kafka.produce("evidently.reports", &[("k", b"<b>not a report")]).unwrap();
    browser.until(&format!("document.querySelector('#dead-letters-total').textContent !== {}", json!(before)));
    browser.until("document.querySelector('#dead-letters tbody tr').innerText.includes('evidently.reports/0/')");
    browser.until("document.querySelector('#dead-letters tbody tr').innerText.includes('<b>not a report')");
    assert_eq!(browser.value("window.neverReloaded"), true);
}
