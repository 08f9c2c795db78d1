//! What people say of an alert: taken up, done with and why.

use redb::{ReadableDatabase as _, ReadableTable as _};

use super::store::note_change;
use super::tables::{self, PLACES, SUMMARIES, TRAILS, Trail};
use super::{Change, History, HistoryError, Life, Summary};
use crate::model::{AlertId, Timestamp};

/// Most sayings of one alert that are kept; the oldest go first.
const LIVES: usize = 200;

/// How far people are with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LifeState {
    /// Nobody has taken it up.
    New,
    /// Somebody looks at it.
    Acknowledged,
    /// Somebody is done with it.
    Closed,
}

impl LifeState {
    /// The word of the interface.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
        }
    }

    /// From the word of the interface.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::New, Self::Acknowledged, Self::Closed].into_iter().find(|state| state.name() == word)
    }
}

/// What somebody says of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeChange {
    /// How far.
    pub state: LifeState,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}

impl History {
    /// Notes what somebody says of an alert. Gives the alert as it is then; nothing when there is none.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn note_life(&self, id: AlertId, said: LifeChange, now: Timestamp) -> Result<Option<Summary>, HistoryError> {
        // most ids that are not there need no write
        if self.database.begin_read()?.open_table(PLACES)?.get(id.0)?.is_none() {
            return Ok(None);
        }
        let life = Life {
            state: said.state.name().to_owned(),
            by: Some(said.by),
            at: Some(now.to_string()),
            reason: said.reason,
        };
        let transaction = self.database.begin_write()?;
        let change = {
            let place = transaction.open_table(PLACES)?.get(id.0)?.map(|place| place.value());
            let Some((time, _)) = place else { return Ok(None) };
            let mut summaries = transaction.open_table(SUMMARIES)?;
            let known = summaries.get((time, id.0))?.map(|summary| tables::read(summary.value())).transpose()?;
            let Some(mut alert) = known else { return Ok(None) };
            let alert: Summary = {
                let alert: &mut Summary = &mut alert;
                alert.life = life.clone();
                alert.clone()
            };
            summaries.insert((time, id.0), tables::write(&alert)?.as_slice())?;
            let mut trails = transaction.open_table(TRAILS)?;
            let trail = trails.get(id.0)?.map(|trail| tables::read(trail.value())).transpose()?;
            let mut trail: Trail = trail.unwrap_or_default();
            trail.lives.push(life);
            let excess = trail.lives.len().saturating_sub(LIVES);
            trail.lives.drain(..excess);
            trails.insert(id.0, tables::write(&trail)?.as_slice())?;
            Change { number: note_change(&transaction, id.0)?, alert }
        };
        transaction.commit()?;
        let alert = change.alert.clone();
        self.announce(vec![change]);
        Ok(Some(alert))
    }
}
