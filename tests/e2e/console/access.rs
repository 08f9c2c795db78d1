//! Every element that can be used has a name, as the browser tells it to assistive technology; axe finds nothing; and whoever has
//! only a keyboard gets everywhere.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::browser::{ENTER, ESCAPE, TAB};
use super::stage::Stage;
use super::views::asked;
use crate::servers::installed;

/// What can be focused or used, and can be seen; of a dialog, if one is open: it takes everything else out of reach.
const USABLE: &str = "return [...(document.querySelector('dialog[open]') ?? document).querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex=\"0\"], dialog')]
    .filter((element) => element.checkVisibility() && !element.matches('a.skip'));";
const TABS: usize = 250;

/// Each view with what says that it is whole.
fn views(stage: &Stage) -> Vec<(String, &'static str)> {
    let alert = asked(stage, "alerts")["alerts"][0]["id"].as_str().unwrap().to_owned();
    let rules = asked(stage, "rules");
    let is_mission = |rule: &&Value| rule["name"] == "deployment_without_risk_assessment";
    let rule = rules["rules"].as_array().unwrap().iter().find(is_mission).unwrap()["id"].as_str().unwrap().to_owned();
    vec![
        (String::new(), "#top-models tbody tr"),
        ("alerts".to_owned(), "#facet-model input"),
        ("alerts?level=high&life=new&by=model".to_owned(), "#alerts tr.group"),
        (format!("alerts/{alert}"), "#timeline"),
        ("rules".to_owned(), "#rules tbody tr"),
        (format!("rules/{rule}"), "#rule-facts"),
        ("exceptions".to_owned(), "#exceptions p, #exceptions table"),
        ("sources".to_owned(), "#instances tbody tr"),
    ]
}

fn show(stage: &Stage, route: &str, whole: &str) {
    stage.go(route);
    stage.browser.until(&format!("document.querySelector({}) !== null", json!(whole)));
}

pub(super) fn everything_has_a_name(stage: &Stage) {
    let check = |place: &str| {
        let told = stage.browser.told(USABLE);
        assert!(told.len() >= 2, "{place}: {told:?}");
        let silent: Vec<_> = told
            .iter()
            .filter(|(role, name, _)| name.trim().is_empty() || matches!(role.as_str(), "" | "generic" | "none"))
            .collect();
        assert!(silent.is_empty(), "{place}: {silent:#?}");
    };
    for (route, whole) in views(stage) {
        show(stage, &route, whole);
        check(&route);
    }
    let (route, whole) = views(stage).remove(3);
    show(stage, &route, whole);
    stage.browser.click("#close");
    check("the dialog that closes an alert");
    stage.browser.press(ESCAPE);
    stage.browser.click("#keys");
    check("the dialog of the keys");
    stage.browser.press(ESCAPE);
}

pub(super) fn axe_finds_nothing(stage: &Stage) {
    let axe = std::fs::read_to_string(installed("axe", "axe/axe.min.js").unwrap()).unwrap();
    let browser = &stage.browser;
    // it comes in through the driver: the page asks nobody for it, and its policy would let nobody answer
    browser.run(&axe, &[]);
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        for (route, whole) in views(stage) {
            show(stage, &route, whole);
            let found = browser.run_to_its_end(
                "const told = await axe.run(document, {preload: false, resultTypes: ['violations']});
                 return told.violations.map(({id, nodes}) => [id, nodes.slice(0, 3).map((node) => [node.html.slice(0, 200), node.failureSummary])]);",
                &[],
            );
            assert_eq!(found, json!([]), "{scheme}, {route}: {found:#}");
        }
    }
    browser.prefer("light");
}

pub(super) fn the_keyboard_is_enough(stage: &Stage) {
    let browser = &stage.browser;
    stage.go("alerts");
    // whoever comes to a page begins at its top
    browser.reload();
    browser.until("document.querySelector('#facet-model input') !== null");
    browser.until("document.querySelector('#alerts a.open') !== null");
    let mut reached = BTreeSet::new();
    let name = "document.activeElement.id || document.activeElement.dataset.route || document.activeElement.className || document.activeElement.name";
    for _ in 0..TABS {
        browser.press(TAB);
        reached.insert(browser.value(name).as_str().unwrap_or_default().to_owned());
        if reached.contains("open") {
            break;
        }
    }
    for wanted in [
        "overview", "rules", "sources", "theme", "keys", "search", "since", "by-model", "pause", "csv", "level", "open",
    ] {
        assert!(reached.contains(wanted), "{wanted} is out of reach: {reached:?}");
    }
    // where the focus is can be seen
    let outline = browser.value("getComputedStyle(document.activeElement).outlineStyle");
    assert_ne!(outline, "none");
    browser.press(ENTER);
    browser.until("document.querySelector('#alert-title') !== null");
    browser.press("c");
    browser.until("document.querySelector('#life')?.open ?? false");
    assert_eq!(browser.value("document.activeElement.id"), "life-by");
    browser.press(ESCAPE);
    browser.until("document.querySelector('#life') === null");
    browser.press("?");
    browser.until("document.querySelector('#help')?.open ?? false");
    browser.press(ESCAPE);
    browser.until("document.querySelector('#help') === null");
}
