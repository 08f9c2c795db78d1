//! `clarion dashboards`: writes, packs and imports the dashboards.

mod build;
#[cfg(feature = "live")]
mod import;
mod package;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::terminal::complain;
use crate::dashboard::{self, Description};

/// What to do with the dashboards.
#[derive(Debug, Subcommand)]
pub(super) enum DashboardsCommand {
    /// Write the files for Kibana, Grafana and Splunk.
    Build(build::BuildArguments),
    /// Import the dashboards and data views into a running Kibana.
    #[cfg(feature = "live")]
    Import(import::ImportArguments),
    /// Pack the Splunk app into an archive to install.
    Package(package::PackageArguments),
}

/// Where the description is.
#[derive(Debug, Args)]
struct DescriptionArguments {
    /// A description of dashboards instead of the shipped one.
    #[arg(long, value_name = "FILE")]
    description: Option<PathBuf>,
}

/// Runs the subcommand. Exit code 0: done; 1: it could not be done, or files are stale; 2: the description is broken.
pub(super) fn run(command: &DashboardsCommand) -> ExitCode {
    match command {
        DashboardsCommand::Build(arguments) => build::run(arguments),
        #[cfg(feature = "live")]
        DashboardsCommand::Import(arguments) => import::run(arguments),
        DashboardsCommand::Package(arguments) => package::run(arguments),
    }
}

impl DescriptionArguments {
    /// Reads and checks it; what is wrong has been said.
    fn read(&self) -> Result<Description, ExitCode> {
        let broken = |message: String| {
            complain(&message);
            ExitCode::from(2)
        };
        let text = match &self.description {
            None => dashboard::SHIPPED.to_owned(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| broken(format!("cannot read {}: {error}", path.display())))?,
        };
        dashboard::read(&text).map_err(|error| broken(error.to_string()))
    }
}

fn failed(message: &str) -> ExitCode {
    complain(message);
    ExitCode::from(1)
}
