//! Tables in YAML (and JSON, which is YAML): a list of values, a list of rows, or a map of columns.

use crate::rule::diagnostic::Diagnostics;
use crate::rule::yaml::{self, Node, Value};

type Failed = (usize, String);

/// The columns of a table.
pub(super) fn columns(text: &str) -> Result<Vec<(String, Vec<String>)>, Failed> {
    let mut diagnostics = Diagnostics::new("".into());
    let documents = yaml::parse(text, &mut diagnostics);
    if let Some(finding) = diagnostics.into_found().first() {
        return Err((finding.place.line, finding.message.clone()));
    }
    let [document] = documents.as_slice() else {
        let reason = format!("a table is one document, not {}: write a list of values", documents.len());
        return Err((1, reason));
    };
    match &document.value {
        Value::Sequence(items) if items.iter().any(|item| item.mapping().is_some()) => rows(items),
        Value::Sequence(items) => Ok(vec![("value".to_owned(), values(items)?)]),
        Value::Mapping(entries) => {
            let column = |(key, value): &(Node, Node)| {
                let items = value.sequence().ok_or_else(|| wrong(value, "a column is a list of values"))?;
                Ok((key.text().unwrap_or_default().to_owned(), values(items)?))
            };
            entries.iter().map(column).collect()
        }
        Value::Scalar { .. } => Err(wrong(document, "a table is a list of values")),
    }
}

/// The names of the columns, and every row with what stands in them. In a map of columns, the values at the same place of each
/// are a row.
pub(super) fn cells(text: &str) -> Result<(Vec<String>, Vec<Vec<Option<String>>>), Failed> {
    let names: Vec<String> = columns(text)?.into_iter().map(|(name, _)| name).collect();
    let documents = yaml::parse(text, &mut Diagnostics::new("".into()));
    let text = |node: &Node| (!node.is_null()).then(|| node.text().unwrap_or_default().to_owned());
    let mut rows: Vec<Vec<Option<String>>> = Vec::new();
    match documents.first().map(|document| &document.value) {
        Some(Value::Sequence(items)) => {
            for item in items {
                let of_column = |name: &String| match item.mapping() {
                    Some(row) => {
                        row.iter().find(|(key, _)| key.text() == Some(name)).and_then(|(_, value)| text(value))
                    }
                    None => text(item),
                };
                rows.push(names.iter().map(of_column).collect());
            }
        }
        Some(Value::Mapping(entries)) => {
            let lists: Vec<&[Node]> = entries.iter().filter_map(|(_, values)| values.sequence()).collect();
            let longest = lists.iter().map(|list| list.len()).max().unwrap_or(0);
            let row = |place: usize| lists.iter().map(|list| list.get(place).and_then(text)).collect();
            rows.extend((0..longest).map(row));
        }
        _ => {}
    }
    Ok((names, rows))
}

fn rows(items: &[Node]) -> Result<Vec<(String, Vec<String>)>, Failed> {
    let mut columns: Vec<(String, Vec<String>)> = Vec::new();
    for item in items {
        let row = item.mapping().ok_or_else(|| wrong(item, "a row is a map of column and value"))?;
        for (key, value) in row {
            let name = key.text().unwrap_or_default();
            let text = values(std::slice::from_ref(value))?;
            match columns.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.extend(text),
                None => columns.push((name.to_owned(), text)),
            }
        }
    }
    Ok(columns)
}

/// Texts of scalars; a null says nothing.
fn values(items: &[Node]) -> Result<Vec<String>, Failed> {
    let text = |item: &Node| item.text().map(str::to_owned).ok_or_else(|| wrong(item, "a value is a single value"));
    items.iter().filter(|item| !item.is_null()).map(text).collect()
}

fn wrong(node: &Node, wanted: &str) -> Failed {
    (node.place.line, format!("{wanted}, not {}", node.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Vec<String>)> {
        columns(text).unwrap()
    }

    fn column(name: &str, values: &[&str]) -> (String, Vec<String>) {
        (name.to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn lists_rows_and_columns_are_tables() {
        assert_eq!(read("- a\n- 007\n- ~\n"), [column("value", &["a", "007"])], "as spelled");
        assert_eq!(read("[{n: a, o: x}, {n: b}]"), [column("n", &["a", "b"]), column("o", &["x"])]);
        assert_eq!(read("n: [a, b]\no: []\n"), [column("n", &["a", "b"]), column("o", &[])]);
        assert_eq!(read("[\"a\", 1, true]"), [column("value", &["a", "1", "true"])], "JSON");
    }

    #[test]
    fn mistakes_have_lines() {
        for (text, line) in [("a", 1), ("- a\n- [b]\n", 2), ("a: 1\n", 1), ("- {a: 1}\n- 2\n", 2), ("[", 2), ("", 1)] {
            assert_eq!(columns(text).unwrap_err().0, line, "{text}");
        }
    }
}
