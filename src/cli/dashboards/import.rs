//! `clarion dashboards import`: sends dashboards and data views to Kibana.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::super::terminal::{plural, say};
use super::{DescriptionArguments, failed};
use crate::dashboard::kibana::import::{Credentials, Destination, import};
use crate::dashboard::kibana::{ndjson, objects};
use crate::sink::SecretSource;

/// Arguments of `clarion dashboards import`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArguments {
    #[command(flatten)]
    description: DescriptionArguments,
    /// Address of Kibana, with its base path if it has one.
    #[arg(long, value_name = "URL")]
    kibana: String,
    /// The space to import into; the default one without.
    #[arg(long)]
    space: Option<String>,
    /// File with an API key in its encoded form.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "password_file"])]
    api_key_file: Option<PathBuf>,
    /// User name, with --password-file.
    #[arg(long, requires = "password_file")]
    user: Option<String>,
    /// File with the user's password.
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// PEM file of the authorities to trust instead of the public ones.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// Runs the subcommand.
pub(super) fn run(arguments: &ImportArguments) -> ExitCode {
    let description = match arguments.description.read() {
        Ok(description) => description,
        Err(code) => return code,
    };
    let credentials = match credentials(arguments) {
        Ok(credentials) => credentials,
        Err(message) => return failed(&message),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("cannot start the network: {error}")),
    };
    let destination = Destination {
        url: arguments.kibana.clone(),
        space: arguments.space.clone(),
        credentials,
        ca_file: arguments.ca_file.clone(),
    };
    match runtime.block_on(import(&destination, &ndjson(&objects(&description)))) {
        Ok(count) => {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            say(&format!("{} imported into {}", plural(count, "object"), arguments.kibana));
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error.to_string()),
    }
}

fn credentials(arguments: &ImportArguments) -> Result<Credentials, String> {
    let read = |path: &PathBuf| SecretSource::File(path.clone()).resolve().map_err(|error| error.to_string());
    match (&arguments.api_key_file, &arguments.user, &arguments.password_file) {
        (Some(key), _, _) => Ok(Credentials::ApiKey(read(key)?)),
        (None, Some(user), Some(password)) => Ok(Credentials::Basic { user: user.clone(), password: read(password)? }),
        _ => Ok(Credentials::None),
    }
}
