//! Comma-separated tables (RFC 4180): a header, then rows of as many values. Quotes hold commas, line breaks and doubled
//! quotes.

/// The columns of a table.
pub(super) fn columns(text: &str) -> Result<Vec<(String, Vec<String>)>, (usize, String)> {
    let mut rows = rows(text)?.into_iter();
    let Some((_, header)) = rows.next() else {
        return Err((1, "the table is empty: write a header line with the names of its columns".to_owned()));
    };
    let mut columns: Vec<(String, Vec<String>)> = Vec::new();
    for name in header {
        let name = name.trim().to_owned();
        if columns.iter().any(|(known, _)| *known == name) {
            return Err((1, format!("the column `{name}` stands twice in the header")));
        }
        columns.push((name, Vec::new()));
    }
    for (line, row) in rows {
        if row.len() != columns.len() {
            return Err((line, format!("{} values, but the header has {}", row.len(), columns.len())));
        }
        for ((_, values), value) in columns.iter_mut().zip(row) {
            // an empty cell says nothing
            if !value.is_empty() {
                values.push(value);
            }
        }
    }
    Ok(columns)
}

/// The names of the columns, and every row with what stands in them.
pub(super) fn cells(text: &str) -> Result<(Vec<String>, Vec<Vec<Option<String>>>), (usize, String)> {
    let mut rows = rows(text)?.into_iter().map(|(_, row)| row);
    let header = rows.next().unwrap_or_default().iter().map(|name| name.trim().to_owned()).collect();
    let cell = |value: String| (!value.is_empty()).then_some(value);
    Ok((header, rows.map(|row| row.into_iter().map(cell).collect()).collect()))
}

/// Rows with the line that each begins in; empty lines are left out.
fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, (usize, String)> {
    let mut rows = Vec::new();
    let (mut row, mut value) = (Vec::new(), String::new());
    let (mut line, mut row_line) = (1, 1);
    let mut quoted = false;
    let mut symbols = text.chars().peekable();
    while let Some(symbol) = symbols.next() {
        match symbol {
            '"' if quoted && symbols.next_if_eq(&'"').is_some() => value.push('"'),
            '"' if quoted => quoted = false,
            '"' if value.is_empty() => quoted = true,
            ',' if !quoted => row.push(std::mem::take(&mut value)),
            '\r' if !quoted && symbols.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                line += 1;
                end_row(&mut rows, &mut row, &mut value, row_line);
                row_line = line;
            }
            other => {
                line += usize::from(other == '\n');
                value.push(other);
            }
        }
    }
    if quoted {
        return Err((row_line, "a quote is not closed".to_owned()));
    }
    end_row(&mut rows, &mut row, &mut value, row_line);
    Ok(rows)
}

fn end_row(rows: &mut Vec<(usize, Vec<String>)>, row: &mut Vec<String>, value: &mut String, line: usize) {
    if row.is_empty() && value.is_empty() {
        return;
    }
    row.push(std::mem::take(value));
    rows.push((line, std::mem::take(row)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_hold_what_would_end_a_value() {
        let found = columns("name , note\r\nweb,\"a, \"\"b\"\"\nc\"\r\n\r\ndb,\n").unwrap();
        assert_eq!(found[0], ("name".to_owned(), vec!["web".to_owned(), "db".to_owned()]));
        assert_eq!(found[1], ("note".to_owned(), vec!["a, \"b\"\nc".to_owned()]));
    }

    #[test]
    fn mistakes_have_lines() {
        assert_eq!(columns("a,b\n1,2\n3\n").unwrap_err().0, 3);
        assert_eq!(columns("a,a\n").unwrap_err().0, 1);
        assert_eq!(columns("a\n\"x\ny\n").unwrap_err(), (2, "a quote is not closed".to_owned()));
        assert_eq!(columns("").unwrap_err().0, 1);
    }

    proptest! {
        #[test]
        fn what_is_quoted_comes_back(values in proptest::collection::vec("[a,\"\r\n ]{1,6}", 1..6)) {
            let quoted: String = values.iter().map(|value| format!("\"{}\"\n", value.replace('"', "\"\""))).collect();
            prop_assert_eq!(&columns(&format!("h\n{quoted}")).unwrap()[0].1, &values);
        }
    }
}
