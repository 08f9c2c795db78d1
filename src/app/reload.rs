//! Rules and lookup tables that change while it runs. What is new is compiled here, beside the machine, and left for it to take
//! up at a snapshot; what does not compile is refused as a whole, and everything goes on as it was.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::opening::Watched;
use super::rule_watch::{FilesSeen, RuleWatch};
use super::{RunOptions, core_sources};
use crate::config::Config;
use crate::lookup::Update;
use crate::pipeline::{Change, PendingChange};
use crate::rule::lookup::{Lookups, Table};
use crate::rule::{self, LoadOptions, RuleSet};
use crate::telemetry::{LookupLabel, Metrics, ReloadLabel, clock};

/// How often signals and files are looked at.
const TURN: Duration = Duration::from_millis(200);
/// Between two compilations at least; and this many times what the last one took.
const PAUSE: (Duration, u32) = (Duration::from_secs(1), 10);

/// Set by whoever wants rules and tables to be read again; read and taken back here.
pub type ReloadSignal = Arc<AtomicBool>;

/// The parts of the thread that compiles what is new.
pub(super) struct Reloader {
    pub(super) watchers: Watched,
    pub(super) changes: Arc<PendingChange>,
    pub(super) metrics: Arc<Metrics>,
    /// The tables that the machine begins with.
    pub(super) tables: Lookups,
}

/// The thread. Dropping this ends it.
pub(super) struct Running {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Reloader {
    /// Starts the thread.
    pub(super) fn start(self, config: &Config, options: &RunOptions) -> Running {
        let stop = Arc::new(AtomicBool::new(false));
        let watch_every = config.reload.watch_rules.then(|| config.reload.interval.to_std());
        let files = FilesSeen::now(&config.rules);
        let mut compiling = Compiling {
            paths: config.rules.clone(),
            without_file: options.without_file.clone(),
            config: config.clone(),
            texts: options.rule_texts.clone(),
            tables: self.tables.clone(),
            wanted: self.tables,
            changes: self.changes,
            metrics: self.metrics,
            rest_until: Instant::now(),
        };
        for (name, table) in self.watchers.newer {
            compiling.wanted.insert(&name, table);
        }
        let (tasks, signal, stopped) = (self.watchers.tasks, Arc::clone(&options.reload), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut watched = watch_every.map(|every| RuleWatch::new(every, files));
            while !stopped.load(Ordering::Relaxed) {
                match tasks.updates().recv_timeout(TURN) {
                    Ok(update) => {
                        compiling.note(update);
                        while let Ok(update) = tasks.updates().try_recv() {
                            compiling.note(update);
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    // no table is watched
                    Err(RecvTimeoutError::Disconnected) => std::thread::park_timeout(TURN),
                }
                let told = signal.swap(false, Ordering::Relaxed);
                if told {
                    tracing::info!("told to read rules and lookup tables again");
                    tasks.look_again();
                }
                let changed = watched.as_mut().is_some_and(|watched| watched.has_changed(&compiling.paths, told));
                if told || changed {
                    compiling.read_rules();
                }
                compiling.take_tables();
            }
        });
        Running { stop, thread: Some(thread) }
    }
}

/// Counts and says what was found of a table.
pub(super) fn note_update(update: &Update, in_use: &Lookups, metrics: &Metrics) {
    let name = update.name.as_str();
    match &update.found {
        Ok(_) => metrics.set_table_read(name, clock::now()),
        Err(error) => {
            metrics.lookup_failures.get_or_create_owned(&LookupLabel::of(name)).inc();
            if in_use.get(name).is_some() {
                tracing::warn!(lookup = name, %error, "cannot read the lookup table, the one in use stays");
            } else {
                tracing::error!(lookup = name, %error, "cannot read the lookup table yet, nothing begins without it");
            }
        }
    }
}

/// The newest rules and tables that compile.
struct Compiling {
    config: Config,
    paths: Vec<PathBuf>,
    /// Rules that are in no file.
    without_file: Vec<(Arc<str>, String)>,
    texts: BTreeMap<Arc<str>, String>,
    tables: Lookups,
    /// What was found where tables come from.
    wanted: Lookups,
    changes: Arc<PendingChange>,
    metrics: Arc<Metrics>,
    rest_until: Instant,
}

impl Compiling {
    fn note(&mut self, update: Update) {
        note_update(&update, &self.tables, &self.metrics);
        if let Ok(Some(table)) = update.found {
            self.wanted.insert(&update.name, table);
        }
    }

    /// Compiles the newest tables, unless that was done a moment ago: a table that changes all the time must not keep a
    /// processor busy.
    fn take_tables(&mut self) {
        if self.wanted.same_versions(&self.tables) || Instant::now() < self.rest_until {
            return;
        }
        let changed: Vec<String> = self
            .wanted
            .tables()
            .filter(|(name, table)| is_new(name, table, &self.tables))
            .map(|(name, _)| name.to_owned())
            .collect();
        let what = format!("lookup tables: {}", changed.join(", "));
        let texts: Vec<_> = self.texts.iter().map(|(name, text)| (Arc::clone(name), text.clone())).collect();
        let tables = self.wanted.clone();
        let begun = Instant::now();
        let loaded = rule::load_texts_with(texts, &LoadOptions { lookups: tables.clone(), ..LoadOptions::default() });
        self.rest(begun);
        match accepted(loaded, &what) {
            Some((rules, _)) => {
                self.tables = tables;
                self.leave(rules, what);
            }
            None => {
                self.wanted = self.tables.clone();
                self.metrics.reloads.get_or_create_owned(&ReloadLabel::of("refused")).inc();
                for name in changed {
                    self.metrics.lookup_failures.get_or_create_owned(&LookupLabel::of(&name)).inc();
                }
            }
        }
    }

