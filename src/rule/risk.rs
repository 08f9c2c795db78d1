//! `risk`: what an alert of the rule weighs, and on whom (RULES S17).

use super::diagnostic::Diagnostics;
use super::keys::Keys;
use super::number::Number;
use super::yaml::{Node, Value};
use crate::model::{Alert, Level, RiskEntity};

/// Most entities of a rule.
const MOST_ENTITIES: usize = 16;
/// Most values of one entity in an alert, as with group keys (RULES S5).
const MOST_VALUES: usize = 64;
/// Longest type of an entity, in characters.
const LONGEST_TYPE: usize = 64;

/// What a document says under `risk`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Risk {
    /// 0 to 100; without one it follows from the level.
    pub score: Option<u8>,
    /// Whom it falls on.
    pub entities: Vec<RiskEntity>,
}

impl Risk {
    /// The score of an alert of this level.
    #[must_use]
    pub fn score(&self, level: Level) -> u8 {
        self.score.unwrap_or_else(|| level.risk_score())
    }
}

/// Reads the `risk` of a document. What is wrong with it becomes a finding.
pub(super) fn read(document: &Node, diagnostics: &mut Diagnostics) -> Option<Risk> {
    let (key, node) = document.mapping()?.iter().find(|(key, _)| key.text() == Some("risk"))?;
    if document.get("dialect").is_none() {
        let help = "add `dialect: clarion/1` at the top level of the document".to_owned();
        let message = "`risk` is not Sigma: it belongs to the dialect clarion/1";
        diagnostics.error(key.place, "dialect-not-declared", message, Some(help));
    }
    for (other, reason) in [("filter", "a filter raises no alert"), ("metric", "a metric raises no alert")] {
        if document.get(other).is_some() {
            let message = format!("`risk` does nothing here: {reason}");
            diagnostics.error(key.place, "key-without-effect", message, Some("leave it out".to_owned()));
        }
    }
    let mut keys = Keys::of(node, "`risk`", diagnostics)?;
    keys.refuse_unknown("`risk`", &["score", "entities"]);
    Some(Risk { score: read_score(&mut keys), entities: read_entities(&mut keys) })
}

fn read_score(keys: &mut Keys<'_, '_>) -> Option<u8> {
    let node = keys.get("score")?;
    let number = match &node.value {
        Value::Scalar { text, plain: true } => Number::parse_yaml(text),
        _ => None,
    };
    match number {
        None => {
            let kind = node.kind();
            keys.wrong(node.place, "score", "a whole number from 0 to 100", kind);
            None
        }
        Some(Number::Integer(score)) if (0..=100).contains(&score) => u8::try_from(score).ok(),
        Some(_) => {
            let text = node.text().unwrap_or_default();
            let message = format!("the score {text} is no whole number from 0 to 100");
            keys.diagnostics.error(node.place, "bad-risk", message, None);
            None
        }
    }
}

fn read_entities(keys: &mut Keys<'_, '_>) -> Vec<RiskEntity> {
    let Some(node) = keys.get("entities") else { return Vec::new() };
    let Some(items) = node.sequence() else {
        keys.wrong(node.place, "entities", "a list of entities with `type` and `field`", node.kind());
        return Vec::new();
    };
    if items.is_empty() || items.len() > MOST_ENTITIES {
        let message = format!("a rule has 1 to {MOST_ENTITIES} entities, not {}", items.len());
        let help = "write who the risk falls on, such as {type: model, field: aigov.model.name}".to_owned();
        keys.diagnostics.error(node.place, "bad-risk", message, Some(help));
    }
    items.iter().filter_map(|item| read_entity(item, keys.diagnostics)).collect()
}

fn read_entity(node: &Node, diagnostics: &mut Diagnostics) -> Option<RiskEntity> {
    let mut keys = Keys::of(node, "an entity", diagnostics)?;
    keys.refuse_unknown("an entity", &["type", "field"]);
    let mut text = |key: &str, help: &str| {
        let Some(found) = keys.get(key) else {
            let message = format!("an entity needs a `{key}`");
            keys.diagnostics.error(node.place, "bad-risk", message, Some(help.to_owned()));
            return None;
        };
        let text = keys.text(key)?;
        if text.trim().is_empty() {
            let message = format!("the `{key}` of the entity is empty");
            keys.diagnostics.error(found.place, "bad-risk", message, Some(help.to_owned()));
            return None;
        }
        Some((text.to_owned(), found.place))
    };
    let kind = text("type", "write what it is, such as `type: model`");
    let field = text("field", "write the field that holds its name, such as `field: aigov.model.name`");
    let ((kind, place), (field, _)) = (kind?, field?);
    if kind.chars().count() > LONGEST_TYPE {
        let message = format!("the `type` of an entity has at most {LONGEST_TYPE} characters");
        diagnostics.error(place, "text-too-long", message, None);
    }
    Some(RiskEntity { kind, field })
}

/// Whom an alert is about: type and name of each entity, in the order of the rule, each once. A name is the group's value
/// of the field, else its different values in the evidence, at most 64.
#[must_use]
pub fn entities(alert: &Alert) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for entity in &alert.rule.entities {
        let of_group = alert.group.iter().find(|(name, _)| *name == entity.field);
        let names: Vec<String> = match of_group {
            Some((_, value)) => value.iter().cloned().collect(),
            None => of_evidence(alert, &entity.field),
        };
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            let one = (entity.kind.clone(), name);
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all
}

fn of_evidence(alert: &Alert, field: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let fields = alert.evidence.iter().flat_map(|event| &event.fields).filter(|(name, _)| name == field);
    for name in fields.flat_map(|(_, values)| values).filter_map(canonical) {
        if names.len() == MOST_VALUES {
            break;
        }
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The text by which a value is a key (RULES S5).
fn canonical(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Bool(value) => Some(value.to_string()),
        serde_json::Value::Number(number) => {
            let text = number.to_string();
            Some(Number::parse(&text).map_or(text, Number::canonical))
        }
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    }
}
