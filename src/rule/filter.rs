//! A filter document: exceptions from detections (RULES 1.5, S18). A detection that a filter applies to matches only where
//! the filter's condition holds as well, so exceptions are written `condition: not selection`. `expires`, `reason` and
//! `owner` are this dialect's: an exception ends by itself, in event time.

use super::correlation::Named;
use super::detection::{canonical, read_logsource, read_searches, versions};
use super::keys::Keys;
use super::meta::Meta;
use super::predicate::Predicate;
use super::selection::{Compiler, MissingTable};
use super::yaml::{Node, Place};
use crate::model::{LogSource, LookupVersion, Timestamp};

/// Keys of this dialect, at the top level.
pub(super) const DIALECT_KEYS: [&str; 3] = ["expires", "reason", "owner"];

/// A parsed filter.
#[derive(Debug, Clone)]
pub struct Filter {
    /// What it says of itself.
    pub meta: Meta,
    /// Where `rules` stands.
    pub place: Place,
    /// Rules of other log sources are left alone.
    pub logsource: LogSource<'static>,
    /// The rules that it applies to; `None` is any of the log source.
    pub rules: Option<Vec<Named>>,
    /// What must hold as well.
    pub predicate: Predicate,
    /// From this event time on it does not apply any more.
    pub expires: Option<Timestamp>,
    /// Why it is there.
    pub reason: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
    /// A text that is equal for two filters of equal meaning.
    pub meaning: String,
    /// Tables that it was compiled with.
    pub lookups: Vec<LookupVersion>,
    /// Placeholders for which there is no table: the filter is inactive.
    pub missing: Vec<MissingTable>,
}

/// Reads a filter document.
pub(super) fn read(document: &Node, meta: Meta, mut compiler: Compiler<'_>) -> Option<Filter> {
    let errors = compiler.diagnostics.errors();
    let logsource = read_logsource(document, compiler.diagnostics);
    let mut keys = Keys::of(document, "a filter", compiler.diagnostics)?;
    warn_undeclared(&mut keys);
    let expires = read_expiry(&mut keys);
    let (reason, owner) = (keys.text("reason").map(str::to_owned), keys.text("owner").map(str::to_owned));
    let node = document.get("filter")?;
    let mut other = refuse_misplaced(node, &mut compiler);
    other.push("rules");
    let rules = read_rules(node, &mut compiler);
    let searched = read_searches(node, "`filter`", &other, &mut compiler)?;
    if !searched.negates {
        let place = node.get("condition").map_or(node.place, |condition| condition.place);
        let help = "to except these events write `condition: not selection`".to_owned();
        let message = "this filter keeps the events that match it, and drops all others";
        compiler.diagnostics.warning(place, "filter-not-negated", message, Some(help));
    }
    let place = node.get("rules").map_or(node.place, |rules| rules.place);
    let clean = compiler.diagnostics.errors() == errors;
    let filter = Filter {
        meta,
        place,
        meaning: format!("{logsource}|{}|{:?}", canonical(node), expires.map(|time| time.0)),
        logsource,
        rules: rules?,
        predicate: searched.predicate,
        expires,
        reason,
        owner,
        lookups: versions(&compiler),
        missing: compiler.missing,
    };
    clean.then_some(filter)
}

/// `any`, or names and ids.
fn read_rules(node: &Node, compiler: &mut Compiler<'_>) -> Option<Option<Vec<Named>>> {
    let mut keys = Keys::of(node, "`filter`", compiler.diagnostics)?;
    let Some(rules) = keys.get("rules").filter(|rules| !rules.is_null()) else {
        let help = "name the rules that it applies to, or write `rules: any`".to_owned();
        keys.diagnostics.error(node.place, "missing-rules", "a filter needs `rules`", Some(help));
        return None;
    };
    let named: Vec<Named> =
        keys.texts("rules").into_iter().map(|(name, place)| Named { name: name.to_owned(), place }).collect();
    match named.as_slice() {
        [only] if only.name.eq_ignore_ascii_case("any") => Some(None),
        [] => {
            let help = "name the rules that it applies to, or write `rules: any`".to_owned();
            keys.diagnostics.error(rules.place, "missing-rules", "the filter applies to no rule", Some(help));
            None
        }
        _ => Some(Some(named)),
    }
}

fn read_expiry(keys: &mut Keys<'_, '_>) -> Option<Timestamp> {
    let text = keys.text("expires")?.trim();
    // a day is over when it begins: an exception should rather end too early
    let time = Timestamp::parse(text).or_else(|_| Timestamp::parse(&format!("{text}T00:00:00Z")));
    if time.is_err() {
        let place = keys.get("expires").map_or(keys.place, |node| node.place);
        let help = "write a time such as '2026-12-31T00:00:00Z'".to_owned();
        keys.diagnostics.error(place, "bad-time", format!("`expires: {text}` is no time"), Some(help));
    }
    time.ok()
}

/// Other tools ignore these keys, so that an exception of theirs never ends: the author should know.
fn warn_undeclared(keys: &mut Keys<'_, '_>) {
    if keys.get("dialect").is_some() {
        return;
    }
    if let Some((key, _)) = keys.entries.iter().find(|(key, _)| key.text() == Some("expires")) {
        let help = "add `dialect: clarion/1` at the top level of the document".to_owned();
        let message = "`expires` is not Sigma: for other tools this filter never ends";
        keys.diagnostics.warning(key.place, "dialect-not-declared", message, Some(help));
    }
}

/// Within `filter` other tools take them for search identifiers. Gives those that stand there.
fn refuse_misplaced<'n>(node: &'n Node, compiler: &mut Compiler<'_>) -> Vec<&'n str> {
    let mut misplaced = Vec::new();
    for (key, value) in node.mapping().unwrap_or_default() {
        let name = key.text().unwrap_or_default();
        if DIALECT_KEYS.contains(&name) && value.text().is_some() {
            let message = format!("`{name}` belongs to the top level of the document, not into `filter`");
            let help = format!("move `{name}` out of `filter`");
            compiler.diagnostics.error(key.place, "misplaced-key", message, Some(help));
            misplaced.push(name);
        }
    }
    misplaced
}
