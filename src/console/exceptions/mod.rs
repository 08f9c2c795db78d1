//! `/api/v1/exceptions`: the filters that are in use, and those that somebody who saw an alert writes or ends here. An exception
//! is a rule file like any other: it is in a folder that the engine loads, a person can review it, and it ends by itself.
//!
//! | file | what it does |
//! |---|---|
//! | `list` | which there are |
//! | `asked` | what may be asked for |
//! | `writer` | from there to a file, checked together with all rules |
//! | `folder` | puts a file in place whole or not at all, and knows its own again |

mod asked;
mod folder;
mod list;
#[cfg(test)]
mod tests;
mod writer;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::body::Body;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse as _;
use serde_json::Value;

use self::asked::Asked;
pub(super) use self::list::list;
pub(super) use self::writer::Writer;
use super::alerts::alert_id;
use super::body;
use super::gate::Peer;
use super::history::{LifeChange, LifeState};
use super::id::Id;
use super::problem::{Answer, Problem, json_answer};
use super::query::pairs;
use super::state::Shared;
use crate::alert::harmless;
use crate::model::{AlertId, Span};
use crate::rule::LoadOptions;
use crate::telemetry::clock;

/// Where exceptions are written, and what is loaded with them.
#[derive(Debug, Clone)]
pub struct ExceptionParts {
    /// The folder; it is among `rules`.
    pub directory: PathBuf,
    /// How far in the future an exception may end.
    pub longest: Span,
    /// Files and folders with rules.
    pub rules: Vec<PathBuf>,
    /// What they are loaded with.
    pub options: LoadOptions,
    /// Tells the engine that files have changed.
    pub reload: Arc<AtomicBool>,
}

/// `POST /api/v1/exceptions`.
pub(super) async fn write(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Answer {
    let writer = configured(&shared)?;
    let peer = from(&request);
    let asked = Asked::checked(body::read(request).await?)?;
    let alert = match asked.alert.as_deref() {
        Some(id) => Some(seen(&shared, id).await?),
        None => None,
    };
    let message = alert.as_ref().map(|(_, message, _)| message.clone());
    let (wish, now) = (asked.clone(), clock::now());
    let (written, path) = shared.work(move || writer.write(&wish, message.as_deref(), now)).await??;
    tracing::info!(
        exception = written.id,
        file = written.file,
        owner = asked.owner,
        from = peer.map(|peer| peer.to_string()),
        rules = asked.rules.join(" "),
        expires = %asked.expires,
        reason = asked.reason,
        alert = asked.alert,
        "an exception was written"
    );
    if let Some((id, _, state)) = alert {
        note(&shared, id, state, &asked, &written.file).await;
    }
    let mut answer = json_answer(&written.answer)?;
    *answer.status_mut() = StatusCode::CREATED;
    if let Ok(place) = path.parse() {
        answer.headers_mut().insert(LOCATION, place);
    }
    Ok(answer)
}

/// `DELETE /api/v1/exceptions/{id}`.
pub(super) async fn end(
    State(shared): State<Arc<Shared>>,
    Id(id): Id,
    RawQuery(query): RawQuery,
    request: Request<Body>,
) -> Answer {
    let peer = from(&request);
    let mut by = String::new();
    for (key, value) in pairs(query.as_deref()) {
        match key.as_str() {
            "by" => by = harmless(value.trim(), asked::NAME),
            _ => return Err(Problem::bad_request("the query has a key that is not known here")),
        }
    }
    let set = shared.status.latest().and_then(|latest| latest.details.rules.clone());
    let writer = shared.exceptions.clone();
    let wanted = id.clone();
    let file = shared
        .work(move || {
            let in_use = set.iter().flat_map(|set| &set.filters).find(|filter| filter.id == wanted);
            let in_use = in_use.map(|filter| filter.file.to_string());
            match (writer, in_use) {
                (Some(writer), in_use) => writer.end(&wanted, in_use.as_deref()),
                (None, Some(file)) => Err(writer::not_ours(&file)),
                (None, None) => Err(writer::unknown()),
            }
        })
        .await??;
    tracing::info!(exception = id, file, by, from = peer.map(|peer| peer.to_string()), "an exception was ended");
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn configured(shared: &Shared) -> Result<Arc<Writer>, Problem> {
    let why = "no folder for exceptions is configured: set console.exceptions to a folder that is among `rules`";
    shared.exceptions.clone().ok_or_else(|| Problem::new(StatusCode::NOT_IMPLEMENTED, why))
}

fn from(request: &Request<Body>) -> Option<IpAddr> {
    request.extensions().get::<Peer>().map(|Peer(from)| *from)
}

/// The alert that somebody saw: its id, what it says, and how far people are with it.
async fn seen(shared: &Shared, id: &str) -> Result<(AlertId, String, LifeState), Problem> {
    let gone = || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "the alert is not in the history");
    let id = alert_id(id).map_err(|_| gone())?;
    let alert = shared.ask(move |history| history.alert(id)).await?.ok_or_else(gone)?;
    let state = LifeState::parse(&alert.summary.life.state).unwrap_or(LifeState::New);
    Ok((id, alert.summary.message, state))
}

/// Keeps with the alert what was decided about it: whoever writes an exception has taken it up.
async fn note(shared: &Shared, id: AlertId, state: LifeState, asked: &Asked, file: &str) {
    let state = if state == LifeState::New { LifeState::Acknowledged } else { state };
    let reason = format!("exception until {}: {} ({file})", asked.expires, asked.reason);
    let said = LifeChange { state, by: asked.owner.clone(), reason: Some(harmless(&reason, 2000)) };
    // the file is there: what the history lacks is in the log
    if let Err(problem) = shared.ask(move |history| history.note_life(id, said, clock::now())).await {
        tracing::warn!(problem = ?problem, "the exception is not in the life of its alert");
    }
}

/// A rule for people: id, name, title.
fn shown(card: &crate::model::RuleCard) -> serde_json::Map<String, Value> {
    let mut shown = serde_json::Map::new();
    shown.insert("id".to_owned(), Value::from(card.id.as_str()));
    shown.insert("name".to_owned(), Value::from(card.name.as_deref()));
    shown.insert("title".to_owned(), Value::from(harmless(&card.title, 300)));
    shown
}
