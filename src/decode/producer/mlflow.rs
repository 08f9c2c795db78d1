//! MLflow registry webhooks (read off MLflow 3.17.2): fifteen kinds of events, all with what they are about in `data`.
//! They carry no actor. A deployment to production is an alias that is created.

use crate::decode::Format;
use crate::decode::error::DecodeError;
use crate::decode::json::Value;
use crate::model::LogSource;

use super::Origin::{Constant, Derived, Paths};
use super::{Described, Emit, Facts, Producer, assessment, no_batch};

const ENTITY: usize = 0;
const ACTION: usize = 1;
const TIMESTAMP: usize = 2;
const DATA: usize = 3;
const NAME: usize = 4;
const VERSION: usize = 5;
const ALIAS: usize = 6;
const KEY: usize = 7;
const VALUE: usize = 8;
const DESCRIPTION: usize = 9;
const SCOPE: usize = 10;
const TARGET: usize = 11;

/// Every event: its entity, its action, and both in one word.
const EVENTS: [(&str, &str, &str); 15] = [
    ("registered_model", "created", "registered_model.created"),
    ("model_version", "created", "model_version.created"),
    ("model_version_tag", "set", "model_version_tag.set"),
    ("model_version_tag", "deleted", "model_version_tag.deleted"),
    ("model_version_alias", "created", "model_version_alias.created"),
    ("model_version_alias", "deleted", "model_version_alias.deleted"),
    ("prompt", "created", "prompt.created"),
    ("prompt_version", "created", "prompt_version.created"),
    ("prompt_tag", "set", "prompt_tag.set"),
    ("prompt_tag", "deleted", "prompt_tag.deleted"),
    ("prompt_version_tag", "set", "prompt_version_tag.set"),
    ("prompt_version_tag", "deleted", "prompt_version_tag.deleted"),
    ("prompt_alias", "created", "prompt_alias.created"),
    ("prompt_alias", "deleted", "prompt_alias.deleted"),
    ("budget_policy", "exceeded", "budget_policy.exceeded"),
];

pub(in crate::decode) static MLFLOW: Producer = Producer {
    prefix: "mlflow",
    logsource: LogSource::of("model_registry", "mlflow", "webhook"),
    captures: &[
        &["entity"],
        &["action"],
        &["timestamp"],
        &["data"],
        &["data", "name"],
        &["data", "version"],
        &["data", "alias"],
        &["data", "key"],
        &["data", "value"],
        &["data", "description"],
        &["data", "target_scope"],
        &["data", "target_value"],
    ],
    fields: &[
        ("event.action", Derived(action)),
        ("event.outcome", Constant("success")),
        ("event.dataset", Constant("aigov.model_registry")),
        ("event.provider", Constant("mlflow")),
        ("aigov.model.name", Derived(|facts, out| of_model(facts, out, NAME))),
        ("aigov.model.version", Derived(|facts, out| of_model(facts, out, VERSION))),
        ("aigov.model.alias", Derived(|facts, out| of_model(facts, out, ALIAS))),
        ("aigov.model.description", Derived(|facts, out| of_model(facts, out, DESCRIPTION))),
        ("aigov.model.tag.key", Derived(|facts, out| of_model(facts, out, KEY))),
        ("aigov.model.tag.value", Derived(|facts, out| of_model(facts, out, VALUE))),
        ("aigov.model.source", Paths(&[&["data", "source"]])),
        ("aigov.model.run_id", Paths(&[&["data", "run_id"]])),
        ("aigov.prompt.name", Derived(|facts, out| of_prompt(facts, out, NAME))),
        ("aigov.prompt.version", Derived(|facts, out| of_prompt(facts, out, VERSION))),
        ("aigov.prompt.alias", Derived(|facts, out| of_prompt(facts, out, ALIAS))),
        ("aigov.prompt.tag.key", Derived(|facts, out| of_prompt(facts, out, KEY))),
        ("aigov.prompt.tag.value", Derived(|facts, out| of_prompt(facts, out, VALUE))),
        ("aigov.budget.policy_id", Paths(&[&["data", "budget_policy_id"]])),
        ("aigov.budget.amount", Paths(&[&["data", "budget_amount"]])),
        ("aigov.budget.spend", Paths(&[&["data", "current_spend"]])),
        ("aigov.budget.scope", Paths(&[&["data", "target_scope"]])),
        ("aigov.budget.target", Paths(&[&["data", "target_value"]])),
        ("aigov.endpoint.id", Derived(|facts, out| target_of(facts, out, "ENDPOINT"))),
        ("user.name", Derived(|facts, out| target_of(facts, out, "USER"))),
        ("aigov.assessment.kind", Derived(assessment_kind)),
        ("aigov.assessment.outcome", Derived(assessment_outcome)),
    ],
    batch: no_batch,
    describe,
};

