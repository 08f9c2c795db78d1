//! A document against the schema: every unknown key, wrong type and unknown word at once, each with its place.

use regex::Regex;
use serde_json::Value;

use super::problem::{Problem, did_you_mean};
use super::schema::{allowed_words, child, has_type, is_choice_of_key, known_keys};
use super::tree::{Entry, Node, Tree};

pub(super) fn check(node: &Node, schema: &Value, path: &str, problems: &mut Vec<Problem>) {
    let words = allowed_words(schema);
    if is_choice_of_key(schema) {
        check_choice(node, schema, path, problems);
    } else if !words.is_empty() {
        check_word(node, &words, path, problems);
    } else if let Some(expected) = mismatch(node, schema) {
        problems.push(Problem::new(path, Some(&node.origin), format!("expected {expected}, found {}", describe(node))));
    } else {
        check_inside(node, schema, path, problems);
    }
}

fn check_inside(node: &Node, schema: &Value, path: &str, problems: &mut Vec<Problem>) {
    match &node.value {
        Tree::Map(entries) => check_map(entries, schema, path, problems),
        Tree::List(items) => {
            let Some(item_schema) = schema.get("items") else { return };
            for (index, item) in items.iter().enumerate() {
                check(item, item_schema, &format!("{path}[{index}]"), problems);
            }
        }
        Tree::Text(text) => check_pattern(node, text, schema, path, problems),
        Tree::Integer(number) => check_range(node, *number, schema, path, problems),
        _ => {}
    }
}

fn check_map(entries: &[Entry], schema: &Value, path: &str, problems: &mut Vec<Problem>) {
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    for Entry { key, key_origin, value } in entries {
        let child_path = join(path, key);
        match child(schema, key) {
            Some(child_schema) => check(value, child_schema, &child_path, problems),
            None if closed => {
                let known = known_keys(schema);
                let hint = did_you_mean(key, known.iter().copied());
                let all = known.join(", ");
                problems.push(Problem::new(
                    path,
                    Some(key_origin),
                    format!("unknown key `{key}`{hint} (keys here: {all})"),
                ));
            }
            None => {}
        }
    }
}

/// A map with exactly one of the known keys. What stands there instead is never quoted: it may be a secret typed in the
/// wrong place.
fn check_choice(node: &Node, schema: &Value, path: &str, problems: &mut Vec<Problem>) {
    let known = known_keys(schema);
    let ways: Vec<String> = known.iter().map(|key| format!("{{{key}: …}}")).collect();
    let ways = ways.join(" or ");
    let entries = match &node.value {
        Tree::Map(entries) => entries.as_slice(),
        _ => &[],
    };
    match entries {
        [Entry { key, key_origin, value }] => match child(schema, key) {
            Some(child_schema) => check(value, child_schema, &join(path, key), problems),
            None => {
                let hint = did_you_mean(key, known.iter().copied());
                problems.push(Problem::new(
                    path,
                    Some(key_origin),
                    format!("unknown key `{key}`{hint} (write {ways})"),
                ));
            }
        },
        _ => {
            let secret = if known == ["env", "file"] { "; a secret itself is not written here" } else { "" };
            problems.push(Problem::new(path, Some(&node.origin), format!("write {ways}{secret}")));
        }
    }
}

fn check_word(node: &Node, words: &[&str], path: &str, problems: &mut Vec<Problem>) {
    let message = match &node.value {
        Tree::Text(text) if words.contains(&text.as_str()) => return,
        Tree::Text(text) => {
            format!("`{text}` is none of {}{}", words.join(", "), did_you_mean(text, words.iter().copied()))
        }
        _ => format!("expected one of {}, found {}", words.join(", "), describe(node)),
    };
    problems.push(Problem::new(path, Some(&node.origin), message));
}

fn check_pattern(node: &Node, text: &str, schema: &Value, path: &str, problems: &mut Vec<Problem>) {
    let Some(pattern) = schema.get("pattern").and_then(Value::as_str) else { return };
    if Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text)) {
        return;
    }
    let message = format!("`{text}` is no duration: write a whole number and a unit (ms, s, m, h, d), such as 30s");
    problems.push(Problem::new(path, Some(&node.origin), message));
}

fn check_range(node: &Node, number: i64, schema: &Value, path: &str, problems: &mut Vec<Problem>) {
    let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
    let (least, most) = (bound("minimum"), bound("maximum"));
    if least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most) {
        return;
    }
    let range = match (least, most) {
        (Some(least), Some(most)) => format!("between {least} and {most}"),
        (Some(least), None) => format!("at least {least}"),
        _ => format!("at most {}", most.unwrap_or(i64::MAX)),
    };
    problems.push(Problem::new(path, Some(&node.origin), format!("{number} is out of range: write a number {range}")));
}

