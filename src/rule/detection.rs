//! A detection document: log source, search identifiers and condition, compiled to a [`Predicate`].

use std::borrow::Cow;

use std::net::IpAddr;

use ipnet::IpNet;
use regex::RegexBuilder;

use super::condition::{self, Condition};
use super::diagnostic::Diagnostics;
use super::keys::Keys;
use super::meta::Meta;
use super::modifier::{self, Kind, Modifiers};
use super::number::Number;
use super::pattern::{Anchoring, Pattern, fold};
use super::predicate::{Keyword, Predicate, Test};
use super::yaml::{Node, Place, Value};
use crate::model::{FieldTable, LogSource};

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
}

/// Reads a detection document. Fields are allotted slots in `fields`.
pub(super) fn read(
    document: &Node,
    meta: Meta,
    fields: &mut FieldTable,
    diagnostics: &mut Diagnostics,
) -> Option<Detection> {
    let errors = diagnostics.errors();
    let mut keys = Keys::of(document, "a rule", diagnostics)?;
    let generate = keys.boolean("generate").unwrap_or(false);
    let logsource = read_logsource(document, diagnostics);
    let node = document.get("detection")?;
    let predicate = read_detection(node, fields, diagnostics);
    let meaning = format!("{logsource}|{}", canonical(node));
    let detection = Detection { meta, place: document.place, logsource, predicate: predicate?, generate, meaning };
    (diagnostics.errors() == errors).then_some(detection)
}

/// Reads the `logsource` of a document.
pub(super) fn read_logsource(document: &Node, diagnostics: &mut Diagnostics) -> LogSource<'static> {
    let Some(node) = document.get("logsource") else {
        let help = "add `logsource:` with category, product or service".to_owned();
        diagnostics.error(document.place, "missing-logsource", "a detection needs a `logsource`", Some(help));
        return LogSource::default();
    };
    let Some(mut keys) = Keys::of(node, "`logsource`", diagnostics) else { return LogSource::default() };
    let mut word = |name: &str| keys.text(name).map(|text| Cow::Owned(text.to_owned()));
    LogSource { category: word("category"), product: word("product"), service: word("service") }
}

