//! `clarion config …`: what each subcommand does, without its arguments. Every function returns the text for standard
//! output; printing and exit codes are the caller's.

use std::path::Path;

use crate::config::{self, ConfigError};

/// Why a `config` subcommand failed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigCommandError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The page of `config docs` could not be read or written.
    #[error("cannot update {path}: {reason}")]
    Page {
        /// The page.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// `config schema`: the JSON Schema of the configuration file.
#[must_use]
pub fn schema() -> String {
    config::schema_text()
}

/// `config check`: loads the configuration and says what it holds.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub fn check(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<String, ConfigCommandError> {
    let config = config::load(file, environment)?.config;
    Ok(format!("the configuration is valid: {} source(s), {} sink(s)\n", config.sources.len(), config.sinks.len()))
}

/// `config show`: the effective configuration, where each value came from, secrets as `***`.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub fn show(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<String, ConfigCommandError> {
    Ok(config::show(&config::load(file, environment)?))
}

/// `config docs PAGE`: brings the generated part of the page up to date in place.
///
/// # Errors
/// [`ConfigCommandError::Page`] when the page cannot be read or written or lacks its marker lines.
pub fn docs(page: &Path) -> Result<String, ConfigCommandError> {
    let fail = |reason: String| ConfigCommandError::Page { path: page.display().to_string(), reason };
    let text = std::fs::read_to_string(page).map_err(|error| fail(error.to_string()))?;
    let markers = format!("it needs the lines `{}` and `{}`", config::REFERENCE_START, config::REFERENCE_END);
    let fresh = config::with_reference_table(&text).ok_or_else(|| fail(markers))?;
    if fresh == text {
        return Ok(format!("{} is fresh\n", page.display()));
    }
    std::fs::write(page, fresh).map_err(|error| fail(error.to_string()))?;
    Ok(format!("{} is updated\n", page.display()))
}