/// What the schema expects, in words, when the node is something else.
fn mismatch(node: &Node, schema: &Value) -> Option<String> {
    let name = match &node.value {
        Tree::Null => "null",
        Tree::Bool(_) => "boolean",
        Tree::Integer(_) => "integer",
        Tree::Float(_) => "number",
        Tree::Text(_) => "string",
        Tree::List(_) => "array",
        Tree::Map(_) => "object",
    };
    let fits = schema.get("type").is_none() || has_type(schema, name);
    if fits {
        return None;
    }
    let words = [
        ("string", "text"),
        ("integer", "a whole number"),
        ("number", "a number"),
        ("boolean", "true or false"),
        ("array", "a list"),
        ("object", "a map of keys"),
    ];
    let expected: Vec<&str> = words.iter().filter(|(name, _)| has_type(schema, name)).map(|(_, word)| *word).collect();
    Some(expected.join(" or "))
}

fn describe(node: &Node) -> String {
    match &node.value {
        Tree::Null => "nothing: write a value or remove the key".to_owned(),
        Tree::Bool(truth) => format!("{truth}: put it in quotes if it is text"),
        Tree::Integer(number) => format!("the number {number}: put it in quotes if it is text"),
        Tree::Float(number) => format!("the number {number}: put it in quotes if it is text"),
        Tree::Text(_) => "text".to_owned(),
        Tree::List(_) => "a list".to_owned(),
        Tree::Map(_) => "a map of keys".to_owned(),
    }
}

pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::super::schema::schema;
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        check(&Node::parse(text, Some("c.yaml")).unwrap(), &schema(), "", &mut found);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_unknown_key_is_refused_in_every_section_with_a_suggestion() {
        for (text, place, meant) in [
            ("rule: [a]", "c.yaml:1:1: unknown key `rule`", "rules"),
            ("kafka: {broker: [a]}", "c.yaml:1:9: kafka: unknown key `broker`", "brokers"),
            ("kafka: {security: {protokol: ssl}}", "kafka.security: unknown key `protokol`", "protocol"),
            ("kafka: {security: {sasl: {user_name: a}}}", "kafka.security.sasl: unknown key", "username"),
            ("kafka: {security: {sasl: {password: {evn: A}}}}", "password: unknown key `evn`", "env"),
            ("source_defaults: {latenes: 1m}", "source_defaults: unknown key", "lateness"),
            ("sources:\n- topic: [a]", "c.yaml:2:3: sources[0]: unknown key `topic`", "topics"),
            ("sources: [{logsource: {produkt: opa}}]", "sources[0].logsource: unknown key", "product"),
            ("state: {dir: a, directroy: b}", "state: unknown key `directroy`", "directory"),
            ("correlate: {shard: 2}", "correlate: unknown key", "shards"),
            ("dead_letters: {flie: a}", "dead_letters: unknown key", "file"),
            ("admin: {listn: a}", "admin: unknown key", "listen"),
            ("log: {levl: a}", "log: unknown key", "level"),
        ] {
            let found = problems(text).join("\n");
            assert!(found.contains(place), "{text}: {found}");
            assert!(found.contains(&format!("did you mean `{meant}`?")), "{text}: {found}");
        }
    }

    #[test]
    fn wrong_values_say_what_to_write() {
        for (text, message) in [
            ("state: {snapshot_interval: soon}", "c.yaml:1:28: state.snapshot_interval: `soon` is no duration"),
            ("state: {snapshot_interval: 30}", "expected text, found the number 30"),
            ("correlate: {shards: 0}", "correlate.shards: 0 is out of range: write a number between 1 and 1024"),
            ("correlate: {shards: many}", "expected a whole number, found text"),
            ("correlate: {shards: }", "found nothing: write a value or remove the key"),
            ("log: {format: jsn}", "`jsn` is none of human, json; did you mean `json`?"),
            ("sources: [{format: opa_decision}]", "did you mean `opa_decision_log`?"),
            ("rules: a", "rules: expected a list, found text"),
            ("dead_letters: {file: a, topic: b}", "dead_letters: write {file: …} or {topic: …}"),
        ] {
            let found = problems(text).join("\n");
            assert!(found.contains(message), "{text}: {found}");
        }
        assert_eq!(problems("rule: 1\nstate: {dir: 1}\nlog: 5").len(), 3);
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_not_quoted() {
        let found = problems("kafka: {security: {sasl: {password: hunter2}}}").join("\n");
        assert!(found.contains("write {env: …} or {file: …}; a secret itself is not written here"), "{found}");
        assert!(!found.contains("hunter2"));
    }

    #[test]
    fn properties_may_be_text_numbers_or_truths() {
        assert!(problems("kafka: {options: {a: 1, b: x, c: true}}").is_empty());
        assert_eq!(problems("kafka: {options: {a: [1]}}").len(), 1);
    }
}
