//! A real Elasticsearch node of version 9 or 8 with TLS, passwords and roles: a writer who may do no more than the engine needs, and a
//! superuser for what the tests themselves look at. It has the modules of the integration test distribution only: bulk,
//! templates, search and security, but no `GET /`, no lifecycle management, no ingest pipelines.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::directory::RunDirectory;
use super::http::Authorization;
use super::installed::{copy_folder, installed, password, write};
use super::ports::free_port;
use super::process::{CommandLine, Process};
use super::search::search_all;
use super::unprivileged;
use super::{Http, ServerError};

const NAME: &str = "elasticsearch";
const WRITER: &str = "writer";
const SUPERUSER: &str = "elastic";

/// A major version that is installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ElasticsearchVersion {
    Eight,
    #[default]
    Nine,
}

impl ElasticsearchVersion {
    /// Its folder in the installation.
    fn folder(self) -> &'static str {
        match self {
            Self::Eight => "elasticsearch-8",
            Self::Nine => "elasticsearch-9",
        }
    }
}

/// Settings of a node that differ from the usual ones, to provoke failures.
#[derive(Clone, Debug, Default)]
pub(crate) struct ElasticsearchOptions {
    version: ElasticsearchVersion,
    settings: Vec<(String, String)>,
}

impl ElasticsearchOptions {
    /// A major version; 9 unless this says otherwise.
    pub(crate) fn version(self, version: ElasticsearchVersion) -> Self {
        Self { version, ..self }
    }

    /// Any node setting.
    pub(crate) fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Bulk requests above this much memory, for example `20kb`, are refused with status 429.
    pub(crate) fn coordinating_limit(self, size: &str) -> Self {
        self.setting("indexing_pressure.memory.coordinating.limit", size)
    }

    /// Requests above this size, for example `64kb`, are refused with status 413 and an empty body.
    pub(crate) fn max_content_length(self, size: &str) -> Self {
        self.setting("http.max_content_length", size)
    }
}

/// A node. Dropping it ends it and removes its data.
#[derive(Debug)]
pub(crate) struct Elasticsearch {
    process: Process,
    port: u16,
    transport_port: u16,
    ca_pem: PathBuf,
    stranger_ca_pem: PathBuf,
    writer_password: String,
    superuser_password: String,
    http: Http,
}

impl Elasticsearch {
    /// Starts an empty node.
    ///
    /// # Errors
    /// [`ServerError`] if it is not installed or does not become ready.
    pub(crate) fn start(options: &ElasticsearchOptions) -> Result<Self, ServerError> {
        let part = |path: &str| installed(NAME, &format!("{}/{path}", options.version.folder()));
        let program = part("home/bin/elasticsearch")?;
        let java_home = part("jdk")?;
        let ca_pem = installed(NAME, "credentials/ca.pem")?;
        let stranger_ca_pem = installed(NAME, "credentials/stranger-ca.pem")?;
        let superuser_password = password(NAME, SUPERUSER)?;
        let writer_password = password(NAME, WRITER)?;
        let (port, transport_port) = (free_port()?, free_port()?);

        let directory = RunDirectory::create(NAME)?;
        let (config, temporary) = (directory.path().join("config"), directory.path().join("tmp"));
        copy_folder(&part("config")?, &config)?;
        std::fs::create_dir_all(&temporary).map_err(|source| ServerError::File {
            action: "make the folder",
            path: temporary.clone(),
            source,
        })?;
        write_settings(directory.path(), port, transport_port, options)?;
        let prefix = unprivileged::prefix(&program, directory.path())?;
        let words = vec![program.display().to_string()];
        let environment = vec![
            ("ES_PATH_CONF", config.display().to_string()),
            ("ES_JAVA_HOME", java_home.display().to_string()),
            ("ES_TMPDIR", temporary.display().to_string()),
            ("CLI_JAVA_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1".to_owned()),
        ];

        let authorization = Authorization::Basic(SUPERUSER.to_owned(), superuser_password.clone());
        let http = Http::new(format!("https://127.0.0.1:{port}"), authorization, Some(&ca_pem))?;
        let process = Process::new(NAME, directory, CommandLine { prefix, words, environment });
        let mut node =
            Self { process, port, transport_port, ca_pem, stranger_ca_pem, writer_password, superuser_password, http };
        node.restart()?;
        Ok(node)
    }

    /// Address of the node, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// PEM file of the authority that signed the node's certificate.
    pub(crate) fn ca_pem_path(&self) -> &Path {
        &self.ca_pem
    }

