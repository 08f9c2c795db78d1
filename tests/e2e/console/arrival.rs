//! An alert appears on the page without a reload; what people said of it outlasts a reload and a restart.

use std::time::Duration;

use serde_json::json;

use super::stage::{EVENTS, Stage};

const ROWS: &str = "document.querySelectorAll('#alerts tr[data-id]').length";

#[test]
fn an_alert_appears_without_a_reload_and_its_life_outlasts_a_restart() {
    let mut stage = Stage::of_events(None);
    let browser = &stage.browser;
    stage.open("alerts");
    browser.until("document.body.innerText.includes('No alert yet')");
    browser.run("window.neverReloaded = true;", &[]);

    stage.produce(&[json!({"endpoint": "loan", "aigov": {"model": {"name": "credit-risk", "version": "7"}}})]);
    browser.until_it_is(ROWS, 1);
    assert!(browser.text("#alerts tr[data-id]").contains("credit-risk"));
    browser.until("document.querySelector('#matching').textContent === '1 alert'");
    // assistive technology hears of it too
    browser.until("document.querySelector('#announcer').textContent.includes('New high alert')");

    // the keyboard is enough: next, open, acknowledge; who does it is asked once
    browser.press("j");
    browser.press(super::browser::ENTER);
    browser.until("document.querySelector('#alert-title') !== null");
    browser.press("a");
    browser.fill("#life-by", "Kim");
    browser.press(super::browser::ESCAPE);
    browser.until("document.querySelector('#life') === null");
    browser.until("document.querySelector('.badges').innerText.includes('new')");
    browser.click("#acknowledge");
    browser.fill("#life-by", "Kim");
    browser.click("#life-confirm");
    browser.until("document.querySelector('#lives')?.innerText.includes('Kim') ?? false");
    assert_eq!(browser.value("window.neverReloaded"), true);

    browser.reload();
    browser.until("document.querySelector('#lives')?.innerText.includes('Kim') ?? false");
    assert!(browser.value("window.neverReloaded").is_null());
    browser.run("window.scrollTo(0, 0);", &[]);
    browser.click("#close");
    browser.click("#life-confirm");
    browser.until_it_is("document.querySelector('#life-error').textContent", "Say why.");
    browser.fill("#life-reason", "A rehearsal");
    browser.click("#life-confirm");
    browser.until("document.querySelector('#lives').innerText.includes('A rehearsal')");

    // a restart of the engine: the page says so, comes back by itself, and yesterday is still there
    browser.run("window.neverReloaded = true;", &[]);
    let stopped = stage.engine.take().unwrap().stop(Duration::from_secs(20));
    assert_eq!(stopped, Some(0), "{}", stage.workspace.log_tail());
    browser.until("!document.querySelector('#banner').hidden");
    assert!(browser.text("#banner").contains("Live updates are cut off"));
    // the browser itself notes every refused connection while nobody listens
    stage.check_browser_but(|complaint| complaint.contains("/api/v1/stream"));
    stage.engine = Some(stage.workspace.start(&EVENTS, "1s"));
    stage.wait_for_console();
    browser.until("document.querySelector('#live').dataset.state === 'open'");
    browser.until("document.querySelector('#banner').hidden");
    stage.go("alerts");
    stage.produce(&[json!({"endpoint": "fraud", "aigov": {"model": {"name": "fraud", "version": "1"}}})]);
    browser.until_it_is(ROWS, 2);
    assert!(browser.text("#alerts .life-closed").contains("credit-risk"));
    browser.click("#facet-life input[value=closed]");
    browser.until_it_is(ROWS, 1);
    browser.click("#alerts .life-closed a.open");
    browser.until("document.querySelector('#lives')?.innerText.includes('A rehearsal') ?? false");
    assert_eq!(browser.value("window.neverReloaded"), true);
    stage.check_browser_but(|complaint| complaint.contains("/api/v1/stream"));
}
