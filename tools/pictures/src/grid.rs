//! Rows and columns: tables of buckets, and lists of documents.

use clarion::dashboard::{Documents, Order, Row, Source, Table};
use clarion::model::Timestamp;

use crate::Failure;
use crate::figures::{moment, written};
use crate::sheet::{Anchor, BODY, INK, RULE, SMALL, Sheet, Type};
use crate::typeset;

/// Pixels of a row with one line, and of each line more.
const LINE: i32 = 22;
const FURTHER: i32 = 15;
/// Lines of a document's row, as Discover shows more than one.
const LINES: usize = 2;
/// A word of a document that is longer, such as an id, says no more than its beginning; in pixels.
const WORD: i32 = 90;
/// Pixels between two columns.
const BETWEEN: i32 = 14;

/// A column: its heading, and whether it has numbers.
struct Column {
    title: String,
    numbers: bool,
}

/// Draws the buckets, in the order of the first measure.
///
/// # Errors
/// They cannot be drawn.
pub(crate) fn table(body: &Sheet<'_>, table: &Table, rows: &[Row]) -> Result<(), Failure> {
    let texts = table.rows.iter().map(|terms| Column { title: terms.title.clone(), numbers: false });
    let numbers = table.measures.iter().map(|measure| Column { title: measure.title.clone(), numbers: true });
    let columns: Vec<Column> = texts.chain(numbers).collect();
    let first = |row: &Row| row.1.first().copied().flatten().unwrap_or(f64::NEG_INFINITY);
    let mut sorted: Vec<&Row> = rows.iter().collect();
    match table.rows.first().map(|terms| terms.order) {
        Some(Order::Rising) => sorted.sort_by(|one, other| first(one).total_cmp(&first(other))),
        _ => sorted.sort_by(|one, other| first(other).total_cmp(&first(one))),
    }
    let cells = |row: &&Row| -> Vec<String> {
        let figures = row.1.iter().zip(&table.measures).map(|(value, measure)| written(measure, *value));
        row.0.iter().cloned().chain(figures).collect()
    };
    draw(body, &columns, &sorted.iter().map(cells).collect::<Vec<_>>(), 1)
}

/// Draws documents.
///
/// # Errors
/// They cannot be drawn.
pub(crate) fn documents(body: &Sheet<'_>, documents: &Documents, rows: &[Vec<String>]) -> Result<(), Failure> {
    let columns: Vec<Column> = [Source::TIME]
        .into_iter()
        .chain(documents.columns.iter().map(String::as_str))
        .map(|field| Column { title: field.to_owned(), numbers: false })
        .collect();
    let minutes = |row: &Vec<String>| -> Vec<String> {
        let time = |text: &String| Timestamp::parse(text).map_or_else(|_| text.clone(), moment);
        row.iter().take(1).map(time).chain(row.iter().skip(1).cloned()).collect()
    };
    draw(body, &columns, &rows.iter().map(minutes).collect::<Vec<_>>(), LINES)
}

fn draw(body: &Sheet<'_>, columns: &[Column], rows: &[Vec<String>], most: usize) -> Result<(), Failure> {
    let widths = widths(body.width(), columns, rows, most);
    let heading = Type { bold: true, colour: INK, ..SMALL };
    let mut x = 0;
    for (column, width) in columns.iter().zip(&widths) {
        cell(body, x, LINE / 2, column, *width, &column.title, heading)?;
        x += width + BETWEEN;
    }
    let mut y = LINE;
    body.line((0, y), (body.width(), y), RULE)?;
    for (index, row) in rows.iter().enumerate() {
        let texts: Vec<Vec<String>> =
            row.iter().zip(&widths).map(|(text, width)| typeset::paragraph(text, BODY.size, *width, most)).collect();
        let further = texts.iter().map(Vec::len).max().unwrap_or(1).saturating_sub(1);
        let height = LINE + FURTHER * i32::try_from(further)?;
        // the line that says how many more there are must fit as well
        let needed = if index + 1 < rows.len() { height + LINE } else { height };
        if y + needed > body.height() {
            let more = format!("… {} more rows", rows.len() - index);
            return body.text(&more, 0, y + LINE / 2, Anchor::Left, SMALL, body.width());
        }
        let mut x = 0;
        for ((column, width), lines) in columns.iter().zip(&widths).zip(&texts) {
            let mut middle = y + LINE / 2;
            for line in lines {
                cell(body, x, middle, column, *width, line, BODY)?;
                middle += FURTHER;
            }
            x += width + BETWEEN;
        }
        y += height;
        body.line((0, y), (body.width(), y), RULE)?;
    }
    Ok(())
}

fn cell(body: &Sheet<'_>, x: i32, y: i32, column: &Column, width: i32, text: &str, kind: Type) -> Result<(), Failure> {
    if column.numbers {
        body.text(text, x + width, y, Anchor::Right, kind, width)
    } else {
        body.text(text, x, y, Anchor::Left, kind, width)
    }
}

/// What each column needs; if that is too much, the widest give way to all others. What is left goes to the texts.
fn widths(room: i32, columns: &[Column], rows: &[Vec<String>], most: usize) -> Vec<i32> {
    let needed: Vec<i32> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let cells = rows.iter().filter_map(|row| row.get(index)).map(|cell| {
                let width = typeset::width(cell, BODY.size);
                let id = most > 1 && cell.len() > 30 && !cell.contains(' ');
                if id { width.min(WORD) } else { width }
            });
            cells.chain([typeset::width(&column.title, SMALL.size) * 16 / 15 + 2]).max().unwrap_or(0) + 1
        })
        .collect();
    let count = i32::try_from(columns.len()).unwrap_or(1);
    let room = room - BETWEEN * (count - 1);
    let with = |cap: i32| needed.iter().map(|width| width.min(&cap)).sum::<i32>();
    let cap = (40..room).rev().find(|cap| with(*cap) <= room).unwrap_or(40);
    let left = (room - with(cap)).max(0);
    let texts = i32::try_from(columns.iter().filter(|column| !column.numbers).count()).unwrap_or(1).max(1);
    let given = |(width, column): (&i32, &Column)| width.min(&cap) + if column.numbers { 0 } else { left / texts };
    needed.iter().zip(columns).map(given).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_widest_columns_give_way() {
        let columns = [("Level", false), ("Reason", false), ("Alerts", true)]
            .map(|(title, numbers)| Column { title: title.to_owned(), numbers });
        let rows = vec![vec!["critical".to_owned(), "a very long reason ".repeat(20), "12".to_owned()]];
        let widths = widths(400, &columns, &rows, 1);
        let used: i32 = widths.iter().sum::<i32>() + 2 * BETWEEN;
        assert!((380..=400).contains(&used), "{widths:?}");
        assert!(widths[0] >= typeset::width("critical", BODY.size) && widths[1] > 200, "{widths:?}");
    }
}
