//! A Splunk HTTP event collector that this project did not write: an OpenTelemetry collector that checks the token,
//! acknowledges when asked to, and writes what it received to a file, which is read back here.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::directory::RunDirectory;
use super::http::Authorization;
use super::installed::{installed, password, read, write};
use super::ports::free_port;
use super::process::{CommandLine, Process};
use super::{Http, ServerError};

const NAME: &str = "otelcol";
const HEALTH: &str = "/services/collector/health";

/// What the collector should do.
#[derive(Clone, Debug, Default)]
pub(crate) struct HecOptions {
    /// Answer with an `ackId`, which then needs a channel, and serve `/services/collector/ack`.
    pub(crate) ack: bool,
    /// Serve HTTPS, with the certificate of [`Hec::ca_pem_path`].
    pub(crate) tls: bool,
    /// Refuse bodies above this many bytes; 0 is the collector's own limit of 20 MiB.
    pub(crate) max_body_bytes: u64,
}

impl HecOptions {
    /// Plain HTTP with acknowledgement.
    pub(crate) fn with_ack() -> Self {
        Self { ack: true, ..Self::default() }
    }
}

/// A collector. Dropping it ends it and removes what it received.
#[derive(Debug)]
pub(crate) struct Hec {
    process: Process,
    url: String,
    token: String,
    ca_pem: PathBuf,
    http: Http,
}

impl Hec {
    /// Starts a collector that has received nothing.
    ///
    /// # Errors
    /// [`ServerError`] if it is not installed or does not become ready.
    pub(crate) fn start(options: &HecOptions) -> Result<Self, ServerError> {
        let program = installed(NAME, "otelcol/otelcol")?;
        let ca_pem = installed(NAME, "credentials/ca.pem")?;
        let token = password(NAME, "hec")?;
        let port = free_port()?;
        let directory = RunDirectory::create(NAME)?;
        let config = directory.path().join("config.yaml");
        write(&config, &format!("{:#}\n", configuration(port, &token, directory.path(), options)?))?;

        let url = format!("{}://127.0.0.1:{port}", if options.tls { "https" } else { "http" });
        let http = Http::new(url.clone(), Authorization::Header(format!("Splunk {token}")), Some(&ca_pem))?;
        let words = vec![program.display().to_string(), "--config".to_owned(), config.display().to_string()];
        let process = Process::new(NAME, directory, CommandLine { words, ..CommandLine::default() });
        let mut hec = Self { process, url, token, ca_pem, http };
        hec.restart()?;
        Ok(hec)
    }

    /// Address of the collector, without a path.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The only token that is let in; any other gets status 401.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// PEM file of the authority that signed the certificate.
    pub(crate) fn ca_pem_path(&self) -> &Path {
        &self.ca_pem
    }

    /// A client that sends the token.
    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// Everything received so far, in order: `event`, `time` (seconds), `sourcetype`, `source`, `index`, `host` and
    /// `fields`; what the sender left out is absent, and `fields` is then empty. What was accepted a moment ago may take
    /// a tenth of a second to show.
    ///
    /// # Errors
    /// [`ServerError::File`] if the collector's file cannot be read.
    pub(crate) fn received(&self) -> Result<Vec<Value>, ServerError> {
        let path = received_path(self.process.directory());
        if !path.exists() {
            return Ok(Vec::new());
        }
        let text = read(&path)?;
        // The last line may be half written; it counts when its end is there.
        let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or_default());
        let mut events = Vec::new();
        for line in whole.lines() {
            let logs: Value = serde_json::from_str(line).map_err(|error| ServerError::File {
                action: "parse",
                path: path.clone(),
                source: error.into(),
            })?;
            events.extend(events_of(&logs));
        }
        Ok(events)
    }

    /// Ends the collector in order; [`Hec::restart`] brings it back with what it received.
    pub(crate) fn stop(&mut self) {
        self.process.stop();
    }

    /// Kills the collector as a crash would; its acknowledgements are forgotten.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Keeps the collector's connections open but answers nothing, until [`Hec::thaw`].
    pub(crate) fn freeze(&self) {
        self.process.freeze();
    }

    /// Lets a frozen collector go on.
    pub(crate) fn thaw(&self) {
        self.process.thaw();
    }

    /// Starts the collector again on the same port and file; stops it first if it runs.
    ///
    /// # Errors
    /// [`ServerError::NotReady`] if it does not come back.
    pub(crate) fn restart(&mut self) -> Result<(), ServerError> {
        self.process.stop();
        let http = self.http.clone();
        self.process.start(|| match http.send("GET", HEALTH, None) {
            Ok(reply) if reply.status == 200 => Ok(()),
            Ok(reply) => Err(format!("status {}: {}", reply.status, reply.body)),
            Err(error) => Err(error.to_string()),
        })
    }

    /// The last lines of the collector's log.
    pub(crate) fn log_tail(&self) -> String {
        self.process.log_tail()
    }
}

