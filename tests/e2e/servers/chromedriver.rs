//! A real Chromium behind a real ChromeDriver: one browser with a profile of its own, which goes away with the driver.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::directory::RunDirectory;
use super::http::Authorization;
use super::installed::write;
use super::ports::free_port;
use super::process::{CommandLine, Process, signal_process};
use super::{Http, ServerError};

const NAME: &str = "chromedriver";
/// No window, no sandbox (tests may run as root), and nothing that the browser would do by itself.
const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--window-size=1280,900",
];

/// A driver with one browser.
pub(crate) struct ChromeDriver {
    process: Process,
    http: Http,
    session: String,
}

impl ChromeDriver {
    /// Starts a driver and its browser.
    ///
    /// # Errors
    /// [`ServerError`] if one of them is not on the `PATH` or does not become ready.
    pub(crate) fn start() -> Result<Self, ServerError> {
        let (driver, browser) = (on_path("chromedriver")?, on_path("chromium")?);
        let directory = RunDirectory::create(NAME)?;
        let folder = directory.path().to_owned();
        let start = folder.join("chromium");
        // the kernel kills the browser when its driver is gone, and a test knows which process it is
        let script = format!(
            "#!/bin/sh\necho $$ >'{}'\nexec setpriv --pdeathsig KILL -- '{}' \"$@\"\n",
            folder.join("browser").display(),
            browser.display()
        );
        write(&start, &script)?;
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&start, executable).map_err(|source| ServerError::File {
            action: "make executable",
            path: start.clone(),
            source,
        })?;
        let port = free_port()?;
        let home = ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"].map(|name| (name, folder.display().to_string()));
        let command = CommandLine {
            words: vec![driver.display().to_string(), format!("--port={port}")],
            environment: home.to_vec(),
            ..CommandLine::default()
        };
        let http = Http::new(format!("http://127.0.0.1:{port}"), Authorization::None, None)?;
        let mut process = Process::new(NAME, directory, command);
        let asked = http.clone();
        process.start(|| match asked.expect("GET", "/status", None) {
            Ok(status) if status["value"]["ready"] == true => Ok(()),
            Ok(status) => Err(status.to_string()),
            Err(error) => Err(error.to_string()),
        })?;
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", folder.join("profile").display()));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {
                "binary": start,
                "args": arguments,
                "prefs": {"download.default_directory": folder.join("downloads")},
                "perfLoggingPrefs": {"enableNetwork": true, "enablePage": false},
            },
        }}});
        let begun = http.expect("POST", "/session", Some(&wanted))?;
        let session = begun["value"]["sessionId"].as_str().unwrap_or_default().to_owned();
        Ok(Self { process, http, session })
    }

    /// Asks the driver for something of the browser: a method and an address of W3C WebDriver behind the session.
    ///
    /// # Errors
    /// [`ServerError::Request`] with WebDriver's own words.
    pub(crate) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, ServerError> {
        let mut answer = self.http.expect(method, &format!("/session/{}/{path}", self.session), body)?;
        Ok(answer["value"].take())
    }

    /// Where the browser puts what it downloads.
    pub(crate) fn downloads(&self) -> PathBuf {
        self.process.directory().join("downloads")
    }

    /// Kills the browser as a crash would, and leaves its driver alone.
    ///
    /// # Errors
    /// [`ServerError::File`] if nobody knows which process it is.
    pub(crate) fn kill_browser(&self) -> Result<(), ServerError> {
        let id = super::installed::read(&self.process.directory().join("browser"))?;
        signal_process(id.trim(), "KILL");
        Ok(())
    }
}

impl Drop for ChromeDriver {
    fn drop(&mut self) {
        // in order, so that nothing is written into the profile while it is removed
        let _ = self.http.send("DELETE", &format!("/session/{}", self.session), None);
    }
}

fn on_path(program: &'static str) -> Result<PathBuf, ServerError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join(program)).filter(|file| file.is_file());
    found.next().ok_or(ServerError::NotInstalled { server: NAME, missing: PathBuf::from(program) })
}
