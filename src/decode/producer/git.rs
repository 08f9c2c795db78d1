//! Commits of a decision repository, as JSON lines made from `git log`: signature status, author, subject and trailers.
//! Author and committer are whatever the committer typed; only the signature tells who it was.

use std::borrow::Cow;

use crate::decode::error::DecodeError;
use crate::decode::json::Value;
use crate::model::LogSource;

use super::Origin::{Constant, Derived, Paths};
use super::{Described, Emit, Facts, Producer, assessment, decision_action, no_batch, scalar_text};

const COMMIT: usize = 0;
const STATUS: usize = 1;
const SIGNER: usize = 2;
const COMMIT_DATE: usize = 3;
const AUTHOR_DATE: usize = 4;
const AUTHOR_EMAIL: usize = 5;
const SUBJECT: usize = 6;
const TRAILERS: usize = 7;
const PARENTS: usize = 8;

pub(in crate::decode) static GIT: Producer = Producer {
    prefix: "git",
    logsource: LogSource::of("human_decision", "git", "decision_log"),
    captures: &[
        &["commit"],
        &["sig_status"],
        &["signer"],
        &["commit_date"],
        &["author_date"],
        &["author_email"],
        &["subject"],
        &["trailers"],
        &["parents"],
    ],
    fields: &[
        ("event.action", Derived(|facts, out| out.text(decision_action(kind(facts))))),
        ("event.outcome", Constant("success")),
        ("event.dataset", Constant("aigov.human_decision")),
        ("event.provider", Constant("git")),
        ("user.name", Paths(&[&["author_name"]])),
        ("user.email", Paths(&[&["author_email"]])),
        ("message", Paths(&[&["subject"]])),
        ("aigov.model.name", Derived(|facts, out| trailer(facts, out, &["Model"]))),
        ("aigov.model.version", Derived(|facts, out| trailer(facts, out, &["Model-Version"]))),
        ("aigov.model.alias", Derived(|facts, out| trailer(facts, out, &["Model-Alias", "Alias"]))),
        ("aigov.model.stage", Derived(|facts, out| trailer(facts, out, &["Model-Stage", "Stage"]))),
        ("aigov.endpoint.id", Derived(|facts, out| trailer(facts, out, &["Endpoint"]))),
        ("aigov.policy.name", Derived(|facts, out| trailer(facts, out, &["Policy"]))),
        ("aigov.ticket.id", Derived(ticket)),
        ("aigov.decision.id", Paths(&[&["commit"]])),
        ("aigov.decision.kind", Derived(|facts, out| out.text(kind(facts)))),
        (
            "aigov.decision.outcome",
            Derived(|facts, out| {
                out.text(assessment::decision_outcome(kind(facts), find(facts, &["Outcome"]).as_deref()));
            }),
        ),
        ("aigov.decision.approver", Derived(approver)),
        ("aigov.decision.reason", Derived(|facts, out| trailer(facts, out, &["Reason", "Justification"]))),
        ("aigov.decision.subject", Derived(|facts, out| trailer(facts, out, &["Subject", "Model", "Endpoint"]))),
        (
            "aigov.decision.reviewed_id",
            Derived(|facts, out| trailer(facts, out, &["Reviews", "Reviewed-Decision", "Decision-Id"])),
        ),
        ("aigov.decision.signature", Derived(signature)),
        ("aigov.decision.hash", Paths(&[&["commit"]])),
        ("aigov.decision.previous_hash", Derived(previous)),
        (
            "aigov.assessment.kind",
            Derived(|facts, out| assessments(facts).into_iter().for_each(|(kind, _)| out.text(kind))),
        ),
        ("aigov.assessment.outcome", Derived(assessment_outcome)),
        ("aigov.assessment.id", Derived(|facts, out| trailer(facts, out, &["Assessment-Id"]))),
        ("aigov.assessment.risk_score", Derived(|facts, out| trailer(facts, out, &["Risk-Score"]))),
        (
            "aigov.assessment.approver",
            Derived(|facts, out| {
                if !assessments(facts).is_empty() {
                    approver(facts, out);
                }
            }),
        ),
    ],
    batch: no_batch,
    describe,
};

fn describe<'a>(facts: &Facts<'_, 'a>) -> Result<Described<'a>, DecodeError> {
    let wrong = |problem: &str| DecodeError::WrongSchema {
        expected: "a commit of a decision log",
        problem: problem.to_owned(),
    };
    if facts.get(COMMIT).and_then(Value::string).is_none() {
        return Err(wrong("`commit` is missing or no text"));
    }
    if facts.get(STATUS).and_then(Value::string).is_none() {
        return Err(wrong("`sig_status` is missing or no text"));
    }
    Ok(Described { time: facts.word(COMMIT_DATE).or_else(|| facts.word(AUTHOR_DATE)), id: facts.word(COMMIT) })
}

