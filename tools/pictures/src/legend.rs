//! Which colour is which value.

use crate::Failure;
use crate::sheet::{Anchor, SMALL, Sheet, colour};
use crate::typeset;

const LINE: i32 = 18;

/// The room that names take, beside their colours.
pub(crate) fn width(names: &[String]) -> i32 {
    names.iter().map(|name| typeset::width(name, SMALL.size)).max().unwrap_or(0) + 18
}

/// Draws the names below each other, in the colours of the series.
///
/// # Errors
/// It cannot be drawn.
pub(crate) fn draw(place: &Sheet<'_>, names: &[String]) -> Result<(), Failure> {
    let fitting = usize::try_from(place.height() / LINE)?;
    let shown = if names.len() > fitting { fitting.saturating_sub(1) } else { names.len() };
    let mut y = LINE / 2;
    for (series, name) in names.iter().take(shown).enumerate() {
        place.fill(0, y - 5, 10, 10, colour(series))?;
        place.text(name, 16, y, Anchor::Left, SMALL, place.width() - 16)?;
        y += LINE;
    }
    if shown < names.len() {
        place.text(&format!("… {} more", names.len() - shown), 16, y, Anchor::Left, SMALL, place.width() - 16)?;
    }
    Ok(())
}
