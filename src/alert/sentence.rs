//! The plain sentence of an alert: what happened, to whom, what was missing and until when it was waited for. It goes into
//! `event.reason`, into logs and onto terminals, so whatever comes from outside is short and harmless in it.

use super::subject::subject;
use super::words::{instant, length, list, number, period, the_length};
use crate::model::{Absence, Alert, AlertStatus, Evidence, harmless};

/// Characters of a whole sentence; ECS keywords are searchable up to 1024.
const SENTENCE: usize = 1000;
/// Characters of a title in it.
const TITLE: usize = 120;
/// Steps and rules named one by one.
const NAMED: usize = 4;

/// One sentence without a final full stop, at most 1000 characters.
#[must_use]
pub fn sentence(alert: &Alert) -> String {
    let mut text = String::new();
    if alert.status == AlertStatus::Retracted {
        text.push_str("Retracted: ");
    }
    let subject = subject(alert);
    if !subject.is_empty() {
        text.push_str(&subject);
        text.push_str(": ");
    }
    text.push_str(&happened(alert));
    if let Some(absence) = &alert.absence {
        text.push_str("; ");
        text.push_str(&missing(alert, absence));
    }
    if alert.cold_start {
        let history = if alert.rule.kind.starts_with("temporal") {
            format!("less than {} of history", length(alert.rule.timespan))
        } else {
            "less history than it is compared with".to_owned()
        };
        text.push_str(&format!("; {history} had been seen, so this may be a false alarm"));
    }
    if alert.suppressed > 0 {
        text.push_str(&format!("; {} further alerts suppressed", alert.suppressed));
    }
    if alert.status == AlertStatus::Retracted {
        match &alert.cause {
            Some(cause) => text.push_str(&format!("; a late event ({}) shows otherwise", harmless(cause, TITLE))),
            None => text.push_str("; a late event shows otherwise"),
        }
    }
    harmless(&text, SENTENCE)
}

fn title(text: &str) -> String {
    harmless(text, TITLE)
}

/// What happened and when.
fn happened(alert: &Alert) -> String {
    match alert.rule.kind.as_str() {
        "detection" => format!("{} {}", title(&alert.rule.title), when_of_one(alert)),
        "event_count" => counted(alert),
        "temporal" => together(alert),
        "temporal_ordered" => in_order(alert),
        "system" => format!("{} ({} times) {}", title(&alert.rule.title), alert.count, when_of_one(alert)),
        kind => measured(alert, kind),
    }
}

fn when_of_one(alert: &Alert) -> String {
    format!("at {}", instant(alert.evidence.last().map_or(alert.time, |event| event.time)))
}

fn when(alert: &Alert) -> String {
    if alert.count == 0 {
        return before_alert(alert);
    }
    period(alert.first_seen, alert.last_seen)
}

fn before_alert(alert: &Alert) -> String {
    format!("in the {} before {}", the_length(alert.rule.timespan), instant(alert.time))
}

/// `5 × OPA denied (>= 5) between … and … UTC`.
fn counted(alert: &Alert) -> String {
    let names = names(alert).unwrap_or_else(|| title(&alert.rule.title));
    let measure = alert.value.filter(|value| (*value - alert.count as f64).abs() > 0.5);
    match measure {
        Some(value) => format!("{} {} over {} × {names} {}", number(value), limit(alert), alert.count, when(alert)),
        None => format!("{} × {names}{} {}", alert.count, spaced_limit(alert), when(alert)),
    }
}

/// `7 different values (>= 5) in 9 × OPA denied between … and … UTC`.
fn measured(alert: &Alert, kind: &str) -> String {
    let value = alert.value.map_or_else(|| "an unknown value".to_owned(), number);
    let what = match kind {
        "value_count" if alert.value == Some(1.0) => "1 different value".to_owned(),
        "value_count" => format!("{value} different values"),
        "value_sum" => format!("a sum of {value}"),
        "value_avg" => format!("an average of {value}"),
        "value_median" => format!("a median of {value}"),
        "value_percentile" => format!("a percentile of {value}"),
        "event_ratio" => format!("a ratio of {value}"),
        _ => format!("a value of {value}"),
    };
    let of = names(alert).map_or_else(|| title(&alert.rule.title), |names| format!("{} × {names}", alert.count));
    format!("{what}{} in {of} {}", spaced_limit(alert), when(alert))
}

fn limit(alert: &Alert) -> String {
    alert.threshold.as_ref().map_or_else(String::new, |threshold| format!("({})", harmless(threshold, TITLE)))
}

fn spaced_limit(alert: &Alert) -> String {
    let limit = limit(alert);
    if limit.is_empty() { limit } else { format!(" {limit}") }
}

/// `Drift alert and 3 × Complaint, between … and … UTC`; one event alone with its own time.
fn together(alert: &Alert) -> String {
    let mut tally: Vec<(String, usize)> = Vec::new();
    for name in alert.evidence.iter().flat_map(|event| &event.rules) {
        let name = title(name);
        match tally.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => *times += 1,
            None => tally.push((name, 1)),
        }
    }
    if tally.is_empty() {
        return format!("{} {}", title(&alert.rule.title), when(alert));
    }
    let described: Vec<String> = tally
        .iter()
        .map(|(name, times)| if *times == 1 { name.clone() } else { format!("{times} × {name}") })
        .collect();
    format!("{} {}", list(&described, NAMED), period(alert.first_seen, alert.last_seen))
}

/// `Model deployed at …, then Approval at …`.
fn in_order(alert: &Alert) -> String {
    let step = |event: &Evidence| {
        let rules: Vec<String> = event.rules.iter().map(|name| title(name)).collect();
        let name = if rules.is_empty() { title(&alert.rule.title) } else { list(&rules, NAMED) };
        format!("{name} at {}", instant(event.time))
    };
    let steps: Vec<String> = match alert.evidence.as_slice() {
        [] => return format!("{} at {}", title(&alert.rule.title), instant(alert.time)),
        few if few.len() <= NAMED => few.iter().map(step).collect(),
        [first, middle @ .., last] => vec![step(first), format!("{} more steps", middle.len()), step(last)],
        [only] => vec![step(only)],
    };
    steps.join(", then ")
}

/// The distinct titles of the rules that the evidence matched.
fn names(alert: &Alert) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for name in alert.evidence.iter().flat_map(|event| &event.rules) {
        let name = title(name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| list(&names, NAMED))
}

/// `no "Risk assessment passed" in the 30 days before (waited until …)`.
fn missing(alert: &Alert, absence: &Absence) -> String {
    let quoted: Vec<String> =
        absence.missing.iter().map(|name| format!("no \"{}\"", title(name).replace('"', "'"))).collect();
    let what = if quoted.is_empty() { "nothing that was expected".to_owned() } else { list(&quoted, NAMED) };
    let (first, last) = match (alert.evidence.first(), alert.evidence.last()) {
        (Some(first), Some(last)) => (first.time, last.time),
        _ => (alert.first_seen, alert.last_seen),
    };
    let span = the_length(absence.until.since(absence.from));
    let place = if absence.until <= first {
        format!("in the {span} before")
    } else if absence.from >= last {
        format!("in the {span} after")
    } else if absence.from >= first && absence.until <= last {
        "in between".to_owned()
    } else {
        period(absence.from, absence.until)
    };
    format!("{what} {place} (waited until {})", instant(absence.until))
}

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod tests;
