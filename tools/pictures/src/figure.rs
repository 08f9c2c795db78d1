//! One number.

use clarion::dashboard::{Measure, Row, Unit};

use crate::Failure;
use crate::figures::written;
use crate::sheet::{Anchor, INK, SMALL, Sheet, Type};

/// Draws it, at the bottom on the right.
///
/// # Errors
/// It cannot be drawn.
pub(crate) fn draw(body: &Sheet<'_>, measure: &Measure, rows: &[Row]) -> Result<(), Failure> {
    let value = rows.first().and_then(|(_, measured)| measured.first().copied().flatten());
    let (right, bottom, room) = (body.width(), body.height(), body.width());
    let size = if measure.unit == Unit::Date { 24 } else { 40 };
    let large = Type { size, colour: INK, bold: true };
    body.text(&written(measure, value), right, bottom - size / 2 - 4, Anchor::Right, large, room)?;
    if value.is_none() {
        body.text("None in the demonstration", 0, bottom - 8, Anchor::Left, SMALL, room - 50)?;
    }
    Ok(())
}
