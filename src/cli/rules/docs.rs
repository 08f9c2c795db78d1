//! `clarion rules docs`: a page for each rule and an index, as Markdown, for the people who get the alerts.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::Value;

use super::super::terminal::say;
use super::{RuleArguments, failed, loaded, write_pages};
use crate::model::RuleCard;
use crate::rule::explain::{self, Explanation};
use crate::rule::testcase::TestCase;
use crate::rule::{Loaded, RuleRef, RuleSet};

/// Arguments of `clarion rules docs`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DocsArguments {
    #[command(flatten)]
    rules: RuleArguments,
    /// The folder for the pages.
    #[arg(long, value_name = "FOLDER")]
    output: PathBuf,
    /// Only say whether the pages are up to date.
    #[arg(long)]
    check: bool,
}

/// Runs the subcommand. Exit code 0: written, or fresh; 1: stale pages, or a folder that cannot be written; 2: a rule is
/// broken.
pub(super) fn run(arguments: &DocsArguments) -> ExitCode {
    let (set, loaded) = match loaded(&arguments.rules.paths, &arguments.rules.lookups) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    match write_pages(&arguments.output, &pages(&set, &loaded), arguments.check) {
        Ok(words) => {
            say(&words);
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn pages(set: &RuleSet, loaded: &Loaded) -> Vec<(String, String)> {
    let names = file_names(set);
    let mut rules: Vec<(RuleRef, &Arc<RuleCard>, &String)> =
        explain::every(set).zip(&names).filter_map(|(rule, name)| Some((rule, set.card(rule)?, name))).collect();
    rules.sort_by(|one, two| {
        (std::cmp::Reverse(one.1.level), &one.1.title).cmp(&(std::cmp::Reverse(two.1.level), &two.1.title))
    });
    let mut pages: Vec<(String, String)> = rules
        .iter()
        .map(|(rule, card, name)| ((*name).clone(), page(set, *rule, card, &explain::explain(set, loaded, *rule))))
        .collect();
    pages.push(("README.md".to_owned(), index(set, &rules)));
    pages
}

/// A file for each rule, in the order of [`explain::every`]: its name, else its title in plain letters; unique.
fn file_names(set: &RuleSet) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for card in set.cards() {
        let plain: String = card
            .name
            .as_deref()
            .unwrap_or(&card.title)
            .chars()
            .map(|symbol| if symbol.is_ascii_alphanumeric() { symbol.to_ascii_lowercase() } else { '_' })
            .collect();
        let taken = |candidate: &String| names.contains(candidate) || candidate == "readme.md";
        let mut name = format!("{plain}.md");
        let mut number = 2;
        while taken(&name) {
            name = format!("{plain}_{number}.md");
            number += 1;
        }
        names.push(name);
    }
    names
}

fn index(set: &RuleSet, rules: &[(RuleRef, &Arc<RuleCard>, &String)]) -> String {
    let mut text = String::from(
        "# Rules\n\nMade from the rule files with `clarion rules docs`. Building blocks do not alert by themselves: other rules refer to\nthem.\n",
    );
    for (heading, alerting) in [("Rules that alert", true), ("Building blocks", false)] {
        text.push_str(&format!("\n## {heading}\n\n| rule | level | kind | tags |\n|---|---|---|---|\n"));
        for (rule, card, name) in rules.iter().filter(|(rule, _, _)| alerts(set, *rule) == alerting) {
            let _ = rule;
            text.push_str(&format!(
                "| [{}]({name}) | {} | {} | {} |\n",
                cell(&card.title),
                card.level.name(),
                card.kind,
                card.tags.iter().map(|tag| format!("`{tag}`")).collect::<Vec<_>>().join(" ")
            ));
        }
    }
    text
}

fn alerts(set: &RuleSet, rule: RuleRef) -> bool {
    match rule {
        RuleRef::Detection(index) => set.detections.get(index).is_some_and(|rule| rule.alerts),
        RuleRef::Correlation(index) => set.correlations.get(index).is_some_and(|rule| rule.alerts),
    }
}

fn is_metric(set: &RuleSet, rule: RuleRef) -> bool {
    matches!(rule, RuleRef::Correlation(index) if set.correlations.get(index).is_some_and(|rule| rule.metric.is_some()))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn page(set: &RuleSet, rule: RuleRef, card: &RuleCard, explanation: &Explanation) -> String {
    let status = card.status.as_deref().unwrap_or("no status");
    let mut text = format!("# {}\n\n**{}** · {} · {status}", card.title, card.level.name(), card.kind);
    if is_metric(set, rule) {
        text.push_str(" · metric, raises no alert");
    } else if !alerts(set, rule) {
        text.push_str(" · building block, does not alert by itself");
    }
    text.push_str(&format!("\n\nId `{}`, in `{}`.\n", card.id, file_of(card)));
    if let Some(description) = &card.description {
        text.push_str(&format!("\n## What and why\n\n{}\n", description.trim_end()));
    }
    text.push_str("\n## In words\n\n");
    text.push_str(&explanation.sentences.join("\n"));
    text.push('\n');
    if let Some(part) = &explanation.looks_for {
        text.push_str("\nMatches an event when:\n\n");
        for line in part.lines(None) {
            text.push_str(&format!("{}- {}\n", "  ".repeat(line.depth), line.words));
        }
    }
    section(&mut text, "When it alerts", &card.triage, true);
    section(&mut text, "False alarms", &card.falsepositives, false);
    section(&mut text, "What it is about", &card.tags.iter().map(|tag| tag_in_words(tag)).collect::<Vec<_>>(), false);
    section(
        &mut text,
        "References",
        &card.references.iter().map(|link| format!("<{link}>")).collect::<Vec<_>>(),
        false,
    );
    let tests: Vec<&TestCase> = set.tests.iter().filter(|test| test.rule == card.id).map(|test| &test.case).collect();
    if !tests.is_empty() {
        text.push_str("\n## Examples\n\nThe rule's own tests; times count from the first moment of each.\n");
        tests.iter().for_each(|test| example(&mut text, test));
    }
    text.push_str("\n---\n[All rules](README.md)\n");
    text
}

/// The file without what stands before the folder of rules on the machine that made the page.
fn file_of(card: &RuleCard) -> String {
    let path = Path::new(&card.file);
    if path.is_absolute() {
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    } else {
        card.file.clone()
    }
}

fn section(text: &mut String, heading: &str, items: &[String], numbered: bool) {
    if items.is_empty() {
        return;
    }
    text.push_str(&format!("\n## {heading}\n\n"));
    for (number, item) in (1..).zip(items) {
        let mark = if numbered { format!("{number}.") } else { "-".to_owned() };
        text.push_str(&format!("{mark} {}\n", item.trim().replace('\n', " ")));
    }
}

/// A tag with the name of its scheme, and a link where the scheme has a page for it.
fn tag_in_words(tag: &str) -> String {
    let upper = |text: &str| text.to_uppercase();
    if let Some(technique) = tag.strip_prefix("atlas.") {
        let kind = if technique.starts_with("aml.ta") { "tactics" } else { "techniques" };
        let id = upper(technique);
        return format!("`{tag}`: MITRE ATLAS [{id}](https://atlas.mitre.org/{kind}/{id})");
    }
    if let Some(id) = tag.strip_prefix("attack.t").filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    {
        let path = id.replace('.', "/");
        return format!("`{tag}`: MITRE ATT&CK [T{}](https://attack.mitre.org/techniques/T{path}/)", upper(id));
    }
    if let Some(article) = tag.strip_prefix("eu_ai_act.art") {
        return format!(
            "`{tag}`: EU AI Act, [Regulation (EU) 2024/1689](https://eur-lex.europa.eu/eli/reg/2024/1689/oj), Article {article}"
        );
    }
    if let Some(function) = tag.strip_prefix("nist_ai_rmf.") {
        return format!("`{tag}`: NIST AI Risk Management Framework, {}", upper(&function.replace('_', " ")));
    }
    if let Some(risk) = tag.strip_prefix("owasp_llm.") {
        return format!("`{tag}`: OWASP Top 10 for LLM applications, {}", upper(risk));
    }
    if let Some(control) = tag.strip_prefix("iso_42001.") {
        return format!("`{tag}`: ISO/IEC 42001, control {}", upper(control));
    }
    format!("`{tag}`")
}

fn example(text: &mut String, test: &TestCase) {
    let end = test.end.map_or_else(String::new, |end| format!(", seen until +{end}"));
    text.push_str(&format!("\n### {}\n\n", test.name));
    text.push_str(&format!("Events, in the order in which they arrive{end}:\n\n```text\n"));
    for (at, fields) in &test.events {
        text.push_str(&format!("{:>8}  {}\n", signed(at.0, &at.to_string()), Value::Object(fields.clone())));
    }
    text.push_str("```\n\n");
    if test.expect.is_empty() {
        text.push_str("No alert.\n");
    }
    for expected in &test.expect {
        let at = expected.at.map_or_else(String::new, |at| format!(" at {}", signed(at.0, &at.to_string())));
        let key = if expected.key.is_empty() {
            String::new()
        } else {
            format!(" for `{}`", Value::Object(expected.key.clone()))
        };
        let whose = expected.rule.as_ref().map_or_else(String::new, |rule| format!(" of {rule}"));
        text.push_str(&format!("- An alert{whose}{at}{key}.\n"));
    }
}

fn signed(nanos: i64, text: &str) -> String {
    if nanos < 0 { text.to_owned() } else { format!("+{text}") }
}
