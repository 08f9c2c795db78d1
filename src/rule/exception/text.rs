//! The filters of an exception as YAML: one document for each log source, since a filter leaves rules of others alone.

use std::fmt::Write as _;

use super::quote::{literal, scalar};
use super::target::{Fields, Target};
use crate::model::{LogSource, Timestamp};
use crate::rule::set::{DetectionRule, RuleSet};

/// What the filters of an exception say of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterText {
    /// Title; several filters get numbers.
    pub title: String,
    /// UUIDs, one for each filter that may be needed: the first of them is that of the exception.
    pub id: u128,
    /// Sentence or two about where it comes from.
    pub description: String,
    /// Day on which it was written, `2026-12-31`.
    pub date: String,
    /// From this event time on it does not apply.
    pub expires: Timestamp,
    /// Why it is there.
    pub reason: String,
    /// Whose it is.
    pub owner: String,
}

/// The documents for these targets, and the id of each.
#[must_use]
pub fn filters(set: &RuleSet, targets: &[Target], about: &FilterText) -> (String, Vec<String>) {
    let mut groups: Vec<(&LogSource<'static>, &Fields, Vec<&DetectionRule>)> = Vec::new();
    for target in targets {
        let Some(rule) = set.detections.get(target.detection) else { continue };
        match groups
            .iter_mut()
            .find(|(logsource, fields, _)| **logsource == rule.logsource && **fields == target.fields)
        {
            Some((_, _, rules)) => rules.push(rule),
            None => groups.push((&rule.logsource, &target.fields, vec![rule])),
        }
    }
    let mut ids = Vec::new();
    let mut text = String::new();
    for (number, (logsource, fields, rules)) in (0_u128..).zip(&groups) {
        let id = uuid(about.id.wrapping_add(number));
        let title = if groups.len() == 1 { about.title.clone() } else { format!("{} ({})", about.title, number + 1) };
        if number > 0 {
            text.push_str("---\n");
        }
        // writing to a String cannot fail
        let _ = document(&mut text, (&title, &id), logsource, fields, rules, about);
        ids.push(id);
    }
    (text, ids)
}

fn document(
    text: &mut String,
    (title, id): (&str, &str),
    logsource: &LogSource<'static>,
    fields: &Fields,
    rules: &[&DetectionRule],
    about: &FilterText,
) -> std::fmt::Result {
    writeln!(text, "title: {}", scalar(title))?;
    writeln!(text, "id: {id}")?;
    writeln!(text, "dialect: clarion/1")?;
    writeln!(text, "description: {}", scalar(&about.description))?;
    writeln!(text, "author: {}", scalar(&about.owner))?;
    writeln!(text, "date: {}", scalar(&about.date))?;
    let words: Vec<(&str, &str)> =
        [("category", &logsource.category), ("product", &logsource.product), ("service", &logsource.service)]
            .into_iter()
            .filter_map(|(name, word)| Some((name, word.as_deref()?)))
            .collect();
    writeln!(text, "logsource:{}", if words.is_empty() { " {}" } else { "" })?;
    for (name, word) in words {
        writeln!(text, "    {name}: {}", scalar(word))?;
    }
    writeln!(text, "filter:\n    rules:")?;
    for rule in rules {
        writeln!(text, "        - {}", scalar(&rule.card.id))?;
    }
    writeln!(text, "    selection:")?;
    for (field, value) in fields {
        // brackets of a name are no selector
        let field = field.replace('[', "\\[").replace(']', "\\]");
        writeln!(text, "        {}: {}", scalar(&format!("{field}|cased")), scalar(&literal(value)))?;
    }
    writeln!(text, "    condition: not selection")?;
    writeln!(text, "expires: {}", scalar(&about.expires.to_string()))?;
    writeln!(text, "reason: {}", scalar(&about.reason))?;
    writeln!(text, "owner: {}", scalar(&about.owner))
}

/// As a random UUID is written.
fn uuid(bits: u128) -> String {
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let text = format!("{bits:032x}");
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
