//! Runs the demonstration: cluster, generator, pipeline.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::error::KafkaError;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

use super::generator::{
    DECISION_LOG_TOPIC, EVIDENTLY_TOPIC, GeneratorSettings, JIRA_TOPIC, MLFLOW_TOPIC, OPA_TOPIC, generate,
};
use super::producer::{WeekClock, send};
use super::shipped::shipped_rules;
use super::verdict::{Found, Verdict};
use crate::app::{self, AppError, ConsoleOptions, RunOptions};
use crate::config::{self, Config, ConfigError};
use crate::model::{Alert, Span, Timestamp};
use crate::pipeline::{CoreCounts, Watch};
use crate::rule;
use crate::source::kafka::KafkaOptions;

/// Topics, the format of each, and its partitions (the mock cluster keeps at most 5 MiB of each).
const TOPICS: [(&str, &str, i32); 5] = [
    (MLFLOW_TOPIC, "mlflow_webhook", 2),
    (OPA_TOPIC, "opa_decision_log", 24),
    (EVIDENTLY_TOPIC, "evidently", 2),
    (DECISION_LOG_TOPIC, "chained_decision_log", 2),
    (JIRA_TOPIC, "jira", 2),
];

/// What may be chosen.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Chooses everything that is left to chance.
    pub seed: u64,
    /// Seconds of the week in one second.
    pub speed: f64,
    /// About how many events.
    pub events: usize,
    /// Midnight at which the week begins.
    pub start: Timestamp,
    /// Go on until told to stop.
    pub keep: bool,
    /// Where state is kept while it runs.
    pub folder: PathBuf,
    /// Where it delivers, beside what it tells.
    pub sinks: Option<DemoSinks>,
}

/// Sinks for the demonstration, as somebody wrote them.
#[derive(Debug, Clone)]
pub struct DemoSinks {
    /// The file, for messages, and because its paths are relative to it.
    pub path: PathBuf,
    /// Its text: the key `sinks` of a configuration, and no other.
    pub text: String,
}