fn event(facts: &Facts<'_, '_>) -> Option<&'static str> {
    let (entity, action) = (facts.text(ENTITY)?, facts.text(ACTION)?);
    EVENTS.iter().find(|(known, verb, _)| *known == entity && *verb == action).map(|(_, _, name)| *name)
}

fn describe<'a>(facts: &Facts<'_, 'a>) -> Result<Described<'a>, DecodeError> {
    let wrong = |problem: &str| DecodeError::WrongSchema { expected: "an MLflow webhook", problem: problem.to_owned() };
    let string = |index| facts.get(index).and_then(Value::string);
    let entity = string(ENTITY).ok_or_else(|| wrong("`entity` is missing or no text"))?;
    let action = string(ACTION).ok_or_else(|| wrong("`action` is missing or no text"))?;
    if !facts.get(DATA).is_some_and(Value::is_object) {
        return Err(wrong("`data` is missing or no object"));
    }
    if event(facts).is_none() {
        return Err(DecodeError::UnknownEvent {
            producer: Format::MlflowWebhook.name(),
            event: format!("{entity}.{action}").chars().take(120).collect(),
            known: EVENTS.map(|(_, _, name)| name).join(", "),
        });
    }
    // The delivery id is the same on every retry.
    Ok(Described { time: facts.word(TIMESTAMP), id: facts.context.header("x-mlflow-delivery-id") })
}

fn action<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    if let Some(name) = event(facts) {
        out.text(name);
    }
}

/// A member of `data`, in events about models.
fn of_model<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>, index: usize) {
    let is_model = facts.text(ENTITY).is_some_and(|entity| entity.contains("model"));
    if let Some(value) = facts.get(index).filter(|_| is_model) {
        out.value(value);
    }
}

/// A member of `data`, in events about prompts.
fn of_prompt<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>, index: usize) {
    let is_prompt = facts.text(ENTITY).is_some_and(|entity| entity.starts_with("prompt"));
    if let Some(value) = facts.get(index).filter(|_| is_prompt) {
        out.value(value);
    }
}

/// Whom a budget policy is about, when it is about one of that scope.
fn target_of<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>, scope: &str) {
    let is_of_scope = facts.text(SCOPE).is_some_and(|text| text.eq_ignore_ascii_case(scope));
    if let Some(target) = facts.get(TARGET).filter(|_| is_of_scope) {
        out.value(target);
    }
}

/// The assessment that a tag on a model version records, such as `risk_assessment=pass`.
fn tagged_assessment(facts: &Facts<'_, '_>) -> Option<(&'static str, &'static str)> {
    if event(facts)? != "model_version_tag.set" {
        return None;
    }
    Some((assessment::kind(facts.text(KEY)?)?, assessment::outcome(facts.text(VALUE)?)?))
}

fn assessment_kind<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    if let Some((kind, _)) = tagged_assessment(facts) {
        out.text(kind);
    }
}

fn assessment_outcome<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    if let Some((_, outcome)) = tagged_assessment(facts) {
        out.text(outcome);
    }
}
