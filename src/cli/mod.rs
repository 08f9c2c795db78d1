//! Layer 5: the command line, one file a subcommand.

pub mod config;
mod configuration;
mod dashboards;
#[cfg(feature = "live")]
mod demo;
mod lookups;
#[cfg(feature = "live")]
mod notify;
mod replay;
mod rules;
#[cfg(feature = "live")]
mod run;
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
    /// Run the engine: Kafka in, sinks out.
    #[cfg(feature = "live")]
    Run(run::RunArguments),
    /// Show the engine at work: a generated week on an embedded broker, planted incidents against found ones.
    #[cfg(feature = "live")]
    Demo(demo::DemoArguments),
    /// Check and show the configuration.
    #[command(subcommand)]
    Config(configuration::ConfigCommand),
    /// Try the routes by which people are told.
    #[cfg(feature = "live")]
    #[command(subcommand)]
    Notify(notify::NotifyCommand),
    /// Check and test rule files.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Write, pack and import the dashboards for Kibana, Grafana and Splunk.
    #[command(subcommand)]
    Dashboards(dashboards::DashboardsCommand),
}

/// Reads the command line and runs the subcommand.
#[must_use]
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Replay(arguments) => replay::run(&arguments),
        #[cfg(feature = "live")]
        Command::Run(arguments) => run::run(&arguments),
        #[cfg(feature = "live")]
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Config(command) => configuration::run(&command),
        #[cfg(feature = "live")]
        Command::Notify(command) => notify::run(&command),
        Command::Rules(command) => rules::run(&command),
        Command::Dashboards(command) => dashboards::run(&command),
    }
}