/// Why the demonstration ends early.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The embedded cluster.
    #[error("the embedded broker: {0}")]
    Broker(#[from] KafkaError),
    /// The pipeline.
    #[error(transparent)]
    App(#[from] AppError),
    /// The embedded configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder for exceptions.
    #[error("cannot create {folder}: {reason}")]
    Folder {
        /// The folder.
        folder: String,
        /// The system's words.
        reason: std::io::Error,
    },
    /// The embedded rules.
    #[error("the shipped rules do not load: {0}")]
    Rules(String),
}

/// What the demonstration tells while it runs.
pub enum DemoNews<'a> {
    /// It begins: brokers, records, time it will take.
    Begins {
        /// Address of the embedded broker.
        bootstrap: &'a str,
        /// Records that will be sent.
        records: usize,
        /// About how long it takes.
        takes: Duration,
    },
    /// The console listens there.
    Console(SocketAddr),
    /// An alert.
    Alert(&'a Alert),
    /// All of the week has been judged.
    Verdict(&'a Verdict),
}

/// Runs it.
///
/// # Errors
/// [`DemoError`].
pub fn run(
    options: &DemoOptions,
    stop: &Arc<AtomicBool>,
    tell: &mut dyn FnMut(DemoNews<'_>),
) -> Result<(Verdict, CoreCounts), DemoError> {
    let settings = GeneratorSettings { events: options.events, ..GeneratorSettings::new(options.seed, options.start) };
    let week = generate(&settings);
    let cluster: MockCluster<'_, DefaultProducerContext> = MockCluster::new(1)?;
    for (topic, _, partitions) in TOPICS {
        cluster.create_topic(topic, partitions, 1)?;
    }
    let bootstrap = cluster.bootstrap_servers();
    let config = configuration(&bootstrap, options)?;
    // what is written in the console's folder of exceptions comes to them later
    let loaded = rule::load_texts(shipped_rules());
    let rules = loaded.set.ok_or_else(|| {
        DemoError::Rules(loaded.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    let takes = Duration::from_secs_f64(7.0 * 86_400.0 / options.speed);
    tell(DemoNews::Begins { bootstrap: &bootstrap, records: week.records.len(), takes });

    let week_clock = Arc::new(WeekClock::default());
    let mapped = Arc::clone(&week_clock);
    let console = ConsoleOptions { demo: true, rule_texts: loaded.sources.clone(), ..ConsoleOptions::default() };
    let console_address = Arc::clone(&console.address);
    let mut console_told = false;
    let run_options = RunOptions {
        console,
        rule_texts: loaded.sources,
        without_file: shipped_rules(),
        clock: Arc::new(move |wall| mapped.at(wall)),
        kafka: KafkaOptions {
            end_interval: Duration::from_millis(100),
            poll_wait: Duration::from_millis(20),
            ..KafkaOptions::default()
        },
        ..RunOptions::default()
    };
    let Some(opened) = app::open(&config, stop)? else { return Ok((Verdict::default(), CoreCounts::default())) };
    let end = options.start.plus(Span::seconds(9 * 86_400));
    let total = week.records.len() as u64;
    let failed: Mutex<Option<KafkaError>> = Mutex::new(None);
    let finished = AtomicBool::new(false);
    let (pause_sender, pause) = std::sync::mpsc::channel::<()>();
    let mut found: BTreeSet<Found> = BTreeSet::new();
    let outcome = std::thread::scope(|scope| {
        let (records, clock, failed, finished, bootstrap) =
            (&week.records, &week_clock, &failed, &finished, &bootstrap);
        scope.spawn(move || {
            if let Err(error) = send(bootstrap, records, options.start, options.speed, clock, stop, &pause)
                && let Ok(mut failed) = failed.lock()
            {
                *failed = Some(error);
            }
            finished.store(true, Ordering::Relaxed);
        });
        let planted = &week.planted;
        let mut judged = false;
        let mut quiet_since: Option<Instant> = None;
        let outcome = app::run(&config, opened, rules, &run_options, stop, &mut |event| match event {
            Watch::Alert(alert) => {
                found.extend(Found::of(alert));
                tell(DemoNews::Alert(alert));
            }
            Watch::Turn { counts, slowest } => {
                if let Some(address) = console_address.get().filter(|_| !console_told) {
                    console_told = true;
                    tell(DemoNews::Console(*address));
                }
                week_clock.read(counts.records);
                let failed = failed.lock().is_ok_and(|failed| failed.is_some());
                let read_all = finished.load(Ordering::Relaxed) && counts.records >= total;
                let over = read_all && slowest >= end;
                if over {
                    quiet_since.get_or_insert_with(Instant::now);
                }
                if !judged && (failed || quiet_since.is_some_and(|since| since.elapsed() > Duration::from_millis(300)))
                {
                    judged = true;
                    tell(DemoNews::Verdict(&Verdict::of(planted, &found)));
                    if !options.keep {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            }
        });
        stop.store(true, Ordering::Relaxed);
        drop(pause_sender);
        outcome
    });
    if let Ok(mut failed) = failed.lock()
        && let Some(error) = failed.take()
    {
        return Err(error.into());
    }
    Ok((Verdict::of(&week.planted, &found), outcome?))
}

fn configuration(bootstrap: &str, options: &DemoOptions) -> Result<Config, DemoError> {
    // what somebody wrote comes first, so that messages have its lines
    let (mut text, name, base) = match &options.sinks {
        Some(sinks) => {
            let base = sinks.path.parent().unwrap_or(&options.folder);
            (format!("{}\n", sinks.text), sinks.path.display().to_string(), base)
        }
        None => ("sinks: []\n".to_owned(), "demo".to_owned(), options.folder.as_path()),
    };
    // the shipped rules are in the program; what is written here goes with the folder
    let exceptions = options.folder.join("exceptions");
    std::fs::create_dir_all(&exceptions)
        .map_err(|reason| DemoError::Folder { folder: exceptions.display().to_string(), reason })?;
    let exceptions = exceptions.display();
    text.push_str(&format!("rules: ['{exceptions}']\nkafka:\n  brokers: ['{bootstrap}']\nsources:\n"));
    for (topic, format, _) in TOPICS {
        text.push_str(&format!("  - {{name: '{topic}', type: kafka, topics: ['{topic}'], format: {format}, lateness: 1m, idle_timeout: 1m}}\n"));
    }
    let folder = options.folder.display();
    text.push_str(&format!("state: {{directory: '{folder}/state', snapshot_interval: 5s}}\ndead_letters: {{file: '{folder}/dead-letters.ndjson'}}\nadmin: {{listen: 'off'}}\nconsole: {{listen: '127.0.0.1:8475', exceptions: '{exceptions}'}}\n"));
    Ok(config::load_text(&text, &name, base, std::iter::empty())?.config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(sinks: Option<&str>) -> DemoOptions {
        DemoOptions {
            seed: 7,
            speed: 60_000.0,
            events: 1_000,
            start: Timestamp(0),
            keep: true,
            folder: std::env::temp_dir().join("clarion-demo-test"),
            sinks: sinks.map(|text| DemoSinks { path: "sinks.yaml".into(), text: text.to_owned() }),
        }
    }

    #[test]
    fn sinks_are_those_that_somebody_wrote_and_nothing_else_is_theirs() {
        let sinks = |text| configuration("127.0.0.1:9", &options(text)).map(|config| config.sinks.len());
        assert_eq!(sinks(None).unwrap(), 0);
        assert_eq!(sinks(Some("sinks:\n  - {type: elasticsearch, hosts: ['http://127.0.0.1:9200']}")).unwrap(), 1);
        let wrong = sinks(Some("sinks: 5")).unwrap_err().to_string();
        assert!(wrong.contains("sinks"), "{wrong}");
        assert!(sinks(Some("rules: [mine]")).is_err(), "the demonstration has its own rules");
    }
}
