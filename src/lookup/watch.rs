//! The tasks that watch tables: one for each, on the runtime for files and addresses, on a thread for a topic.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::http::HttpTable;
use super::topic_rows::TopicRows;
use super::{FetchError, SetupError};
use crate::config::{LookupSource, TopicLookup};
use crate::rule::lookup::Table;
use crate::source::kafka::{CompactedEvent, follow_compacted};

/// First and longest pause after nobody has answered.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// What was found where a table comes from.
#[derive(Debug)]
pub struct Update {
    /// Name of the table.
    pub name: String,
    /// The table, `None` when it is as it was the last time.
    pub found: Result<Option<Arc<Table>>, FetchError>,
}

/// Everything that watches. Dropping it ends it.
#[derive(Debug)]
pub struct Watchers {
    updates: Receiver<Update>,
    /// Each tells the task of a file or an address to look at once.
    waiting: Vec<Arc<Notify>>,
    /// Each tells the thread of a topic to begin again.
    again: Vec<Sender<()>>,
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Watchers {
    /// Begins to watch; every table is looked at at once.
    ///
    /// # Errors
    /// [`SetupError`] when a table cannot even be asked for.
    pub fn start(sources: &BTreeMap<String, LookupSource>, runtime: &Handle) -> Result<Self, SetupError> {
        let (sender, updates) = channel();
        let mut watchers = Self {
            updates,
            waiting: Vec::new(),
            again: Vec::new(),
            stop: Arc::new(AtomicBool::new(false)),
            tasks: Vec::new(),
            threads: Vec::new(),
        };
        for (name, source) in sources {
            let (name, sender) = (name.clone(), sender.clone());
            match source {
                LookupSource::Topic(topic) => watchers.follow(name, topic.clone(), sender),
                LookupSource::File { path, refresh } => {
                    let refresh = refresh.map(crate::model::Span::to_std);
                    watchers.look(runtime, name, Asked::File(path.clone()), refresh, sender);
                }
                LookupSource::Http(settings) => {
                    let asked = Asked::Address(Box::new(HttpTable::new(settings)?));
                    watchers.look(runtime, name, asked, Some(settings.refresh.to_std()), sender);
                }
            }
        }
        Ok(watchers)
    }

    /// What is found, as it comes.
    #[must_use]
    pub fn updates(&self) -> &Receiver<Update> {
        &self.updates
    }

    /// Looks at every table at once, and at topics from their beginning.
    pub fn look_again(&self) {
        self.waiting.iter().for_each(|task| task.notify_one());
        for thread in &self.again {
            let _ = thread.send(());
        }
    }

    fn look(
        &mut self,
        runtime: &Handle,
        name: String,
        mut asked: Asked,
        refresh: Option<Duration>,
        updates: Sender<Update>,
    ) {
        let again = Arc::new(Notify::new());
        self.waiting.push(Arc::clone(&again));
        self.tasks.push(runtime.spawn(async move {
            let mut pause = PAUSES.0;
            loop {
                let found = asked.fetch().await;
                let wait = match &found {
                    Err(FetchError::Unreachable(_)) => {
                        let wait = refresh.map_or(pause, |refresh| pause.min(refresh));
                        pause = (pause * 2).min(PAUSES.1);
                        Some(wait)
                    }
                    _ => {
                        pause = PAUSES.0;
                        refresh
                    }
                };
                let found = found.map(|table| table.map(Arc::new));
                if updates.send(Update { name: name.clone(), found }).is_err() {
                    return;
                }
                match wait {
                    Some(wait) => {
                        tokio::select! {
                            () = tokio::time::sleep(wait) => {}
                            () = again.notified() => asked.forget(),
                        }
                    }
                    None => {
                        again.notified().await;
                        asked.forget();
                    }
                }
            }
        }));
    }

    fn follow(&mut self, name: String, topic: TopicLookup, updates: Sender<Update>) {
        let (again, wanted) = channel();
        self.again.push(again);
        let stop = Arc::clone(&self.stop);
        self.threads.push(std::thread::spawn(move || {
            let mut rows = TopicRows::default();
            let say = |found| {
                let _ = updates.send(Update { name: name.clone(), found });
            };
            follow_compacted(&topic.connection, &topic.topic, &stop, &wanted, &mut |event| match event {
                CompactedEvent::Begins => rows = TopicRows::default(),
                CompactedEvent::Row { key, value } => rows.take(key, value),
                CompactedEvent::Unreachable(reason) => say(Err(FetchError::Unreachable(reason))),
                CompactedEvent::Complete => {
                    let wrong = |reason: String| FetchError::Unusable(format!("topic {}: {reason}", topic.topic));
                    if let Some(unusable) = rows.unusable() {
                        say(Err(FetchError::Rows(format!("topic {}: {unusable}", topic.topic))));
                    }
                    say(rows.table().map(|table| Some(Arc::new(table))).map_err(wrong));
                }
            });
        }));
    }
}

impl Drop for Watchers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.again.clear();
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// What is asked for a table.
enum Asked {
    File(PathBuf),
    Address(Box<HttpTable>),
}

impl Asked {
    async fn fetch(&mut self) -> Result<Option<Table>, FetchError> {
        match self {
            Self::Address(table) => table.fetch().await,
            Self::File(path) => {
                let path = path.clone();
                let unusable = |reason: String| FetchError::Unusable(reason);
                let read = tokio::task::spawn_blocking(move || Table::read(&path)).await;
                let table = read.map_err(|error| unusable(error.to_string()))?;
                table.map(Some).map_err(|error| unusable(error.to_string()))
            }
        }
    }

    fn forget(&mut self) {
        if let Self::Address(table) = self {
            table.forget();
        }
    }
}
