//! One panel: its frame and title, and below them what its kind shows.

use clarion::dashboard::{Description, Panel, Show};

use crate::sheet::{Anchor, EDGE, PAPER, QUIET, SMALL, Sheet, TITLE, Type};
use crate::view::{Answer, View};
use crate::{Failure, chart, donut, figure, grid, ranking, text, typeset};

/// Pixels between the frame and what is in it.
const PADDING: i32 = 10;

/// Draws it.
///
/// # Errors
/// Something cannot be drawn.
pub(crate) fn draw(
    sheet: &Sheet<'_>,
    description: &Description,
    view: &View<'_>,
    panel: &Panel,
) -> Result<(), Failure> {
    let (width, height) = (sheet.width() - 1, sheet.height() - 1);
    sheet.fill(0, 0, width, height, PAPER)?;
    sheet.frame(0, 0, width, height, EDGE)?;
    let room = width - 2 * PADDING;
    if let Show::Markdown(markdown) = &panel.show {
        return text::draw(&sheet.part(PADDING, PADDING, room, height - 2 * PADDING), description, markdown);
    }
    sheet.text(&panel.title, PADDING, 17, Anchor::Left, TITLE, room)?;
    let mut top = 32;
    for line in typeset::paragraph(panel.note.as_deref().unwrap_or_default(), SMALL.size, room, 2) {
        sheet.text(&line, PADDING, top + 2, Anchor::Left, SMALL, room)?;
        top += 14;
    }
    let body = sheet.part(PADDING, top, room, height - top - PADDING);
    match (&panel.show, view.answer(panel)?) {
        (Show::Documents(documents), Answer::Documents(rows)) if !rows.is_empty() => {
            grid::documents(&body, documents, &rows)
        }
        (Show::Metric(shown), Answer::Rows(rows)) => figure::draw(&body, &shown.measure, &rows),
        (show, Answer::Rows(rows)) if !rows.is_empty() => match show {
            Show::Line(shown) => chart::lines(&body, view, shown, &rows),
            Show::Bar(shown) if shown.along.is_some() => ranking::draw(&body, shown, &rows),
            Show::Bar(shown) => chart::bars(&body, view, shown, &rows),
            Show::Table(table) => grid::table(&body, table, &rows),
            Show::Pie(pie) => donut::draw(&body, pie, &rows),
            Show::Metric(_) | Show::Documents(_) | Show::Markdown(_) => Ok(()),
        },
        _ => nothing(&body),
    }
}

/// No document of the range fits.
fn nothing(body: &Sheet<'_>) -> Result<(), Failure> {
    let quiet = Type { colour: QUIET, ..TITLE };
    let (middle, room) = (body.width() / 2, body.width());
    body.text("No results found", middle, body.height() / 2 - 9, Anchor::Middle, quiet, room)?;
    body.text("There are none in the demonstration's week", middle, body.height() / 2 + 10, Anchor::Middle, SMALL, room)
}
