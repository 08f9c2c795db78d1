//! A field with its modifiers and values as a phrase: `user.name|startswith: svc-` is "user.name starts with `svc-`". Works on
//! what the author wrote, so that a phrase names every modifier, also those that change the value.

use crate::rule::element::is_body;
use crate::rule::selection::field_name;
use crate::rule::selector::{self, ITSELF, Path, Selector};
use crate::rule::yaml::Node;

/// Most values that a phrase lists.
const MOST_VALUES: usize = 12;

/// A field item in words.
pub(super) fn field_item(key: &str, value: &Node) -> String {
    let mut parts = key.split('|');
    let field = parts.next().unwrap_or_default();
    let modifiers: Vec<&str> = parts.collect();
    let field = &match selector::parse(&field_name(field)) {
        Ok(path) if !path.steps.is_empty() => subject(&path),
        _ => field.to_owned(),
    };
    if is_body(value) {
        return format!("of {field} this holds: {}", body(value));
    }
    let has = |name: &str| modifiers.contains(&name);
    if field.is_empty() {
        let joined = if has("all") { "all of" } else { "any of" };
        return format!("the event contains {joined} {}", values(value, "and", false));
    }
    if has("exists") {
        let wanted = value.boolean().unwrap_or(true);
        return format!("{field} is {}", if wanted { "there" } else { "not there" });
    }
    if value.is_null() {
        return format!("{field} is missing or null");
    }
    let negated = has("neq");
    let verb = verb(&modifiers, negated);
    let is_field = has("fieldref");
    let listed = value.sequence().is_some_and(|items| items.len() > 1);
    let object = values(value, if has("all") { "and" } else { "or" }, is_field);
    let number = match (listed, has("all"), negated) {
        (false, _, _) => "",
        (true, true, false) => "all of ",
        (true, _, true) => "none of ",
        (true, false, false) => "one of ",
    };
    let which = if is_field { "the field " } else { "" };
    format!("{field} {verb} {number}{which}{object}{}", manner(&modifiers))
}

/// What selectors select, in words.
fn subject(path: &Path) -> String {
    let mut whole = String::new();
    for (array, selector) in &path.steps {
        let of = match (array.as_str(), whole.is_empty()) {
            (_, true) => array.clone(),
            (ITSELF, false) => whole,
            _ => format!("{array} of {whole}"),
        };
        whole = match selector {
            Selector::Any => format!("some element of {of}"),
            Selector::All => format!("every element of {of}, which has some,"),
            Selector::AllOrEmpty => format!("every element of {of}, if it has any,"),
            Selector::None => format!("no element of {of}"),
            Selector::At(index) => format!("element {index} of {of}"),
        };
    }
    match &path.last {
        Some(field) => format!("{field} of {whole}"),
        None => whole,
    }
}

/// What an element must be, in words.
fn body(value: &Node) -> String {
    if let Some(items) = value.sequence() {
        return items.iter().map(|item| format!("({})", body(item))).collect::<Vec<_>>().join(" or ");
    }
    let entries = value.mapping().unwrap_or_default();
    let names = entries.iter().filter(|(key, _)| key.text() != Some("condition"));
    match value.get("condition").and_then(Node::text) {
        Some(condition) => {
            let searches = names.map(|(key, search)| format!("{} ({})", key.text().unwrap_or_default(), body(search)));
            format!("`{condition}`, where {}", searches.collect::<Vec<_>>().join(", "))
        }
        None => {
            let items = names.map(|(key, value)| {
                let name = key.text().unwrap_or_default();
                let shown = name.strip_prefix(ITSELF).filter(|rest| rest.is_empty() || rest.starts_with('|'));
                field_item(&shown.map_or_else(|| name.to_owned(), |modifiers| format!("it{modifiers}")), value)
            });
            items.collect::<Vec<_>>().join(" and ")
        }
    }
}

/// A keyword in words.
pub(super) fn keyword(value: &Node) -> String {
    format!("the event contains {}", quoted(value, false))
}

fn verb(modifiers: &[&str], negated: bool) -> String {
    let part = modifiers.iter().find(|name| matches!(**name, "minute" | "hour" | "day" | "week" | "month" | "year"));
    let positive = modifiers.iter().find_map(|name| {
        Some(match *name {
            "contains" => ("contains", "does not contain"),
            "startswith" => ("starts with", "does not start with"),
            "endswith" => ("ends with", "does not end with"),
            "re" => ("matches the regular expression", "does not match the regular expression"),
            "cidr" => ("is an address in", "is no address in"),
            "lt" => ("is less than", "is not less than"),
            "lte" => ("is at most", "is not at most"),
            "gt" => ("is greater than", "is not greater than"),
            "gte" => ("is at least", "is not at least"),
            _ => return None,
        })
    });
    let (is, is_not) = positive.unwrap_or(("is", "is not"));
    let word = if negated { is_not } else { is };
    match part {
        Some(part) => format!("has a{} {part} that {word}", if *part == "hour" { "n" } else { "" }),
        None => word.to_owned(),
    }
}

/// What changes how values are compared.
fn manner(modifiers: &[&str]) -> String {
    let mut notes: Vec<&str> = Vec::new();
    for name in modifiers {
        notes.push(match *name {
            "cased" => "case matters",
            "base64" => "as base64",
            "base64offset" => "as base64 at any offset",
            "utf16" => "in UTF-16 with a mark",
            "utf16le" | "wide" => "in UTF-16, little-endian",
            "utf16be" => "in UTF-16, big-endian",
            "windash" => "with any dash or slash before an option",
            "expand" => "placeholders stand for their tables",
            "i" | "ignorecase" => "case does not matter",
            "m" | "multiline" => "line by line",
            "s" | "dotall" => "a dot is any character, also a new line",
            _ => continue,
        });
    }
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) }
}

fn values(value: &Node, joined: &str, bare: bool) -> String {
    let Some(items) = value.sequence() else { return quoted(value, bare) };
    let mut shown: Vec<String> = items.iter().take(MOST_VALUES).map(|item| quoted(item, bare)).collect();
    if items.len() > MOST_VALUES {
        shown.push(format!("{} more", items.len() - MOST_VALUES));
    }
    match shown.pop() {
        None => "nothing".to_owned(),
        Some(last) if shown.is_empty() => last,
        Some(last) => format!("{} {joined} {last}", shown.join(", ")),
    }
}

fn quoted(value: &Node, bare: bool) -> String {
    match value.text() {
        Some("") => "empty".to_owned(),
        Some(text) if bare => text.to_owned(),
        Some(text) => format!("`{}`", text.replace('\n', "\\n")),
        None => value.kind().to_owned(),
    }
}