fn received_path(folder: &Path) -> PathBuf {
    folder.join("received.jsonl")
}

/// The collector's configuration; JSON is YAML.
fn configuration(port: u16, token: &str, folder: &Path, options: &HecOptions) -> Result<Value, ServerError> {
    let mut receiver = Map::new();
    receiver.insert("endpoint".to_owned(), format!("127.0.0.1:{port}").into());
    receiver.insert("auth".to_owned(), json!({"authenticator": "bearertokenauth"}));
    if options.ack {
        receiver.insert("ack".to_owned(), json!({"extension": "ack"}));
    }
    if options.max_body_bytes > 0 {
        receiver.insert("max_request_body_size".to_owned(), options.max_body_bytes.into());
    }
    if options.tls {
        let (certificate, key) = (installed(NAME, "credentials/node.pem")?, installed(NAME, "credentials/node.key")?);
        receiver.insert("tls".to_owned(), json!({"cert_file": certificate, "key_file": key}));
    }
    Ok(json!({
        "receivers": {"splunk_hec": receiver},
        "extensions": {"ack": {}, "bearertokenauth": {"scheme": "Splunk", "token": token}},
        "exporters": {"file": {"path": received_path(folder), "append": true, "flush_interval": "50ms"}},
        "service": {
            "extensions": ["ack", "bearertokenauth"],
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {"logs": {"receivers": ["splunk_hec"], "exporters": ["file"]}},
        },
    }))
}

/// The events in one line of the file, a set of OpenTelemetry logs.
fn events_of(logs: &Value) -> Vec<Value> {
    let mut events = Vec::new();
    for resource in list(logs, "/resourceLogs") {
        let origin = attributes(resource, "/resource/attributes");
        for record in list(resource, "/scopeLogs").flat_map(|scope| list(scope, "/logRecords")) {
            events.push(event_of(record, &origin));
        }
    }
    events
}

/// One event, with the names that the sender used.
fn event_of(record: &Value, origin: &Map<String, Value>) -> Value {
    const NAMES: [(&str, &str); 4] = [
        ("host.name", "host"),
        ("com.splunk.source", "source"),
        ("com.splunk.sourcetype", "sourcetype"),
        ("com.splunk.index", "index"),
    ];
    let mut event = Map::new();
    event.insert("event".to_owned(), record.get("body").map_or(Value::Null, plain));
    let nanoseconds = record.get("timeUnixNano").and_then(Value::as_str).and_then(|text| text.parse::<f64>().ok());
    if let Some(nanoseconds) = nanoseconds.filter(|&time| time > 0.0) {
        event.insert("time".to_owned(), (nanoseconds / 1e9).into());
    }
    for (theirs, ours) in NAMES {
        if let Some(value) = origin.get(theirs) {
            event.insert(ours.to_owned(), value.clone());
        }
    }
    event.insert("fields".to_owned(), attributes(record, "/attributes").into());
    event.into()
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// A list of `{"key": …, "value": {…}}` as a map.
fn attributes(value: &Value, pointer: &str) -> Map<String, Value> {
    let named = |pair: &Value| Some((pair.get("key")?.as_str()?.to_owned(), plain(pair.get("value")?)));
    list(value, pointer).filter_map(named).collect()
}

/// The plain JSON of an OpenTelemetry value such as `{"intValue": "3"}`.
fn plain(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|map| map.iter().next()) else { return Value::Null };
    match kind.as_str() {
        "intValue" => {
            inner.as_str().and_then(|text| text.parse::<i64>().ok()).map_or_else(|| inner.clone(), Value::from)
        }
        "arrayValue" => list(inner, "/values").map(plain).collect(),
        "kvlistValue" => attributes(inner, "/values").into(),
        _ => inner.clone(),
    }
}
