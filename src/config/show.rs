//! The effective configuration as YAML: every value with where it came from, secrets as `***`.

use super::load::Loaded;
use super::tree::{Entry, Node, Tree};

/// Keys of sinks whose value is a credential, whatever form it is written in.
const CREDENTIAL_WORDS: [&str; 6] = ["password", "secret", "token", "api_key", "apikey", "credential"];

/// Renders the effective configuration. The result is YAML; each value is followed by its origin as a comment.
#[must_use]
pub fn show(loaded: &Loaded) -> String {
    let mut text = String::new();
    if let Tree::Map(entries) = &loaded.document.value {
        render_entries("", entries, 0, &mut text);
    }
    text
}

fn render_entries(under: &str, entries: &[Entry], depth: usize, out: &mut String) {
    for Entry { key, value, .. } in entries {
        indent(depth, out);
        out.push_str(&scalar_text(key));
        out.push(':');
        // the file of a table is none of a secret, whatever its name
        if !(depth == 1 && under == "lookups") && is_credential(key, value) {
            push_with_origin("'***'", value, out);
        } else {
            render_value(key, value, depth, out);
        }
    }
}

fn render_value(key: &str, node: &Node, depth: usize, out: &mut String) {
    match &node.value {
        Tree::Map(entries) if entries.is_empty() => push_with_origin("{}", node, out),
        Tree::Map(entries) => {
            out.push('\n');
            render_entries(key, entries, depth + 1, out);
        }
        Tree::List(items) if items.is_empty() => push_with_origin("[]", node, out),
        Tree::List(items) => {
            out.push('\n');
            for item in items {
                render_item(item, depth, out);
            }
        }
        Tree::Null => push_with_origin("null", node, out),
        Tree::Bool(truth) => push_with_origin(&truth.to_string(), node, out),
        Tree::Integer(number) => push_with_origin(&number.to_string(), node, out),
        Tree::Float(number) => push_with_origin(&number.to_string(), node, out),
        Tree::Text(text) => push_with_origin(&scalar_text(text), node, out),
    }
}

/// An entry of a list: a map begins on the line of its dash.
fn render_item(item: &Node, depth: usize, out: &mut String) {
    indent(depth, out);
    out.push('-');
    match &item.value {
        Tree::Map(entries) if !entries.is_empty() => {
            let mut inner = String::new();
            render_entries("", entries, depth + 1, &mut inner);
            out.push(' ');
            out.push_str(inner.trim_start());
        }
        _ => render_value("", item, depth + 1, out),
    }
}

fn push_with_origin(text: &str, node: &Node, out: &mut String) {
    out.push(' ');
    out.push_str(text);
    out.push_str("  # ");
    out.push_str(&node.origin.to_string());
    out.push('\n');
}

fn indent(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// A reference to a secret, or anything under a key that names a credential.
fn is_credential(key: &str, node: &Node) -> bool {
    let reference = match &node.value {
        Tree::Map(entries) => matches!(entries.as_slice(), [only] if only.key == "env" || only.key == "file"),
        _ => false,
    };
    let lower = key.to_lowercase();
    // dead_letters is a choice with a file, too
    (reference && key != "dead_letters") || CREDENTIAL_WORDS.iter().any(|word| lower.contains(word))
}

/// Plain where YAML reads the same text back, else in single quotes.
fn scalar_text(text: &str) -> String {
    let plain = |symbol: char| symbol.is_alphanumeric() || "._-/^=".contains(symbol);
    let safe = text.chars().next().is_some_and(|first| first.is_alphabetic() || first == '/' || first == '^')
        && text.chars().all(plain)
        && !["null", "true", "false", "yes", "no", "on", "off"].contains(&text.to_lowercase().as_str());
    if safe {
        text.to_owned()
    } else if text.chars().any(char::is_control) {
        // JSON's escapes are valid in a double-quoted YAML scalar
        serde_json::Value::from(text).to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::load::load_text;
    use super::*;

    #[test]
    fn every_value_says_where_it_came_from_and_reads_back() {
        let text = "\
kafka:
  brokers: ['k:9093']
  security: {protocol: sasl_ssl, sasl: {mechanism: PLAIN, username: u, password: {env: PW}}}
sources: [{name: a, type: kafka, topics: [\"it's\", '^x'], options: {a: 1}}]
sinks: [{type: splunk, url: 'https://s:8088', token: {env: HEC}, nested: {api_token: abc}}]
";
        let text = text.replace("\"it's\", ", "");
        let variables = [("PW", "hunter2"), ("CLARION_LOG__LEVEL", "debug")];
        let loaded = load_text(
            &text,
            "c.yaml",
            Path::new(""),
            variables.map(|(name, value)| (name.to_owned(), value.to_owned())),
        )
        .unwrap();
        let shown = show(&loaded);
        for line in [
            "snapshot_interval: '10s'  # default",
            "level: debug  # CLARION_LOG__LEVEL",
            "protocol: sasl_ssl  # c.yaml:3:24",
            "password: '***'  # c.yaml:3:82",
            "token: '***'",
            "api_token: '***'",
            "lateness: '1m'  # default",
            "file: clarion-state/dead-letters.ndjson  # default",
        ] {
            assert!(shown.contains(line), "{line} is not in:\n{shown}");
        }
        assert!(!shown.contains("hunter2") && !shown.contains("HEC"), "{shown}");
        let read_back = Node::parse(&shown, Some("shown")).unwrap();
        assert_eq!(read_back.nearest("sources[0].topics").to_json(), serde_json::json!(["^x"]));
        assert_eq!(read_back.nearest("correlate.evidence").to_json(), 64);
    }
}
