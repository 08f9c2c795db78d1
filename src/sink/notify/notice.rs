//! What is said of an alert in a notification: its document's words, made short and harmless, and where to read on. Also the names of
//! the variables that a template has.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::matching::models;
use super::route::News;
use crate::model::{Alert, Level, harmless};
use crate::sink::{Content, Document};

/// Characters of a title or a name.
const NAME: usize = 200;
/// Characters of a sentence.
const SENTENCE: usize = 1000;
/// Characters of an address.
const ADDRESS: usize = 500;
/// Entries of a list.
const LISTED: usize = 20;

/// A rule.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RuleNotice {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
}

/// A tactic or technique of MITRE ATLAS or ATT&CK.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Technique {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) url: String,
}

/// A field that the alert is grouped by.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FieldNotice {
    pub(super) name: String,
    pub(super) value: String,
}

/// An alert, as a template sees it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Notice {
    pub(super) id: String,
    pub(super) revision: u64,
    pub(super) status: &'static str,
    /// `opened`, `updated`, `closed` or `retracted`.
    pub(super) news: News,
    pub(super) level: Level,
    pub(super) rule: RuleNotice,
    pub(super) reason: String,
    pub(super) models: Vec<String>,
    pub(super) group: Vec<FieldNotice>,
    pub(super) count: u64,
    pub(super) suppressed: u64,
    pub(super) risk_score: u8,
    pub(super) time: String,
    pub(super) first_seen: String,
    pub(super) last_seen: String,
    pub(super) techniques: Vec<Technique>,
    pub(super) triage: Vec<String>,
    pub(super) falsepositives: Vec<String>,
    /// Where to read on: the rule's references that are addresses of the web.
    pub(super) references: Vec<String>,
    /// The alert in the console; empty without `console_url`.
    pub(super) url: String,
    /// The whole document; only of alerts that are told in full.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(super) document: Value,
}

/// All of a message: the variables of a template.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Told {
    /// What it is about, in a line.
    pub(super) title: String,
    /// The highest level of its alerts.
    pub(super) level: Level,
    /// Name of the sink.
    pub(super) sink: String,
    /// What its alerts have in common: a word of `group_by` and its value.
    pub(super) group: BTreeMap<String, String>,
    /// Number of alerts, those of `more` among them.
    pub(super) count: usize,
    pub(super) alerts: Vec<Notice>,
    /// Alerts of other groups, which the limit has held back.
    pub(super) more: Vec<Notice>,
    /// The same for the same revisions of the same alerts.
    pub(super) identity: String,
    /// Identities of messages that the first revisions of these alerts were alone in, or would have been.
    #[serde(skip)]
    pub(super) threads: Vec<String>,
    /// Nothing has happened: somebody tries the route.
    pub(super) is_test: bool,
}

impl Notice {
    /// What is said of a document; nothing if it is no alert. `in_full` brings the document along.
    pub(super) fn of(document: &Document, console: Option<&str>, in_full: bool) -> Option<Self> {
        let Content::Alert(alert) = &document.content else { return None };
        let body: Value = serde_json::from_str(&document.body).unwrap_or_default();
        let rule = &alert.rule;
        let name = |text: &str| harmless(text, NAME);
        let names = |texts: &[String]| texts.iter().take(LISTED).map(|text| name(text)).collect();
        let sentences = |texts: &[String]| texts.iter().take(LISTED).map(|text| harmless(text, SENTENCE)).collect();
        let reason = body.pointer("/event/reason").and_then(Value::as_str).unwrap_or(&rule.title);
        Some(Self {
            id: alert.id.to_string(),
            revision: alert.revision,
            status: alert.status.name(),
            news: News::of(alert),
            level: rule.level,
            rule: RuleNotice {
                id: name(&rule.id),
                title: name(&rule.title),
                name: rule.name.as_deref().map(name).unwrap_or_default(),
                description: harmless(rule.description.as_deref().unwrap_or_default(), SENTENCE),
                tags: names(&rule.tags),
            },
            reason: harmless(reason, SENTENCE),
            models: names(&models(alert)),
            group: group(alert),
            count: alert.count,
            suppressed: alert.suppressed,
            risk_score: rule.risk_score.min(100),
            time: alert.time.to_string(),
            first_seen: alert.first_seen.to_string(),
            last_seen: alert.last_seen.to_string(),
            techniques: techniques(&body),
            triage: sentences(&rule.triage),
            falsepositives: sentences(&rule.falsepositives),
            references: rule.references.iter().filter(|text| is_address(text)).take(LISTED).cloned().collect(),
            url: console
                .map(|base| format!("{}/#/alerts/{}", base.trim_end_matches('/'), alert.id))
                .unwrap_or_default(),
            document: if in_full { body } else { Value::Null },
        })
    }

