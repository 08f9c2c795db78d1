//! A real OpenSearch node of version 2 or 3 without its security plugin: plain HTTP, no users. It shows that what the engine writes for
//! Elasticsearch is also right for the other descendant of the same protocol.

use serde_json::Value;

use super::directory::RunDirectory;
use super::http::Authorization;
use super::installed::installed;
use super::ports::free_port;
use super::process::{CommandLine, Process};
use super::search::search_all;
use super::{Http, ServerError};

const NAME: &str = "opensearch";

/// A major version that is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenSearchVersion {
    Two,
    Three,
}

impl OpenSearchVersion {
    /// Its folder in the installation.
    fn folder(self) -> &'static str {
        match self {
            Self::Two => "opensearch-2",
            Self::Three => "opensearch-3",
        }
    }
}

/// A node. Dropping it ends it and removes its data.
#[derive(Debug)]
pub(crate) struct OpenSearch {
    process: Process,
    port: u16,
    http: Http,
}

impl OpenSearch {
    /// Starts an empty node.
    ///
    /// # Errors
    /// [`ServerError`] if it is not installed or does not become ready.
    pub(crate) fn start(version: OpenSearchVersion) -> Result<Self, ServerError> {
        let part = |path: &str| installed(NAME, &format!("{}/{path}", version.folder()));
        let (java, classes, jars) = (part("jdk/bin/java")?, part("classes")?, part("lib")?);
        let (port, transport_port) = (free_port()?, free_port()?);
        let directory = RunDirectory::create(NAME)?;
        let words = [
            java.display().to_string(),
            "-Xms64m".to_owned(),
            "-Xmx512m".to_owned(),
            "-XX:+UseSerialGC".to_owned(),
            "-XX:TieredStopAtLevel=1".to_owned(),
            "-cp".to_owned(),
            format!("{}:{}/*", classes.display(), jars.display()),
            "Launch".to_owned(),
            directory.path().join("node").display().to_string(),
            port.to_string(),
            transport_port.to_string(),
        ];
        let http = Http::new(format!("http://127.0.0.1:{port}"), Authorization::None, None)?;
        let command = CommandLine { words: words.to_vec(), ..CommandLine::default() };
        let mut node = Self { process: Process::new(NAME, directory, command), port, http };
        node.restart()?;
        Ok(node)
    }

    /// Address of the node, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A client of the node.
    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// All documents of the indices that match, after a refresh, as search hits (`_index`, `_id`, `_version`, `_source`),
    /// sorted by `@timestamp` and `_id`.
    ///
    /// # Errors
    /// [`ServerError::Request`] if the node refuses.
    pub(crate) fn search_all(&self, indices: &str) -> Result<Vec<Value>, ServerError> {
        search_all(&self.http, indices)
    }

    /// Ends the node in order; [`OpenSearch::restart`] brings it back with its documents.
    pub(crate) fn stop(&mut self) {
        self.process.stop();
    }

    /// Kills the node as a crash would.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts the node again on the same ports and data; stops it first if it runs.
    ///
    /// # Errors
    /// [`ServerError::NotReady`] if it does not come back.
    pub(crate) fn restart(&mut self) -> Result<(), ServerError> {
        self.process.stop();
        let http = self.http.clone();
        self.process.start(|| answers(&http))
    }

    /// The last lines of the node's log.
    pub(crate) fn log_tail(&self) -> String {
        self.process.log_tail()
    }
}

/// Whether the node has its indices back.
fn answers(http: &Http) -> Result<(), String> {
    let health = "/_cluster/health?wait_for_status=yellow&timeout=1s";
    let reply = http.send("GET", health, None).map_err(|error| error.to_string())?;
    if reply.status == 200 { Ok(()) } else { Err(format!("status {}: {}", reply.status, reply.body)) }
}
