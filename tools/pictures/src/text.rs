//! Text, with links to other dashboards below it.

use clarion::dashboard::{Description, Markdown};

use crate::Failure;
use crate::sheet::{Anchor, BODY, LINK, QUIET, Sheet, Type};
use crate::typeset;

const LINE: i32 = 17;

/// Draws it.
///
/// # Errors
/// It cannot be drawn.
pub(crate) fn draw(body: &Sheet<'_>, description: &Description, markdown: &Markdown) -> Result<(), Failure> {
    let plain = markdown.text.replace('`', "");
    let mut y = 9;
    for line in typeset::lines(&plain, BODY.size, body.width()) {
        body.text(&line, 0, y, Anchor::Left, BODY, body.width())?;
        y += LINE;
    }
    let (mut x, y) = (0, body.height() - 9);
    for dashboard in markdown.links.iter().filter_map(|id| description.dashboard(id)) {
        if x > 0 {
            body.text("·", x + 8, y, Anchor::Middle, Type { colour: QUIET, ..BODY }, 20)?;
            x += 16;
        }
        let width = typeset::width(&dashboard.title, BODY.size);
        body.text(&dashboard.title, x, y, Anchor::Left, Type { colour: LINK, ..BODY }, width)?;
        x += width;
    }
    Ok(())
}