    /// `[HIGH] Title`, and what has become of it.
    pub(super) fn headline(&self) -> String {
        let news = match self.news {
            News::Opened => "",
            News::Updated => "Updated: ",
            News::Closed => "Closed: ",
            News::Retracted => "Retracted: ",
        };
        format!("[{}] {news}{}", self.level.name().to_uppercase(), self.rule.title)
    }

    /// How often, and from when until when.
    pub(super) fn extent(&self) -> String {
        let short = |time: &str| time.get(..19).unwrap_or(time).replace('T', " ");
        let (first, last) = (short(&self.first_seen), short(&self.last_seen));
        let times = if self.count == 1 { "1 event".to_owned() } else { format!("{} events", self.count) };
        if first == last { format!("{times}, {first} UTC") } else { format!("{times}, {first} to {last} UTC") }
    }
}

impl Told {
    /// Puts a message together. The words of the group are made harmless here.
    pub(super) fn new(sink: &str, group: Vec<(String, String)>, alerts: Vec<Notice>, more: Vec<Notice>) -> Self {
        let all = || alerts.iter().chain(&more);
        let level = all().map(|notice| notice.level).max().unwrap_or(Level::Informational);
        let mut revisions: Vec<String> = all().map(|notice| format!("{}.{}", notice.id, notice.revision)).collect();
        revisions.sort_unstable();
        let identity = match revisions.as_slice() {
            [only] => only.clone(),
            several => super::sign::fingerprint(several.join("\n").as_bytes()),
        };
        let threads =
            all().map(|notice| format!("{}.1", notice.id)).filter(|thread| *thread != identity).take(LISTED).collect();
        Self {
            title: title(level, &alerts, more.len()),
            level,
            sink: sink.to_owned(),
            group: group.into_iter().map(|(word, value)| (harmless(&word, NAME), harmless(&value, NAME))).collect(),
            count: alerts.len() + more.len(),
            alerts,
            more,
            identity,
            threads,
            is_test: false,
        }
    }

    /// The same, marked so that nobody can take it for something that has happened.
    pub(super) fn into_test(mut self) -> Self {
        self.title = format!("TEST, nothing has happened: {}", self.title);
        for notice in self.alerts.iter_mut().chain(&mut self.more) {
            notice.reason =
                format!("This is a test of the route \"{}\". Nothing has happened. {}", self.sink, notice.reason);
            notice.rule.title = format!("TEST: {}", notice.rule.title);
        }
        self.is_test = true;
        self
    }
}

fn title(level: Level, alerts: &[Notice], more: usize) -> String {
    let mut title = match alerts {
        [] => "No alert".to_owned(),
        [only] => match only.models.as_slice() {
            [] => only.headline(),
            [model, others @ ..] => {
                let others = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
                format!("{}: {model}{others}", only.headline())
            }
        },
        [first, ..] => {
            let same = alerts.iter().all(|notice| notice.rule.id == first.rule.id);
            let of = if same { first.rule.title.clone() } else { format!("{} and others", first.rule.title) };
            format!("[{}] {} alerts: {of}", level.name().to_uppercase(), alerts.len())
        }
    };
    if more > 0 {
        title.push_str(&format!(" (and {more} more)"));
    }
    harmless(&title, SENTENCE)
}

fn group(alert: &Alert) -> Vec<FieldNotice> {
    let field = |(name, value): &(String, Option<String>)| FieldNotice {
        name: harmless(name, NAME),
        value: harmless(value.as_deref().unwrap_or("unknown"), NAME),
    };
    alert.group.iter().take(LISTED).map(field).collect()
}

/// ATLAS and ATT&CK, from the parallel lists of ECS `threat`: techniques, else tactics.
fn techniques(body: &Value) -> Vec<Technique> {
    let list = |kind: &str, key: &str| -> Vec<String> {
        let values = body.pointer(&format!("/threat/{kind}/{key}")).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_str).map(|text| harmless(text, ADDRESS)).collect()
    };
    let of = |kind: &str| -> Vec<Technique> {
        let (names, urls) = (list(kind, "name"), list(kind, "reference"));
        let mut names = names.into_iter();
        let mut urls = urls.into_iter();
        let entry = |id| Technique { id, name: names.next().unwrap_or_default(), url: urls.next().unwrap_or_default() };
        list(kind, "id").into_iter().take(LISTED).map(entry).collect()
    };
    let techniques = of("technique");
    if techniques.is_empty() { of("tactic") } else { techniques }
}

/// Whether a text is an address that may become a link: of the web, and with nothing in it that ends a link or an attribute.
fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.len() <= ADDRESS
        && text.chars().all(|symbol| symbol.is_ascii_graphic() && !"<>|\"'`\\()[]{}".contains(symbol))
}
