//! A bar for each value of a field.

use clarion::dashboard::{Chart, Row};

use crate::Failure;
use crate::figures::{scale, written};
use crate::sheet::{Anchor, BODY, RULE, SMALL, Sheet, colour};
use crate::typeset;

/// Draws them below each other.
///
/// # Errors
/// They cannot be drawn.
pub(crate) fn draw(body: &Sheet<'_>, chart: &Chart, rows: &[Row]) -> Result<(), Failure> {
    let value = |row: &Row| row.1.first().copied().flatten();
    let name = |row: &Row| row.0.join(" ");
    let widest = rows.iter().map(|row| typeset::width(&name(row), BODY.size)).max().unwrap_or(0);
    let left = widest.min(body.width() * 2 / 5) + 10;
    let (width, bottom) = (body.width() - left - 44, body.height() - 34);
    let highest = rows.iter().filter_map(value).fold(0.0, f64::max);
    let (end, ticks) = scale(highest, 4, false);
    let place = |value: f64| left + (value / end * f64::from(width)).round() as i32;
    for tick in ticks {
        let x = place(tick);
        body.line((x, 0), (x, bottom), RULE)?;
        body.text(&written(&chart.measure, Some(tick)), x, bottom + 10, Anchor::Middle, SMALL, 80)?;
    }
    body.text(&chart.measure.title, left + width / 2, bottom + 26, Anchor::Middle, SMALL, width)?;
    let step = (bottom / i32::try_from(rows.len())?).min(26);
    let mut y = 0;
    for row in rows {
        let (middle, end) = (y + step / 2, place(value(row).unwrap_or(0.0)));
        body.text(&name(row), left - 8, middle, Anchor::Right, BODY, left - 8)?;
        body.fill(left, y + 2, end - left, step - 4, colour(0))?;
        body.text(&written(&chart.measure, value(row)), end + 5, middle, Anchor::Left, SMALL, 60)?;
        y += step;
    }
    Ok(())
}
