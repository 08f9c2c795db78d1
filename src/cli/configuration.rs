//! Command line of `clarion config`; what the subcommands do is in [`super::config`].

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::config;
use super::terminal::{complain, say};

/// Subcommands of `clarion config`.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether the configuration can be used; all errors at once.
    Check {
        /// The configuration file.
        #[arg(short, long, value_name = "FILE", default_value = "clarion.yaml")]
        config: PathBuf,
    },
    /// Show the effective configuration and where each value came from; secrets are hidden.
    Show {
        /// The configuration file.
        #[arg(short, long, value_name = "FILE", default_value = "clarion.yaml")]
        config: PathBuf,
    },
    /// Print the JSON Schema of the configuration file.
    Schema,
    /// Bring the generated table of a page up to date.
    Docs {
        /// The page, such as docs/configuration.md.
        page: PathBuf,
    },
}

/// Runs the subcommand. Exit code 0: all well; 2: the configuration cannot be used.
pub(super) fn run(command: &ConfigCommand) -> ExitCode {
    let outcome = match command {
        ConfigCommand::Check { config } => check(config),
        ConfigCommand::Show { config } => {
            config::show(Some(config), std::env::vars()).map_err(|error| error.to_string())
        }
        ConfigCommand::Schema => Ok(config::schema()),
        ConfigCommand::Docs { page } => config::docs(page).map_err(|error| error.to_string()),
    };
    match outcome {
        Ok(text) => {
            say(text.trim_end());
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&error);
            ExitCode::from(2)
        }
    }
}

fn check(path: &std::path::Path) -> Result<String, String> {
    let text = config::check(Some(path), std::env::vars()).map_err(|error| error.to_string())?;
    #[cfg(feature = "live")]
    {
        let loaded = crate::config::load(Some(path), std::env::vars()).map_err(|error| error.to_string())?;
        crate::app::sink_settings(&loaded.config).map_err(|error| error.to_string())?;
    }
    Ok(text)
}