    /// PEM file of an authority that signed nothing: for tests of a client that must not trust the node.
    pub(crate) fn stranger_ca_pem_path(&self) -> &Path {
        &self.stranger_ca_pem
    }

    /// Name of a user who may manage index templates, and create and write `logs-clarion.*`, `metrics-clarion.*` and
    /// `alerts-clarion.*`, and nothing else.
    pub(crate) fn writer_user(&self) -> &str {
        WRITER
    }

    /// Password of the writer.
    pub(crate) fn writer_password(&self) -> &str {
        &self.writer_password
    }

    /// Name and password of the user who may do everything.
    pub(crate) fn superuser(&self) -> (&str, &str) {
        (SUPERUSER, &self.superuser_password)
    }

    /// A client with the rights of the superuser.
    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// A client with the rights of the writer.
    ///
    /// # Errors
    /// [`ServerError`] if the client cannot be made.
    pub(crate) fn writer_http(&self) -> Result<Http, ServerError> {
        let authorization = Authorization::Basic(WRITER.to_owned(), self.writer_password.clone());
        Http::new(self.url(), authorization, Some(&self.ca_pem))
    }

    /// All documents of the indices that match, after a refresh, as search hits (`_index`, `_id`, `_version`, `_source`),
    /// sorted by `@timestamp` and `_id`.
    ///
    /// # Errors
    /// [`ServerError::Request`] if the node refuses.
    pub(crate) fn search_all(&self, indices: &str) -> Result<Vec<Value>, ServerError> {
        search_all(&self.http, indices)
    }

    /// Changes settings of existing indices, for example `{"index.blocks.write": true}`.
    ///
    /// # Errors
    /// [`ServerError::Request`] if the node refuses.
    pub(crate) fn put_index_settings(&self, indices: &str, settings: &Value) -> Result<(), ServerError> {
        self.http.expect("PUT", &format!("/{indices}/_settings"), Some(settings)).map(|_| ())
    }

    /// Changes settings of the cluster until it restarts, for example `{"action.auto_create_index": "false"}`; a null
    /// puts the default back.
    ///
    /// # Errors
    /// [`ServerError::Request`] if the node refuses.
    pub(crate) fn put_cluster_settings(&self, settings: &Value) -> Result<(), ServerError> {
        self.http.expect("PUT", "/_cluster/settings", Some(&json!({"persistent": settings}))).map(|_| ())
    }

    /// Ends the node in order; [`Elasticsearch::restart`] brings it back with its documents.
    pub(crate) fn stop(&mut self) {
        self.process.stop();
    }

    /// Kills the node as a crash would.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Keeps the node's connections open but answers nothing, until [`Elasticsearch::thaw`].
    pub(crate) fn freeze(&self) {
        self.process.freeze();
    }

    /// Lets a frozen node go on.
    pub(crate) fn thaw(&self) {
        self.process.thaw();
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

    /// Like [`Elasticsearch::restart`], but with other settings.
    ///
    /// # Errors
    /// [`ServerError::NotReady`] if it does not come back.
    pub(crate) fn restart_with(&mut self, options: &ElasticsearchOptions) -> Result<(), ServerError> {
        self.process.stop();
        write_settings(self.process.directory(), self.port, self.transport_port, options)?;
        self.restart()
    }

    /// The last lines of the node's log.
    pub(crate) fn log_tail(&self) -> String {
        self.process.log_tail()
    }
}

/// Whether the node knows its users and its indices.
fn answers(http: &Http) -> Result<(), String> {
    let health = "/_cluster/health?wait_for_status=yellow&timeout=1s";
    let reply = http.send("GET", health, None).map_err(|error| error.to_string())?;
    if reply.status == 200 { Ok(()) } else { Err(format!("status {}: {}", reply.status, reply.body)) }
}

fn write_settings(
    folder: &Path,
    port: u16,
    transport_port: u16,
    options: &ElasticsearchOptions,
) -> Result<(), ServerError> {
    let mut settings = json!({
        "cluster.name": "clarion-test",
        "node.name": "node",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": port,
        "transport.port": transport_port,
        "path.data": folder.join("data"),
        "path.logs": folder.join("logs"),
        "cluster.routing.allocation.disk.threshold_enabled": false,
        "xpack.security.enabled": true,
        "xpack.security.http.ssl.enabled": true,
        "xpack.security.http.ssl.key": "node.key",
        "xpack.security.http.ssl.certificate": "node.pem",
    });
    if let Some(map) = settings.as_object_mut() {
        map.extend(options.settings.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))));
    }
    // JSON is YAML.
    write(&folder.join("config/elasticsearch.yml"), &format!("{settings:#}\n"))
}
