//! What may be asked for: the shape of an exception, within bounds. Whether its rules are there is not known here.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::alert::harmless;
use crate::console::problem::Problem;
use crate::console::query::written_time;
use crate::model::Timestamp;

/// Most characters of a title, and of a name.
pub(super) const NAME: usize = 200;
/// Most characters of a reason.
const REASON: usize = 2000;
/// Most rules, and most fields.
const MANY: usize = 20;
/// Most characters of a field's name.
const FIELD: usize = 200;
/// Most characters of a value.
const VALUE: usize = 4000;

/// An exception as it comes over the interface.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    title: String,
    rules: Vec<String>,
    fields: BTreeMap<String, String>,
    expires: String,
    reason: String,
    owner: String,
    #[serde(default)]
    also_accepted: bool,
    #[serde(default)]
    alert: Option<String>,
}

/// An exception that could be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) title: String,
    /// Ids or names.
    pub(super) rules: Vec<String>,
    pub(super) fields: Vec<(String, String)>,
    pub(super) expires: Timestamp,
    pub(super) reason: String,
    pub(super) owner: String,
    /// Other rules may be touched.
    pub(super) also_accepted: bool,
    /// The alert that it comes from.
    pub(super) alert: Option<String>,
}

impl Asked {
    pub(super) fn checked(said: Said) -> Result<Self, Problem> {
        let text = |key: &str, text: &str, most: usize| {
            if text.chars().count() > most {
                return Err(Problem::bad_request(format!("{key} has at most {most} characters")));
            }
            let text = harmless(text.trim(), most).trim().to_owned();
            if text.is_empty() { Err(Problem::bad_request(format!("{key} is missing"))) } else { Ok(text) }
        };
        if said.rules.is_empty() || said.rules.len() > MANY {
            return Err(Problem::bad_request(format!("rules has ids or names of rules, from 1 to {MANY}")));
        }
        if said.rules.iter().any(|rule| rule.is_empty() || rule.chars().count() > NAME + 56) {
            return Err(Problem::bad_request("rules has an entry that is no id or name"));
        }
        if said.fields.is_empty() || said.fields.len() > MANY {
            let why =
                format!("fields has names and values, from 1 to {MANY}: an exception is for some events, not for all");
            return Err(Problem::bad_request(why));
        }
        for (field, value) in &said.fields {
            field_name(field)?;
            if value.chars().count() > VALUE {
                return Err(Problem::bad_request(format!("a value of fields has at most {VALUE} characters")));
            }
        }
        Ok(Self {
            title: text("title", &said.title, NAME)?,
            expires: time(&said.expires)?,
            reason: text("reason", &said.reason, REASON)?,
            owner: text("owner", &said.owner, NAME)?,
            rules: said.rules,
            fields: said.fields.into_iter().collect(),
            also_accepted: said.also_accepted,
            alert: said.alert,
        })
    }
}

/// A name that a rule file can spell: white space is no part of a name there, and `|` ends it.
fn field_name(field: &str) -> Result<(), Problem> {
    let wrong = |symbol: char| symbol.is_whitespace() || symbol.is_control() || symbol == '|';
    if field.is_empty() || field == "." || field.chars().count() > FIELD || field.contains(wrong) {
        let why = format!("a field has a name of 1 to {FIELD} characters without spaces and without `|`");
        return Err(Problem::bad_request(why));
    }
    Ok(())
}

/// A time, or a day: the moment at which it begins.
fn time(text: &str) -> Result<Timestamp, Problem> {
    let text = text.trim();
    let time = written_time(text).or_else(|| written_time(&format!("{text}T00:00:00Z")));
    time.ok_or_else(|| Problem::bad_request("expires is no time: write 2026-12-31 or 2026-12-31T08:00:00Z"))
}
