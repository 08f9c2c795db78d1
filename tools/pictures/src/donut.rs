//! Shares of a whole, as a ring.

use std::f64::consts::TAU;

use clarion::dashboard::{Pie, Row};
use plotters::style::Color;

use crate::Failure;
use crate::figures::number;
use crate::legend;
use crate::sheet::{Anchor, BODY, INK, PAPER, Sheet, TITLE, Type, colour};

/// Width of the hole in that of the ring.
const HOLE: f64 = 0.5;

/// A share, written on its colour: dark on what is light.
fn share_type(series: usize) -> Type {
    let (red, green, blue) = colour(series).rgb();
    let light = u32::from(red) * 30 + u32::from(green) * 59 + u32::from(blue) * 11 > 13_500;
    Type { size: 10, colour: if light { INK } else { PAPER }, bold: true }
}

/// Draws it, with a legend on the right.
///
/// # Errors
/// It cannot be drawn.
pub(crate) fn draw(body: &Sheet<'_>, pie: &Pie, rows: &[Row]) -> Result<(), Failure> {
    let values: Vec<f64> =
        rows.iter().map(|(_, measured)| measured.first().copied().flatten().unwrap_or(0.0)).collect();
    let total: f64 = values.iter().sum();
    let names: Vec<String> = rows.iter().map(|(keys, _)| keys.join(" ")).collect();
    let diameter = (body.width() * 54 / 100).min(body.height()) - 4;
    let (radius, middle) =
        (f64::from(diameter) / 2.0, (f64::from(diameter) / 2.0 + 4.0, f64::from(body.height()) / 2.0));
    let point = |share: f64, radius: f64| {
        let angle = share * TAU;
        ((middle.0 + angle.sin() * radius).round() as i32, (middle.1 - angle.cos() * radius).round() as i32)
    };
    let mut begin = 0.0;
    for (series, value) in values.iter().enumerate() {
        let end = begin + value / total;
        // a point for every half degree
        let steps = ((end - begin) * 720.0).ceil().max(1.0) as u32;
        let at = |step: u32| begin + (end - begin) * f64::from(step) / f64::from(steps);
        let outer = (0..=steps).map(|step| point(at(step), radius));
        let inner = (0..=steps).rev().map(|step| point(at(step), radius * HOLE));
        body.outline(outer.chain(inner).collect(), colour(series))?;
        begin = end;
    }
    let mut begin = 0.0;
    for (series, value) in values.iter().enumerate() {
        let share = value / total;
        if values.len() > 1 {
            body.gap(point(begin, radius + 1.0), point(begin, radius * HOLE - 1.0))?;
        }
        if share >= 0.06 {
            let (x, y) = point(begin + share / 2.0, radius * (1.0 + HOLE) / 2.0);
            body.text(&format!("{}%", (share * 100.0).round()), x, y, Anchor::Middle, share_type(series), 60)?;
        }
        begin += share;
    }
    let (x, y) = (middle.0 as i32, middle.1 as i32);
    body.text(&number(total), x, y - 7, Anchor::Middle, Type { size: 20, ..TITLE }, diameter)?;
    body.text(&pie.measure.title, x, y + 12, Anchor::Middle, Type { size: 11, colour: INK, ..BODY }, diameter)?;
    let left = diameter + 20;
    let height = i32::try_from(names.len())? * 18;
    let top = ((body.height() - height) / 2).max(0);
    legend::draw(&body.part(left, top, body.width() - left, body.height() - top), &names)
}
