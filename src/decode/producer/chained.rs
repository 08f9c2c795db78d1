//! Hash-chained decision logs: `{seq, ts, actor, action, subject, payload, prev_hash, hash}`, where `hash` is the SHA-256
//! of the canonical form (RFC 8785) of the record without it. Only the record itself is checked here; that records follow
//! each other without gaps is for rules, which see `sequence`, `hash` and `previous_hash`.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::decode::canonical_json::canonical_without;
use crate::decode::error::DecodeError;
use crate::decode::json::Value;
use crate::model::LogSource;

use super::Origin::{Constant, Derived, Paths};
use super::{Described, Emit, Facts, Producer, assessment, decision_action, no_batch, scalar_text};

const SEQ: usize = 0;
const TS: usize = 1;
const ACTOR: usize = 2;
const ACTION: usize = 3;
const SUBJECT: usize = 4;
const PAYLOAD: usize = 5;
const HASH: usize = 6;

pub(in crate::decode) static CHAINED: Producer = Producer {
    prefix: "decision_log",
    logsource: LogSource::of("human_decision", "decision_log", "decision_log"),
    captures: &[&["seq"], &["ts"], &["actor"], &["action"], &["subject"], &["payload"], &["hash"]],
    fields: &[
        ("event.action", Derived(|facts, out| out.text(decision_action(kind(facts))))),
        ("event.outcome", Constant("success")),
        ("event.dataset", Constant("aigov.human_decision")),
        ("event.provider", Constant("decision_log")),
        ("user.name", Paths(&[&["actor", "name"], &["actor", "id"], &["actor", "email"], &["actor"]])),
        ("user.email", Derived(actor_email)),
        ("user.id", Paths(&[&["actor", "id"]])),
        ("aigov.model.name", Derived(|facts, out| model(facts, out, "name", Part::Name))),
        ("aigov.model.version", Derived(|facts, out| model(facts, out, "version", Part::Version))),
        ("aigov.model.alias", Paths(&[&["payload", "model", "alias"], &["payload", "alias"]])),
        ("aigov.model.stage", Paths(&[&["payload", "model", "stage"], &["payload", "stage"]])),
        (
            "aigov.endpoint.id",
            Paths(&[&["payload", "endpoint", "id"], &["payload", "endpoint"], &["payload", "endpoint_id"]]),
        ),
        ("aigov.policy.name", Paths(&[&["payload", "policy", "name"], &["payload", "policy"]])),
        ("aigov.ticket.id", Paths(&[&["payload", "ticket", "id"], &["payload", "ticket"], &["payload", "ticket_id"]])),
        ("aigov.decision.id", Paths(&[&["payload", "decision_id"], &["payload", "id"], &["hash"]])),
        ("aigov.decision.kind", Derived(|facts, out| out.text(kind(facts)))),
        (
            "aigov.decision.outcome",
            Derived(|facts, out| out.text(assessment::decision_outcome(kind(facts), said(facts).as_deref()))),
        ),
        (
            "aigov.decision.approver",
            Paths(&[&["payload", "approver"], &["actor", "email"], &["actor", "name"], &["actor", "id"], &["actor"]]),
        ),
        (
            "aigov.decision.reason",
            Paths(&[&["payload", "reason"], &["payload", "justification"], &["payload", "comment"]]),
        ),
        ("aigov.decision.subject", Paths(&[&["subject", "id"], &["subject", "name"], &["subject"]])),
        (
            "aigov.decision.reviewed_id",
            Paths(&[&["payload", "reviewed_id"], &["payload", "reviews"], &["payload", "reviewed_decision_id"]]),
        ),
        ("aigov.decision.sequence", Paths(&[&["seq"]])),
        ("aigov.decision.hash", Paths(&[&["hash"]])),
        ("aigov.decision.previous_hash", Paths(&[&["prev_hash"]])),
        (
            "aigov.decision.chain_valid",
            Derived(|facts, out| {
                out.flag(is_intact(facts));
            }),
        ),
        (
            "aigov.assessment.kind",
            Derived(|facts, out| {
                if let Some((kind, _)) = assessed(facts) {
                    out.text(kind);
                }
            }),
        ),
        (
            "aigov.assessment.outcome",
            Derived(|facts, out| {
                if let Some((_, outcome)) = assessed(facts) {
                    out.text(outcome);
                }
            }),
        ),
        ("aigov.assessment.id", Paths(&[&["payload", "assessment_id"]])),
        ("aigov.assessment.risk_score", Paths(&[&["payload", "risk_score"]])),
        (
            "aigov.assessment.approver",
            Derived(|facts, out| {
                let of_payload = || facts.get(PAYLOAD)?.get("approver");
                if assessed(facts).is_some()
                    && let Some(approver) = of_payload().as_ref().and_then(scalar_text).or_else(|| actor(facts))
                {
                    out.text(approver);
                }
            }),
        ),
    ],
    batch: no_batch,
    describe,
};

