//! From a wish to a file. Everything is loaded from disk together with the new filter before that is put into place, so that
//! an exception never keeps the rules from loading; one is written after the other.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::asked::Asked;
use super::{ExceptionParts, folder, shown};
use crate::alert::harmless;
use crate::console::problem::Problem;
use crate::model::{Span, Timestamp};
use crate::rule::exception::{Affected, Effect, FilterText, Target, affected, filters, targets};
use crate::rule::explain::every;
use crate::rule::{Diagnostic, LoadOptions, Loaded, RuleRef, RuleSet, Severity, load_with};

/// Most files in the folder.
const FILES: usize = 1000;
/// Most findings of a load that are told.
const FINDINGS: usize = 20;

/// Writes exceptions.
#[derive(Debug)]
pub(in crate::console) struct Writer {
    parts: ExceptionParts,
    changes: Mutex<Changes>,
}

/// What the engine has not taken up yet.
#[derive(Debug, Default)]
struct Changes {
    /// Written, by the ids of their filters.
    written: HashMap<String, (PathBuf, Value)>,
    /// Ended.
    ended: HashSet<String>,
}

/// An exception that was written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) id: String,
    pub(super) file: String,
    pub(super) answer: Value,
}

impl Writer {
    pub(in crate::console) fn new(parts: ExceptionParts) -> Self {
        Self { parts, changes: Mutex::default() }
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes one; gives it with its address.
    pub(super) fn write(
        &self,
        asked: &Asked,
        message: Option<&str>,
        now: Timestamp,
    ) -> Result<(Written, String), Problem> {
        check_end(asked.expires, now, self.parts.longest)?;
        let mut changes = self.changes();
        let files = folder::count(&self.parts.directory).map_err(|error| self.failed(&error))?;
        if files >= FILES {
            let why = format!("there are {files} exceptions already: remove those that have ended");
            return Err(Problem::new(StatusCode::CONFLICT, why));
        }
        let set = self.load(None)?;
        let rules = asked.rules.iter().map(|rule| find(&set, rule)).collect::<Result<Vec<RuleRef>, Problem>>()?;
        let targets = all_targets(&set, &rules, &asked.fields)?;
        let also = others(&set, &rules, &targets)?;
        let also_shown: Vec<Value> = also.iter().map(|one| affected_shown(&set, *one)).collect();
        if !also.is_empty() && !asked.also_accepted {
            let why = "the exception touches other rules as well, which see the same events: accept that with also_accepted, \
                       or write a filter for fewer events";
            return Err(Problem::new(StatusCode::CONFLICT, why).with("also", json!(also_shown)));
        }
        let about = FilterText {
            title: asked.title.clone(),
            id: rand::random::<u128>(),
            description: description(asked, message),
            date: now.to_string().chars().take(10).collect(),
            expires: asked.expires,
            reason: asked.reason.clone(),
            owner: asked.owner.clone(),
        };
        let (documents, ids) = filters(&set, &targets, &about);
        let Some(id) = ids.first().cloned() else {
            return Err(unprocessable("no rule has events to except"));
        };
        let text = folder::sealed(&format!("{}{documents}", comments(&set, asked, &rules, &also, now)));
        let name = folder::file_name(&asked.title, &id);
        let with = self.load(Some((&name, &text)))?;
        check_effect(&set, &targets, &with, &ids)?;
        let place = folder::put(&self.parts.directory, &name, &text).map_err(|error| self.failed(&error))?;
        let file = place.to_string_lossy().into_owned();
        let touches = touched(&set, &targets.iter().map(|target| target.detection).collect());
        let rules_of: Vec<&str> = detections(&set, &targets).map(|rule| rule.card.id.as_str()).collect();
        for (number, id) in ids.iter().enumerate() {
            let title = if ids.len() == 1 { asked.title.clone() } else { format!("{} ({})", asked.title, number + 1) };
            let entry = json!({
                "id": id, "title": title, "rule": rules_of, "touches": touches, "expires": asked.expires.to_string(),
                "reason": asked.reason, "owner": asked.owner, "file": file, "matches": null, "state": "waiting",
                "removable": true,
            });
            changes.written.insert(id.clone(), (place.clone(), entry));
        }
        self.parts.reload.store(true, Ordering::Relaxed);
        let answer = json!({
            "id": id, "file": file, "text": text, "rule": rules_of, "touches": touches, "also": also_shown,
            "expires": asked.expires.to_string(),
        });
        let address = format!("/api/v1/exceptions/{id}");
        Ok((Written { id, file, answer }, address))
    }

    /// Ends one; gives its file.
    pub(super) fn end(&self, id: &str, in_use: Option<&str>) -> Result<String, Problem> {
        let mut changes = self.changes();
        if changes.ended.contains(id) {
            return Err(unknown());
        }
        let file = match (changes.written.get(id), in_use) {
            (Some((file, _)), _) => file.clone(),
            (None, Some(file)) => PathBuf::from(file),
            (None, None) => return Err(unknown()),
        };
        let shown = file.to_string_lossy().into_owned();
        if !folder::is_in(&file, &self.parts.directory) {
            return Err(not_ours(&shown));
        }
        match folder::is_as_written(&file) {
            Ok(true) => {}
            Ok(false) => return Err(not_ours(&shown)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(unknown()),
            Err(error) => return Err(self.failed(&error)),
        }
        folder::remove(&file).map_err(|error| self.failed(&error))?;
        let same: Vec<String> =
            changes.written.iter().filter(|(_, (other, _))| *other == file).map(|(id, _)| id.clone()).collect();
        for id in &same {
            changes.written.remove(id);
        }
        changes.ended.extend(same);
        changes.ended.insert(id.to_owned());
        self.parts.reload.store(true, Ordering::Relaxed);
        Ok(shown)
    }

    /// Whether a filter's file is one that could be ended here; what a person has edited is known only when it is tried.
    pub(super) fn could_end(&self, file: &str) -> bool {
        folder::is_in(Path::new(file), &self.parts.directory)
    }

    /// What was written and is not in use yet, and the ids of what was ended and still is. What the engine has taken up is
    /// forgotten.
    pub(super) fn pending(&self, in_use: &HashSet<&str>) -> (Vec<Value>, HashSet<String>) {
        let mut changes = self.changes();
        changes.written.retain(|id, _| !in_use.contains(id.as_str()));
        changes.ended.retain(|id| in_use.contains(id.as_str()));
        let mut waiting: Vec<Value> = changes.written.values().map(|(_, entry)| entry.clone()).collect();
        waiting.sort_by_key(|entry| entry.get("title").map(ToString::to_string));
        (waiting, changes.ended.clone())
    }

    /// All rules as they are on disk, with a file that is not there yet.
    fn load(&self, with: Option<(&str, &str)>) -> Result<Arc<RuleSet>, Problem> {
        let mut texts = self.parts.options.texts.clone();
        texts.extend(with.map(|(name, text)| (Arc::from(name), text.to_owned())));
        let options = LoadOptions { texts, ..self.parts.options.clone() };
        let Loaded { set, diagnostics, .. } = load_with(&self.parts.rules, &options);
        set.map(Arc::new).ok_or_else(|| {
            let why = if with.is_some() {
                "with this exception the rules do not load"
            } else {
                "the rules as they are on disk do not load: put them right first"
            };
            let is_error = |finding: &&Diagnostic| finding.severity == Severity::Error;
            let found: Vec<String> = diagnostics
                .iter()
                .filter(is_error)
                .take(FINDINGS)
                .map(|finding| harmless(&finding.to_string(), 1000))
                .collect();
            unprocessable(why).with("diagnostics", json!(found))
        })
    }

    fn failed(&self, error: &std::io::Error) -> Problem {
        tracing::error!(directory = %self.parts.directory.display(), %error, "an exception could not be written or removed");
        let (status, why) = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                (StatusCode::INSUFFICIENT_STORAGE, "the disk is full: nothing was changed")
            }
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "the folder of exceptions cannot be used: see the log"),
        };
        Problem::new(status, why)
    }
}

