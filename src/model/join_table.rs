//! A table as events are joined with it: what stands in some of its columns in the row of a key. Where it comes from is not
//! known here.

use foldhash::HashMap;

/// Rows by key. Keys are compared as they are spelled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JoinTable {
    rows: HashMap<Box<str>, Box<[Option<Box<str>>]>>,
}

impl JoinTable {
    /// Adds a row; the first of a key counts.
    pub fn insert(&mut self, key: &str, values: impl Iterator<Item = Option<String>>) {
        let row = || values.map(|value| value.map(String::into_boxed_str)).collect();
        self.rows.entry(key.into()).or_insert_with(row);
    }

    /// The values in the row of a key, in the order of the columns that the table was made for; `None` without such a row.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&[Option<Box<str>>]> {
        self.rows.get(key).map(|row| &**row)
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no key has a row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_of_a_key_counts() {
        let mut table = JoinTable::default();
        table.insert("a", [Some("1".to_owned()), None].into_iter());
        table.insert("a", [Some("2".to_owned()), None].into_iter());
        assert_eq!(table.find("a"), Some(&[Some("1".into()), None][..]));
        assert_eq!((table.find("A"), table.len()), (None, 1));
    }
}
