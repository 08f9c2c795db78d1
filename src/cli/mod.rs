//! Layer 5: the command line, one file a subcommand.

pub mod config;
mod replay;
mod rules;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Correlation engine for AI governance: Kafka in, YAML rules, Elasticsearch and Splunk out.
#[derive(Debug, Parser)]
#[command(name = "clarion", version, about, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run rules over a file of events (NDJSON) and write the alerts.
    Replay(replay::ReplayArguments),
    /// Check and test rule files.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
}

/// Reads the command line and runs the subcommand.
#[must_use]
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Rules(command) => rules::run(&command),
    }
}
