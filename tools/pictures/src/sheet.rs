//! What panels are drawn on: a rectangle of the picture, with texts, boxes and lines in the colours of all pictures.

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, PathElement, Polygon, RGBColor, Rectangle, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, ShapeStyle, TextStyle};

use crate::Failure;
use crate::typeset;

/// Text that matters.
pub(crate) const INK: RGBColor = RGBColor(0x1d, 0x2a, 0x3e);
/// Text beside it.
pub(crate) const QUIET: RGBColor = RGBColor(0x5a, 0x6d, 0x8c);
/// Lines between things.
pub(crate) const RULE: RGBColor = RGBColor(0xe3, 0xe8, 0xf2);
/// Borders.
pub(crate) const EDGE: RGBColor = RGBColor(0xca, 0xd3, 0xe2);
/// Behind panels.
pub(crate) const GROUND: RGBColor = RGBColor(0xf6, 0xf9, 0xfc);
/// Panels.
pub(crate) const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// What can be clicked.
pub(crate) const LINK: RGBColor = RGBColor(0x0b, 0x64, 0xdd);

/// Series, in order: the palette of Okabe and Ito, which people with any colour vision can tell apart, without the yellow
/// and black that are bad on white and beside text, and two shades to make up for it.
const SERIES: [RGBColor; 10] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x7a, 0x86, 0x99),
    RGBColor(0x33, 0x2e, 0x7c),
    RGBColor(0x88, 0xcc, 0xaa),
    RGBColor(0x99, 0x33, 0x55),
];

/// The library writes fonts smaller by this.
const FONT_SCALE: f64 = 1.24;
const FONT: &str = "Helvetica, Arial, sans-serif";

/// The colour of a series.
pub(crate) fn colour(series: usize) -> RGBColor {
    SERIES.get(series % SERIES.len()).copied().unwrap_or(INK)
}

/// A style of text.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    /// Pixels.
    pub(crate) size: i32,
    /// Colour.
    pub(crate) colour: RGBColor,
    /// Heavy.
    pub(crate) bold: bool,
}

/// Headings of columns, axes, legends.
pub(crate) const SMALL: Type = Type { size: 11, colour: QUIET, bold: false };
/// Text of tables.
pub(crate) const BODY: Type = Type { size: 12, colour: INK, bold: false };
/// Titles of panels.
pub(crate) const TITLE: Type = Type { size: 13, colour: INK, bold: true };

impl Type {
    /// In the words of the library.
    pub(crate) fn style(self) -> TextStyle<'static> {
        let weight = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        (FONT, f64::from(self.size) * FONT_SCALE, weight).into_font().color(&self.colour)
    }
}

/// Which point of a text lies at its place.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    /// Its left end.
    Left,
    /// Its middle.
    Middle,
    /// Its right end.
    Right,
}

/// A rectangle of the picture.
pub(crate) struct Sheet<'a> {
    /// The library's.
    pub(crate) area: DrawingArea<SVGBackend<'a>, Shift>,
}

impl<'a> Sheet<'a> {
    /// Width in pixels.
    pub(crate) fn width(&self) -> i32 {
        i32::try_from(self.area.dim_in_pixel().0).unwrap_or(0)
    }

    /// Height in pixels.
    pub(crate) fn height(&self) -> i32 {
        i32::try_from(self.area.dim_in_pixel().1).unwrap_or(0)
    }

    /// A part of it.
    pub(crate) fn part(&self, x: i32, y: i32, width: i32, height: i32) -> Self {
        Self { area: self.area.clone().shrink((x, y), (width.max(1), height.max(1))) }
    }

    /// A text whose middle line is at `y`, shortened to the room.
    pub(crate) fn text(
        &self,
        text: &str,
        x: i32,
        y: i32,
        anchor: Anchor,
        kind: Type,
        room: i32,
    ) -> Result<(), Failure> {
        // heavy letters are wider
        let room = if kind.bold { room * 15 / 16 } else { room };
        let text = typeset::fitted(text, kind.size, room);
        let horizontal = match anchor {
            Anchor::Left => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let style = kind.style().pos(Pos::new(horizontal, VPos::Center));
        if !text.is_empty() {
            self.area.draw_text(&text, &style, (x, y))?;
        }
        Ok(())
    }

    /// A filled rectangle.
    pub(crate) fn fill(&self, x: i32, y: i32, width: i32, height: i32, colour: RGBColor) -> Result<(), Failure> {
        self.area.draw(&Rectangle::new([(x, y), (x + width, y + height)], colour.filled()))?;
        Ok(())
    }

    /// The border of a rectangle.
    pub(crate) fn frame(&self, x: i32, y: i32, width: i32, height: i32, colour: RGBColor) -> Result<(), Failure> {
        let line = ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: 1 };
        self.area.draw(&Rectangle::new([(x, y), (x + width, y + height)], line))?;
        Ok(())
    }

    /// A straight line.
    pub(crate) fn line(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Result<(), Failure> {
        self.area.draw(&PathElement::new(vec![from, to], colour.stroke_width(1)))?;
        Ok(())
    }

    /// A straight line in the colour of the paper, that keeps two things apart.
    pub(crate) fn gap(&self, from: (i32, i32), to: (i32, i32)) -> Result<(), Failure> {
        self.area.draw(&PathElement::new(vec![from, to], PAPER.stroke_width(2)))?;
        Ok(())
    }

    /// A filled outline.
    pub(crate) fn outline(&self, points: Vec<(i32, i32)>, colour: RGBColor) -> Result<(), Failure> {
        self.area.draw(&Polygon::new(points, colour.filled()))?;
        Ok(())
    }
}
