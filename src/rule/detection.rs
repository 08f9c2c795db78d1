//! A detection document: log source, search identifiers and condition, compiled to a [`Predicate`].

use std::borrow::Cow;

use super::condition::{self, Condition};
use super::diagnostic::Diagnostics;
use super::keys::Keys;
use super::meta::Meta;
use super::predicate::Predicate;
use super::satisfiable::{Truth, judge};
use super::selection::{Compiler, MissingTable, all_of, any_of};
use super::yaml::{Node, Place, Value};
use crate::model::{LogSource, LookupVersion};

/// Most tests of one rule, after its identifiers have been put into its condition.
const MOST_TESTS: usize = 1_000_000;

/// A parsed detection rule.
#[derive(Debug, Clone)]
pub struct Detection {
    /// What it says of itself.
    pub meta: Meta,
    /// Where its title stands.
    pub place: Place,
    /// Which events it looks at.
    pub logsource: LogSource<'static>,
    /// What it looks for.
    pub predicate: Predicate,
    /// Alerts by itself although a correlation refers to it.
    pub generate: bool,
    /// A text that is equal for two rules of equal meaning: part of an alert's identity.
    pub meaning: String,
    /// Tables that it was compiled with.
    pub lookups: Vec<LookupVersion>,
    /// Placeholders for which there is no table: the rule is inactive (RULES S18).
    pub missing: Vec<MissingTable>,
}

/// Search identifiers joined by a condition.
pub(super) struct Searched {
    pub(super) predicate: Predicate,
    /// Some identifier is negated.
    pub(super) negates: bool,
}

/// Reads a detection document. Fields are allotted slots in the compiler's table.
pub(super) fn read(document: &Node, meta: Meta, mut compiler: Compiler<'_>) -> Option<Detection> {
    let errors = compiler.diagnostics.errors();
    let mut keys = Keys::of(document, "a rule", compiler.diagnostics)?;
    let generate = keys.boolean("generate").unwrap_or(false);
    let logsource = read_logsource(document, compiler.diagnostics);
    let node = document.get("detection")?;
    let searched = read_searches(node, "`detection`", &[], &mut compiler);
    let meaning = format!("{logsource}|{}", canonical(node));
    let clean = compiler.diagnostics.errors() == errors;
    let detection = Detection {
        meta,
        place: document.place,
        logsource,
        predicate: searched?.predicate,
        generate,
        meaning,
        lookups: versions(&compiler),
        missing: compiler.missing,
    };
    clean.then_some(detection)
}

/// The tables that were compiled in.
pub(super) fn versions(compiler: &Compiler<'_>) -> Vec<LookupVersion> {
    let version = |(name, version): (&String, &String)| LookupVersion { name: name.clone(), version: version.clone() };
    compiler.tables.iter().map(version).collect()
}

/// Reads the `logsource` of a document.
pub(super) fn read_logsource(document: &Node, diagnostics: &mut Diagnostics) -> LogSource<'static> {
    let Some(node) = document.get("logsource") else {
        let help = "add `logsource:` with category, product or service".to_owned();
        diagnostics.error(document.place, "missing-logsource", "a detection needs a `logsource`", Some(help));
        return LogSource::default();
    };
    let Some(mut keys) = Keys::of(node, "`logsource`", diagnostics) else { return LogSource::default() };
    keys.warn_misspelt(&["category", "product", "service", "definition"]);
    let mut word = |name: &str| keys.text(name).map(|text| Cow::Owned(text.to_owned()));
    LogSource { category: word("category"), product: word("product"), service: word("service") }
}

