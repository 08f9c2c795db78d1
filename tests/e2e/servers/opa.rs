//! A real Open Policy Agent that posts its decision log.

use serde_json::{Value, json};

use super::directory::RunDirectory;
use super::http::Authorization;
use super::installed::{installed, write};
use super::ports::free_port;
use super::process::{CommandLine, Process};
use super::{Http, ServerError};

const NAME: &str = "opa";
const POLICY: &str = include_str!("../../servers/opa/policy.rego");

/// An agent with the policy of `tests/servers/opa`.
pub(crate) struct OpenPolicyAgent {
    process: Process,
    http: Http,
}

impl OpenPolicyAgent {
    /// Starts an agent that posts its decisions, gzipped arrays of them, to `/logs` at this address.
    ///
    /// # Errors
    /// [`ServerError`] if it is not installed or does not become ready.
    pub(crate) fn start(log_to: &str) -> Result<Self, ServerError> {
        let program = installed(NAME, "opa/opa")?;
        let port = free_port()?;
        let directory = RunDirectory::create(NAME)?;
        let (config, policy) = (directory.path().join("config.json"), directory.path().join("policy.rego"));
        let settings = json!({
            "services": {"siem": {"url": log_to}},
            "labels": {"app": "loan-scoring"},
            "decision_logs": {"service": "siem", "reporting": {"min_delay_seconds": 1, "max_delay_seconds": 1}},
        });
        write(&config, &settings.to_string())?;
        write(&policy, POLICY)?;
        let words = [
            program.display().to_string(),
            "run".to_owned(),
            "--server".to_owned(),
            "--disable-telemetry".to_owned(),
            "--addr".to_owned(),
            format!("127.0.0.1:{port}"),
            "--config-file".to_owned(),
            config.display().to_string(),
            policy.display().to_string(),
        ];
        let http = Http::new(format!("http://127.0.0.1:{port}"), Authorization::None, None)?;
        let command = CommandLine { words: words.to_vec(), ..CommandLine::default() };
        let mut agent = Self { process: Process::new(NAME, directory, command), http };
        let http = agent.http.clone();
        agent.process.start(|| http.expect("GET", "/health", None).map(drop).map_err(|error| error.to_string()))?;
        Ok(agent)
    }

    /// Asks whether a loan of this amount is allowed.
    ///
    /// # Errors
    /// [`ServerError::Request`] if the agent does not answer.
    pub(crate) fn asks(&self, amount: u64) -> Result<Value, ServerError> {
        let input = json!({"input": {"amount": amount, "user": "kim@example.com"}});
        Ok(self.http.expect("POST", "/v1/data/loan/allow", Some(&input))?["result"].clone())
    }
}
