//! Lines and bars over time, one for each value of a field.

use std::collections::BTreeMap;
use std::ops::Range;

use clarion::dashboard::{Chart, Row};
use plotters::chart::ChartContext;
use plotters::coord::combinators::WithKeyPoints;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordi64;
use plotters::prelude::{BindKeyPoints, Cartesian2d, ChartBuilder, Circle, LineSeries, Rectangle, SVGBackend};
use plotters::style::Color;

use crate::Failure;
use crate::figures::{scale, times, written};
use crate::legend;
use crate::sheet::{EDGE, RULE, SMALL, Sheet, colour};
use crate::view::View;

/// A line, or the parts of bars of one colour.
struct Series {
    name: String,
    /// Beginning of the bucket in milliseconds, and value.
    points: Vec<(i64, f64)>,
}

/// The axis upwards, from 0, with ticks of our own.
struct Upwards {
    end: f64,
    ticks: Vec<f64>,
}

impl Ranged for Upwards {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        limit.0 + (value / self.end * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        0.0..self.end
    }
}

type Axes = Cartesian2d<WithKeyPoints<RangedCoordi64>, Upwards>;
type Drawn<'d, 'a> = ChartContext<'d, SVGBackend<'a>, Axes>;

/// The rows of an answer, in the order in which their series come.
fn series(rows: &[Row]) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    for (keys, measured) in rows {
        let Some((time, names)) = keys.split_last() else { continue };
        let (Ok(time), Some(Some(value))) = (time.parse(), measured.first()) else { continue };
        let name = names.join(" ");
        if all.last().is_none_or(|last| last.name != name) {
            all.push(Series { name: name.clone(), points: Vec::new() });
        }
        if let Some(last) = all.last_mut() {
            last.points.push((time, *value));
        }
    }
    all
}

/// Draws lines from point to point.
///
/// # Errors
/// They cannot be drawn.
pub(crate) fn lines(body: &Sheet<'_>, view: &View<'_>, chart: &Chart, rows: &[Row]) -> Result<(), Failure> {
    let all = series(rows);
    let highest = all.iter().flat_map(|one| &one.points).map(|(_, value)| *value).fold(0.0, f64::max);
    let plot = beside_legend(body, &all)?;
    let mut context = axes(&plot, view, chart, highest)?;
    // the first is the one that matters most, so it lies above the others
    for (index, one) in all.iter().enumerate().rev() {
        context.draw_series(LineSeries::new(one.points.iter().copied(), colour(index).stroke_width(2)))?;
        if let [point] = one.points.as_slice() {
            context.draw_series([Circle::new(*point, 3, colour(index).filled())])?;
        }
    }
    Ok(())
}

/// Draws bars, the parts of one bucket above each other.
///
/// # Errors
/// They cannot be drawn.
pub(crate) fn bars(body: &Sheet<'_>, view: &View<'_>, chart: &Chart, rows: &[Row]) -> Result<(), Failure> {
    let all = series(rows);
    let mut heights: BTreeMap<i64, f64> = BTreeMap::new();
    let mut parts = Vec::new();
    for (index, one) in all.iter().enumerate() {
        for (time, value) in &one.points {
            let below = heights.entry(*time).or_default();
            parts.push((index, *time, *below, *below + value));
            *below += value;
        }
    }
    let highest = heights.values().copied().fold(0.0, f64::max);
    let plot = beside_legend(body, &all)?;
    let mut context = axes(&plot, view, chart, highest)?;
    let width = view.interval.0 / 1_000_000;
    context.draw_series(parts.into_iter().filter(|(_, _, from, to)| to > from).map(|(index, time, from, to)| {
        // a tenth of the bucket is left free on either side; the first may begin before the range
        let begin = (time + width / 10).max(view.from.millis());
        let end = (time + width - width / 10).min(view.to.millis());
        Rectangle::new([(begin, from), (end.max(begin), to)], colour(index).filled())
    }))?;
    Ok(())
}

/// Draws the legend where there is more than one series, and gives what is left of the body.
fn beside_legend<'a>(body: &Sheet<'a>, all: &[Series]) -> Result<Sheet<'a>, Failure> {
    let names: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
    if names.iter().all(String::is_empty) {
        return Ok(body.part(0, 0, body.width(), body.height()));
    }
    let width = legend::width(&names).min(body.width() * 3 / 10);
    let left = body.width() - width;
    legend::draw(&body.part(left, 4, width, body.height() - 8), &names)?;
    Ok(body.part(0, 0, left, body.height()))
}

fn axes<'d, 'a>(plot: &'d Sheet<'a>, view: &View<'_>, chart: &Chart, highest: f64) -> Result<Drawn<'d, 'a>, Failure> {
    let whole = chart.measure.field.is_none();
    let (end, ticks) = scale(highest, 4, whole);
    let moments = times(view.from, view.to, i64::from(plot.width() / 60));
    let along = (view.from.millis()..view.to.millis()).with_key_points(moments.iter().map(|(time, _)| *time).collect());
    let count = (moments.len(), ticks.len());
    let up = Upwards { end, ticks };
    let mut context = ChartBuilder::on(&plot.area)
        .margin_top(6)
        .margin_right(20)
        .x_label_area_size(22)
        .y_label_area_size(58)
        .build_cartesian_2d(along, up)?;
    let text_at =
        |time: &i64| moments.iter().find(|(at, _)| at == time).map_or_else(String::new, |(_, text)| text.clone());
    context
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(RULE)
        .light_line_style(RULE)
        .axis_style(EDGE)
        .x_labels(count.0)
        .y_labels(count.1)
        .label_style(SMALL.style())
        .x_label_formatter(&text_at)
        .y_label_formatter(&|value| written(&chart.measure, Some(*value)))
        .y_desc(chart.measure.title.as_str())
        .axis_desc_style(SMALL.style())
        .draw()?;
    Ok(context)
}
