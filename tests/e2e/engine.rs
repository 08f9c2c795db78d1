//! The program under test as a process: configured, started, killed, stopped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::servers::{Elasticsearch, Hec, Http, Kafka, OpenSearch, free_port};

/// Where an engine keeps its files, and what it is configured with.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
    /// The section `kafka` of the configuration.
    kafka: Value,
    dead_letters: Value,
    sinks: Vec<Value>,
    rules: Vec<PathBuf>,
    lookups: Value,
    reload: Value,
    enrich: Value,
    console: Value,
    lateness: String,
    snapshot_interval: String,
}

impl Workspace {
    pub(crate) fn new(bootstrap: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dead_letters = json!({"file": folder.path().join("dead-letters.ndjson")});
        Self {
            folder,
            kafka: json!({"brokers": [bootstrap]}),
            dead_letters,
            sinks: Vec::new(),
            rules: vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")],
            lookups: json!({}),
            reload: json!({}),
            enrich: json!([]),
            console: json!({"listen": "off"}),
            lateness: "1m".to_owned(),
            snapshot_interval: "300ms".to_owned(),
        }
    }

    /// Reads from the listener with TLS and SASL.
    pub(crate) fn secured(kafka: &Kafka, mechanism: &str, password: &str) -> Self {
        let mut workspace = Self::new(&kafka.sasl_bootstrap());
        workspace.authenticate(kafka, mechanism, password);
        workspace
    }

    /// Changes how it authenticates from the next start on.
    pub(crate) fn authenticate(&mut self, kafka: &Kafka, mechanism: &str, password: &str) {
        let password = self.secret("kafka-password", password);
        self.kafka["security"] = json!({
            "protocol": "sasl_ssl",
            "ca_file": kafka.ca_pem_path(),
            "sasl": {"mechanism": mechanism, "username": kafka.sasl_user().name, "password": password},
        });
    }

    /// Dead letters go to a topic of the same cluster.
    pub(crate) fn bury_in_topic(&mut self, topic: &str) {
        self.dead_letters = json!({"topic": topic});
    }

    /// Adds a rule beside the shipped ones.
    pub(crate) fn add_rule(&mut self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        self.rules.push(path);
    }

