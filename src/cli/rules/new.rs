//! `clarion rules new`: a new rule file with tests that pass, to be changed into what its author means.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::super::terminal::say;
use super::failed;
use super::scaffold::{Kind, Scaffold};
use crate::rule::schema;

/// Name of the schema when there is none to refer to; hidden, so that it is not taken for something to read.
const OWN_SCHEMA: &str = ".clarion-rule.schema.json";

/// Arguments of `clarion rules new`.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewArguments {
    /// What kind of rule.
    #[arg(value_enum)]
    kind: Kind,
    /// Its name: small letters, digits and `_`. The file is named after it.
    #[arg(value_parser = name)]
    name: String,
    /// Its title. Default: made of the name.
    #[arg(long)]
    title: Option<String>,
    /// The folder for the file.
    #[arg(long, value_name = "FOLDER", default_value = "rules")]
    folder: PathBuf,
}

fn name(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if plain && begins && text.len() <= 200 {
        Ok(text.to_owned())
    } else {
        Err("a name begins with a small letter and has small letters, digits and `_`".to_owned())
    }
}

/// Runs the subcommand. Exit code 0: written; 1: the file is there already, or cannot be written.
pub(super) fn run(arguments: &NewArguments) -> ExitCode {
    match write(arguments) {
        Ok(path) => {
            let folder = arguments.folder.display();
            say(&format!("{} is written; its tests pass as they are", path.display()));
            say(&format!("next: change it, then `clarion rules check {folder}` and `clarion rules test {folder}`"));
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn write(arguments: &NewArguments) -> Result<PathBuf, String> {
    let fail = |what: &str, path: &Path, error: &std::io::Error| format!("cannot {what} {}: {error}", path.display());
    let path = arguments.folder.join(format!("{}.yml", arguments.name));
    if path.exists() {
        return Err(format!("{} is there already; choose another name", path.display()));
    }
    let title = arguments.title.clone().unwrap_or_else(|| title_of(&arguments.name));
    if title.is_empty() || title.chars().count() > 200 || title.contains(['\n', '"', '\\']) {
        return Err("a title is one line of at most 200 characters, without quotes and backslashes".to_owned());
    }
    std::fs::create_dir_all(&arguments.folder).map_err(|error| fail("create", &arguments.folder, &error))?;
    let schema = schema_for(&arguments.folder)?;
    let id = random_uuid();
    let scaffold = Scaffold { kind: arguments.kind, name: &arguments.name, title: &title, id: &id, schema: &schema };
    // made anew or not at all: somebody may have written it in this moment
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(&path).map_err(|error| fail("create", &path, &error))?;
    file.write_all(scaffold.file().as_bytes()).map_err(|error| fail("write", &path, &error))?;
    Ok(path)
}

/// `model_without_owner` is "Model without owner".
fn title_of(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut symbols = words.chars();
    symbols.next().map_or_else(String::new, |first| first.to_uppercase().chain(symbols).collect())
}

/// The path of the schema from the folder: that of a project above it, else one that is written beside the rules.
fn schema_for(folder: &Path) -> Result<String, String> {
    let full = folder.canonicalize().map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let above = full.ancestors().enumerate().find(|(_, above)| above.join("schemas").join("rule.json").is_file());
    if let Some((steps, _)) = above {
        return Ok(format!("{}schemas/rule.json", "../".repeat(steps)));
    }
    let own = folder.join(OWN_SCHEMA);
    std::fs::write(&own, schema::text()).map_err(|error| format!("cannot write {}: {error}", own.display()))?;
    Ok(OWN_SCHEMA.to_owned())
}

/// A random UUID (RFC 9562, version 4).
fn random_uuid() -> String {
    let value: u128 = rand::random();
    let value = (value & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{value:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
