//! Findings as a SARIF 2.1.0 log (OASIS), which code hosts and editors show at their lines.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::json::{end, pretty};
use crate::rule::{Diagnostic, Loaded, Severity, codes};

/// The log of a load.
pub(super) fn log(loaded: &Loaded) -> String {
    let used: BTreeSet<&str> = loaded.diagnostics.iter().map(|finding| finding.code).collect();
    let used: Vec<&str> = used.into_iter().collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "clarion",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": used.iter().map(|code| descriptor(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": loaded.diagnostics.iter().map(|finding| result(finding, &used, loaded)).collect::<Vec<_>>(),
        }],
    });
    pretty(&document)
}

fn descriptor(name: &str) -> Value {
    let Some(code) = codes::find(name) else { return json!({"id": name}) };
    json!({
        "id": code.code,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.meaning},
        "help": {"text": code.meaning, "markdown": codes::page(code)},
        "defaultConfiguration": {"level": level(code.severity)},
    })
}

/// SARIF's words happen to be the same.
fn level(severity: Severity) -> &'static str {
    severity.name()
}

fn result(finding: &Diagnostic, used: &[&str], loaded: &Loaded) -> Value {
    let message = match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    };
    let (end_line, end_column) = end(finding, loaded);
    json!({
        "ruleId": finding.code,
        "ruleIndex": used.iter().position(|code| *code == finding.code),
        "level": level(finding.severity),
        "message": {"text": message},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(&finding.file)},
            "region": {
                "startLine": finding.place.line,
                "startColumn": finding.place.column,
                "endLine": end_line,
                "endColumn": end_column,
            },
        }}],
    })
}

/// A path as a URI reference: an absolute one with its scheme, special characters as `%XX`.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
