//! The rows of a compacted topic, and the table that they make: CSV in the order of the keys, whatever the order in which they
//! came, so that the same rows are the same version.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::rule::lookup::{MAX_TABLE_BYTES, Table};

/// Name of the first column: what `%table%` stands for.
const KEY: &str = "key";
/// Name of the column of a row that is a single value.
const VALUE: &str = "value";

/// A row: columns with their values.
type Row = BTreeMap<String, String>;

/// All rows by their keys.
#[derive(Debug, Default)]
pub(super) struct TopicRows {
    rows: BTreeMap<String, Row>,
    bytes: u64,
    /// Records that cannot be rows, since the last table.
    unusable: Vec<String>,
}

impl TopicRows {
    /// Takes a record: a row, or the end of one. A record that cannot be a row changes nothing.
    pub(super) fn take(&mut self, key: Option<&[u8]>, value: Option<&[u8]>) {
        if let Err(reason) = self.put(key, value) {
            self.unusable.push(reason);
        }
    }

    fn put(&mut self, key: Option<&[u8]>, value: Option<&[u8]>) -> Result<(), String> {
        let key = key.filter(|key| !key.is_empty()).ok_or("a record without a key is no row")?;
        let key = std::str::from_utf8(key).map_err(|_| "a key is not UTF-8".to_owned())?;
        let row = value.map(|value| row(value).map_err(|reason| format!("row {key:?}: {reason}"))).transpose()?;
        let before = match &row {
            Some(row) => self.rows.insert(key.to_owned(), row.clone()),
            None => self.rows.remove(key),
        };
        self.bytes = self.bytes.saturating_sub(before.map_or(0, |before| size(key, &before)));
        self.bytes += row.map_or(0, |row| size(key, &row));
        Ok(())
    }

    /// What could not be a row since this was last asked: how many records, and one of them.
    pub(super) fn unusable(&mut self) -> Option<String> {
        let found = std::mem::take(&mut self.unusable);
        let first = found.first()?;
        Some(format!("{} record(s) are no rows and change nothing, such as: {first}", found.len()))
    }

    /// The table.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn table(&self) -> Result<Table, String> {
        if self.bytes > MAX_TABLE_BYTES {
            return Err("the table is larger than 64 MiB: split it, or match fewer values".to_owned());
        }
        let mut columns: Vec<&str> = self.rows.values().flat_map(BTreeMap::keys).map(String::as_str).collect();
        columns.sort_unstable();
        columns.dedup();
        let mut text = String::from(KEY);
        for column in &columns {
            text.push(',');
            quote(column, &mut text);
        }
        text.push('\n');
        for (key, row) in &self.rows {
            quote(key, &mut text);
            for column in &columns {
                text.push(',');
                quote(row.get(*column).map_or("", String::as_str), &mut text);
            }
            text.push('\n');
        }
        if text.len() as u64 > MAX_TABLE_BYTES {
            return Err("the table is larger than 64 MiB: rows with the same columns take less room".to_owned());
        }
        Table::parse(text.as_bytes(), "csv").map_err(|(line, reason)| format!("line {line}: {reason}"))
    }
}

fn size(key: &str, row: &Row) -> u64 {
    let cells: usize = row.iter().map(|(column, value)| column.len().min(1) + value.len()).sum();
    (key.len() + cells + 2) as u64
}

/// A row as a record's value says it: a JSON object of single values, or a single value.
fn row(value: &[u8]) -> Result<Row, String> {
    let value: Value = serde_json::from_slice(value).map_err(|error| format!("not JSON: {error}"))?;
    let Value::Object(members) = value else {
        return Ok(single(&value)?.map(|text| (VALUE.to_owned(), text)).into_iter().collect());
    };
    let mut row = Row::new();
    for (name, value) in members {
        let name = name.trim();
        // the record's own key stands there
        if name == KEY || name.is_empty() {
            continue;
        }
        if let Some(text) = single(&value).map_err(|reason| format!("`{name}`: {reason}"))? {
            row.insert(name.to_owned(), text);
        }
    }
    Ok(row)
}

