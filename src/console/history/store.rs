//! Opening the history, putting what comes into it, and one alert by its id. A revision replaces an older one; one that is
//! older, or there already, changes nothing but the trail.

use std::path::Path;

use redb::{Builder, Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, WriteTransaction};
use serde_json::Value;
use tokio::sync::broadcast;

use super::retention::{self, Keep};
use super::tables::{
    self, CHANGES, DOCUMENTS, EDITION, PLACES, Revision, SEEN, SERIES, SERIES_NUMBERS, SUMMARIES, THIS_EDITION, TRAILS,
    Trail, VALUES,
};
use super::{HistoryError, Life, Summary, values};
use crate::model::{AlertId, Timestamp};
use crate::sink::{Content, Document};

/// Memory that the database may use for pages, in bytes.
const CACHE: usize = 32 * 1024 * 1024;
/// Changes that a stream may be behind before it has to fetch anew.
const WAITING_CHANGES: usize = 1024;
/// Most revisions that a trail names.
const REVISIONS: usize = 100;

/// An alert that is new or has changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// Counts up; the order of changes.
    pub number: u64,
    /// The alert as it is now.
    pub alert: Summary,
}

/// An alert with all that is known of it.
#[derive(Debug, Clone)]
pub struct KeptAlert {
    /// As a list shows it.
    pub summary: Summary,
    /// The newest document, as the sinks got it.
    pub document: Value,
    /// The revisions that were seen, oldest first.
    pub revisions: Vec<Revision>,
    /// What people said, oldest first.
    pub lives: Vec<Life>,
}

/// The history.
pub struct History {
    pub(super) database: Database,
    pub(super) keep: Keep,
    changes: broadcast::Sender<Change>,
}

impl std::fmt::Debug for History {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("History").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl History {
    /// Opens the history in a folder, or begins one. A file that is broken or of another edition is set aside.
    ///
    /// # Errors
    /// [`HistoryError::Open`] when the folder cannot be used, or another process uses the file.
    pub fn open(folder: &Path, keep: Keep) -> Result<Self, HistoryError> {
        let path = folder.join("history.redb");
        let fail = |reason: String| HistoryError::Open { path: path.clone(), reason };
        std::fs::create_dir_all(folder).map_err(|error| fail(error.to_string()))?;
        let database = match open_tables(&path) {
            Ok(database) => database,
            Err(reason @ (OpenError::Taken(_) | OpenError::System(_))) => return Err(fail(reason.to_string())),
            Err(OpenError::Unreadable(reason)) => {
                let aside = folder.join("history.redb.unreadable");
                std::fs::rename(&path, &aside).map_err(|error| fail(format!("{reason}; {error}")))?;
                tracing::error!(reason, kept = %aside.display(), "the console's history cannot be read and begins anew");
                open_tables(&path).map_err(|error| fail(error.to_string()))?
            }
        };
        let (changes, _) = broadcast::channel(WAITING_CHANGES);
        Ok(Self { database, keep, changes })
    }

    /// What changes from now on.
    #[must_use]
    pub fn follow(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    pub(super) fn announce(&self, changes: Vec<Change>) {
        for change in changes {
            // nobody need be listening
            let _ = self.changes.send(change);
        }
    }

    /// Puts documents into the history; they are on disk when this returns.
    ///
    /// # Errors
    /// [`HistoryError`]; nothing of them is in the history then.
    pub fn put<'a>(
        &self,
        documents: impl IntoIterator<Item = &'a Document>,
        now: Timestamp,
    ) -> Result<(), HistoryError> {
        let transaction = self.database.begin_write()?;
        let mut changes = Vec::new();
        for document in documents {
            match &document.content {
                Content::Alert(_) => changes.extend(put_alert(&transaction, document, now)?),
                Content::Metric(metric) => values::put(&transaction, metric)?,
            }
        }
        retention::prune(&transaction, &self.keep, now)?;
        transaction.commit()?;
        self.announce(changes);
        Ok(())
    }

    /// An alert by its id.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn alert(&self, id: AlertId) -> Result<Option<KeptAlert>, HistoryError> {
        let transaction = self.database.begin_read()?;
        let Some(place) = transaction.open_table(PLACES)?.get(id.0)?.map(|place| place.value()) else {
            return Ok(None);
        };
        let summaries = transaction.open_table(SUMMARIES)?;
        let Some(summary) = summaries.get((place.0, id.0))? else { return Ok(None) };
        let trails = transaction.open_table(TRAILS)?;
        let trail: Trail = trails.get(id.0)?.map(|trail| tables::read(trail.value())).transpose()?.unwrap_or_default();
        let documents = transaction.open_table(DOCUMENTS)?;
        let document = documents.get(id.0)?.map(|packed| tables::unpack(packed.value())).transpose()?;
        let document = document.map(|text| tables::read(text.as_bytes())).transpose()?;
        Ok(Some(KeptAlert {
            summary: tables::read(summary.value())?,
            document: document.unwrap_or_default(),
            revisions: trail.revisions,
            lives: trail.lives,
        }))
    }
}

