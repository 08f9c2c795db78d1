//! Ten thousand alerts in less than a minute, one browser that reads them and one that vanishes in the middle: the page answers
//! every click, and the engine delivers everything.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::browser::Browser;
use super::stage::{SOON, Stage};
use super::views::asked;
use crate::servers::wait_until;

const ALERTS: usize = 10_000;
const BATCH: usize = 250;
/// Between two batches: twice as many alerts as ten thousand in a minute.
const PACE: Duration = Duration::from_millis(750);
/// How long a click may take, driver and all: half of them, and the slowest. The machine of a test has other things to do as well.
const PROMPT: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(6);

fn events(from: usize) -> Vec<Value> {
    let event = |number: usize| {
        let (time, model) = (number as u64 * 6, number % 40);
        json!({
            "@timestamp": format!("2026-10-05T08:{:02}:{:02}.{:03}Z", time / 60_000, time / 1000 % 60, time % 1000),
            "endpoint": format!("endpoint-{number}"),
            "aigov": {"model": {"name": format!("model-{model}"), "version": "1"}},
        })
    };
    (from..from + BATCH).map(event).collect()
}

#[test]
fn ten_thousand_alerts_hold_up_neither_the_page_nor_the_engine() {
    let mut stage = Stage::of_events(None);
    let vanishing = Browser::start();
    vanishing.open(&format!("{}/#/alerts", stage.address));
    vanishing.until("document.querySelector('#live').dataset.state === 'open'");
    stage.open("alerts");
    let browser = &stage.browser;
    browser.run("window.neverReloaded = true;", &[]);
    let begun = Instant::now();
    let mut clicks = Vec::new();
    for batch in 0..ALERTS / BATCH {
        stage.produce(&events(batch * BATCH));
        let due = PACE * (u32::try_from(batch).unwrap() + 1);
        // somebody clicks all the time
        while begun.elapsed() < due {
            for pressed in ["true", "false"] {
                let clicked = Instant::now();
                browser.click("#pause");
                browser.until_it_is("document.querySelector('#pause').getAttribute('aria-pressed')", pressed);
                clicks.push(clicked.elapsed());
            }
        }
        match batch {
            10 => vanishing.until("document.querySelectorAll('#alerts tr[data-id]').length > 100"),
            11 => vanishing.kill(),
            25 => browser.click("#by-model"),
            _ => {}
        }
    }
    let produced = begun.elapsed();
    assert!(produced < Duration::from_secs(60), "this was no burst: {produced:?}");
    clicks.sort();
    let (median, slowest) = (clicks[clicks.len() / 2], clicks[clicks.len() - 1]);
    assert!(median < PROMPT && slowest < PATIENCE, "a click took {median:?}, and one {slowest:?}");
    browser.until_it_is("document.querySelector('#matching').textContent", "10,000 alerts");
    browser.until_it_is("document.querySelectorAll('#alerts tr[data-id]').length", 500);
    let shown = begun.elapsed();
    eprintln!(
        "{ALERTS} alerts: produced in {produced:?}, all shown after {shown:?}, {} clicks took {median:?}, the slowest {slowest:?}",
        clicks.len()
    );
    assert_eq!(browser.value("window.neverReloaded"), true);
    let sinks = || Ok(asked(&stage, "status")["instances"][0]["sinks"].clone());
    let delivered = |sinks: &Value| sinks.as_array().unwrap().iter().all(|sink| sink["delivered"] == ALERTS);
    let waited = wait_until("every alert in every sink", SOON, sinks, delivered).unwrap();
    assert_eq!(waited.as_array().unwrap().len(), 2, "{waited}");
    assert_eq!(asked(&stage, "status")["history"]["missed"], 0);
    assert_eq!(stage.workspace.alerts().len(), ALERTS);
    stage.check_browser();
    let stopped = stage.engine.take().unwrap().stop(Duration::from_secs(30));
    assert_eq!(stopped, Some(0), "{}", stage.workspace.log_tail());
}
