//! Lookup tables on the command line: `--lookup NAME=FILE`, as often as needed.

use std::path::PathBuf;

use clap::Args;

use crate::rule::LoadOptions;
use crate::rule::lookup::Lookups;

/// Arguments of subcommands that load rules.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct LookupArguments {
    /// A table that placeholders `%NAME%` stand for (CSV with a header, YAML, JSON, or one value a line); may be given
    /// several times.
    #[arg(long, value_name = "NAME=FILE", value_parser = name_and_file)]
    lookup: Vec<(String, PathBuf)>,
}

fn name_and_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), PathBuf::from(file))),
        _ => Err("write NAME=FILE, such as --lookup admins=admins.csv".to_owned()),
    }
}

impl LookupArguments {
    /// Reads the tables.
    pub(super) fn options(&self, strict: bool) -> Result<LoadOptions, String> {
        Ok(LoadOptions {
            lookups: read(self.lookup.iter().map(|(name, path)| (name, path)))?,
            strict,
            ..LoadOptions::default()
        })
    }
}

/// Reads tables by name and file; all that cannot be read are named.
pub(super) fn read<'p>(files: impl Iterator<Item = (&'p String, &'p PathBuf)>) -> Result<Lookups, String> {
    let mut lookups = Lookups::new();
    let failed: Vec<String> = files
        .filter_map(|(name, path)| lookups.read(name, path).err())
        .map(|error| format!("error: {error}"))
        .collect();
    if failed.is_empty() { Ok(lookups) } else { Err(failed.join("\n")) }
}
