//! What a person does with a browser and sees in it, over W3C WebDriver: opening, clicking, typing, reading, and what the
//! browser itself noted: messages of its console, and every request that the page made.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

use crate::servers::{ChromeDriver, ServerError, wait_until};

/// Longer than anything on the page takes, on a busy machine.
const SOON: Duration = Duration::from_secs(60);
/// What WebDriver calls the reference to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys that are no characters, as WebDriver writes them.
pub(super) const TAB: &str = "\u{e004}";
pub(super) const ENTER: &str = "\u{e007}";
pub(super) const ESCAPE: &str = "\u{e00c}";

/// A browser with one page.
pub(super) struct Browser {
    driver: ChromeDriver,
}

impl Browser {
    pub(super) fn start() -> Self {
        let browser = Self { driver: ChromeDriver::start().unwrap() };
        // what it asked of itself for the page that it begins with
        browser.open("about:blank");
        browser.requests();
        browser
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.driver.ask(method, path, Some(body)).unwrap()
    }

    pub(super) fn open(&self, address: &str) {
        self.ask("POST", "url", &json!({"url": address}));
    }

    pub(super) fn reload(&self) {
        self.ask("POST", "refresh", &json!({}));
    }

    /// Runs the body of a function in the page, and gives what it returns.
    pub(super) fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.ask("POST", "execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// The same for a function that promises something.
    pub(super) fn run_to_its_end(&self, script: &str, arguments: &[Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; (async (...given) => {{ {script} }})(...arguments).then(done, (error) => done(String(error)));"
        );
        self.ask("POST", "execute/async", &json!({"script": script, "args": arguments}))
    }

    /// What an expression is in the page.
    pub(super) fn value(&self, expression: &str) -> Value {
        self.run(&format!("return {expression};"), &[])
    }

    /// Waits until an expression is true in the page.
    pub(super) fn until(&self, expression: &str) {
        self.until_it_is(expression, true);
    }

    /// Waits until an expression is a value in the page.
    pub(super) fn until_it_is(&self, expression: &str, wanted: impl Into<Value>) {
        let wanted = wanted.into();
        let look = || {
            let asked = json!({"script": format!("return {expression};"), "args": []});
            // the page may be on its way from one document to another
            Ok(self.driver.ask("POST", "execute/sync", Some(&asked)).unwrap_or_else(|error| json!(error.to_string())))
        };
        let waited = wait_until(expression, SOON, look, |seen| *seen == wanted);
        waited.map_or_else(|error| panic!("{error}\nwanted: {wanted}\n{}", self.shown()), drop);
    }

    /// Everything that can be read on the page, for what failed.
    fn shown(&self) -> String {
        let text = self.run("return location.href + '\\n' + document.body.innerText;", &[]);
        text.as_str().unwrap_or_default().chars().take(3000).collect()
    }

    fn find(&self, selector: &str) -> Result<String, ServerError> {
        let found = self.driver.ask("POST", "element", Some(&json!({"using": "css selector", "value": selector})))?;
        Ok(found[ELEMENT].as_str().unwrap_or_default().to_owned())
    }

    /// Does something with an element as soon as that can be done: it may not be there yet, or be replaced meanwhile.
    fn with(&self, selector: &str, act: &str, body: &Value) {
        let path = |element: &str| format!("element/{element}/{act}");
        let look = || Ok(self.find(selector).and_then(|element| self.driver.ask("POST", &path(&element), Some(body))));
        let waited = wait_until(&format!("{act} on {selector}"), SOON, look, Result::is_ok);
        waited.map_or_else(|error| panic!("{error}\n{}", self.shown()), drop);
    }

    pub(super) fn click(&self, selector: &str) {
        self.with(selector, "click", &json!({}));
    }

    /// Types into a field, behind what is in it.
    pub(super) fn fill(&self, selector: &str, text: &str) {
        self.with(selector, "value", &json!({"text": text}));
    }

    /// Empties a field.
    pub(super) fn clear(&self, selector: &str) {
        self.with(selector, "clear", &json!({}));
    }

    /// Presses a key, wherever the focus is.
    pub(super) fn press(&self, key: &str) {
        let strokes = [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})];
        self.ask("POST", "actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}));
    }

    /// The text of the first element that fits, as a reader sees it.
    pub(super) fn text(&self, selector: &str) -> String {
        let text = self.run("return document.querySelector(arguments[0])?.innerText ?? null;", &[json!(selector)]);
        text.as_str().unwrap_or_else(|| panic!("nothing fits {selector}\n{}", self.shown())).to_owned()
    }

    /// Role, accessible name and mark-up of each element that a script gives, as the browser computed them for assistive technology.
    pub(super) fn told(&self, script: &str) -> Vec<(String, String, String)> {
        let elements = self.run(script, &[]);
        let told = |element: &Value| {
            let id = element[ELEMENT].as_str().unwrap();
            let text = |what: &str| {
                let answer = self.driver.ask("GET", &format!("element/{id}/{what}"), None).unwrap();
                answer.as_str().unwrap_or_default().to_owned()
            };
            let markup = self.run("return arguments[0].outerHTML.slice(0, 200);", std::slice::from_ref(element));
            (text("computedrole"), text("computedlabel"), markup.as_str().unwrap_or_default().to_owned())
        };
        elements.as_array().unwrap().iter().map(told).collect()
    }

    /// Lets the page believe that its reader prefers `light` or `dark`.
    pub(super) fn prefer(&self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// Sets the size of what is seen of the page, in pixels.
    pub(super) fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.ask("POST", "goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// A picture of what is seen, as PNG.
    pub(super) fn picture(&self) -> Vec<u8> {
        let text = self.driver.ask("GET", "screenshot", None).unwrap();
        base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap()
    }

    /// What was written to the browser's console since this was asked last: by the page, and by the browser about it.
    pub(super) fn complaints(&self) -> Vec<String> {
        let entries = self.ask("POST", "se/log", &json!({"type": "browser"}));
        entries.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    /// The addresses that were asked for since this was asked last.
    pub(super) fn requests(&self) -> Vec<String> {
        let entries = self.ask("POST", "se/log", &json!({"type": "performance"}));
        let address = |entry: &Value| {
            let noted: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &noted["message"];
            let named = ["Network.requestWillBeSent", "Network.webSocketCreated", "Network.webTransportCreated"]
                .contains(&message["method"].as_str()?);
            let parameters = &message["params"];
            named
                .then(|| parameters["request"]["url"].as_str().or(parameters["url"].as_str()))
                .flatten()
                .map(str::to_owned)
        };
        entries.as_array().unwrap().iter().filter_map(address).collect()
    }

    pub(super) fn downloads(&self) -> PathBuf {
        self.driver.downloads()
    }

    pub(super) fn kill(&self) {
        self.driver.kill_browser().unwrap();
    }
}
