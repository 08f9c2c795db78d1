//! The texts of lookup tables beside the snapshots that name them: one file for each version, named by its hash, so that a
//! table is written when it changes and not with every snapshot.

use std::fs;

use super::{KeptTable, SnapshotStore, StoreError, fail, put_into_place, write_and_sync};
use crate::rule::lookup::{Lookups, Table};

const FOLDER: &str = "tables";

impl KeptTable {
    /// How a snapshot names these tables.
    #[must_use]
    pub fn all(tables: &Lookups) -> Vec<Self> {
        let kept = |(name, table): (&str, &std::sync::Arc<Table>)| Self {
            name: name.to_owned(),
            version: table.version.clone(),
            form: table.text.form.clone(),
        };
        tables.tables().map(kept).collect()
    }

    fn file(&self) -> String {
        if self.form.is_empty() { self.version.clone() } else { format!("{}.{}", self.version, self.form) }
    }
}

impl SnapshotStore {
    /// Writes those of the tables that are not there yet; when it returns, they survive a loss of power.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn keep_tables(&self, tables: &Lookups) -> Result<(), StoreError> {
        let folder = self.folder.join(FOLDER);
        for ((_, table), kept) in tables.tables().zip(KeptTable::all(tables)) {
            let path = folder.join(kept.file());
            if path.exists() {
                continue;
            }
            fs::create_dir_all(&folder).map_err(fail("create", &folder))?;
            let beside = folder.join("table.writing");
            write_and_sync(&beside, &[&table.text.bytes])?;
            put_into_place(&beside, &path)?;
        }
        Ok(())
    }

    /// Reads the tables that a snapshot names.
    ///
    /// # Errors
    /// [`StoreError::Table`] for one that is not there or is not what it was.
    pub fn tables(&self, kept: &[KeptTable]) -> Result<Lookups, StoreError> {
        let mut tables = Lookups::new();
        for kept in kept {
            let path = self.folder.join(FOLDER).join(kept.file());
            let fail = |reason: String| StoreError::Table { name: kept.name.clone(), path: path.clone(), reason };
            let bytes = fs::read(&path).map_err(|error| fail(error.to_string()))?;
            let table =
                Table::parse(&bytes, &kept.form).map_err(|(line, reason)| fail(format!("line {line}: {reason}")))?;
            if table.version != kept.version {
                return Err(fail("its checksum is wrong".to_owned()));
            }
            tables.insert(&kept.name, table);
        }
        Ok(tables)
    }

    /// Removes the tables that none of these snapshots names. What cannot be removed is in nobody's way.
    pub fn forget_tables_except(&self, named: &[&[KeptTable]]) {
        let wanted: Vec<String> = named.iter().copied().flatten().map(KeptTable::file).collect();
        let Ok(entries) = fs::read_dir(self.folder.join(FOLDER)) else { return };
        for entry in entries.filter_map(Result::ok) {
            if !wanted.iter().any(|name| entry.file_name().to_str() == Some(name.as_str())) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(names: &[(&str, &str)]) -> Lookups {
        let mut tables = Lookups::new();
        for (name, text) in names {
            tables.insert(name, Table::parse(text.as_bytes(), "csv").unwrap());
        }
        tables
    }

    #[test]
    fn tables_come_back_as_they_were_and_a_changed_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let store = SnapshotStore::open(folder.path()).unwrap();
        let (one, two) = (tables(&[("a", "h\n1\n"), ("b", "h\n2\n")]), tables(&[("a", "h\n3\n"), ("b", "h\n2\n")]));
        store.keep_tables(&one).unwrap();
        store.keep_tables(&two).unwrap();
        assert_eq!(store.tables(&KeptTable::all(&one)).unwrap(), one);
        assert_eq!(store.tables(&KeptTable::all(&two)).unwrap(), two);
        store.forget_tables_except(&[&KeptTable::all(&two)]);
        assert!(store.tables(&KeptTable::all(&one)).is_err());
        let kept = KeptTable::all(&two);
        let path = folder.path().join(FOLDER).join(kept[1].file());
        fs::write(path, "h\n4\n").unwrap();
        let error = store.tables(&kept).unwrap_err().to_string();
        assert!(error.contains("lookup table b") && error.contains("checksum"), "{error}");
    }
}