/// The text of a single value; a null says nothing.
fn single(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(truth) => Ok(Some(truth.to_string())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Array(_) | Value::Object(_) => Err("a value is a single value, not a list or a map".to_owned()),
    }
}

fn quote(value: &str, out: &mut String) {
    if value.contains([',', '"', '\n', '\r']) || value.trim() != value {
        out.push('"');
        out.push_str(&value.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(records: &[(&str, Option<&str>)]) -> TopicRows {
        let mut rows = TopicRows::default();
        for (key, value) in records {
            rows.take(Some(key.as_bytes()), value.map(str::as_bytes));
        }
        rows
    }

    fn column(table: &Table, name: &str) -> Vec<String> {
        table.columns.iter().find(|(known, _)| known == name).map(|(_, values)| values.clone()).unwrap_or_default()
    }

    #[test]
    fn the_newest_record_of_a_key_counts_and_one_without_value_removes_it() {
        let table = rows(&[
            ("b", Some(r#"{"owner": "ada", "n": 7, "key": "x", "gone": null}"#)),
            ("a", Some(r#"{"owner": "eve"}"#)),
            ("a", Some(r#""just text""#)),
            ("c", Some("true")),
            ("c", None),
            ("nobody", None),
        ])
        .table()
        .unwrap();
        assert_eq!(table.columns[0], ("key".to_owned(), vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(column(&table, "owner"), ["ada"]);
        assert_eq!(
            (column(&table, "n"), column(&table, "value")),
            (vec!["7".to_owned()], vec!["just text".to_owned()])
        );
    }

    #[test]
    fn what_is_no_row_changes_nothing_and_is_said_once() {
        let mut rows = rows(&[("a", Some("1")), ("a", Some("{")), ("b", Some("[1]")), ("c", Some(r#"{"x": {}}"#))]);
        rows.take(None, Some(b"1"));
        rows.take(Some(b"\xff"), Some(b"1"));
        let said = rows.unusable().unwrap();
        assert!(said.starts_with("5 record(s)") && said.contains("row \"a\": not JSON"), "{said}");
        assert_eq!(rows.unusable(), None);
        assert_eq!(rows.table().unwrap().columns[0].1, ["a"]);
        assert_eq!(TopicRows::default().table().unwrap().values(), 0, "an empty topic is an empty table");
    }

    proptest! {
        #[test]
        fn the_same_rows_are_the_same_version_in_whatever_order_they_came(
            records in proptest::collection::btree_map("[a-c,\" \n]{1,3}", proptest::option::of("[x-z,\"\n ]{0,3}"), 0..8),
            seed in any::<u64>(),
        ) {
            let mut put: Vec<(String, Option<String>)> = records.clone().into_iter().collect();
            let value = |text: &str| serde_json::json!({"column": text}).to_string();
            let mut one = TopicRows::default();
            for (key, text) in &put {
                one.take(Some(key.as_bytes()), text.as_deref().map(value).as_deref().map(str::as_bytes));
            }
            let turn = usize::try_from(seed % 8).unwrap() % put.len().max(1);
            put.rotate_left(turn);
            put.reverse();
            let mut other = TopicRows::default();
            for (key, text) in &put {
                other.take(Some(key.as_bytes()), Some(b"\"before\""));
                other.take(Some(key.as_bytes()), text.as_deref().map(value).as_deref().map(str::as_bytes));
            }
            let (one_table, other_table) = (one.table().unwrap(), other.table().unwrap());
            prop_assert_eq!(&one_table, &other_table);
            prop_assert_eq!(one.bytes, other.bytes);
            let keys: Vec<String> = records.iter().filter(|(_, text)| text.is_some()).map(|(key, _)| key.clone()).collect();
            prop_assert_eq!(&one_table.columns[0].1, &keys, "every key comes back as it was");
        }
    }
}
