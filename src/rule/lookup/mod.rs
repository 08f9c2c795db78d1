//! Lookup tables: named lists of values that rules name by `%table%` or `%table.column%` (RULES S18). Rules are compiled with
//! them, so another version of a table is another rule set; the hash of a table's text is its version, which alerts carry.
//! Where tables come from while the program runs is not known here.

mod csv;
mod join;
mod rows;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::diagnostic::suggest;

/// Largest table that is read, in bytes.
pub const MAX_TABLE_BYTES: u64 = 64 * 1024 * 1024;

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// The file system refused.
    #[error("cannot read the lookup table {path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        reason: std::io::Error,
    },
    /// Larger than [`MAX_TABLE_BYTES`].
    #[error("the lookup table {path} is larger than 64 MiB: split it, or match fewer values")]
    TooLarge {
        /// The file.
        path: String,
    },
    /// The text is no table.
    #[error("the lookup table {path}, line {line}: {reason}")]
    Malformed {
        /// The file.
        path: String,
        /// Where, from 1.
        line: usize,
        /// What is wrong, and what to do.
        reason: String,
    },
}

/// A table: columns of equal standing, the first of which is meant when none is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// SHA-256 of its text, in hexadecimal.
    pub version: String,
    /// Names and values, each value once, in the order of the file.
    pub columns: Vec<(String, Vec<String>)>,
    /// What it was read from, to keep it.
    pub text: TableText,
}

/// A table as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableText {
    /// The form: the extension of a file of its kind, in small letters (`csv`, `json`, `yaml`; else one value a line).
    pub form: String,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}

/// The values that a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'t> {
    /// Name of the table.
    pub table: &'t str,
    /// Version of the table.
    pub version: &'t str,
    /// The column's values.
    pub values: &'t [String],
}

/// All tables by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookups {
    tables: BTreeMap<String, Arc<Table>>,
}

impl Lookups {
    /// No tables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a table from a file: `.csv` with a header, `.yaml`, `.yml` or `.json`, or else one value a line.
    ///
    /// # Errors
    /// [`LookupError`] names the file, and the line.
    pub fn read(&mut self, name: &str, path: &Path) -> Result<(), LookupError> {
        self.insert(name, Table::read(path)?);
        Ok(())
    }

    /// Adds a table, or replaces the one of that name.
    pub fn insert(&mut self, name: &str, table: impl Into<Arc<Table>>) {
        self.tables.insert(name.to_owned(), table.into());
    }

    /// The table of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.get(name)
    }

    /// The tables with their names.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &Arc<Table>)> {
        self.tables.iter().map(|(name, table)| (name.as_str(), table))
    }

    /// Whether both hold the same tables in the same versions.
    #[must_use]
    pub fn same_versions(&self, other: &Self) -> bool {
        let versions = |(name, table): (&String, &Arc<Table>)| (name.clone(), table.version.clone());
        self.tables.iter().map(versions).eq(other.tables.iter().map(versions))
    }

    /// What `%name%` stands for: a table's first column, or the column behind the last dot.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Found<'_>> {
        if let Some((table, found)) = self.tables.get_key_value(name) {
            let (_, values) = found.columns.first()?;
            return Some(Found { table, version: &found.version, values });
        }
        let (table, column) = name.rsplit_once('.')?;
        let (table, found) = self.tables.get_key_value(table)?;
        let (_, values) = found.columns.iter().find(|(known, _)| known == column)?;
        Some(Found { table, version: &found.version, values })
    }

    /// What to do about a name that stands for nothing.
    #[must_use]
    pub fn advise(&self, name: &str) -> String {
        let columns = self.tables.iter().flat_map(|(table, found)| {
            found.columns.iter().map(move |(column, _)| format!("{table}.{column}")).chain([table.clone()])
        });
        let known: Vec<String> = columns.collect();
        let table = name.rsplit_once('.').map_or(name, |(table, _)| table);
        suggest(name, known.iter().map(String::as_str)).unwrap_or_else(|| {
            format!("give it a table: `lookups: {{{table}: FILE}}` in the configuration, or `--lookup {table}=FILE`")
        })
    }
}

impl Table {
    /// Reads a table from a file.
    ///
    /// # Errors
    /// [`LookupError`] names the file, and the line.
    pub fn read(path: &Path) -> Result<Self, LookupError> {
        let shown = path.display().to_string();
        let unreadable = |reason| LookupError::Unreadable { path: shown.clone(), reason };
        if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_TABLE_BYTES {
            return Err(LookupError::TooLarge { path: shown });
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let malformed = |(line, reason)| LookupError::Malformed { path: shown.clone(), line, reason };
        Self::parse(&bytes, extension).map_err(malformed)
    }

    /// Reads a table of the form that a file's extension names.
    ///
    /// # Errors
    /// The line, from 1, and what is wrong with it.
    pub fn parse(bytes: &[u8], extension: &str) -> Result<Self, (usize, String)> {
        let form = extension.to_ascii_lowercase();
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            (1 + before.iter().filter(|byte| **byte == b'\n').count(), "not UTF-8".to_owned())
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let columns = match form.as_str() {
            "csv" => csv::columns(text)?,
            "yml" | "yaml" | "json" => rows::columns(text)?,
            _ => vec![("value".to_owned(), lines(text))],
        };
        let columns = columns.into_iter().map(|(name, values)| (name, unique(values))).collect();
        Ok(Self { version: hash(bytes), columns, text: TableText { form, bytes: bytes.into() } })
    }

    /// Values of its first column: what `%table%` stands for.
    #[must_use]
    pub fn values(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }
}

/// One value a line; empty lines and those that begin with `#` are left out.
fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

fn unique(mut values: Vec<String>) -> Vec<String> {
    let mut seen = foldhash::HashSet::<String>::default();
    values.retain(|value| seen.insert(value.clone()));
    values
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_value_a_line() {
        let table = Table::parse(b"# owners\r\n\r\n  ada \nbob\nada\n", "txt").unwrap();
        assert_eq!(table.columns, [("value".to_owned(), vec!["ada".to_owned(), "bob".to_owned()])]);
        assert_eq!(Table::parse(b"a\n\xff\n", "txt").unwrap_err().0, 2);
    }

    #[test]
    fn the_version_is_the_hash_of_the_file() {
        let version = Table::parse(b"abc", "").unwrap().version;
        assert_eq!(version, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn names_find_tables_and_columns() {
        let mut lookups = Lookups::new();
        lookups.insert("hosts", Table::parse(b"name,owner\nweb,ada\ndb,bob\n", "csv").unwrap());
        lookups.insert("a.b", Table::parse(b"x\n", "").unwrap());
        assert_eq!(lookups.find("hosts").unwrap().values, ["web", "db"]);
        assert_eq!(lookups.find("hosts.owner").unwrap().values, ["ada", "bob"]);
        assert_eq!(lookups.find("a.b").unwrap().values, ["x"], "a table's name may have a dot");
        assert_eq!(lookups.find("hosts.ip"), None);
        assert!(lookups.advise("hosts.owners").contains("`hosts.owner`"));
        assert!(lookups.advise("admins").contains("--lookup admins=FILE"));
    }
}
