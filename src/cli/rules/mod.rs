//! `clarion rules …`: the tools of a rule author, one file a subcommand. This file has the command line and what all of them
//! need: loading, and saying what was found.

mod check;
mod codes;
mod docs;
mod explain;
mod json;
mod junit;
mod list;
mod new;
mod sarif;
mod scaffold;
mod schema;
mod test;
mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::lookups::LookupArguments;
use super::terminal::{complain, plural, show_findings};
use crate::rule::{self, Loaded};

/// What rules a subcommand reads.
#[derive(Debug, Args)]
struct RuleArguments {
    /// Rule files and folders; folders are searched recursively for .yml and .yaml.
    #[arg(default_value = "rules")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    lookups: LookupArguments,
}

/// Subcommands of `clarion rules`.
#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Read rule files and folders and show what is wrong with them.
    Check(check::CheckArguments),
    /// Run the tests at the bottom of rule files.
    Test(test::TestArguments),
    /// Say in words and in detail what a rule does; with an event, why it matches or does not.
    Explain(explain::ExplainArguments),
    /// Write a new rule with tests that pass.
    New(new::NewArguments),
    /// List rules.
    List(list::ListArguments),
    /// Write a page for each rule, and an index.
    Docs(docs::DocsArguments),
    /// Print the JSON Schema of rule files, for editors.
    Schema,
    /// Say what a code of `check` means; without one, list them.
    Codes(codes::CodesArguments),
}

/// Runs the subcommand. Exit code 0: all well; 2: a rule is broken; 1: anything else, such as a test that failed.
pub(super) fn run(command: &RulesCommand) -> ExitCode {
    match command {
        RulesCommand::Check(arguments) => check::run(arguments),
        RulesCommand::Test(arguments) => test::run(arguments),
        RulesCommand::Explain(arguments) => explain::run(arguments),
        RulesCommand::New(arguments) => new::run(arguments),
        RulesCommand::List(arguments) => list::run(arguments),
        RulesCommand::Docs(arguments) => docs::run(arguments),
        RulesCommand::Schema => schema::run(),
        RulesCommand::Codes(arguments) => codes::run(arguments),
    }
}

/// Loads rules; when one is broken all errors are shown and the exit code is given.
fn loaded(paths: &[PathBuf], lookups: &LookupArguments) -> Result<(rule::RuleSet, Loaded), ExitCode> {
    let mut loaded = read(paths, lookups, false)?;
    match loaded.set.take() {
        Some(set) => Ok((set, loaded)),
        None => {
            show_findings(&loaded, false);
            Err(ExitCode::from(2))
        }
    }
}

/// Loads rules with their lookup tables; a table that cannot be read is shown and the exit code is given.
fn read(paths: &[PathBuf], lookups: &LookupArguments, strict: bool) -> Result<Loaded, ExitCode> {
    match lookups.options(strict) {
        Ok(options) => Ok(rule::load_with(paths, &options)),
        Err(message) => {
            complain(&message);
            Err(ExitCode::from(2))
        }
    }
}

/// A failure that is no rule's.
fn failed(message: &str) -> ExitCode {
    complain(&format!("error: {message}"));
    ExitCode::FAILURE
}

/// Generated files against what is in a folder: written, or with `check` compared. Files of the folder that are not among
/// them, and end like them, are stale.
fn write_pages(folder: &Path, pages: &[(String, String)], check: bool) -> Result<String, String> {
    let mut stale: Vec<String> = Vec::new();
    if !check {
        std::fs::create_dir_all(folder).map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    }
    for (name, text) in pages {
        let path = folder.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|known| known == *text) {
            continue;
        }
        stale.push(path.display().to_string());
        if !check {
            std::fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
    }
    let left = left_over(folder, pages);
    if check && !(stale.is_empty() && left.is_empty()) {
        let mut words: Vec<String> = stale.iter().map(|path| format!("{path} is stale")).collect();
        words.extend(left.iter().map(|path| format!("{path} belongs to nothing any more")));
        return Err(format!("{}; run the same without --check", words.join("; ")));
    }
    let mut words = format!("{} of {} written to {}", stale.len(), plural(pages.len(), "page"), folder.display());
    if check {
        words = format!("{} in {} fresh", plural(pages.len(), "page"), folder.display());
    }
    for path in left {
        words.push_str(&format!("\n{path} belongs to nothing any more; remove it"));
    }
    Ok(words)
}

/// Pages that an earlier run wrote and that nothing would write now.
fn left_over(folder: &Path, pages: &[(String, String)]) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut left: Vec<String> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| !pages.iter().any(|(name, _)| path.file_name().is_some_and(|known| known == name.as_str())))
        .map(|path| path.display().to_string())
        .collect();
    left.sort();
    left
}
