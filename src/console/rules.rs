//! `/api/v1/rules`: the rules that are in use, what they say, and how often they have alerted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use serde_json::{Map, Value, json};

use super::alerts::count_by;
use super::history::AlertFilter;
use super::id::Id;
use super::problem::{Answer, Problem, json_answer};
use super::state::Shared;
use crate::model::RuleCard;
use crate::pipeline::StatusDetails;
use crate::rule::explain::{every, explain};
use crate::rule::{Loaded, RuleRef, RuleSet};

/// The texts of the rules by the names of their files.
pub type RuleTexts = BTreeMap<Arc<str>, String>;

/// How often a rule has alerted, and the time of its newest alert.
type Alerted = HashMap<String, (u64, String)>;

/// `GET /api/v1/rules`.
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Answer {
    let Some((set, details)) = in_use(&shared) else { return json_answer(&json!({"rules": []})) };
    let alerted = alerted(&shared, AlertFilter::default()).await?;
    let mut seen = HashSet::new();
    let cards = every(&set).filter_map(|rule| set.card(rule).map(|card| (rule, card)));
    let rules: Vec<Map<String, Value>> = cards
        .filter(|(_, card)| seen.insert(card.id.clone()))
        .map(|(rule, card)| short(&shared, (&set, &details), rule, card, &alerted))
        .collect();
    json_answer(&json!({"rules": rules}))
}

/// `GET /api/v1/rules/{id}`.
pub(super) async fn one(State(shared): State<Arc<Shared>>, Id(id): Id) -> Answer {
    let unknown = || Problem::not_found("no rule in use has this id");
    let (set, details) = in_use(&shared).ok_or_else(unknown)?;
    let found = every(&set).find(|rule| set.card(*rule).is_some_and(|card| card.id == id)).ok_or_else(unknown)?;
    let card = set.card(found).ok_or_else(unknown)?;
    let alerted = alerted(&shared, AlertFilter { rules: vec![id], ..AlertFilter::default() }).await?;
    let mut shown = short(&shared, (&set, &details), found, card, &alerted);
    let text = shared.rules.get(card.file.as_str());
    let loaded = Loaded { sources: shared.rules.clone(), ..Loaded::default() };
    let explanation = explain(&set, &loaded, found);
    let mut lines = explanation.sentences;
    lines.extend(
        explanation
            .looks_for
            .iter()
            .flat_map(|part| part.lines(None))
            .map(|line| format!("{}{}", "  ".repeat(line.depth), line.words)),
    );
    let tests: Vec<Value> = set
        .tests
        .iter()
        .filter(|test| test.rule == card.id)
        .map(|test| {
            let alerts = test.case.expect.len();
            let expect = match (&test.case.metrics, alerts) {
                (Some(values), 0) => format!("{} values", values.len()),
                (_, 0) => "no alert".to_owned(),
                (_, 1) => "1 alert".to_owned(),
                (_, many) => format!("{many} alerts"),
            };
            json!({"name": test.case.name, "expect": expect})
        })
        .collect();
    let techniques: Vec<String> = card.tags.iter().filter_map(|tag| technique(tag)).collect();
    for (key, value) in [
        ("description", json!(card.description)),
        ("explanation", json!(lines)),
        ("triage", json!(card.triage)),
        ("references", json!(card.references)),
        ("falsepositives", json!(card.falsepositives)),
        ("techniques", json!(techniques)),
        ("tags", json!(card.tags)),
        ("source", json!(text)),
        ("tests", json!(tests)),
    ] {
        shown.insert(key.to_owned(), value);
    }
    json_answer(&shown)
}

/// The rules that are in use, and what was gathered with them.
fn in_use(shared: &Shared) -> Option<(Arc<RuleSet>, Arc<StatusDetails>)> {
    let details = shared.status.latest()?.details;
    Some((details.rules.clone()?, details))
}

async fn alerted(shared: &Shared, filter: AlertFilter) -> Result<Alerted, Problem> {
    let counted: Arc<Mutex<Alerted>> = Arc::default();
    let into = Arc::clone(&counted);
    count_by(shared, filter, move |alert| {
        if let Ok(mut counted) = into.lock() {
            // the newest comes first
            counted.entry(alert.rule.id).or_insert((0, alert.time)).0 += 1;
        }
    })
    .await?;
    Ok(counted.lock().map(|counted| counted.clone()).unwrap_or_default())
}

fn short(
    shared: &Shared,
    (set, details): (&RuleSet, &StatusDetails),
    rule: RuleRef,
    card: &RuleCard,
    alerted: &Alerted,
) -> Map<String, Value> {
    let work = match rule {
        RuleRef::Detection(index) => details.work.0.get(index),
        RuleRef::Correlation(index) => details.work.1.get(index),
    };
    let is_metric = matches!(rule, RuleRef::Correlation(index)
        if set.correlations.get(index).is_some_and(|rule| rule.metric.is_some()));
    let is_detection = matches!(rule, RuleRef::Detection(_));
    let kind = match (is_metric, is_detection) {
        (true, _) => "metric",
        (_, true) => "detection",
        _ => "correlation",
    };
    let text = shared.rules.get(card.file.as_str());
    let line = text.and_then(|text| {
        let ends = [&card.id, card.name.as_ref().unwrap_or(&card.id)];
        let names = |line: &str| ends.iter().any(|end| line.trim_end().ends_with(end.as_str()));
        text.lines().position(|line| (line.starts_with("id:") || line.starts_with("name:")) && names(line))
    });
    let (alerts, last) = alerted.get(&card.id).map_or((0, None), |(count, last)| (*count, Some(last)));
    let tests = set.tests.iter().filter(|test| test.rule == card.id).count();
    let value = json!({
        "id": card.id,
        "name": card.name,
        "title": card.title,
        "kind": kind,
        "type": (!is_detection).then_some(&card.kind),
        "level": card.level.name(),
        "status": card.status,
        "file": card.file,
        "line": line.map(|line| line + 1),
        "alerts": alerts,
        "last_alert": last,
        "looked_at": work.map(|work| work.looked_at),
        "matches": work.map(|work| work.matched),
        "groups": work.filter(|_| !is_detection).map(|work| work.groups),
        "tests": tests,
    });
    if let Value::Object(members) = value { members } else { Map::new() }
}

/// `AML.T0018` of `atlas.aml.t0018`, `T1562` of `attack.t1562`.
fn technique(tag: &str) -> Option<String> {
    let upper = tag.to_ascii_uppercase();
    let id = upper.strip_prefix("ATLAS.").or_else(|| upper.strip_prefix("ATTACK."))?;
    let number = id.strip_prefix("AML.").unwrap_or(id).strip_prefix('T')?;
    number.starts_with(|digit: char| digit.is_ascii_digit()).then(|| id.to_owned())
}
