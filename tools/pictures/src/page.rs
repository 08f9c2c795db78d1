//! A whole dashboard: its heading, what can be chosen, and its panels on their grid.

use clarion::dashboard::{Control, Description};
use plotters::prelude::{IntoDrawingArea, SVGBackend};

use crate::Failure;
use crate::figures::moment;
use crate::panel;
use crate::sheet::{Anchor, BODY, EDGE, GROUND, INK, PAPER, QUIET, SMALL, Sheet, Type};
use crate::typeset;
use crate::view::View;

/// Pixels of a column and of a row.
const COLUMN: u32 = 25;
const ROW: u32 = 22;
/// Pixels around everything, and between panels.
const MARGIN: i32 = 12;
const GAP: i32 = 8;
const HEADING: i32 = 64;
const CONTROLS: i32 = 40;

/// Draws it, as the text of an SVG file.
///
/// # Errors
/// Something cannot be drawn.
pub(crate) fn draw(description: &Description, view: &View<'_>) -> Result<String, Failure> {
    let rows = view.dashboard.panels.iter().map(|panel| panel.at.y + panel.at.h).max().unwrap_or(0);
    let top = HEADING + if view.dashboard.controls.is_empty() { 0 } else { CONTROLS };
    let width = 48 * COLUMN + u32::try_from(2 * MARGIN)?;
    let height = rows * ROW + u32::try_from(top + MARGIN)?;
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
        let sheet = Sheet { area };
        sheet.fill(0, 0, sheet.width(), sheet.height(), GROUND)?;
        heading(&sheet, view)?;
        controls(&sheet, view)?;
        for one in &view.dashboard.panels {
            let at = [one.at.x * COLUMN, one.at.y * ROW, one.at.w * COLUMN, one.at.h * ROW].map(i32::try_from);
            let [x, y, width, height] = at;
            let place = sheet.part(x? + MARGIN, y? + top, width? - GAP, height? - GAP);
            panel::draw(&place, description, view, one)?;
        }
        sheet.area.present()?;
    }
    Ok(text)
}

fn heading(sheet: &Sheet<'_>, view: &View<'_>) -> Result<(), Failure> {
    let title = Type { size: 20, colour: INK, bold: true };
    let range = format!("{} to {} UTC", moment(view.from), moment(view.to));
    let room = typeset::width(&range, BODY.size) + 24;
    let right = sheet.width() - MARGIN - GAP;
    sheet.fill(right - room, 12, room, 28, PAPER)?;
    sheet.frame(right - room, 12, room, 28, EDGE)?;
    sheet.text(&range, right - room / 2, 26, Anchor::Middle, BODY, room)?;
    let left = right - room - 2 * MARGIN;
    sheet.text(&view.dashboard.title, MARGIN, 22, Anchor::Left, title, left)?;
    let about = Type { colour: QUIET, ..BODY };
    sheet.text(&view.dashboard.description, MARGIN, 46, Anchor::Left, about, left)
}

fn controls(sheet: &Sheet<'_>, view: &View<'_>) -> Result<(), Failure> {
    let count = i32::try_from(view.dashboard.controls.len())?.max(4);
    let step = (sheet.width() - 2 * MARGIN) / count;
    let mut x = MARGIN;
    for control in &view.dashboard.controls {
        let place = sheet.part(x, HEADING, step - GAP, CONTROLS - GAP);
        choice(&place, view, control)?;
        x += step;
    }
    Ok(())
}

fn choice(place: &Sheet<'_>, view: &View<'_>, control: &Control) -> Result<(), Failure> {
    let (width, height) = (place.width() - 1, place.height() - 1);
    place.fill(0, 0, width, height, PAPER)?;
    place.frame(0, 0, width, height, EDGE)?;
    let name = typeset::width(&control.title, SMALL.size) + 20;
    place.text(&control.title, 10, height / 2, Anchor::Left, SMALL, name)?;
    let chosen = view.filter.get(&control.field).and_then(|values| values.first());
    let value = Type { bold: chosen.is_some(), ..BODY };
    place.text(chosen.map_or("Any", String::as_str), name, height / 2, Anchor::Left, value, width - name - 28)?;
    let (x, y) = (width - 18, height / 2);
    place.outline(vec![(x - 4, y - 2), (x + 4, y - 2), (x, y + 3)], QUIET)
}
