//! From a table to what events are joined with: rows by the values of one column.

use super::{Table, csv, rows};
use crate::model::JoinTable;

/// Names of columns, and what stands in each of them row by row.
type Cells = (Vec<String>, Vec<Vec<Option<String>>>);

impl Table {
    /// Its rows by the values in the column `key` (the first one, if that is `None`), each with what stands in `columns`. What
    /// it has no such column for is missing in every row, and named in the second part.
    #[must_use]
    pub fn join(&self, key: Option<&str>, columns: &[&str]) -> (JoinTable, Vec<String>) {
        let (names, rows) = self.cells();
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let mut missing: Vec<String> = key
            .into_iter()
            .chain(columns.iter().copied())
            .filter(|name| place(name).is_none())
            .map(str::to_owned)
            .collect();
        missing.dedup();
        let mut table = JoinTable::default();
        let Some(key) = key.map_or(Some(0), place) else { return (table, missing) };
        let places: Vec<Option<usize>> = columns.iter().map(|name| place(name)).collect();
        let cell = |row: &Vec<Option<String>>, at: usize| row.get(at).cloned().flatten();
        for row in &rows {
            if let Some(key) = cell(row, key) {
                table.insert(&key, places.iter().map(|at| cell(row, (*at)?)));
            }
        }
        (table, missing)
    }

    fn cells(&self) -> Cells {
        // it has been read once
        let text = std::str::from_utf8(&self.text.bytes).unwrap_or_default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match self.text.form.as_str() {
            "csv" => csv::cells(text).unwrap_or_default(),
            "yml" | "yaml" | "json" => rows::cells(text).unwrap_or_default(),
            _ => {
                let rows = super::lines(text).into_iter().map(|value| vec![Some(value)]).collect();
                (vec!["value".to_owned()], rows)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str, form: &str, key: Option<&str>, columns: &[&str]) -> (Vec<String>, Vec<String>) {
        let (table, missing) = Table::parse(text.as_bytes(), form).unwrap().join(key, columns);
        let row = |key: &str| {
            let words: Vec<&str> = table.find(key)?.iter().map(|value| value.as_deref().unwrap_or("-")).collect();
            Some(format!("{key}:{}", words.join(",")))
        };
        (["a", "b", "x"].into_iter().filter_map(row).collect(), missing)
    }

    #[test]
    fn rows_stay_together_in_every_form() {
        let found = vec!["a:x,-".to_owned(), "b:-,7".to_owned()];
        for (text, form) in [
            ("id,owner,n\na,x,\nb,,7\n,lost,1\na,again,2\n", "csv"),
            ("- {id: a, owner: x}\n- {n: 7, id: b, owner: ~}\n- {owner: lost}\n", "yaml"),
            ("id: [a, b]\nowner: [x, ~]\nn: [~, 7]\n", "yaml"),
            (r#"[{"id": "a", "owner": "x", "n": null}, {"id": "b", "n": 7}]"#, "json"),
        ] {
            assert_eq!(joined(text, form, None, &["owner", "n"]), (found.clone(), vec![]), "{text}");
            assert_eq!(joined(text, form, Some("id"), &["owner", "n"]).0, found, "{text}");
        }
        assert_eq!(joined("a\nb\n", "txt", None, &[]).0, ["a:", "b:"]);
        assert_eq!(joined("id,owner\na,x\n", "csv", Some("owner"), &["id"]).0, ["x:a"]);
    }

    #[test]
    fn columns_that_are_not_there_are_named() {
        assert_eq!(joined("id\na\n", "csv", None, &["owner"]), (vec!["a:-".to_owned()], vec!["owner".to_owned()]));
        assert_eq!(joined("id\na\n", "csv", Some("name"), &["id"]), (vec![], vec!["name".to_owned()]));
    }
}