    /// Reads the rule files again.
    fn read_rules(&mut self) {
        let what = "rules";
        let begun = Instant::now();
        let lookups = self.tables.clone();
        let options = LoadOptions { lookups, texts: self.without_file.clone(), ..LoadOptions::default() };
        let loaded = rule::load_with(&self.paths, &options);
        self.rest(begun);
        if loaded.set.is_some() && loaded.sources == self.texts {
            tracing::info!("the rules are as they were");
            return;
        }
        match accepted(loaded, what) {
            Some((rules, texts)) => {
                self.texts = texts;
                self.leave(rules, what.to_owned());
            }
            None => {
                self.metrics.reloads.get_or_create_owned(&ReloadLabel::of("refused")).inc();
            }
        }
    }

    fn leave(&self, rules: RuleSet, what: String) {
        let tables = self.tables.clone();
        self.changes.put(Change { rules, sources: core_sources(&self.config, &tables), tables, what });
    }

    fn rest(&mut self, begun: Instant) {
        self.rest_until = Instant::now() + PAUSE.0.max(begun.elapsed() * PAUSE.1);
    }
}

fn is_new(name: &str, table: &Arc<Table>, known: &Lookups) -> bool {
    known.get(name).is_none_or(|known| known.version != table.version)
}

/// The rules of a load and their texts, unless there is an error.
fn accepted(loaded: rule::Loaded, what: &str) -> Option<(RuleSet, BTreeMap<Arc<str>, String>)> {
    let errors = loaded.errors();
    let Some(rules) = loaded.set else {
        for finding in loaded.diagnostics.iter().filter(|finding| finding.severity == rule::Severity::Error) {
            tracing::error!(code = finding.code, %finding, "a rule has an error");
        }
        tracing::error!(what, errors, "refused as a whole, everything goes on as it was");
        return None;
    };
    for rule in &rules.inactive {
        tracing::warn!(rule = rule.card.title, reason = rule.reason, "the rule is inactive");
    }
    let (detections, correlations) = (rules.detections.len(), rules.correlations.len());
    tracing::info!(what, detections, correlations, "comes into use with the next snapshot");
    Some((rules, loaded.sources))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str =
        "title: T\nlogsource: {category: test}\ndetection: {s: {user|expand: '%owners.name%'}, condition: s}\n";

    fn table(text: &str) -> Arc<Table> {
        Arc::new(Table::parse(text.as_bytes(), "csv").unwrap())
    }

    fn compiling(folder: &std::path::Path) -> Compiling {
        let mut tables = Lookups::new();
        tables.insert("owners", table("name\nada\n"));
        std::fs::write(folder.join("t.yml"), RULE).unwrap();
        let paths = vec![folder.to_path_buf()];
        let texts = rule::load(&paths).sources;
        let (changes, metrics) = (Arc::default(), Arc::default());
        let rest_until = Instant::now();
        let config = crate::config::load_text("", "", folder, std::iter::empty()).unwrap().config;
        let without_file = Vec::new();
        Compiling { config, paths, without_file, texts, wanted: tables.clone(), tables, changes, metrics, rest_until }
    }

    fn found(text: &str) -> Update {
        Update { name: "owners".to_owned(), found: Ok(Some(table(text))) }
    }

    #[test]
    fn a_new_version_is_left_for_the_machine_and_an_old_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut compiling = compiling(folder.path());
        compiling.note(found("name\nada\n"));
        compiling.take_tables();
        assert!(!compiling.changes.is_there());
        compiling.note(found("name\nbob\n"));
        // the rules of now, not those that somebody writes at the moment
        std::fs::write(folder.path().join("t.yml"), "title: T\n").unwrap();
        compiling.take_tables();
        let change = compiling.changes.take().unwrap();
        assert_eq!(change.rules.detections[0].card.lookups[0].version, table("name\nbob\n").version);
        compiling.note(found("name\neve\n"));
        compiling.take_tables();
        assert!(!compiling.changes.is_there(), "it rests");
        compiling.rest_until = Instant::now();
        compiling.take_tables();
        assert!(compiling.changes.is_there());
    }

    #[test]
    fn what_does_not_compile_is_refused_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut compiling = compiling(folder.path());
        compiling.read_rules();
        assert!(!compiling.changes.is_there(), "nothing has changed");
        std::fs::write(folder.path().join("u.yml"), RULE.replace("title: T", "title: U")).unwrap();
        std::fs::write(folder.path().join("broken.yml"), "title: B\n").unwrap();
        compiling.read_rules();
        assert!(!compiling.changes.is_there());
        std::fs::remove_file(folder.path().join("broken.yml")).unwrap();
        compiling.read_rules();
        assert_eq!(compiling.changes.take().unwrap().rules.detections.len(), 2);
        // a column of so many values that no rule can be made of them twice
        let both = RULE.replace("'%owners.name%'", "'%owners.name%-%owners.name%'");
        std::fs::write(folder.path().join("u.yml"), both).unwrap();
        compiling.read_rules();
        assert!(compiling.changes.take().is_some());
        let many: String = (0..1_001).map(|number| format!("{number}\n")).collect();
        compiling.note(found(&format!("name\n{many}")));
        compiling.rest_until = Instant::now();
        compiling.take_tables();
        assert!(!compiling.changes.is_there());
        assert!(compiling.wanted.same_versions(&compiling.tables));
        let text = compiling.metrics.render();
        assert!(text.contains("clarion_reloads_total{result=\"refused\"} 2"), "{text}");
        assert!(text.contains("clarion_lookup_refresh_failures_total{lookup=\"owners\"} 1"), "{text}");
    }
}