/// Names and values of the trailers, which come as an object or as `git log` prints them: lines, or fields between
/// record separators.
fn trailers<'a>(facts: &Facts<'_, 'a>) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
    let mut all = Vec::new();
    match facts.get(TRAILERS) {
        Some(Value::Scalar(text)) => {
            for line in text.as_text().unwrap_or("").split(['\n', '\u{1e}']) {
                if let Some((name, value)) = line.split_once(':') {
                    all.push((Cow::Owned(name.trim().to_owned()), Cow::Owned(value.trim().to_owned())));
                }
            }
        }
        Some(object) => {
            for (name, value) in object.members() {
                for element in value.elements() {
                    all.extend(scalar_text(&element).map(|text| (name.clone(), text)));
                }
                all.extend(scalar_text(&value).map(|text| (name, text)));
            }
        }
        None => {}
    }
    all
}

/// The value of the first of these trailers that is there. Names compare without regard to case, as git has it.
fn find<'a>(facts: &Facts<'_, 'a>, names: &[&str]) -> Option<Cow<'a, str>> {
    let all = trailers(facts);
    let value_of =
        |name: &&str| all.iter().find(|(trailer, value)| trailer.eq_ignore_ascii_case(name) && !value.is_empty());
    names.iter().find_map(value_of).map(|(_, value)| value.clone())
}

fn trailer<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>, names: &[&str]) {
    if let Some(value) = find(facts, names) {
        out.text(value);
    }
}

/// What kind of decision the commit records: its `Decision` trailer, else a review if it has an assessment's trailer.
fn kind(facts: &Facts<'_, '_>) -> &'static str {
    match find(facts, &["Decision"]) {
        Some(decision) => assessment::decision_kind(&decision),
        None if assessments(facts).is_empty() => "other",
        None => "review",
    }
}

/// Assessments that the commit records: `Decision: risk-assessment` with `Outcome: pass`, or `Risk-Assessment: pass`.
fn assessments(facts: &Facts<'_, '_>) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for (name, value) in trailers(facts) {
        let named = if name.eq_ignore_ascii_case("Decision") {
            let said = find(facts, &["Outcome"]);
            assessment::kind(&value)
                .map(|kind| (kind, said.as_deref().and_then(assessment::outcome).unwrap_or("pending")))
        } else {
            assessment::kind(&name).zip(assessment::outcome(&value))
        };
        if let Some(named) = named.filter(|named| !found.contains(named)) {
            found.push(named);
        }
    }
    found
}

/// Of several assessments the worst outcome, so that a failed one is never taken for a pass because another passed.
fn assessment_outcome<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    let found = assessments(facts);
    if let Some(worst) = ["fail", "pending", "pass"].into_iter().find(|word| found.iter().any(|(_, said)| said == word))
    {
        out.text(worst);
    }
}

/// The principal whose key signed, if that is known; else whom the commit claims, which `signature` says not to believe.
fn approver<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    let signer = facts.word(SIGNER).filter(|_| facts.text(STATUS) == Some("G"));
    let claimed = || find(facts, &["Approver", "Approved-By"]).or_else(|| facts.word(AUTHOR_EMAIL));
    if let Some(approver) = signer.or_else(claimed) {
        out.text(approver);
    }
}

/// `%G?` in words. An unlisted key gives U, which is how a forged approver looks.
fn signature<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    out.text(match facts.text(STATUS) {
        Some("G") => "valid",
        Some("U") => "unknown_signer",
        Some("N") => "unsigned",
        Some("B") => "invalid",
        Some("X" | "Y") => "expired",
        Some("R") => "revoked",
        _ => "unverifiable",
    });
}

/// The first parent.
fn previous<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    let parents =
        facts.word(PARENTS).map(|parents| super::part_of(&parents, |text| text.split(' ').next().unwrap_or("")));
    if let Some(parent) = parents.filter(|parent| !parent.is_empty()) {
        out.text(parent);
    }
}

/// The `Ticket` trailer, else the key that the subject begins with, `AIGOV-1432: approve …`.
fn ticket<'a>(facts: &Facts<'_, 'a>, out: &mut Emit<'_, 'a>) {
    fn is_key(word: &str) -> bool {
        word.split_once('-').is_some_and(|(project, number)| {
            project.starts_with(|symbol: char| symbol.is_ascii_uppercase())
                && project.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    }
    let leading = || {
        let word = super::part_of(&facts.word(SUBJECT)?, |text| text.split([':', ' ']).next().unwrap_or(""));
        Some(word).filter(|word| is_key(word))
    };
    if let Some(id) = find(facts, &["Ticket", "Issue"]).or_else(leading) {
        out.text(id);
    }
}
