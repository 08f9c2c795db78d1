//! A real MLflow tracking server with a model registry, and Evidently from the same Python environment.

use std::process::Command;

use serde_json::{Value, json};

use super::directory::RunDirectory;
use super::http::Authorization;
use super::installed::{cache, installed};
use super::ports::free_port;
use super::process::{CommandLine, Process};
use super::{Http, ServerError};

const NAME: &str = "mlflow";
const DRIFT_REPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/producers/drift_report.py");

/// A server with an empty registry.
pub(crate) struct MlFlow {
    process: Process,
    http: Http,
}

impl MlFlow {
    /// Starts a server that may post to plain addresses of this machine.
    ///
    /// # Errors
    /// [`ServerError`] if it is not installed or does not become ready.
    pub(crate) fn start() -> Result<Self, ServerError> {
        let program = installed(NAME, "producers/home/bin/mlflow")?;
        let port = free_port()?;
        let directory = RunDirectory::create(NAME)?;
        let words = [
            program.display().to_string(),
            "server".to_owned(),
            "--host".to_owned(),
            "127.0.0.1".to_owned(),
            "--port".to_owned(),
            port.to_string(),
            "--backend-store-uri".to_owned(),
            format!("sqlite:///{}", directory.path().join("mlflow.db").display()),
            "--default-artifact-root".to_owned(),
            directory.path().join("artifacts").display().to_string(),
            "--workers".to_owned(),
            "1".to_owned(),
        ];
        let environment = [
            ("MLFLOW_WEBHOOK_ALLOWED_SCHEMES", "http,https"),
            ("MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS", "true"),
            ("MLFLOW_DISABLE_TELEMETRY", "true"),
            // a dozen worker processes that a registry does not need
            ("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false"),
        ];
        let environment = environment.map(|(name, value)| (name, value.to_owned())).to_vec();
        let http = Http::new(format!("http://127.0.0.1:{port}"), Authorization::None, None)?;
        let command = CommandLine { words: words.to_vec(), environment, ..CommandLine::default() };
        let mut server = Self { process: Process::new(NAME, directory, command), http };
        let http = server.http.clone();
        server.process.start(|| http.expect("GET", "/health", None).map(drop).map_err(|error| error.to_string()))?;
        Ok(server)
    }

    /// Calls the REST interface.
    ///
    /// # Errors
    /// [`ServerError::Request`] with the server's words if it refuses.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, ServerError> {
        self.http.expect("POST", &format!("/api/2.0/mlflow/{path}"), Some(body))
    }

    /// Registers a webhook for all that happens to model versions and their aliases.
    ///
    /// # Errors
    /// [`ServerError::Request`] with the server's words if it refuses.
    pub(crate) fn webhook(&self, url: &str) -> Result<(), ServerError> {
        let events: Vec<Value> = [("MODEL_VERSION", "CREATED"), ("MODEL_VERSION_ALIAS", "CREATED")]
            .map(|(entity, action)| json!({"entity": entity, "action": action}))
            .to_vec();
        let body = json!({"name": "clarion", "url": url, "events": events, "secret": "s3cret", "status": "ACTIVE"});
        self.post("webhooks", &body).map(drop)
    }
}

/// A drift report of a model `credit-risk`, version 1, as Evidently writes it.
///
/// # Errors
/// [`ServerError`] if Evidently is not installed or fails.
pub(crate) fn drift_report() -> Result<Vec<u8>, ServerError> {
    let python = installed("evidently", "producers/home/bin/python")?;
    let output = Command::new(&python).arg(DRIFT_REPORT).current_dir(cache()).output();
    let failed = |reason: String| ServerError::Program { program: DRIFT_REPORT.to_owned(), reason };
    let output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(output.stdout)
}
