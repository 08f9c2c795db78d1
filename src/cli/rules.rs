//! `clarion rules`: check and test rule files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::lookups::LookupArguments;
use super::terminal::{complain, plural, say, show_findings};
use crate::pipeline::rule_tests;
use crate::rule::{self, LoadOptions};

/// Subcommands of `clarion rules`.
#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Read rule files and folders and show what is wrong with them.
    Check {
        /// Rule files and folders.
        #[arg(default_value = "rules")]
        paths: Vec<PathBuf>,
        /// A rule that cannot run because a lookup table is missing is an error.
        #[arg(long)]
        strict: bool,
        #[command(flatten)]
        lookups: LookupArguments,
    },
    /// Run the tests at the bottom of rule files.
    Test {
        /// Rule files and folders.
        #[arg(default_value = "rules")]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        lookups: LookupArguments,
    },
}

/// Runs the subcommand. Exit code 0: all well; 2: a rule is broken; 1: a test failed.
pub(super) fn run(command: &RulesCommand) -> ExitCode {
    match command {
        RulesCommand::Check { paths, strict, lookups } => with(lookups, *strict, |options| check(paths, options)),
        RulesCommand::Test { paths, lookups } => with(lookups, false, |options| test(paths, options)),
    }
}

fn with(lookups: &LookupArguments, strict: bool, command: impl Fn(&LoadOptions) -> ExitCode) -> ExitCode {
    match lookups.options(strict) {
        Ok(options) => command(&options),
        Err(message) => {
            complain(&message);
            ExitCode::from(2)
        }
    }
}

fn check(paths: &[PathBuf], options: &LoadOptions) -> ExitCode {
    let loaded = rule::load_with(paths, options);
    show_findings(&loaded, true);
    let Some(set) = loaded.set else { return ExitCode::from(2) };
    let filters =
        if set.filters.is_empty() { String::new() } else { format!(", {}", plural(set.filters.len(), "filter")) };
    say(&format!(
        "{}{filters} and {} in {} are well",
        plural(set.detections.len(), "detection"),
        plural(set.correlations.len(), "correlation"),
        plural(loaded.sources.len(), "file")
    ));
    if !set.inactive.is_empty() {
        say(&format!("{} inactive for want of a lookup table", plural(set.inactive.len(), "rule")));
    }
    ExitCode::SUCCESS
}

fn test(paths: &[PathBuf], options: &LoadOptions) -> ExitCode {
    let loaded = rule::load_with(paths, options);
    show_findings(&loaded, false);
    let Some(set) = loaded.set else { return ExitCode::from(2) };
    let tests = set.tests.clone();
    let mut failed = 0;
    for test in &tests {
        match rule_tests::run(&set, test) {
            Ok(()) => say(&format!("ok    {} · {}", test.rule, test.case.name)),
            Err(difference) => {
                failed += 1;
                say(&format!("FAIL  {} · {}", test.rule, test.case.name));
                complain(&format!("{}:{}: {difference}", test.file, test.case.place.line));
            }
        }
    }
    say(&format!("{} passed, {failed} failed", tests.len() - failed));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