/// Enters an alert as changed. Gives the change's number.
pub(super) fn note_change(transaction: &WriteTransaction, id: u128) -> Result<u64, HistoryError> {
    let mut changes = transaction.open_table(CHANGES)?;
    let number = changes.last()?.map_or(1, |(number, _)| number.value() + 1);
    changes.insert(number, id)?;
    Ok(number)
}

fn put_alert(
    transaction: &WriteTransaction,
    document: &Document,
    now: Timestamp,
) -> Result<Option<Change>, HistoryError> {
    let id = document.id.0;
    let mut places = transaction.open_table(PLACES)?;
    let mut summaries = transaction.open_table(SUMMARIES)?;
    let mut trails = transaction.open_table(TRAILS)?;
    let known = places.get(id)?.map(|place| place.value());
    let mut trail: Trail = trails.get(id)?.map(|trail| tables::read(trail.value())).transpose()?.unwrap_or_default();
    let before: Option<Summary> = match known {
        Some((time, _)) => summaries.get((time, id))?.map(|summary| tables::read(summary.value())).transpose()?,
        None => None,
    };
    let body: Value = tables::read(document.body.as_bytes())?;
    let seen = before.as_ref().map_or_else(|| now.to_string(), |before| before.seen.clone());
    let mut summary = Summary::of(&body, &seen);
    let at = trail.revisions.partition_point(|known| known.revision < summary.revision);
    let is_known = trail.revisions.get(at).is_some_and(|known| known.revision == summary.revision);
    if !is_known {
        let status = summary.status.clone();
        trail.revisions.insert(at, Revision { revision: summary.revision, time: now.to_string(), status });
        let excess = trail.revisions.len().saturating_sub(REVISIONS);
        trail.revisions.drain(..excess);
        trails.insert(id, tables::write(&trail)?.as_slice())?;
    }
    if before.as_ref().is_some_and(|before| before.revision >= summary.revision) {
        return Ok(None);
    }
    if let Some(before) = before {
        summary.life = before.life;
    }
    let first_seen = known.map_or(now.0, |(_, seen)| seen);
    if let Some((time, _)) = known.filter(|(time, _)| *time != document.time.0) {
        summaries.remove((time, id))?;
    }
    summaries.insert((document.time.0, id), tables::write(&summary)?.as_slice())?;
    places.insert(id, (document.time.0, first_seen))?;
    transaction.open_table(SEEN)?.insert((first_seen, id), ())?;
    transaction.open_table(DOCUMENTS)?.insert(id, tables::pack(&document.body)?.as_slice())?;
    let number = note_change(transaction, id)?;
    Ok(Some(Change { number, alert: summary }))
}

/// Why a file is not the history.
#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[error("another process uses it")]
    Taken(String),
    #[error("{0}")]
    System(String),
    #[error("{0}")]
    Unreadable(String),
}

impl OpenError {
    fn unreadable(error: impl Into<redb::Error>) -> Self {
        match error.into() {
            redb::Error::Io(error) if error.kind() != std::io::ErrorKind::InvalidData => {
                Self::System(error.to_string())
            }
            other => Self::Unreadable(other.to_string()),
        }
    }
}

fn open_tables(path: &Path) -> Result<Database, OpenError> {
    let database = Builder::new().set_cache_size(CACHE).create(path).map_err(|error| match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => OpenError::Taken(error.to_string()),
        other => OpenError::unreadable(other),
    })?;
    let transaction = database.begin_write().map_err(OpenError::unreadable)?;
    let edition = {
        let mut editions = transaction.open_table(EDITION).map_err(OpenError::unreadable)?;
        let edition = editions.get(()).map_err(OpenError::unreadable)?.map(|edition| edition.value());
        editions.insert((), THIS_EDITION).map_err(OpenError::unreadable)?;
        edition.unwrap_or(THIS_EDITION)
    };
    if edition != THIS_EDITION {
        return Err(OpenError::Unreadable(format!("it is of edition {edition}, this version has {THIS_EDITION}")));
    }
    make_tables(&transaction).map_err(OpenError::unreadable)?;
    transaction.commit().map_err(OpenError::unreadable)?;
    Ok(database)
}

/// So that a reader finds every table.
fn make_tables(transaction: &WriteTransaction) -> Result<(), redb::TableError> {
    transaction.open_table(SUMMARIES)?;
    transaction.open_table(PLACES)?;
    transaction.open_table(SEEN)?;
    transaction.open_table(DOCUMENTS)?;
    transaction.open_table(TRAILS)?;
    transaction.open_table(CHANGES)?;
    transaction.open_table(VALUES)?;
    transaction.open_table(SERIES)?;
    transaction.open_table(SERIES_NUMBERS)?;
    Ok(())
}