pub(super) fn unknown() -> Problem {
    Problem::not_found("there is no such exception")
}

pub(super) fn not_ours(file: &str) -> Problem {
    let why = format!("{file} was not written here, or was edited since: edit or remove the file itself");
    Problem::new(StatusCode::CONFLICT, why)
}

fn unprocessable(why: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why)
}

fn check_end(expires: Timestamp, now: Timestamp, longest: Span) -> Result<(), Problem> {
    if expires <= now {
        return Err(unprocessable(format!("expires is over: it is {now}")));
    }
    if expires > now.plus(longest) {
        let last = now.plus(longest);
        return Err(unprocessable(format!(
            "expires is too far away: {last} at the latest (console.longest_exception)"
        )));
    }
    Ok(())
}

/// The rule of this id or name.
fn find(set: &RuleSet, name: &str) -> Result<RuleRef, Problem> {
    let is_it =
        |rule: &RuleRef| set.card(*rule).is_some_and(|card| card.id == name || card.name.as_deref() == Some(name));
    every(set)
        .find(is_it)
        .ok_or_else(|| unprocessable(format!("no rule that runs has the id or name `{}`", harmless(name, 300))))
}

fn all_targets(set: &RuleSet, rules: &[RuleRef], fields: &[(String, String)]) -> Result<Vec<Target>, Problem> {
    let mut all: Vec<Target> = Vec::new();
    for rule in rules {
        let own = targets(set, *rule, fields).map_err(|reason| unprocessable(harmless(&reason.to_string(), 1000)))?;
        all.extend(own);
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// The rules that are touched without being asked for.
fn others(set: &RuleSet, rules: &[RuleRef], targets: &[Target]) -> Result<Vec<Affected>, Problem> {
    let detections = targets.iter().map(|target| target.detection).collect();
    let (asked, also): (Vec<Affected>, Vec<Affected>) =
        affected(set, &detections).into_iter().partition(|one| rules.contains(&one.rule));
    if let Some(worse) = asked.iter().find(|one| one.effect == Effect::More) {
        let title = set.card(worse.rule).map_or("", |card| card.title.as_str());
        let why = format!("`{}` would alert more often: it expects these events", harmless(title, 300));
        return Err(unprocessable(why));
    }
    Ok(also.into_iter().filter(|one| one.speaks).collect())
}

/// The detections that a filter is on, and every rule above them that alerts or writes values.
pub(super) fn touched(set: &RuleSet, detections: &foldhash::HashSet<usize>) -> Vec<Value> {
    let is_told = |one: &Affected| one.speaks || matches!(one.rule, RuleRef::Detection(_));
    affected(set, detections).into_iter().filter(is_told).map(|one| affected_shown(set, one)).collect()
}

fn affected_shown(set: &RuleSet, one: Affected) -> Value {
    let mut members = set.card(one.rule).map(|card| shown(card)).unwrap_or_default();
    members.insert("effect".to_owned(), Value::from(one.effect.name()));
    Value::Object(members)
}

fn detections<'s>(set: &'s RuleSet, targets: &'s [Target]) -> impl Iterator<Item = &'s crate::rule::DetectionRule> {
    targets.iter().filter_map(|target| set.detections.get(target.detection))
}

/// The filters must apply to what they were written for: a log source that does not fit is no error of a rule file.
fn check_effect(set: &RuleSet, targets: &[Target], with: &RuleSet, ids: &[String]) -> Result<(), Problem> {
    let is_ours = |filter: &usize| with.filters.get(*filter).is_some_and(|filter| ids.contains(&filter.id));
    for wanted in detections(set, targets) {
        let found = with.detections.iter().find(|rule| rule.card.id == wanted.card.id);
        if !found.is_some_and(|rule| rule.filters.iter().any(is_ours)) {
            let why = "no filter applies to the rule `{}`: give it an id or a name";
            return Err(unprocessable(why.replace("{}", &harmless(&wanted.card.title, 300))));
        }
    }
    Ok(())
}

fn description(asked: &Asked, message: Option<&str>) -> String {
    match (&asked.alert, message) {
        (Some(id), Some(message)) => format!("Because of alert {id}: {}", harmless(message, 300)),
        _ => "Asked for without an alert.".to_owned(),
    }
}

/// What a reviewer wants to know and no key of a filter holds.
fn comments(set: &RuleSet, asked: &Asked, rules: &[RuleRef], also: &[Affected], now: Timestamp) -> String {
    let title = |rule: RuleRef| set.card(rule).map_or_else(String::new, |card| harmless(&card.title, 200));
    let mut lines = vec![
        format!("Written by the console at {now} for {}.", asked.owner),
        format!(
            "From events of {} on it means nothing. To end it earlier, end it in the console or remove this file.",
            asked.expires
        ),
        "Whoever edits it owns it: the console does not remove it then.".to_owned(),
    ];
    lines.extend(rules.iter().map(|rule| format!("Asked for: {}", title(*rule))));
    lines.extend(also.iter().take(FINDINGS).map(|one| {
        let effect = match one.effect {
            Effect::Fewer => "fewer alerts",
            Effect::More => "more alerts",
            Effect::Changed => "other values",
        };
        format!("Touches as well: {} ({effect})", title(one.rule))
    }));
    lines.iter().map(|line| format!("# {line}\n")).collect()
}
