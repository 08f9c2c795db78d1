//! From what was typed to what is used: required keys, ranges that depend on each other, secrets, paths.

mod connection;
mod console;
mod enrich;
mod lookup;
mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::Span;
use crate::telemetry::LogFormat;

use super::built::{
    AdminConfig, Config, CorrelateConfig, DeadLetterTarget, LogConfig, LookupSource, RawSink, ReloadConfig,
    SourceConfig, StateConfig,
};
use super::problem::Problem;
use super::tree::Node;
use super::written::{self, DurationText, Written};

/// What the console is called among the sinks: in snapshots, which know by it what each has delivered, in metrics and health.
pub(crate) const CONSOLE_SINK: &str = "console";

/// What building needs beside the typed values, and where it leaves what is wrong.
pub(super) struct Builder<'a> {
    /// Relative paths start here.
    pub(super) folder: &'a Path,
    /// Reads an environment variable, for secrets.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The document, for the place of a value.
    pub(super) document: &'a Node,
    pub(super) problems: Vec<Problem>,
    /// Names of the lookup tables.
    pub(super) tables: Vec<String>,
}

impl Builder<'_> {
    fn refuse(&mut self, path: &str, message: impl Into<String>) {
        let origin = self.document.nearest(path).origin.clone();
        self.problems.push(Problem::new(path, Some(&origin), message));
    }

    /// The value, or its type's default after a complaint that it is missing.
    fn required<T: Default>(&mut self, path: &str, value: Option<T>) -> T {
        value.unwrap_or_else(|| {
            self.refuse(path, "is missing: write it");
            T::default()
        })
    }

    /// A length of time that must be more than nothing.
    fn positive(&mut self, path: &str, value: Option<DurationText>) -> Span {
        let span = self.duration(path, value);
        if value.is_some() && span <= Span::ZERO {
            self.refuse(path, "must be longer than 0: write a duration such as 30s");
        }
        span
    }

    fn duration(&mut self, path: &str, value: Option<DurationText>) -> Span {
        self.required(path, value.map(|duration| duration.0))
    }

    fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    pub(super) fn build(&mut self, written: Written) -> Config {
        let Written {
            rules,
            lookups,
            reload,
            kafka,
            source_defaults: _,
            sources,
            state,
            correlate,
            dead_letters,
            sinks,
            admin,
            console,
            log,
        } = written;
        self.tables = lookups.iter().flatten().map(|(name, _)| name.clone()).collect();
        let kafka = self.cluster(kafka.unwrap_or_default());
        let sources: Vec<SourceConfig> = sources
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(index, source)| self.source(&format!("sources[{index}]"), source))
            .collect();
        self.check_sources_together(&sources);
        let state = self.state(state.unwrap_or_default());
        let rules: Vec<PathBuf> = rules.unwrap_or_default().iter().map(|rule| self.path(Path::new(rule))).collect();
        Config {
            lookups: self.lookups(lookups.unwrap_or_default()),
            reload: self.reload(&reload.unwrap_or_default()),
            dead_letters: self.dead_letters(dead_letters, kafka.is_some()),
            kafka,
            sources,
            console: self.console(console.unwrap_or_default(), &state.directory, &rules),
            rules,
            state,
            correlate: self.correlate(&correlate.unwrap_or_default()),
            sinks: self.sinks(sinks.unwrap_or_default()),
            admin: self.admin(admin.unwrap_or_default()),
            log: self.log(log.unwrap_or_default()),
        }
    }

    fn lookups(&mut self, lookups: BTreeMap<String, written::LookupEntry>) -> BTreeMap<String, LookupSource> {
        let built = |(name, entry): (String, written::LookupEntry)| {
            let source = self.lookup(&format!("lookups.{name}"), entry.0);
            (name, source)
        };
        lookups.into_iter().map(built).collect()
    }

    fn reload(&mut self, reload: &written::ReloadSection) -> ReloadConfig {
        let interval = self.positive("reload.interval", reload.interval);
        ReloadConfig { watch_rules: reload.watch_rules.unwrap_or(false), interval }
    }

    fn state(&mut self, state: written::StateSection) -> StateConfig {
        let directory = self.required("state.directory", state.directory);
        StateConfig {
            directory: self.path(&directory),
            snapshot_interval: self.positive("state.snapshot_interval", state.snapshot_interval),
        }
    }

    fn correlate(&mut self, correlate: &written::CorrelateSection) -> CorrelateConfig {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut limit = |key: &str, value: Option<u32>| {
            let number = self.required(&format!("correlate.{key}"), value);
            usize::try_from(number).unwrap_or(usize::MAX)
        };
        CorrelateConfig {
            reorder_limit: limit("reorder_limit", correlate.reorder_limit),
            groups_per_rule: limit("groups_per_rule", correlate.groups_per_rule),
            entries_per_group: limit("entries_per_group", correlate.entries_per_group),
            told_alerts: limit("told_alerts", correlate.told_alerts),
            evidence: limit("evidence", correlate.evidence),
            shards: correlate.shards.and_then(|shards| usize::try_from(shards).ok()).unwrap_or(cores),
        }
    }

    fn dead_letters(&mut self, section: Option<written::DeadLettersSection>, cluster: bool) -> DeadLetterTarget {
        match section {
            Some(written::DeadLettersSection::File(path)) => DeadLetterTarget::File(self.path(&path)),
            Some(written::DeadLettersSection::Topic(topic)) => {
                if !cluster {
                    self.refuse("dead_letters.topic", "needs a cluster: write kafka.brokers, or use `file`");
                }
                DeadLetterTarget::Topic(topic)
            }
            None => {
                self.refuse("dead_letters", "is missing: write {file: …} or {topic: …}");
                DeadLetterTarget::Topic(String::new())
            }
        }
    }

    fn sinks(&mut self, sinks: Vec<serde_json::Map<String, serde_json::Value>>) -> Vec<RawSink> {
        let mut raw = Vec::new();
        for (index, sink) in sinks.into_iter().enumerate() {
            let path = format!("sinks[{index}]");
            let kind = sink.get("type").and_then(serde_json::Value::as_str).map(str::to_owned);
            let kind = self.required(&format!("{path}.type"), kind);
            if sink.get("name").and_then(serde_json::Value::as_str) == Some(CONSOLE_SINK) {
                let message = format!("`{CONSOLE_SINK}` is the name of the console's own sink: choose another");
                self.refuse(&format!("{path}.name"), message);
            }
            raw.push(RawSink { path, kind, value: sink.into() });
        }
        raw
    }

    fn admin(&mut self, admin: written::AdminSection) -> AdminConfig {
        let text = self.required("admin.listen", admin.listen);
        if text == "off" {
            return AdminConfig { listen: None };
        }
        let listen = text.parse().ok();
        if listen.is_none() {
            let message = format!("`{text}` is no address with a port: write one such as 127.0.0.1:9464, or `off`");
            self.refuse("admin.listen", message);
        }
        AdminConfig { listen }
    }

    fn log(&mut self, log: written::LogSection) -> LogConfig {
        let format = match log.format {
            Some(written::LogFormat::Json) => LogFormat::Json,
            Some(written::LogFormat::Human) | None => LogFormat::Human,
        };
        let level = self.required("log.level", log.level);
        if let Err(reason) = crate::telemetry::check_filter(&level) {
            self.refuse("log.level", reason);
        }
        LogConfig { format, level }
    }
}
