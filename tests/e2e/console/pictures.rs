//! The pictures of docs/console.md: what a browser shows of `clarion demo`. `CLARION_RENEW=1 cargo test --test e2e
//! console::pictures` takes them anew; without it, it is only looked after that each one is there, shown, and small.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::browser::Browser;
use super::small_png::small;

const PICTURES: [&str; 6] =
    ["overview.png", "alerts.png", "alert.png", "rules.png", "sources.png", "overview-dark.png"];
/// Of what a page may weigh, in bytes.
const LARGEST: u64 = 150_000;
const WIDTH: u32 = 1280;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures/console")
}

/// The demonstration; killed when dropped.
struct Demo {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Demo {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clarion"))
            .args(["demo", "--keep"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// The first line to come that holds this.
    fn line_with(&mut self, text: &str) -> String {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            if line.contains(text) {
                return line;
            }
            line.clear();
        }
        panic!("the demonstration ended without: {text}");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // in order, so that it takes its folder away
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

fn take(browser: &Browser, name: &str, height: u32) {
    browser.resize(WIDTH, height);
    // two frames after a change of the size everything is drawn
    browser.run_to_its_end(
        "document.activeElement?.blur(); window.scrollTo(0, 0);
         await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));",
        &[],
    );
    std::fs::write(folder().join(name), small(&browser.picture())).unwrap();
}

fn asked(browser: &Browser, path: &str) -> Value {
    browser.run_to_its_end("return (await fetch(given[0])).json();", &[json!(format!("api/v1/{path}"))])
}

fn renew() {
    std::fs::create_dir_all(folder()).unwrap();
    let mut demo = Demo::start();
    let line = demo.line_with("The console is at ");
    let address = line.split(' ').find(|word| word.starts_with("http://")).unwrap().trim_end_matches(',').to_owned();
    demo.line_with("alerts that nobody planted");
    let browser = Browser::start();
    browser.prefer("light");
    browser.resize(WIDTH, 900);
    browser.open(&format!("{address}/#/alerts"));
    browser.until("document.querySelectorAll('#alerts tr[data-id]').length >= 14");

    // as people leave it: some alerts are looked after
    let critical = asked(&browser, "alerts?level=critical&limit=3");
    let id = |index: usize| critical["alerts"][index]["id"].as_str().unwrap().to_owned();
    for (index, life) in [
        json!({"state": "acknowledged", "by": "Kim"}),
        json!({"state": "closed", "by": "Kim", "reason": "The alias points at version 22 again since 16:40, see CHG-4411"}),
    ]
    .iter()
    .enumerate()
    {
        let path = format!("api/v1/alerts/{}/life", id(index));
        let said = browser.run_to_its_end(
            "return (await fetch(given[0], {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(given[1])})).status;",
            &[json!(path), life.clone()],
        );
        assert_eq!(said, 200);
    }
    browser.reload();
    browser.until("document.querySelectorAll('#alerts tr.life-closed').length > 0");
    browser.until("document.querySelectorAll('#facet-model input').length > 0");
    take(&browser, "alerts.png", 900);

    let rules = asked(&browser, "rules");
    let named = |name: &str| {
        let rule = rules["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == name).unwrap();
        rule["id"].as_str().unwrap().to_owned()
    };
    let found = asked(&browser, &format!("alerts?rule={}&limit=1", named("deployment_without_risk_assessment")));
    browser.open(&format!("{address}/#/alerts/{}", found["alerts"][0]["id"].as_str().unwrap()));
    browser.until("document.querySelector('#timeline') !== null");
    take(&browser, "alert.png", 1000);

    for (route, whole, picture, height) in [
        ("", "#top-models tbody tr", "overview.png", 1400),
        ("rules", "#rules tbody tr", "rules.png", 800),
        ("sources", "#instances tbody tr", "sources.png", 900),
    ] {
        browser.open(&format!("{address}/#/{route}"));
        browser.until(&format!("document.querySelector('{whole}') !== null"));
        browser.until("document.querySelector('#live').dataset.state === 'open'");
        take(&browser, picture, height);
    }
    browser.prefer("dark");
    browser.open(&format!("{address}/#/"));
    browser.until("document.querySelector('#top-models tbody tr') !== null");
    take(&browser, "overview-dark.png", 1400);
}

#[test]
fn every_picture_is_there_shown_and_small() {
    if std::env::var_os("CLARION_RENEW").is_some() {
        renew();
    }
    let page = std::fs::read_to_string(folder().join("../../console.md")).unwrap();
    for name in PICTURES {
        assert!(page.contains(&format!("](pictures/console/{name})")), "{name} is not shown in docs/console.md");
        let size = std::fs::metadata(folder().join(name)).unwrap().len();
        assert!(size > 10_000 && size <= LARGEST, "{name} has {size} bytes");
    }
    let there = std::fs::read_dir(folder()).unwrap().count();
    assert_eq!(there, PICTURES.len(), "a picture that nobody shows");
}
