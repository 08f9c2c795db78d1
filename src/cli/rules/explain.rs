//! `clarion rules explain`: a rule in plain words and as the engine runs it; with events, why each part of it holds or not.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::super::lookups::LookupArguments;
use super::super::terminal::{complain, say};
use super::{failed, loaded};
use crate::decode::{Decoder, DecoderSettings};
use crate::model::{EventMeta, Record, Row, RuleCard, Timestamp};
use crate::rule::explain::{self, Judged};
use crate::rule::{Loaded, RuleRef, RuleSet, suggest};

/// Arguments of `clarion rules explain`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArguments {
    /// Id, name or title of a rule, or a rule file.
    rule: String,
    /// Rule files and folders to load.
    #[arg(long, value_name = "PATH", default_value = "rules")]
    rules: Vec<PathBuf>,
    #[command(flatten)]
    lookups: LookupArguments,
    /// Events (one JSON document a line): say of each why the rule matches it or does not. `-` is standard input.
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
}

/// Runs the subcommand. Exit code 0: explained; 1: no such rule, or an event that cannot be read; 2: a rule is broken.
pub(super) fn run(arguments: &ExplainArguments) -> ExitCode {
    let file = Path::new(&arguments.rule);
    let mut paths: Vec<PathBuf> =
        arguments.rules.iter().filter(|path| path.exists() || !file.is_file()).cloned().collect();
    let covered = |path: &PathBuf| match (path.canonicalize(), file.canonicalize()) {
        (Ok(path), Ok(file)) => file.starts_with(path),
        _ => false,
    };
    if file.is_file() && !paths.iter().any(covered) {
        paths.push(file.to_path_buf());
    }
    let (set, loaded) = match loaded(&paths, &arguments.lookups) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    let wanted = if file.is_file() { of_file(&set, file) } else { explain::named(&set, &arguments.rule) };
    if wanted.is_empty() {
        let names = set.cards().flat_map(|card| [Some(card.id.as_str()), card.name.as_deref()]).flatten();
        let help = suggest(&arguments.rule, names).unwrap_or_else(|| "`clarion rules list` shows them".to_owned());
        return failed(&format!("no loaded rule is `{}`; {help}", arguments.rule));
    }
    let events = match arguments.event.as_deref().map(read) {
        None => None,
        Some(Ok(events)) => Some(events),
        Some(Err(error)) => return failed(&error),
    };
    let mut well = true;
    for (number, rule) in wanted.into_iter().enumerate() {
        if number > 0 {
            say("");
        }
        match &events {
            None => tell(&set, &loaded, rule),
            Some(events) => well &= judge(&set, &loaded, rule, events),
        }
    }
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The rules of a file, however its path is written.
fn of_file(set: &RuleSet, file: &Path) -> Vec<RuleRef> {
    let file = file.canonicalize().ok();
    let same = |card: &RuleCard| file.is_some() && Path::new(&card.file).canonicalize().ok() == file;
    explain::every(set).filter(|rule| set.card(*rule).is_some_and(|card| same(card))).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let outcome = if path.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    outcome.map(|()| bytes).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn heading(set: &RuleSet, rule: RuleRef) -> String {
    set.card(rule).map_or_else(String::new, |card| format!("{} ({}, {})", card.title, card.kind, card.level.name()))
}

fn tell(set: &RuleSet, loaded: &Loaded, rule: RuleRef) {
    let explanation = explain::explain(set, loaded, rule);
    say(&heading(set, rule));
    if let Some(card) = set.card(rule) {
        if let Some(description) = &card.description {
            say(&format!("  {}", description.trim().replace('\n', "\n  ")));
        }
        say(&format!("  in {}", card.file));
    }
    say("\nIn words");
    explanation.sentences.iter().for_each(|sentence| say(&format!("  {sentence}")));
    if let Some(part) = &explanation.looks_for {
        say("  Matches an event when:");
        part.lines(None).iter().for_each(|line| say(&format!("    {}", drawn(line))));
    }
    say("\nCompiled");
    for (name, value) in &explanation.compiled {
        match value.split_once('\n') {
            None => say(&format!("  {name:<16}{value}")),
            Some(_) => say(&format!("  {name}\n    {}", value.replace('\n', "\n    "))),
        }
    }
}

fn drawn(line: &Judged) -> String {
    let mark = match line.holds {
        None => "- ",
        Some(true) => "✓ ",
        Some(false) => "✗ ",
    };
    let found = line.found.as_ref().map_or_else(String::new, |found| format!("    [{found}]"));
    format!("{}{mark}{}{found}", "  ".repeat(line.depth), line.words)
}

/// Says of each event why the rule, or each rule that it reads, matches it or not. Whether all events could be read.
fn judge(set: &RuleSet, loaded: &Loaded, rule: RuleRef, events: &[u8]) -> bool {
    say(&heading(set, rule));
    let mut detections = BTreeSet::new();
    base(set, rule, &mut detections);
    let mut decoder = Decoder::new(&DecoderSettings::default(), &set.fields);
    let topic: Arc<str> = Arc::from("event");
    let mut well = true;
    for (offset, line) in (1_i64..).zip(lines(events)) {
        let record = Record { topic: &topic, partition: 0, offset, timestamp: None, headers: &[], value: Some(line) };
        decoder.decode(&record, &mut |event| match event {
            Ok((row, meta)) => {
                let member = if meta.sequence > 0 { format!(", member {}", meta.sequence) } else { String::new() };
                say(&format!("\nEvent {offset}{member} of {}", source(meta)));
                for detection in &detections {
                    judge_one(set, loaded, *detection, row, meta);
                }
                if let RuleRef::Correlation(index) = rule {
                    keys(set, index, &detections, row, meta);
                }
            }
            Err(fault) => {
                well = false;
                complain(&format!("event {offset}: {}: {}", fault.kind, fault.reason));
            }
        });
    }
    well
}

/// One document a line; a single document may stretch over several.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
        return vec![bytes];
    }
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect()
}

