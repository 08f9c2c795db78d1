//! JSON without a tree: a scanner that validates, a walk that fills rows on the way, lazy values for the rest.

mod captures;
mod error;
mod guess;
mod leaves;
mod path;
mod scanner;
mod string;
mod trie;
mod value;
mod walk;

pub(super) use captures::Captures;
pub(super) use error::{ScanError, ScanFault};
pub(super) use guess::Guesses;
pub(super) use path::spellings;
pub(super) use scanner::{Scan, Scanner};
pub(super) use trie::{Target, Trie};
pub(super) use value::Value;
pub(super) use walk::{Walk, Walked};
