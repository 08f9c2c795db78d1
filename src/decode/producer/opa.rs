//! Decision log events of Open Policy Agent (`EventV1`): one, an array of them as the agent posts it, or one line of the
//! console plugin. A decision without a result is undefined, and an undefined decision denies.

use crate::decode::error::DecodeError;
use crate::decode::json::Value;
use crate::model::{LogSource, Scalar};

use super::Origin::{Constant, Derived, Paths};
use super::{Described, Emit, Facts, Producer, no_batch, part_of};

const DECISION_ID: usize = 0;
const TIMESTAMP: usize = 1;
const TIME: usize = 2;
const PATH: usize = 3;
const QUERY: usize = 4;
const RESULT: usize = 5;
const MAPPED_RESULT: usize = 6;
const ERROR: usize = 7;
const REVISION: usize = 8;
const BUNDLES: usize = 9;

pub(in crate::decode) static OPA: Producer = Producer {
    prefix: "opa",
    logsource: LogSource::of("policy_decision", "opa", "decision_log"),
    captures: &[
        &["decision_id"],
        &["timestamp"],
        &["time"],
        &["path"],
        &["query"],
        &["result"],
        &["mapped_result"],
        &["error"],
        &["revision"],
        &["bundles"],
    ],
    fields: &[
        ("event.action", Constant("policy.decision")),
        ("event.outcome", Derived(event_outcome)),
        ("event.dataset", Constant("aigov.policy_decision")),
        ("event.provider", Constant("opa")),
        ("aigov.decision.id", Paths(&[&["decision_id"]])),
        ("aigov.decision.kind", Constant("policy")),
        ("aigov.decision.outcome", Derived(decision_outcome)),
        (
            "aigov.decision.reason",
            Paths(&[
                &["result", "reason"],
                &["result", "reasons"],
                &["result", "message"],
                &["result", "violations"],
                &["result", "deny"],
                &["error", "message"],
            ]),
        ),
        ("aigov.policy.name", Derived(policy_name)),
        ("aigov.policy.revision", Derived(policy_revision)),
        (
            "aigov.endpoint.id",
            Paths(&[
                &["input", "endpoint", "id"],
                &["input", "endpoint"],
                &["input", "endpoint_id"],
                &["labels", "endpoint"],
                &["labels", "app"],
            ]),
        ),
        (
            "aigov.model.name",
            Paths(&[
                &["input", "model", "name"],
                &["input", "model_name"],
                &["input", "model", "id"],
                &["input", "resource", "model"],
                &["input", "model"],
            ]),
        ),
        (
            "aigov.model.version",
            Paths(&[&["input", "model", "version"], &["input", "model_version"], &["input", "resource", "version"]]),
        ),
        ("aigov.model.alias", Paths(&[&["input", "model", "alias"], &["input", "model_alias"], &["input", "alias"]])),
        ("aigov.model.stage", Paths(&[&["input", "model", "stage"], &["input", "stage"]])),
        (
            "user.name",
            Paths(&[
                &["input", "user", "name"],
                &["input", "user", "id"],
                &["input", "user"],
                &["input", "subject", "user"],
                &["input", "subject"],
                &["input", "principal"],
            ]),
        ),
        ("user.email", Paths(&[&["input", "user", "email"], &["input", "subject", "email"]])),
        ("user.id", Paths(&[&["input", "user", "id"], &["input", "user_id"]])),
        ("source.address", Paths(&[&["requested_by"]])),
        ("trace.id", Paths(&[&["trace_id"]])),
        ("span.id", Paths(&[&["span_id"]])),
    ],
    batch: no_batch,
    describe,
};

fn describe<'a>(facts: &Facts<'_, 'a>) -> Result<Described<'a>, DecodeError> {
    let wrong =
        |problem: &str| DecodeError::WrongSchema { expected: "an OPA decision log event", problem: problem.to_owned() };
    if facts.get(DECISION_ID).and_then(Value::string).is_none() {
        return Err(wrong("`decision_id` is missing or no text"));
    }
    if facts.get(TIMESTAMP).or_else(|| facts.get(TIME)).is_none() {
        return Err(wrong("`timestamp` is missing"));
    }
    Ok(Described { time: facts.word(TIMESTAMP).or_else(|| facts.word(TIME)), id: facts.word(DECISION_ID) })
}

/// What a decision came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Allow,
    Deny,
    Other,
}

impl Verdict {
    fn of(allows: bool) -> Self {
        if allows { Self::Allow } else { Self::Deny }
    }
}

/// Rules whose truth forbids: `deny`, `violation[msg]` and the like.
fn forbids(rule: &str) -> bool {
    matches!(rule, "deny" | "denied" | "denies" | "violation" | "violations" | "block" | "blocked" | "forbid")
}

fn verdict(facts: &Facts<'_, '_>) -> Verdict {
    let rule = facts.text(PATH).map_or("", |path| path.trim_end_matches('/').rsplit('/').next().unwrap_or(""));
    // A `result` of null is there but says nothing: undefined, like one that is missing.
    let Some(result) = facts.get(RESULT).or_else(|| facts.get(MAPPED_RESULT)) else { return Verdict::Deny };
    match interpret(result, forbids(rule)) {
        Verdict::Other => facts.get(MAPPED_RESULT).map_or(Verdict::Other, |mapped| interpret(mapped, forbids(rule))),
        known => known,
    }
}