    /// Has those of the shipped rules whose path from the project's root is chosen, and no others.
    pub(crate) fn shipped_rules(&mut self, is_chosen: impl Fn(&str) -> bool) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let shipped = clarion::demo::shipped_rules();
        self.rules = shipped.iter().filter(|(name, _)| is_chosen(name)).map(|(name, _)| root.join(&**name)).collect();
    }

    /// How late an event may be, instead of a minute.
    pub(crate) fn lateness(&mut self, lateness: &str) {
        lateness.clone_into(&mut self.lateness);
    }

    /// Has these rules and no others, in a folder of its own.
    pub(crate) fn only_rule(&mut self, name: &str, text: &str) -> PathBuf {
        let folder = self.folder.path().join("own-rules");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
        self.rules = vec![folder.clone()];
        folder
    }

    /// Adds a lookup table.
    pub(crate) fn lookup(&mut self, name: &str, source: Value) {
        self.lookups[name] = source;
    }

    /// Joins the events of every source with a table.
    pub(crate) fn enrich(&mut self, with: Value) {
        self.enrich = Value::Array(vec![with]);
    }

    /// Has a console, with a token or without, at the address that is given back.
    pub(crate) fn console(&mut self, token: Option<&str>) -> String {
        let address = format!("127.0.0.1:{}", free_port().unwrap());
        self.console = json!({"listen": address});
        if let Some(token) = token {
            self.console["token"] = self.secret("console-token", token);
        }
        format!("http://{address}")
    }

    /// Looks at rule files this often.
    pub(crate) fn watch_rules(&mut self, interval: &str) {
        self.reload = json!({"watch_rules": true, "interval": interval});
    }

    /// Has a console with this token that writes exceptions into `exceptions`; gives a client that knows the token.
    pub(crate) fn console_with_exceptions(&mut self, token: &str, exceptions: &Path) -> Http {
        let base = self.console(Some(token));
        self.console["exceptions"] = json!(exceptions);
        Http::bearing(base, token)
    }

    /// Time between snapshots.
    pub(crate) fn snapshot_interval(&mut self, interval: &str) {
        interval.clone_into(&mut self.snapshot_interval);
    }

    /// Adds any other sink.
    pub(crate) fn sink(&mut self, sink: Value) {
        self.sinks.push(sink);
    }

    /// Adds a file of alerts.
    pub(crate) fn file(&mut self) {
        self.sinks.push(json!({"type": "file", "path": self.folder.path().join("alerts.ndjson")}));
    }

    /// The alerts in that file, without the time at which they were written.
    pub(crate) fn alerts(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("alerts.ndjson")).unwrap_or_default();
        let read = |line: &str| {
            let mut alert: Value = serde_json::from_str(line).ok()?;
            alert["event"].as_object_mut()?.remove("ingested");
            Some(alert)
        };
        text.lines().filter_map(read).collect()
    }

    /// Loses that file.
    pub(crate) fn lose_alerts(&self) {
        std::fs::remove_file(self.folder.path().join("alerts.ndjson")).unwrap();
    }

    pub(crate) fn secret(&self, name: &str, text: &str) -> Value {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        json!({"file": path})
    }

    /// Adds Elasticsearch with TLS and a user of few rights.
    pub(crate) fn elasticsearch(&mut self, node: &Elasticsearch) {
        let password = self.secret("elasticsearch-password", node.writer_password());
        self.sinks.push(json!({
            "type": "elasticsearch",
            "hosts": [node.url()],
            "auth": {"basic": {"user": node.writer_user(), "password": password}},
            "tls": {"ca_file": node.ca_pem_path()},
        }));
    }

    /// The same, and a field that the shipped templates do not map is refused.
    pub(crate) fn strict_elasticsearch(&mut self, node: &Elasticsearch) {
        self.elasticsearch(node);
        self.sinks.last_mut().unwrap()["strict_mapping"] = json!(true);
    }

    /// Adds OpenSearch, which has neither users nor TLS here.
    pub(crate) fn opensearch(&mut self, node: &OpenSearch) {
        self.sinks.push(json!({"type": "elasticsearch", "name": "opensearch", "hosts": [node.url()]}));
    }

    /// Adds an HEC receiver with acknowledgement.
    pub(crate) fn splunk(&mut self, hec: &Hec) {
        let token = self.secret("hec-token", hec.token());
        self.sinks.push(
            json!({"type": "splunk_hec", "url": hec.url(), "token": token, "ack": "indexer", "ack_poll": "100ms"}),
        );
    }

    pub(crate) fn dead_letters(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("dead-letters.ndjson")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Writes the configuration; the idle timeout is what makes pending decisions happen once everything is read.
    fn configure(&self, topics: &[(&str, &str)], idle_timeout: &str) -> PathBuf {
        let sources: Vec<Value> = topics
            .iter()
            .map(|(topic, format)| {
                json!({"name": topic.trim_start_matches("^"), "type": "kafka", "topics": [topic], "format": format, "lateness": self.lateness, "idle_timeout": idle_timeout, "enrich": self.enrich})
            })
            .collect();
        let config = json!({
            "rules": self.rules,
            "lookups": self.lookups,
            "reload": self.reload,
            "kafka": self.kafka,
            "sources": sources,
            "state": {"directory": self.folder.path().join("state"), "snapshot_interval": self.snapshot_interval},
            "dead_letters": self.dead_letters,
            "sinks": self.sinks,
            "admin": {"listen": "127.0.0.1:0"},
            "console": self.console,
        });
        let path = self.folder.path().join("clarion.yaml");
        // JSON is YAML
        std::fs::write(&path, config.to_string()).unwrap();
        path
    }

    pub(crate) fn start(&self, topics: &[(&str, &str)], idle_timeout: &str) -> Engine {
        let config = self.configure(topics, idle_timeout);
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_clarion"))
            .args(["run", "--config"])
            .arg(config)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Engine { child }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("engine.log")
    }

    /// How many lines of the engine's log hold all these words.
    pub(crate) fn times_logged(&self, words: &[&str]) -> usize {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        text.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
    }

    /// Whether a line of the engine's log holds all these words.
    pub(crate) fn has_logged(&self, words: &[&str]) -> bool {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        text.lines().any(|line| words.iter().all(|word| line.contains(word)))
    }

    pub(crate) fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    pub(crate) fn has_snapshot(&self) -> bool {
        self.snapshot_taken().is_some()
    }

    /// When the newest snapshot was written, if there is one.
    pub(crate) fn snapshot_taken(&self) -> Option<std::time::SystemTime> {
        std::fs::metadata(self.folder.path().join("state/snapshot.bin")).ok()?.modified().ok()
    }
}

/// A running engine; killed when dropped.
pub(crate) struct Engine {
    child: Child,
}

impl Engine {
    /// SIGKILL: no chance to tidy up.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGHUP: reads rules and tables again.
    pub(crate) fn hang_up(&self) {
        Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status().unwrap();
    }

    /// SIGTERM, and the exit code within the deadline.
    pub(crate) fn stop(mut self, within: Duration) -> Option<i32> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        let waited = crate::servers::wait_until(
            "the engine to stop",
            within,
            || Ok(self.child.try_wait().unwrap()),
            Option::is_some,
        );
        waited.unwrap().and_then(|status| status.code())
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
