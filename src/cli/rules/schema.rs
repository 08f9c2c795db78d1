//! `clarion rules schema`: the JSON Schema of rule files, with which editors complete and check them while one types.

use std::process::ExitCode;

use super::super::terminal::say;
use crate::rule::schema;

/// Prints the schema.
pub(super) fn run() -> ExitCode {
    say(schema::text().trim_end());
    ExitCode::SUCCESS
}
