//! `clarion rules list`: what rules there are.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::super::terminal::say;
use super::{RuleArguments, json as report, loaded};
use crate::model::RuleCard;
use crate::rule::RuleSet;

/// Arguments of `clarion rules list`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ListArguments {
    #[command(flatten)]
    rules: RuleArguments,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// A rule of the list.
struct Row<'a> {
    card: &'a RuleCard,
    alerts: bool,
    /// The name of its series.
    metric: Option<&'a str>,
}

/// Runs the subcommand. Exit code 0: listed; 2: a rule is broken.
pub(super) fn run(arguments: &ListArguments) -> ExitCode {
    let (set, _) = match loaded(&arguments.rules.paths, &arguments.rules.lookups) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    let rows = rows(&set);
    say(&if arguments.json { as_json(&rows) } else { as_table(&rows) });
    ExitCode::SUCCESS
}

fn rows(set: &RuleSet) -> Vec<Row<'_>> {
    let written = set.detections.iter().filter(|rule| !rule.built_in);
    let detections = written.map(|rule| Row { card: &rule.card, alerts: rule.alerts, metric: None });
    let correlations = set.correlations.iter().map(|rule| Row {
        card: &rule.card,
        alerts: rule.alerts,
        metric: rule.metric.as_ref().map(|metric| metric.name.as_str()),
    });
    let mut rows: Vec<Row<'_>> = detections.chain(correlations).collect();
    rows.sort_by(|one, two| (&one.card.file, &one.card.title).cmp(&(&two.card.file, &two.card.title)));
    rows
}

fn as_json(rows: &[Row<'_>]) -> String {
    let rules: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.card.id,
                "name": row.card.name,
                "title": row.card.title,
                "level": row.card.level.name(),
                "kind": row.card.kind,
                "status": row.card.status,
                "tags": row.card.tags,
                "alerts": row.alerts,
                "metric": row.metric,
                "file": row.card.file,
            })
        })
        .collect();
    report::pretty(&json!(rules))
}

fn as_table(rows: &[Row<'_>]) -> String {
    let heading = ["ID", "TITLE", "LEVEL", "KIND", "STATUS", "TAGS", "FILE"].map(str::to_owned);
    let mut cells = vec![heading];
    cells.extend(rows.iter().map(|row| {
        let card = row.card;
        // a building block: others refer to it, and it does not alert by itself
        let kind = match row.metric {
            Some(_) => format!("{} (metric)", card.kind),
            None if row.alerts => card.kind.clone(),
            None => format!("{} (block)", card.kind),
        };
        [
            card.id.clone(),
            card.title.clone(),
            card.level.name().to_owned(),
            kind,
            card.status.clone().unwrap_or_else(|| "-".to_owned()),
            if card.tags.is_empty() { "-".to_owned() } else { card.tags.join(",") },
            card.file.clone(),
        ]
    }));
    let mut widths = [0_usize; 7];
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; 7]| {
        let padded: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    cells.iter().map(line).collect::<Vec<_>>().join("\n")
}
