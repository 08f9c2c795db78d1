//! `clarion rules check`: everything that is wrong with rule files, for people and for machines.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::super::terminal::{complain, plural, say, show_findings};
use super::{RuleArguments, json, read, sarif};
use crate::rule::{self, Loaded, RuleFiles, Severity};

/// Arguments of `clarion rules check`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArguments {
    #[command(flatten)]
    rules: RuleArguments,
    /// A rule that cannot run because a lookup table is missing is an error.
    #[arg(long)]
    strict: bool,
    /// Also find what is not pure Sigma, so that other tools would refuse or misread it.
    #[arg(long)]
    portable: bool,
    /// Warnings fail as well, with exit code 1.
    #[arg(long)]
    deny_warnings: bool,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    format: ReportFormat,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// On standard error, with the lines and a caret.
    Human,
    /// One JSON object on standard output.
    Json,
    /// A SARIF 2.1.0 log on standard output, for code hosts and editors.
    Sarif,
}

/// Runs the subcommand. Exit code 0: no errors; 1: only warnings, and they are denied; 2: errors.
pub(super) fn run(arguments: &CheckArguments) -> ExitCode {
    let paths = &arguments.rules.paths;
    let mut loaded = match read(paths, &arguments.rules.lookups, arguments.strict) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    if arguments.portable {
        let files: Vec<_> = loaded.sources.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
        loaded.diagnostics.extend(rule::portability(&files));
    }
    loaded.diagnostics.sort_by(|one, two| {
        (&one.file, one.place.line, one.place.column).cmp(&(&two.file, two.place.line, two.place.column))
    });
    loaded.diagnostics.dedup();
    let ignored = RuleFiles::below(paths).others;
    match arguments.format {
        ReportFormat::Human => tell(&loaded, &ignored),
        ReportFormat::Json => say(&json::findings(&loaded, &ignored)),
        ReportFormat::Sarif => say(&sarif::log(&loaded)),
    }
    let warnings = loaded.diagnostics.iter().any(|finding| finding.severity == Severity::Warning);
    match (loaded.errors() > 0, warnings && arguments.deny_warnings) {
        (true, _) => ExitCode::from(2),
        (false, true) => ExitCode::FAILURE,
        (false, false) => ExitCode::SUCCESS,
    }
}

fn tell(loaded: &Loaded, ignored: &[PathBuf]) {
    show_findings(loaded, true);
    if !loaded.diagnostics.is_empty() {
        complain("what a code means: clarion rules codes CODE, or docs/rules");
    }
    if let Some(first) = ignored.first() {
        let more = if ignored.len() > 1 { format!(" and {} more", ignored.len() - 1) } else { String::new() };
        complain(&format!("note: not read, because rule files end in .yml or .yaml: {}{more}", first.display()));
    }
    let Some(set) = &loaded.set else { return };
    let filters =
        if set.filters.is_empty() { String::new() } else { format!(", {}", plural(set.filters.len(), "filter")) };
    let words = format!(
        "{}{filters} and {} in {}",
        plural(set.detections.iter().filter(|rule| !rule.built_in).count(), "detection"),
        plural(set.correlations.len(), "correlation"),
        plural(loaded.sources.len(), "file")
    );
    say(&if loaded.diagnostics.is_empty() { format!("{words} are well") } else { format!("{words} load") });
    if !set.inactive.is_empty() {
        say(&format!("{} inactive for want of a lookup table", plural(set.inactive.len(), "rule")));
    }
}
