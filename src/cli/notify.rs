//! `clarion notify …`: tries the routes by which people are told.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::terminal::{complain, say};
use crate::{app, config};

/// Subcommands of `clarion notify`.
#[derive(Debug, Subcommand)]
pub(super) enum NotifyCommand {
    /// Send one message, marked as a test, through each route, and say what the receiver answered.
    Test {
        /// The configuration file.
        #[arg(short, long, value_name = "FILE", default_value = "clarion.yaml")]
        config: PathBuf,
        /// Names of the routes (sinks of type webhook, slack or email); all of them if none is named.
        names: Vec<String>,
    },
}

/// Runs the subcommand. Exit code 0: every receiver has taken its message; 1: one has not; 2: the configuration cannot be used.
pub(super) fn run(command: &NotifyCommand) -> ExitCode {
    let NotifyCommand::Test { config: file, names } = command;
    let loaded = match config::load(Some(file), std::env::vars()) {
        Ok(loaded) => loaded,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::from(2);
        }
    };
    let tried = match app::try_routes(&loaded.config, names) {
        Ok(tried) => tried,
        Err(error) => {
            complain(&format!("error: {error}"));
            return ExitCode::from(2);
        }
    };
    let mut all_well = true;
    for route in tried {
        match route.answer {
            Ok(said) => say(&format!("{}: taken: {said}", route.name)),
            Err(reason) => {
                all_well = false;
                complain(&format!("{}: not taken: {reason}", route.name));
            }
        }
    }
    if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