fn describe<'a>(facts: &Facts<'_, 'a>) -> Result<Described<'a>, DecodeError> {
    let wrong = |problem: &str| DecodeError::WrongSchema {
        expected: "an entry of a hash-chained decision log",
        problem: problem.to_owned(),
    };
    if facts.get(SEQ).and_then(Value::number).is_none() {
        return Err(wrong("`seq` is missing or no number"));
    }
    for (index, name) in [(ACTION, "action"), (HASH, "hash")] {
        if facts.get(index).and_then(Value::string).is_none() {
            return Err(wrong(&format!("`{name}` is missing or no text")));
        }
    }
    Ok(Described { time: facts.word(TS), id: facts.word(HASH) })
}

fn kind(facts: &Facts<'_, '_>) -> &'static str {
    assessment::decision_kind(facts.text(ACTION).unwrap_or(""))
}

/// What the entry says of the decision's outcome.
fn said<'a>(facts: &Facts<'_, 'a>) -> Option<Cow<'a, str>> {
    let payload = facts.get(PAYLOAD)?;
    ["outcome", "decision", "result", "status"].iter().find_map(|key| scalar_text(&payload.get(key)?))
}

/// The assessment that the entry records, such as `action: risk_assessment` with `payload.outcome: pass`.
fn assessed(facts: &Facts<'_, '_>) -> Option<(&'static str, &'static str)> {
    let kind = assessment::kind(facts.text(ACTION)?)?;
    Some((kind, said(facts).as_deref().and_then(assessment::outcome).unwrap_or("pending")))
}

/// Who acted: a text, or an object with an e-mail address, a name or an id.
fn actor<'a>(facts: &Facts<'_, 'a>) -> Option<Cow<'a, str>> {
    let actor = facts.get(ACTOR)?;
    scalar_text(actor).or_else(|| ["email", "name", "id"].iter().find_map(|key| scalar_text(&actor.get(key)?)))
}

fn actor_email<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    let email = facts.get(ACTOR).and_then(|actor| scalar_text(&actor.get("email")?)).or_else(|| facts.word(ACTOR));
    if let Some(email) = email.filter(|text| text.contains('@')) {
        out.text(email);
    }
}

/// Part of a subject, `model/version`.
#[derive(Debug, Clone, Copy)]
enum Part {
    Name,
    Version,
}

/// The model that the entry is about: `payload.model.name`, `payload.model_name`, `payload.model`, `subject.name`, or
/// else the subject itself, which may be `name/version`.
fn model<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>, key: &str, part: Part) {
    let payload = facts.get(PAYLOAD);
    let of_payload = || {
        let payload = payload?;
        let model = payload.get("model");
        let named = payload.get(&format!("model_{key}"));
        let inner = model.as_ref().and_then(|model| model.get(key)).or(named);
        let whole = model.filter(|_| matches!(part, Part::Name));
        inner.as_ref().and_then(scalar_text).or_else(|| whole.as_ref().and_then(scalar_text))
    };
    let of_subject = || match facts.get(SUBJECT)? {
        subject @ Value::Object(_) => scalar_text(&subject.get(key)?),
        subject => {
            let text = scalar_text(subject)?;
            let cut = text.rfind('/');
            match (cut, part) {
                (Some(at), Part::Name) => Some(super::part_of(&text, |text| text.get(..at).unwrap_or(""))),
                (Some(at), Part::Version) => Some(super::part_of(&text, |text| text.get(at + 1..).unwrap_or(""))),
                (None, Part::Name) => Some(text),
                (None, Part::Version) => None,
            }
        }
    };
    if let Some(text) = of_payload().or_else(of_subject).filter(|text| !text.is_empty()) {
        out.text(text);
    }
}

/// Whether the entry's hash is that of its canonical form. An entry that has none (a key twice, a number that is none) is
/// not intact.
fn is_intact(facts: &Facts<'_, '_>) -> bool {
    let Some(claimed) = facts.text(HASH) else { return false };
    let Some(canonical) = canonical_without(facts.document, "hash") else { return false };
    let mut hash = String::with_capacity(64);
    for byte in Sha256::digest(canonical.as_bytes()) {
        let _ = write!(hash, "{byte:02x}");
    }
    claimed.strip_prefix("sha256:").unwrap_or(claimed).eq_ignore_ascii_case(&hash)
}
