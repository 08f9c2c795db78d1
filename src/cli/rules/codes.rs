//! `clarion rules codes`: what a code of `check` means, and the pages about all of them.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::super::terminal::{complain, say};
use super::{failed, write_pages};
use crate::rule::{codes, suggest};

/// Arguments of `clarion rules codes`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CodesArguments {
    /// A code, such as `unknown-key`.
    code: Option<String>,
    /// Write a page for each code into this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "code")]
    output: Option<PathBuf>,
    /// Only say whether the pages are up to date.
    #[arg(long, requires = "output")]
    check: bool,
}

/// Runs the subcommand. Exit code 0: all well; 1: no such code, or pages that are stale.
pub(super) fn run(arguments: &CodesArguments) -> ExitCode {
    if let Some(folder) = &arguments.output {
        let mut pages: Vec<(String, String)> =
            codes::all().map(|code| (format!("{}.md", code.code), codes::page(code))).collect();
        pages.push(("README.md".to_owned(), codes::index()));
        return match write_pages(folder, &pages, arguments.check) {
            Ok(words) => {
                say(&words);
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error),
        };
    }
    let Some(name) = &arguments.code else {
        for code in codes::all() {
            say(&format!("{:<28} {:<8} {}", code.code, code.severity.name(), code.title));
        }
        return ExitCode::SUCCESS;
    };
    if let Some(code) = codes::find(name) {
        let text = codes::page(code);
        say(text.split("\n---\n").next().unwrap_or_default().trim_end());
        return ExitCode::SUCCESS;
    }
    let help = suggest(name, codes::all().map(|code| code.code)).unwrap_or_default();
    complain(&format!("error: there is no code `{name}`; {help}"));
    ExitCode::FAILURE
}
