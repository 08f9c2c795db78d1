//! `/api/v1/alerts`: pages of alerts, one of them, what they are counted by, the table for a spreadsheet, and their life.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::history::{AlertFilter, LifeChange, LifeState, Summary};
use super::id::Id;
use super::problem::{Answer, Problem, json_answer};
use super::query::AlertQuery;
use super::state::Shared;
use super::timeline::timeline;
use super::{body, csv};
use crate::alert::harmless;
use crate::model::AlertId;
use crate::telemetry::clock;

/// Most rows of a table for a spreadsheet.
const ROWS: usize = 10_000;
/// Most values that a facet shows.
const FACET: usize = 50;
/// Most characters of a name.
const NAME: usize = 200;
/// Most characters of a reason.
const REASON: usize = 2000;

/// `GET /api/v1/alerts`.
pub(super) async fn list(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Answer {
    let asked = AlertQuery::parse(query.as_deref())?;
    let page = shared.ask(move |history| history.page(&asked.filter, asked.limit, asked.after)).await?;
    json_answer(&json!({
        "alerts": page.alerts,
        "cursor": page.cursor.map(|cursor| cursor.to_string()),
        "matching": page.matching,
        "more_than": page.more_than,
    }))
}

/// `GET /api/v1/alerts/{id}`.
pub(super) async fn one(State(shared): State<Arc<Shared>>, Id(id): Id) -> Answer {
    let id = alert_id(&id)?;
    let alert = shared.ask(move |history| history.alert(id)).await?.ok_or_else(unknown)?;
    let mut whole = members(&alert.summary);
    whole.insert("revisions".to_owned(), json!(alert.revisions));
    whole.insert("lives".to_owned(), json!(alert.lives));
    whole.insert("timeline".to_owned(), json!(timeline(&alert.document)));
    whole.insert("document".to_owned(), alert.document);
    json_answer(&whole)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    state: String,
    by: String,
    #[serde(default)]
    reason: Option<String>,
}

/// `POST /api/v1/alerts/{id}/life`.
pub(super) async fn life(State(shared): State<Arc<Shared>>, Id(id): Id, request: Request<Body>) -> Answer {
    let id = alert_id(&id)?;
    let said = checked(&body::read(request).await?)?;
    let alert = shared.ask(move |history| history.note_life(id, said, clock::now())).await?;
    json_answer(&alert.ok_or_else(unknown)?)
}

fn checked(said: &Said) -> Result<LifeChange, Problem> {
    let state = LifeState::parse(&said.state)
        .ok_or_else(|| Problem::bad_request("state is `acknowledged`, `closed` or `new`"))?;
    let text = |key: &str, text: &str, most: usize| {
        if text.chars().count() > most {
            return Err(Problem::bad_request(format!("{key} has at most {most} characters")));
        }
        Ok(harmless(text.trim(), most))
    };
    let by = text("by", &said.by, NAME)?;
    if by.is_empty() {
        return Err(Problem::bad_request("by is missing: write who says so"));
    }
    let reason = text("reason", said.reason.as_deref().unwrap_or_default(), REASON)?;
    if reason.is_empty() && state == LifeState::Closed {
        return Err(Problem::bad_request("reason is missing: write why the alert is closed"));
    }
    Ok(LifeChange { state, by, reason: (!reason.is_empty()).then_some(reason) })
}

/// `GET /api/v1/alerts.csv`.
pub(super) async fn table(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Answer {
    let asked = AlertQuery::parse(query.as_deref())?;
    let text = shared
        .ask(move |history| {
            let mut text = csv::head();
            let mut rows = 0;
            history.walk(&asked.filter, asked.after, &mut |_, alert| {
                csv::row(&alert, &mut text);
                rows += 1;
                if rows >= ROWS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            Ok(text)
        })
        .await?;
    let head =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"alerts.csv\"")];
    Ok((head, text).into_response())
}

/// How often each value is there.
type Counted = HashMap<String, u64>;

/// `GET /api/v1/facets`.
pub(super) async fn facets(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Answer {
    let asked = AlertQuery::parse(query.as_deref())?;
    let mut names: HashMap<String, String> = HashMap::new();
    let [mut models, mut rules, mut levels, mut techniques, mut statuses, mut lives] = [(); 6].map(|()| Counted::new());
    let (counted, names) = shared
        .ask(move |history| {
            history.walk(&asked.filter, None, &mut |_, alert| {
                let count = |into: &mut Counted, value: String| *into.entry(value).or_default() += 1;
                if let Some(name) = alert.model.name {
                    count(&mut models, name);
                }
                names.insert(alert.rule.id.clone(), alert.rule.name);
                count(&mut rules, alert.rule.id);
                count(&mut levels, alert.level);
                count(&mut statuses, alert.status);
                count(&mut lives, alert.life.state);
                for technique in alert.techniques {
                    count(&mut techniques, technique);
                }
                ControlFlow::Continue(())
            })?;
            Ok(([models, rules, levels, techniques, statuses, lives], names))
        })
        .await?;
    let [models, rules, levels, techniques, statuses, lives] = counted.map(most_first);
    let named = |(id, count): &(String, u64)| json!([id, names.get(id), count]);
    json_answer(&json!({
        "models": models,
        "rules": rules.iter().map(named).collect::<Vec<Value>>(),
        "levels": levels,
        "techniques": techniques,
        "statuses": statuses,
        "lives": lives,
    }))
}

fn most_first(counted: Counted) -> Vec<(String, u64)> {
    let mut all: Vec<(String, u64)> = counted.into_iter().collect();
    all.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    all.truncate(FACET);
    all
}

/// Counts alerts of a filter by something, for other pages.
pub(super) async fn count_by(
    shared: &Shared,
    filter: AlertFilter,
    mut note: impl FnMut(Summary) + Send + 'static,
) -> Result<(), Problem> {
    let walked = shared.ask(move |history| {
        history.walk(&filter, None, &mut |_, alert| {
            note(alert);
            ControlFlow::Continue(())
        })
    });
    walked.await.map(drop)
}

fn members(summary: &Summary) -> Map<String, Value> {
    match serde_json::to_value(summary) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

pub(super) fn alert_id(text: &str) -> Result<AlertId, Problem> {
    let is_id = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(AlertId).ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::not_found("there is no such alert in the history")
}
