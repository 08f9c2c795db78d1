//! Numbers and times as they are written on a dashboard, and the ticks of an axis.

use clarion::dashboard::{Measure, Unit};
use clarion::model::{Span, Timestamp};

/// A measured value as text; `–` where there is none.
pub(crate) fn written(measure: &Measure, value: Option<f64>) -> String {
    let Some(value) = value else { return "–".to_owned() };
    match measure.unit {
        Unit::Number => number(value),
        Unit::Percent => format!("{}%", number((value * 1000.0).round() / 10.0)),
        Unit::Date => moment(Timestamp::from_millis(value as i64)),
    }
}

/// A number with at most two decimals and groups of thousands.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{:.2}", value.abs());
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = decimals.trim_end_matches('0');
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 { "−" } else { "" };
    if decimals.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{decimals}") }
}

/// A time to the minute, in UTC.
pub(crate) fn moment(time: Timestamp) -> String {
    time.to_string().chars().take(16).collect::<String>().replace('T', " ")
}

/// The end of an axis from 0, and its ticks: about `wanted` of them, at round numbers.
pub(crate) fn scale(highest: f64, wanted: u32, whole: bool) -> (f64, Vec<f64>) {
    let highest = if highest > 0.0 { highest } else { 1.0 };
    let rough = highest / f64::from(wanted);
    let power = 10_f64.powi(rough.log10().floor() as i32);
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * power);
    let fits = |step: &f64| *step >= rough * (1.0 - 1e-9) && (!whole || step.fract() == 0.0);
    let step = steps.into_iter().find(fits).unwrap_or(1.0);
    let last = (highest / step - 1e-9).ceil();
    (last * step, (0..=last as u32).map(|index| f64::from(index) * step).collect())
}

/// The ticks of an axis of time, at most `most` of them, with their texts.
pub(crate) fn times(from: Timestamp, to: Timestamp, most: i64) -> Vec<(i64, String)> {
    const HOURS: [i64; 8] = [1, 2, 3, 6, 12, 24, 48, 168];
    let hours = (to.millis() - from.millis()) / 3_600_000;
    let step = HOURS.into_iter().find(|step| hours / step <= most).unwrap_or(168) * 3_600_000;
    let first = from.millis().div_euclid(step) * step;
    let ticks = (0..).map(|index| first + index * step).take_while(|tick| *tick <= to.millis());
    ticks
        .filter(|tick| *tick >= from.millis())
        .map(|tick| {
            let text = moment(Timestamp::from_millis(tick));
            let (day, clock) = text.split_once(' ').unwrap_or_default();
            (tick, if clock == "00:00" { day_of(day) } else { clock.to_owned() })
        })
        .collect()
}

/// `2026-11-09` as `Nov 9`.
fn day_of(date: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = date.split('-').skip(1).filter_map(|part| part.parse::<usize>().ok());
    let month = parts.next().and_then(|month| MONTHS.get(month.saturating_sub(1))).copied().unwrap_or_default();
    format!("{month} {}", parts.next().unwrap_or_default())
}

/// The width of a bucket of time that Kibana's automatic interval takes for a range of some days.
pub(crate) fn interval(range: Span) -> Span {
    const MINUTES: [i64; 6] = [1, 5, 30, 180, 720, 1440];
    let minutes = range.0 / 60_000_000_000;
    let width = MINUTES.into_iter().find(|width| minutes / width <= 60).unwrap_or(10_080);
    Span::seconds(width * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_grouped() {
        assert_eq!(
            [0.0, 1234.0, 66.666, 1_234_567.5, -3.1].map(number),
            ["0", "1,234", "66.67", "1,234,567.5", "−3.1"]
        );
    }

    #[test]
    fn an_axis_ends_at_a_round_number_that_holds_the_highest() {
        assert_eq!(scale(100.0, 4, false), (100.0, vec![0.0, 25.0, 50.0, 75.0, 100.0]));
        assert_eq!(scale(3.0, 4, true), (3.0, vec![0.0, 1.0, 2.0, 3.0]));
        assert_eq!(scale(0.0, 4, false).0, 1.0);
        for highest in [0.003, 0.7, 1.0, 9.9, 10.1, 123_456.0] {
            let (end, ticks) = scale(highest, 4, false);
            assert!(end >= highest && ticks.len() <= 6 && ticks.last() == Some(&end), "{highest}: {ticks:?}");
        }
    }

    #[test]
    fn a_week_has_a_tick_for_each_day_and_a_day_for_every_few_hours() {
        let start = Timestamp::parse("2026-11-09T00:00:00Z").unwrap();
        let texts = |hours: i64, most: i64| -> Vec<String> {
            let ticks = times(start, start.plus(Span::seconds(hours * 3600)), most);
            ticks.into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(texts(48, 4), ["Nov 9", "12:00", "Nov 10", "12:00", "Nov 11"]);
        assert_eq!(texts(168, 7).len(), 8);
        assert_eq!([1, 7, 30].map(|days| interval(Span::seconds(days * 86_400)).0 / 60_000_000_000), [30, 180, 720]);
    }
}