fn source(meta: &EventMeta<'_>) -> String {
    let words = meta.logsource.to_string();
    if words.is_empty() { "no log source".to_owned() } else { words }
}

/// The detections that a rule reads, through all rules between.
fn base(set: &RuleSet, rule: RuleRef, found: &mut BTreeSet<usize>) {
    match rule {
        RuleRef::Detection(index) => {
            found.insert(index);
        }
        RuleRef::Correlation(index) => {
            for member in set.correlations.get(index).map(|rule| rule.members.as_slice()).unwrap_or_default() {
                base(set, member.rule, found);
            }
        }
    }
}

fn judge_one(set: &RuleSet, loaded: &Loaded, index: usize, row: &Row<'_>, meta: &EventMeta<'_>) {
    let Some(rule) = set.detections.get(index) else { return };
    let covered = !rule.hears_alerts && rule.logsource.covers(&meta.logsource);
    let time = meta.time.unwrap_or(Timestamp::MIN);
    let filters: Vec<_> = rule.filters.iter().filter_map(|filter| set.filters.get(*filter)).collect();
    let excepted = filters.iter().any(|filter| filter.suppresses(row, time));
    let matches = covered && rule.predicate.matches(row) && !excepted;
    say(&format!("  {} {}", if matches { "✓ matches" } else { "✗ does not match" }, rule.card.title));
    if rule.logsource.to_string().is_empty() {
        say("    ✓ log source: any");
    } else {
        let mark = if covered { "✓" } else { "✗" };
        say(&format!("    {mark} log source {}    [{}]", rule.logsource, source(meta)));
    }
    let explanation = explain::explain(set, loaded, RuleRef::Detection(index));
    for line in explanation.looks_for.iter().flat_map(|part| part.lines(Some(row))) {
        say(&format!("    {}", drawn(&line)));
    }
    for filter in filters {
        let (mark, words) =
            if filter.suppresses(row, time) { ("✗", "takes it back") } else { ("✓", "lets it pass") };
        say(&format!("    {mark} the filter \"{}\" {words}", filter.title));
        let passes = explain::passes(set, loaded, filter);
        for line in passes.iter().flat_map(|part| part.lines(Some(row))) {
            say(&format!("      {}", drawn(&line)));
        }
    }
}

/// Under which key the event goes into the correlation.
fn keys(set: &RuleSet, index: usize, detections: &BTreeSet<usize>, row: &Row<'_>, meta: &EventMeta<'_>) {
    let Some(rule) = set.correlations.get(index) else { return };
    for member in &rule.members {
        let RuleRef::Detection(detection) = member.rule else { continue };
        let Some(read) = set.detections.get(detection).filter(|_| detections.contains(&detection)) else { continue };
        if read.hears_alerts || !(read.logsource.covers(&meta.logsource) && read.predicate.matches(row)) {
            continue;
        }
        let role = if member.resets { "resets" } else { "counts for" };
        if member.key.is_empty() {
            say(&format!("  {role} the one group of all events, as \"{}\"", member.title));
            continue;
        }
        let parts: Vec<String> =
            member.key.iter().map(|key| format!("{} [{}]", key.name, explain::found(row, key.slot))).collect();
        let missing = member.key.iter().any(|key| row.text(key.slot).is_none());
        if missing && !rule.missing_key_groups {
            say(&format!("  ✗ left out, because a group-by field is missing: {}", parts.join(", ")));
        } else {
            say(&format!("  {role} the group {}, as \"{}\"", parts.join(", "), member.title));
        }
    }
}
