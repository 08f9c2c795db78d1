//! `clarion dashboards package`: the Splunk app as one file, as Splunk Web and `splunk install app` take it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::super::terminal::say;
use super::{DescriptionArguments, failed};
use crate::dashboard::splunk::package::archive;

/// Arguments of `clarion dashboards package`.
#[derive(Debug, Args)]
pub(in crate::cli) struct PackageArguments {
    #[command(flatten)]
    description: DescriptionArguments,
    /// Where to write the archive, such as `clarion_app.tar.gz`.
    #[arg(long, value_name = "FILE")]
    splunk: PathBuf,
}

/// Runs the subcommand.
pub(super) fn run(arguments: &PackageArguments) -> ExitCode {
    let description = match arguments.description.read() {
        Ok(description) => description,
        Err(code) => return code,
    };
    let packed = match archive(&description) {
        Ok(packed) => packed,
        Err(error) => return failed(&error.to_string()),
    };
    let path = &arguments.splunk;
    match std::fs::write(path, &packed) {
        Ok(()) => {
            say(&format!("{} bytes written to {}", packed.len(), path.display()));
            ExitCode::SUCCESS
        }
        Err(error) => failed(&format!("cannot write {}: {error}", path.display())),
    }
}
