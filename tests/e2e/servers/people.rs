//! Those whom notifications go to: a mail server (aiosmtpd), and a receiver of webhooks in which standardwebhooks verifies signatures and
//! Slack's SDK judges messages.

use std::net::TcpStream;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::ServerError;
use super::directory::RunDirectory;
use super::installed::{installed, read, write};
use super::ports::free_port;
use super::process::{CommandLine, Process};

const SMTP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/notifications/smtp.py");
const RECEIVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/notifications/receiver.py");
/// The password of the user `clarion`.
pub(crate) const MAIL_PASSWORD: &str = "correct horse";

/// A server for people, and what it has taken.
pub(crate) struct People {
    process: Process,
    port: u16,
    taken: &'static str,
}

impl People {
    /// Starts a mail server; `mode` is `starttls`, `tls` or `none`. The encrypted ones want the user `clarion`.
    ///
    /// # Errors
    /// [`ServerError`] if it is not installed or does not become ready.
    pub(crate) fn mail(mode: &str) -> Result<Self, ServerError> {
        let mut environment = Vec::new();
        if mode != "none" {
            let path = |name: &str| Ok(installed("aiosmtpd", name)?.display().to_string());
            environment.push(("SMTP_CERTIFICATE", path("credentials/node.pem")?));
            environment.push(("SMTP_KEY", path("credentials/node.key")?));
            environment.push(("SMTP_PASSWORD", MAIL_PASSWORD.to_owned()));
        }
        Self::start("aiosmtpd", SMTP, mode, environment, "mails.jsonl")
    }

    /// Starts a receiver of webhooks; `mode` is `signed` or `slack`.
    ///
    /// # Errors
    /// [`ServerError`] if it is not installed or does not become ready.
    pub(crate) fn receiver(mode: &str, signing_key: &str) -> Result<Self, ServerError> {
        let environment = vec![("SIGNING_KEY", signing_key.to_owned())];
        Self::start("receiver", RECEIVER, mode, environment, "bodies.jsonl")
    }

    fn start(
        name: &'static str,
        program: &str,
        mode: &str,
        environment: Vec<(&'static str, String)>,
        taken: &'static str,
    ) -> Result<Self, ServerError> {
        let python = installed(name, "receivers/bin/python")?;
        let port = free_port()?;
        let directory = RunDirectory::create(name)?;
        let words = vec![python.display().to_string(), program.to_owned(), port.to_string(), mode.to_owned()];
        let command = CommandLine { words, environment, ..CommandLine::default() };
        let mut people = Self { process: Process::new(name, directory, command), port, taken };
        people.restart()?;
        Ok(people)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The authority that signed the mail server's certificate.
    pub(crate) fn ca_pem_path() -> Result<PathBuf, ServerError> {
        installed("aiosmtpd", "credentials/ca.pem")
    }

    /// Everything taken so far, in order.
    pub(crate) fn taken(&self) -> Result<Vec<Value>, ServerError> {
        let path = self.process.directory().join(self.taken);
        if !path.exists() {
            return Ok(Vec::new());
        }
        Ok(read(&path)?.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// From now on every mail is answered with this, or taken again.
    pub(crate) fn refuse(&self, answer: Option<&str>) -> Result<(), ServerError> {
        let path: &Path = &self.process.directory().join("refusal");
        match answer {
            Some(answer) => write(path, answer),
            None => std::fs::remove_file(path).map_err(|source| ServerError::File {
                action: "remove",
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Kills it as a crash would.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same port.
    ///
    /// # Errors
    /// [`ServerError::NotReady`] if it does not come back.
    pub(crate) fn restart(&mut self) -> Result<(), ServerError> {
        self.process.stop();
        let address = ("127.0.0.1", self.port);
        self.process.start(|| TcpStream::connect(address).map(drop).map_err(|error| error.to_string()))
    }
}