/// Reads search identifiers and the condition over them; keys in `other` are somebody else's.
pub(super) fn read_searches(node: &Node, what: &str, other: &[&str], compiler: &mut Compiler<'_>) -> Option<Searched> {
    let entries = Keys::of(node, what, compiler.diagnostics)?.entries;
    let mut names = Vec::new();
    let mut places = Vec::new();
    let mut predicates = Vec::new();
    for (key, value) in entries {
        let name = key.text().unwrap_or_default();
        if matches!(name, "condition" | "timeframe") || other.contains(&name) {
            continue;
        }
        names.push(name.to_owned());
        places.push(key.place);
        predicates.push(compiler.selection(value));
    }
    if let Some((key, _)) = entries.iter().find(|(key, _)| key.text() == Some("timeframe")) {
        let help = "write a correlation document with a `timespan`".to_owned();
        compiler.diagnostics.error(key.place, "old-aggregation", "`timeframe` is not part of Sigma 2", Some(help));
    }
    let Some(condition) = node.get("condition") else {
        let help = "add `condition: selection`".to_owned();
        let message = format!("{what} needs a `condition`");
        compiler.diagnostics.error(node.place, "missing-condition", message, Some(help));
        return None;
    };
    let conditions = read_conditions(condition, &names, compiler.diagnostics);
    let mut used = vec![false; names.len()];
    let mut tests = 0_usize;
    for condition in &conditions {
        condition.visit(&mut |index| {
            if let Some(used) = used.get_mut(index) {
                *used = true;
            }
            tests = tests.saturating_add(predicates.get(index).map_or(0, Predicate::size));
        });
    }
    if tests > MOST_TESTS {
        let message = format!("the condition makes {tests} tests of this rule, more than {MOST_TESTS}");
        let help = "name each identifier once, or split the rule".to_owned();
        compiler.diagnostics.error(condition.place, "rule-too-large", message, Some(help));
        return None;
    }
    // a condition that does not parse uses nothing
    let all_parsed = !conditions.is_empty() && condition.sequence().map_or(1, <[Node]>::len) == conditions.len();
    for ((name, place), _) in names.iter().zip(places).zip(used).filter(|(_, used)| all_parsed && !*used) {
        let message = format!("the condition does not use `{name}`");
        compiler.diagnostics.warning(place, "unused-selection", message, None);
    }
    let negates = conditions.iter().any(Condition::negates);
    let alternatives = conditions.iter().map(|condition| substitute(condition, &predicates)).collect();
    Some(Searched { predicate: any_of(alternatives), negates })
}

/// One condition, or a list of which any may hold (RULES A21: one alert an event all the same).
fn read_conditions(node: &Node, names: &[String], diagnostics: &mut Diagnostics) -> Vec<Condition> {
    let texts: Vec<&Node> = node.sequence().map_or_else(|| vec![node], |items| items.iter().collect());
    if texts.is_empty() {
        let help = "write `condition: selection`".to_owned();
        diagnostics.error(node.place, "missing-condition", "an empty list of conditions", Some(help));
    }
    let mut conditions = Vec::new();
    for text in texts {
        let Some(words) = text.text().filter(|_| !text.is_null()) else {
            diagnostics.error(text.place, "wrong-type", format!("a condition is a text, not {}", text.kind()), None);
            continue;
        };
        match condition::parse(words, names) {
            Ok(condition) => {
                match judge(&condition) {
                    Truth::Never => {
                        let message = "the condition can never be true";
                        diagnostics.error(text.place, "never-true", message, None);
                    }
                    Truth::Always => {
                        let message = "the condition is true of every event of the log source";
                        diagnostics.warning(text.place, "always-true", message, None);
                    }
                    Truth::Sometimes => {}
                }
                conditions.push(condition);
            }
            Err(error) => diagnostics.error(text.place, error.code, error.message, error.help),
        }
    }
    conditions
}

fn substitute(condition: &Condition, predicates: &[Predicate]) -> Predicate {
    let all = |parts: &[Condition]| parts.iter().map(|part| substitute(part, predicates)).collect::<Vec<_>>();
    match condition {
        Condition::Is(index) => predicates.get(*index).cloned().unwrap_or(Predicate::Constant(false)),
        Condition::And(parts) => all_of(all(parts)),
        Condition::Or(parts) => any_of(all(parts)),
        Condition::Not(part) => Predicate::Not(Box::new(substitute(part, predicates))),
    }
}

/// A text that is equal for two trees of equal content, whatever their layout.
pub(super) fn canonical(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, plain } => format!("{}{text:?}", if *plain { "" } else { "'" }),
        Value::Sequence(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Mapping(entries) => {
            let mut parts: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}:{}", canonical(key), canonical(value))).collect();
            parts.sort();
            format!("{{{}}}", parts.join(","))
        }
    }
}
