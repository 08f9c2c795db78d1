//! `clarion dashboards build`: writes the files for every tool, or says which are stale.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::super::terminal::{plural, say};
use super::{DescriptionArguments, failed};
use crate::dashboard::{Artefact, artefacts};

/// Arguments of `clarion dashboards build`.
#[derive(Debug, Args)]
pub(in crate::cli) struct BuildArguments {
    #[command(flatten)]
    description: DescriptionArguments,
    /// The folder to write to.
    #[arg(long, value_name = "FOLDER", default_value = "dashboards")]
    out: PathBuf,
    /// Only say whether the files are up to date.
    #[arg(long)]
    check: bool,
}

/// The folders of which every file is generated.
const GENERATED: [&str; 3] = ["kibana", "grafana", "splunk/clarion_app"];

/// Runs the subcommand.
pub(super) fn run(arguments: &BuildArguments) -> ExitCode {
    let description = match arguments.description.read() {
        Ok(description) => description,
        Err(code) => return code,
    };
    let files = artefacts(&description);
    let out = &arguments.out;
    let stale: Vec<&Artefact> = files
        .iter()
        .filter(|file| std::fs::read_to_string(out.join(&file.path)).ok().as_deref() != Some(file.text.as_str()))
        .collect();
    let left = left_over(out, &files);
    if arguments.check {
        if stale.is_empty() && left.is_empty() {
            say(&format!("{} in {} fresh", plural(files.len(), "file"), out.display()));
            return ExitCode::SUCCESS;
        }
        let mut words: Vec<String> =
            stale.iter().map(|file| format!("{} is stale", out.join(&file.path).display())).collect();
        words.extend(left.iter().map(|path| format!("{} belongs to nothing any more", path.display())));
        return failed(&format!("{}; run the same without --check", words.join("\n")));
    }
    for file in &stale {
        let path = out.join(&file.path);
        let written =
            path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, &file.text));
        if let Err(error) = written {
            return failed(&format!("cannot write {}: {error}", path.display()));
        }
    }
    say(&format!("{} of {} written to {}", stale.len(), plural(files.len(), "file"), out.display()));
    for path in left {
        say(&format!("{} belongs to nothing any more; remove it", path.display()));
    }
    ExitCode::SUCCESS
}

/// Files in the generated folders that nothing would write now. What a team adds to the app in `local` is its own.
fn left_over(out: &Path, files: &[Artefact]) -> Vec<PathBuf> {
    let ours: BTreeSet<PathBuf> = files.iter().map(|file| out.join(&file.path)).collect();
    let mut found = Vec::new();
    for folder in GENERATED {
        collect(&out.join(folder), &mut found);
    }
    found.retain(|path| !ours.contains(path));
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if !path.is_dir() {
            found.push(path);
        } else if path.file_name().is_none_or(|name| name != "local") {
            collect(&path, found);
        }
    }
}
