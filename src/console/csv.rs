//! Alerts as a table for a spreadsheet (RFC 4180). No cell is a formula, and no cell breaks a line.

use super::history::Summary;
use crate::alert::harmless;

/// Most characters of a cell.
const CELL: usize = 8000;

const COLUMNS: [&str; 18] = [
    "time",
    "level",
    "status",
    "life",
    "rule_id",
    "rule",
    "reason",
    "model",
    "version",
    "group",
    "techniques",
    "risk_score",
    "count",
    "first_seen",
    "last_seen",
    "life_by",
    "life_reason",
    "id",
];

/// The first line.
pub(super) fn head() -> String {
    format!("{}\r\n", COLUMNS.join(","))
}

/// The line of an alert.
pub(super) fn row(alert: &Summary, text: &mut String) {
    let group = alert.group.iter().map(|(field, value)| format!("{field}={}", value.as_deref().unwrap_or_default()));
    let (risk, count) = (alert.risk_score.to_string(), alert.count.to_string());
    let (group, techniques) = (group.collect::<Vec<String>>().join("; "), alert.techniques.join(" "));
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    let (model, version) = (given(&alert.model.name), given(&alert.model.version));
    let (by, why) = (given(&alert.life.by), given(&alert.life.reason));
    let cells: [&str; 18] = [
        &alert.time,
        &alert.level,
        &alert.status,
        &alert.life.state,
        &alert.rule.id,
        &alert.rule.name,
        &alert.reason,
        &model,
        &version,
        &group,
        &techniques,
        &risk,
        &count,
        &alert.first_seen,
        &alert.last_seen,
        &by,
        &why,
        &alert.id,
    ];
    let line: Vec<String> = cells.iter().map(|value| cell(value)).collect();
    text.push_str(&line.join(","));
    text.push_str("\r\n");
}

/// A quoted cell. What a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(value: &str) -> String {
    let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mark = if is_formula { "'" } else { "" };
    format!("\"{mark}{}\"", harmless(value, CELL).replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("\t=cmd|' /C calc'!A0"), "\"' =cmd|' /C calc'!A0\"");
        assert_eq!(cell("a\"b,c"), "\"a\"\"b,c\"");
        assert_eq!(cell(""), "\"\"");
    }

    proptest! {
        #[test]
        fn a_cell_is_one_cell_of_one_line(value in any::<String>()) {
            let cell = cell(&value);
            let inner = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap();
            prop_assert!(!inner.replace("\"\"", "").contains('"'));
            prop_assert!(!inner.contains(char::is_control), "{inner:?}");
            prop_assert!(!inner.starts_with(['=', '+', '-', '@', '\t', '\r']));
        }
    }
}
