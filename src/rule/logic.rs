//! What makes a correlation true, from its type and its written condition: thresholds, rules that must be present, rules
//! that must not, sequences. Says nothing of when it is evaluated, but for the default of `emit`.

use super::boolean::{self, Alternative};
use super::correlation::{Correlation, Emit, Kind, Percent, Window, Written};
use super::diagnostic::Diagnostics;
use super::metric_values::METRIC_VALUE;
use super::number::Number;
use super::predicate::Comparison;
use super::set::{KeyField, Logic, Measure, Sequence};
use crate::model::FieldTable;

/// What makes the correlation true, and when it alerts.
pub(super) fn logic(
    correlation: &Correlation,
    fields: &mut FieldTable,
    diagnostics: &mut Diagnostics,
) -> Option<(Logic, Emit)> {
    let (written, place) = &correlation.condition;
    let count = correlation.rules.len();
    let ordered = correlation.kind == Kind::TemporalOrdered;
    let logic = match (correlation.kind, written) {
        // it is true of nothing: its value is written
        (kind, _) if correlation.metric.is_some() && kind.is_measure() => {
            Logic::Threshold(measure(correlation, fields)?, Vec::new())
        }
        (Kind::Temporal, Written::Default) => {
            Logic::Threshold(Measure::Rules, vec![(Comparison::Gte, Number::Integer(count as i128))])
        }
        (Kind::Temporal, Written::Thresholds(all)) => Logic::Threshold(Measure::Rules, all.clone()),
        (Kind::TemporalOrdered, Written::Default) => {
            Logic::Sequences(vec![Sequence { steps: (0..count).collect(), absences: Vec::new() }])
        }
        (Kind::TemporalOrdered, Written::Thresholds(all)) => {
            if !matches!(all.as_slice(), [(Comparison::Gte, number)] if *number == Number::Integer(count as i128)) {
                let help = "leave the condition out: all rules in order; or write a text condition".to_owned();
                let message = format!("`temporal_ordered` takes `gte: {count}` or a text, nothing else");
                diagnostics.error(*place, "unsupported-condition", message, Some(help));
                return None;
            }
            Logic::Sequences(vec![Sequence { steps: (0..count).collect(), absences: Vec::new() }])
        }
        (Kind::Temporal | Kind::TemporalOrdered, Written::Text(text)) => {
            let names: Vec<String> = correlation.rules.iter().map(|named| named.name.clone()).collect();
            let alternatives = match boolean::parse(text, &names) {
                Ok(alternatives) => alternatives,
                Err(error) => {
                    diagnostics.error(*place, error.code, error.message, error.help);
                    return None;
                }
            };
            if ordered {
                Logic::Sequences(alternatives.iter().map(sequence).collect())
            } else if alternatives.iter().all(|one| one.negatives.is_empty()) {
                Logic::Present(alternatives)
            } else {
                Logic::Absent(alternatives)
            }
        }
        (_, Written::Thresholds(all)) => Logic::Threshold(measure(correlation, fields)?, all.clone()),
        // said already
        (_, Written::Default | Written::Text(_)) => return None,
    };
    refuse_windows(correlation, &logic, diagnostics);
    let closes = match &logic {
        Logic::Threshold(_, all) => {
            all.len() > 1 || all.iter().any(|(comparison, _)| !matches!(comparison, Comparison::Gt | Comparison::Gte))
        }
        _ => false,
    } || correlation.expect.is_some();
    if closes && correlation.emit.is_some_and(|emit| emit != Emit::Close) {
        let help = "leave `emit` out: it is judged when the window closes".to_owned();
        diagnostics.warning(
            *place,
            "true-too-early",
            "this condition can be true before the window is full",
            Some(help),
        );
    }
    Some((logic, correlation.emit.unwrap_or(if closes { Emit::Close } else { Emit::Edge })))
}

/// What the types that measure do. `None` when a part of it is missing, which has been said.
fn measure(correlation: &Correlation, fields: &mut FieldTable) -> Option<Measure> {
    let mut named = Vec::new();
    for name in &correlation.value_fields {
        named.push(KeyField { slot: fields.slot(name), name: name.clone() });
    }
    let mut keys = named.into_iter();
    Some(match correlation.kind {
        Kind::EventCount => Measure::Events,
        Kind::ValueCount => Measure::Distinct(keys.collect()),
        Kind::ValueSum => Measure::Sum(keys.next()?),
        Kind::ValueAverage => Measure::Average(keys.next()?),
        Kind::ValueMedian => Measure::Percentile(keys.next()?, Percent::MEDIAN),
        Kind::ValuePercentile => Measure::Percentile(keys.next()?, correlation.percentile?),
        Kind::EventRatio => Measure::Ratio,
        Kind::ValueMax => Measure::Percentile(keys.next()?, Percent::GREATEST),
        Kind::ValueMin => Measure::Percentile(keys.next()?, Percent::SMALLEST),
        Kind::ValueLast => Measure::Last(keys.next()?),
        // of each rule
        Kind::WeightedSum => Measure::Last(KeyField { slot: fields.slot(METRIC_VALUE), name: METRIC_VALUE.to_owned() }),
        Kind::Temporal | Kind::TemporalOrdered => Measure::Rules,
    })
}

/// An absence is looked for around its events, over the whole timespan (RULES S7): there is no window to give it, and it
/// is decided by its deadline.
fn refuse_windows(correlation: &Correlation, logic: &Logic, diagnostics: &mut Diagnostics) {
    let absent = match logic {
        Logic::Absent(_) => true,
        Logic::Sequences(all) => all.iter().any(|sequence| !sequence.absences.is_empty()),
        Logic::Threshold(..) | Logic::Present(_) => false,
    };
    let closes = correlation.kind == Kind::Temporal && correlation.emit == Some(Emit::Close);
    if absent && (closes || matches!(correlation.window, Window::Session(_)) || tumbles_unordered(correlation)) {
        let help = "leave `window` and `emit` out: the absence is known when its deadline has passed".to_owned();
        let message = "a condition with `not` has no window but the timespan around its events";
        diagnostics.error(correlation.place, "key-without-effect", message, Some(help));
    }
}

/// An ordered one with a tumbling window has been refused already.
fn tumbles_unordered(correlation: &Correlation) -> bool {
    correlation.kind == Kind::Temporal && matches!(correlation.window, Window::Tumbling(_))
}

/// Places the negated rules of an alternative by their position in `rules` (RULES S7).
fn sequence(alternative: &Alternative) -> Sequence {
    let absences = alternative
        .negatives
        .iter()
        .map(|negated| (*negated, alternative.positives.iter().filter(|step| *step < negated).count()))
        .collect();
    Sequence { steps: alternative.positives.clone(), absences }
}