/// Reads a result as a verdict. `forbidding`: it is the value of a rule whose truth (or whose members) forbid.
fn interpret(result: &Value<'_>, forbidding: bool) -> Verdict {
    interpret_at(result, forbidding, 0)
}

/// Objects within objects are read two deep: `{"decision": {"allow": false}}`.
fn interpret_at(result: &Value<'_>, forbidding: bool, level: u8) -> Verdict {
    match result {
        Value::Scalar(Scalar::Bool(value)) => Verdict::of(*value != forbidding),
        Value::Scalar(Scalar::Text(text)) => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Verdict::of(!forbidding),
            "false" => Verdict::of(forbidding),
            "allow" | "allowed" | "permit" | "permitted" | "approved" | "yes" | "pass" => Verdict::Allow,
            "deny" | "denied" | "block" | "blocked" | "reject" | "rejected" | "forbidden" | "no" | "fail" => {
                Verdict::Deny
            }
            _ => Verdict::Other,
        },
        // A set of messages: `deny` with members forbids, without members does not.
        Value::Array(_) if forbidding => Verdict::of(result.elements().next().is_none()),
        Value::Object(_) if level < 2 => of_object(result, level + 1),
        _ => Verdict::Other,
    }
}

/// Reads a result object: what forbids beats what allows.
fn of_object(result: &Value<'_>, level: u8) -> Verdict {
    let mut found = Verdict::Other;
    for (key, value) in result.members() {
        let read = match key.as_ref() {
            "allow" | "allowed" | "decision" | "permitted" | "outcome" | "verdict" | "authorized" => {
                interpret_at(&value, false, level)
            }
            rule if forbids(rule) => match interpret_at(&value, true, level) {
                Verdict::Deny => Verdict::Deny,
                // An empty `deny` allows only if nothing else says what the decision is.
                Verdict::Allow if found == Verdict::Other => Verdict::Allow,
                _ => continue,
            },
            _ => continue,
        };
        match read {
            Verdict::Deny => return Verdict::Deny,
            Verdict::Allow => found = Verdict::Allow,
            Verdict::Other => {}
        }
    }
    found
}

fn decision_outcome<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    out.text(match verdict(facts) {
        Verdict::Allow => "allow",
        Verdict::Deny => "deny",
        Verdict::Other => "other",
    });
}

fn event_outcome<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    out.text(match verdict(facts) {
        _ if facts.get(ERROR).is_some() => "unknown",
        Verdict::Allow => "success",
        Verdict::Deny => "failure",
        Verdict::Other => "unknown",
    });
}

/// The path without outer slashes, `http/example/authz/allow`; for an ad-hoc query its text.
fn policy_name<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    let path = facts.word(PATH).map(|path| part_of(&path, |text| text.trim_matches('/')));
    match path.filter(|path| !path.is_empty()) {
        Some(path) => out.text(path),
        None => {
            if let Some(query) = facts.get(QUERY) {
                out.value(query);
            }
        }
    }
}

/// The revision of every bundle, or the one revision of older agents.
fn policy_revision<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    if let Some(revision) = facts.get(REVISION) {
        return out.value(revision);
    }
    for (_, bundle) in facts.get(BUNDLES).into_iter().flat_map(Value::members) {
        if let Some(revision) = bundle.get("revision") {
            out.value(&revision);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &'static str, forbidding: bool) -> Verdict {
        let value = match json.as_bytes()[0] {
            b'{' => Value::Object(json),
            b'[' => Value::Array(json),
            b'"' => Value::Scalar(Scalar::Text(json.trim_matches('"').into())),
            b't' => Value::Scalar(Scalar::Bool(true)),
            b'f' => Value::Scalar(Scalar::Bool(false)),
            _ => Value::Scalar(Scalar::Number(json)),
        };
        interpret(&value, forbidding)
    }

    #[test]
    fn every_shape_of_a_result_is_read() {
        for (json, forbidding, expected) in [
            ("true", false, Verdict::Allow),
            ("false", false, Verdict::Deny),
            ("true", true, Verdict::Deny),
            ("\"true\"", false, Verdict::Allow),
            ("\"Denied\"", false, Verdict::Deny),
            ("\"maybe\"", false, Verdict::Other),
            ("[\"no reviewer\"]", true, Verdict::Deny),
            ("[]", true, Verdict::Allow),
            ("[\"a\"]", false, Verdict::Other),
            ("{\"allow\":true}", false, Verdict::Allow),
            ("{\"allowed\":false,\"reason\":\"x\"}", false, Verdict::Deny),
            ("{\"decision\":\"allow\"}", false, Verdict::Allow),
            ("{\"allow\":true,\"deny\":[\"x\"]}", false, Verdict::Deny),
            ("{\"deny\":[],\"allow\":false}", false, Verdict::Deny),
            ("{\"violations\":[]}", false, Verdict::Allow),
            ("{\"decision\":{\"allow\":false}}", false, Verdict::Deny),
            ("{\"score\":3}", false, Verdict::Other),
            ("3", false, Verdict::Other),
        ] {
            assert_eq!(read(json, forbidding), expected, "{json} {forbidding}");
        }
    }
}