fn read_detection(node: &Node, fields: &mut FieldTable, diagnostics: &mut Diagnostics) -> Option<Predicate> {
    let keys = Keys::of(node, "`detection`", diagnostics)?;
    let mut names = Vec::new();
    let mut predicates = Vec::new();
    for (key, value) in keys.entries {
        let name = key.text().unwrap_or_default();
        if name == "condition" || name == "timeframe" {
            continue;
        }
        names.push(name.to_owned());
        predicates.push(search_identifier(value, fields, diagnostics));
    }
    if node.get("timeframe").is_some() {
        let help = "write a correlation document with a `timespan`".to_owned();
        diagnostics.error(node.place, "old-aggregation", "`timeframe` is not part of Sigma 2", Some(help));
    }
    let Some(condition) = node.get("condition") else {
        let help = "add `condition: selection`".to_owned();
        diagnostics.error(node.place, "missing-condition", "a detection needs a `condition`", Some(help));
        return None;
    };
    let texts: Vec<&Node> = condition.sequence().map_or_else(|| vec![condition], |items| items.iter().collect());
    let mut alternatives = Vec::new();
    for text in texts {
        let Some(words) = text.text() else {
            diagnostics.error(text.place, "wrong-type", format!("a condition is a text, not {}", text.kind()), None);
            continue;
        };
        match condition::parse(words, &names) {
            Ok(parsed) => alternatives.push(substitute(&parsed, &predicates)),
            Err(error) => diagnostics.error(text.place, error.code, error.message, error.help),
        }
    }
    Some(any_of(alternatives))
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

fn all_of(mut parts: Vec<Predicate>) -> Predicate {
    if parts.len() == 1 { parts.swap_remove(0) } else { Predicate::And(parts) }
}

fn any_of(mut parts: Vec<Predicate>) -> Predicate {
    if parts.len() == 1 { parts.swap_remove(0) } else { Predicate::Or(parts) }
}

/// A map (all of its fields), a list of maps (any of them), or a list of keywords (any of them).
fn search_identifier(node: &Node, fields: &mut FieldTable, diagnostics: &mut Diagnostics) -> Predicate {
    match &node.value {
        Value::Mapping(entries) => {
            all_of(entries.iter().map(|(key, value)| field_item(key, value, fields, diagnostics)).collect())
        }
        Value::Sequence(items) if items.is_empty() => {
            diagnostics.error(node.place, "empty-selection", "an empty list matches nothing", None);
            Predicate::Constant(false)
        }
        Value::Sequence(items) => {
            any_of(items.iter().map(|item| search_identifier(item, fields, diagnostics)).collect())
        }
        Value::Scalar { text, .. } if !node.is_null() => keyword(text, fields),
        Value::Scalar { .. } => {
            diagnostics.error(node.place, "empty-selection", "a search identifier needs a map or a list", None);
            Predicate::Constant(false)
        }
    }
}

fn keyword(text: &str, fields: &mut FieldTable) -> Predicate {
    fields.want_leaves();
    let plain = Pattern::parse(text, Anchoring::default(), false);
    let literal = plain.literal().map(fold);
    Predicate::Keyword(Keyword {
        pattern: Pattern::parse(text, Anchoring { open_start: true, open_end: true }, false),
        literal,
    })
}

fn field_item(key: &Node, value: &Node, fields: &mut FieldTable, diagnostics: &mut Diagnostics) -> Predicate {
    let spelled = key.text().unwrap_or_default();
    let mut words = spelled.split('|');
    let name: String = words.next().unwrap_or_default().chars().filter(|symbol| !symbol.is_whitespace()).collect();
    let names: Vec<&str> = words.collect();
    let modifiers = match modifier::read(&names) {
        Ok(modifiers) => modifiers,
        Err((code, message, help)) => {
            diagnostics.error(key.place, code, message, help);
            return Predicate::Constant(false);
        }
    };
    if name.is_empty() {
        return keyword_list(key, value, &modifiers, fields, diagnostics);
    }
    if name.contains('[') && !name.contains("\\[") {
        let message = format!("array selectors such as `{name}` are not supported by this version");
        diagnostics.error(key.place, "unsupported-array-selector", message, None);
        return Predicate::Constant(false);
    }
    let slot = fields.slot(&name.replace("\\[", "["));
    let values: Vec<&Node> = value.sequence().map_or_else(|| vec![value], |items| items.iter().collect());
    if values.is_empty() {
        diagnostics.error(value.place, "empty-selection", format!("`{spelled}` has an empty list of values"), None);
    }
    if modifiers.all && value.sequence().is_none() {
        let help = "give a list, or leave `all` out".to_owned();
        diagnostics.error(key.place, "all-needs-list", "`all` needs a list of values", Some(help));
    }
    let listed = value.sequence().is_some();
    let tests: Vec<Predicate> = values
        .into_iter()
        .filter_map(|value| test(value, listed, &modifiers, diagnostics))
        .map(|test| Predicate::Field(slot, test))
        .collect();
    let combined = if modifiers.all { all_of(tests) } else { any_of(tests) };
    if modifiers.negated { Predicate::Not(Box::new(combined)) } else { combined }
}

fn keyword_list(
    key: &Node,
    value: &Node,
    modifiers: &Modifiers,
    fields: &mut FieldTable,
    diagnostics: &mut Diagnostics,
) -> Predicate {
    let only_all = Modifiers { all: true, ..Modifiers::default() };
    if *modifiers != only_all {
        let help = "keywords take `'|all':` and no other modifier".to_owned();
        diagnostics.error(key.place, "unknown-modifier", "a modifier without a field", Some(help));
        return Predicate::Constant(false);
    }
    let items: Vec<&Node> = value.sequence().map_or_else(|| vec![value], |items| items.iter().collect());
    let mut keywords = Vec::new();
    for item in items {
        match item.text() {
            Some(text) => keywords.push(keyword(text, fields)),
            None => {
                diagnostics.error(item.place, "wrong-type", format!("a keyword is a text, not {}", item.kind()), None);
            }
        }
    }
    all_of(keywords)
}

fn test(value: &Node, listed: bool, modifiers: &Modifiers, diagnostics: &mut Diagnostics) -> Option<Test> {
    let Value::Scalar { text, plain } = &value.value else {
        diagnostics.error(value.place, "wrong-type", format!("a value is a single value, not {}", value.kind()), None);
        return None;
    };
    match modifiers.kind {
        Kind::Exists => {
            let Some(wanted) = value.boolean() else {
                let help = "write `exists: true` or `exists: false`".to_owned();
                diagnostics.error(value.place, "wrong-type", "`exists` needs true or false", Some(help));
                return None;
            };
            Some(Test::Exists(wanted))
        }
        Kind::Compare(comparison) => {
            let Some(number) = Number::parse_yaml(text) else {
                diagnostics.error(value.place, "wrong-type", format!("`{text}` is not a number"), None);
                return None;
            };
            Some(Test::Compare(comparison, number))
        }
        Kind::Network => match text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)) {
            Some(network) => Some(Test::Network(network)),
            None => {
                let help = "write 10.0.0.0/8 or 2001:db8::/32".to_owned();
                diagnostics.error(value.place, "bad-network", format!("`{text}` is not a network"), Some(help));
                None
            }
        },
        Kind::Regex => regex(text, modifiers, value.place, diagnostics).map(|regex| Test::Regex(Box::new(regex))),
        Kind::Text if value.is_null() => {
            if listed || modifiers.anchoring != Anchoring::default() {
                let help = "give `null` a search identifier of its own, joined with `or`".to_owned();
                diagnostics.error(
                    value.place,
                    "null-in-list",
                    "`null` cannot stand in a list or behind a modifier",
                    Some(help),
                );
                return None;
            }
            Some(Test::Null)
        }
        Kind::Text => {
            let pattern = Pattern::parse(text, modifiers.anchoring, modifiers.cased);
            let number = if *plain { Number::parse_yaml(text) } else { Number::parse(text) };
            let number = number.filter(|_| pattern.literal().is_some());
            Some(Test::Text(pattern, number))
        }
    }
}

fn regex(text: &str, modifiers: &Modifiers, place: Place, diagnostics: &mut Diagnostics) -> Option<regex::Regex> {
    let built = RegexBuilder::new(text)
        .case_insensitive(modifiers.flags.contains('i'))
        .multi_line(modifiers.flags.contains('m'))
        .dot_matches_new_line(modifiers.flags.contains('s'))
        .size_limit(4 * 1024 * 1024)
        .build();
    match built {
        Ok(regex) => Some(regex),
        Err(error) => {
            let reason =
                error.to_string().lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
            let help = "Sigma regular expressions have no look-around and no back references".to_owned();
            diagnostics.error(
                place,
                "bad-regex",
                format!("the regular expression does not compile: {reason}"),
                Some(help),
            );
            None
        }
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
