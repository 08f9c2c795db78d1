//! The types that measure, and `temporal` without negation (RULES S4, S8, S9, S10, S15, S16), by listing windows.

use super::items::{Closing, Item, Raised, span};
use super::spec::{Condition, Emit, Kind, Rule, Window};
use super::stream::SECOND;

/// All alerts of a group. `last` is the time of the last event of the input.
pub(crate) fn alerts(rule: &Rule, items: &[Item], last: i64) -> Vec<Raised> {
    let items = if let Some(unseen_for) = rule.unseen_for { new_values(items, unseen_for) } else { items.to_vec() };
    // an event without the counted field is no event of this rule, unless it resets
    let items: Vec<&Item> = items.iter().filter(|item| item.resets || counts(rule, item)).collect();
    match (rule.emit(), rule.window) {
        (Emit::Close, Window::Sliding) => opened_windows(rule, &items),
        (Emit::Close, Window::Tumbling(_)) => fixed_windows(rule, &items, last),
        (Emit::Close, Window::Session(gap)) => sessions(rule, &items, gap * SECOND),
        _ => at_events(rule, &items),
    }
}

pub(crate) fn counts(rule: &Rule, item: &Item) -> bool {
    !item.positions.is_empty()
        && match rule.kind {
            Kind::ValueCount => !item.tuples.is_empty(),
            Kind::EventCount | Kind::EventRatio | Kind::Temporal | Kind::TemporalOrdered => true,
            _ => !item.quarters.is_empty(),
        }
}

/// The items with the values that no item had in the time before.
fn new_values(items: &[Item], unseen_for: i64) -> Vec<Item> {
    let is_seen = |place: usize, tuple: &Vec<String>| {
        let earlier = items[..place].iter().filter(|other| !other.positions.is_empty() && other.tuples.contains(tuple));
        earlier.into_iter().any(|other| other.time >= items[place].time - unseen_for * SECOND)
    };
    let new = |(place, item): (usize, &Item)| Item {
        tuples: item.tuples.iter().filter(|tuple| !is_seen(place, tuple)).cloned().collect(),
        ..item.clone()
    };
    items.iter().enumerate().map(new).collect()
}

/// What a window of counted items measures, as a quotient; none where it is undefined.
pub(crate) fn measure(rule: &Rule, window: &[&Item]) -> Option<(i128, i128)> {
    let having = |position: usize| window.iter().filter(|item| item.positions.contains(&position)).count();
    let mut numbers: Vec<i128> =
        window.iter().flat_map(|item| &item.quarters).map(|quarter| i128::from(*quarter)).collect();
    numbers.sort_unstable();
    let (sum, count) = (numbers.iter().sum::<i128>(), numbers.len());
    let least = if rule.baseline.is_some() { 1 } else { rule.min_count };
    let percentile = |percent: usize| {
        (count >= least && count > 0).then(|| {
            // the rank is (n - 1) p, between two numbers
            let (place, beyond) = ((count - 1) * percent / 100, (count - 1) * percent % 100);
            let (below, above) = (numbers[place], numbers[(place + 1).min(count - 1)]);
            (below * 100 + (above - below) * beyond as i128, 400)
        })
    };
    match rule.kind {
        Kind::EventCount => Some((window.len() as i128, 1)),
        Kind::ValueCount => {
            let mut tuples: Vec<_> = window.iter().flat_map(|item| item.tuples.clone()).collect();
            tuples.sort();
            tuples.dedup();
            Some((tuples.len() as i128, 1))
        }
        Kind::ValueSum => Some((sum, 4)),
        Kind::ValueAverage => (count >= least && count > 0).then_some((sum, 4 * count as i128)),
        Kind::ValueMedian => percentile(50),
        Kind::ValuePercentile => percentile(rule.percentile as usize),
        Kind::ValueMax => numbers.last().map(|number| (*number, 4)),
        Kind::ValueMin => numbers.first().map(|number| (*number, 4)),
        Kind::ValueLast => window.iter().flat_map(|item| &item.quarters).last().map(|number| (i128::from(*number), 4)),
        Kind::EventRatio => (having(1) >= least && having(1) > 0).then(|| (having(0) as i128, having(1) as i128)),
        Kind::WeightedSum => panic!("of values only"),
        Kind::Temporal | Kind::TemporalOrdered => {
            Some(((0..rule.rules.len()).filter(|position| having(*position) > 0).count() as i128, 1))
        }
    }
}

/// Whether the condition holds of a window that is judged in the bucket of `time`. Of an empty one it never does, unless
/// the group is expected. `all` are the items of the group.
fn holds(rule: &Rule, window: &[&Item], time: i64, all: &[&Item]) -> bool {
    if window.is_empty() && !rule.expect {
        return false;
    }
    if let Condition::Text(alternatives) = &rule.condition {
        let has = |position: &usize| window.iter().any(|item| item.positions.contains(position));
        return alternatives.iter().any(|(positives, _)| positives.iter().all(has));
    }
    let Some((part, whole)) = measure(rule, window) else { return false };
    let Some(baseline) = &rule.baseline else { return rule.passes_quotient(part, whole) };
    let align = if let Window::Tumbling(align) = rule.window { align } else { 0 };
    let own = bucket(rule, align, time);
    let counted: Vec<&Item> = all.iter().copied().filter(|item| counts(rule, item)).collect();
    let Some(first) = counted.iter().map(|item| bucket(rule, align, item.time)).min() else { return false };
    let mut samples = Vec::new();
    for number in first.max(own - baseline.buckets)..own {
        let inside: Vec<&Item> =
            counted.iter().copied().filter(|item| bucket(rule, align, item.time) == number).collect();
        let zero = matches!(rule.kind, Kind::EventCount | Kind::ValueCount | Kind::ValueSum);
        if zero || !inside.is_empty() {
            samples.extend(measure(rule, &inside).map(|(part, whole)| part as f64 / whole as f64));
        }
    }
    if window.len() < rule.min_count || samples.len() < baseline.min_samples {
        return false;
    }
    let value = part as f64 / whole as f64;
    let middle = |mut numbers: Vec<f64>| {
        numbers.sort_by(f64::total_cmp);
        (numbers[(numbers.len() - 1) / 2] + numbers[numbers.len() / 2]) / 2.0
    };
    let mut in_order = samples.clone();
    in_order.sort_by(f64::total_cmp);
    let mean = in_order.iter().sum::<f64>() / samples.len() as f64;
    let median = middle(samples.clone());
    let usual = if baseline.median { median } else { mean };
    rule.passes_double(match baseline.measure {
        "ratio" => value / usual.max(1.0),
        "delta" => value - usual,
        "zscore" => {
            let variance =
                in_order.iter().map(|sample| (sample - mean) * (sample - mean)).sum::<f64>() / samples.len() as f64;
            (value - mean) / variance.sqrt().max(1.0)
        }
        _ => {
            let distance = middle(samples.iter().map(|sample| (sample - median).abs()).collect());
            0.6745 * (value - median) / distance.max(1.0)
        }
    })
}

fn bucket(rule: &Rule, align: i64, time: i64) -> i64 {
    (time - align * SECOND).div_euclid(span(rule))
}

fn bucket_end(rule: &Rule, align: i64, bucket: i64) -> i64 {
    (bucket + 1) * span(rule) + align * SECOND
}

/// Edge, every and reset: the condition after each event.
fn at_events(rule: &Rule, items: &[&Item]) -> Vec<Raised> {
    let mut raised: Vec<Raised> = Vec::new();
    let mut open: Option<(Raised, Closing)> = None;
    // items before this one are forgotten
    let mut floor = 0;
    for (index, item) in items.iter().enumerate() {
        if let Some(silence) = silence(rule, items, floor, index)
            && let Some((alert, closing)) = open.take()
        {
            raised.push(Raised { closing: Some(Closing { at: silence, ..closing }), ..alert });
        }
        if item.resets || begins_session(rule, items, floor, index) {
            floor = index;
        }
        let window: Vec<&Item> = items[floor..=index]
            .iter()
            .copied()
            .filter(|other| counts(rule, other))
            .filter(|other| match rule.window {
                Window::Sliding => other.time >= item.time - span(rule),
                Window::Tumbling(align) => bucket(rule, align, other.time) == bucket(rule, align, item.time),
                Window::Session(_) => true,
            })
            .collect();
        let truth = holds(rule, &window, item.time, items);
        match (truth, &mut open) {
            (true, Some((_, closing))) => {
                if counts(rule, item) {
                    closing.count += item.base.len();
                    closing.last_seen = item.time;
                }
            }
            (true, None) => {
                let alert = Raised::over(item.time, &window, false);
                match rule.emit() {
                    Emit::Edge => {
                        let closing = Closing { at: 0, count: alert.base.len(), last_seen: alert.last_seen };
                        open = Some((alert, closing));
                    }
                    Emit::Reset => {
                        raised.push(alert);
                        floor = index + 1;
                    }
                    _ => raised.push(alert),
                }
            }
            (false, _) => {
                if let Some((alert, closing)) = open.take() {
                    raised.push(Raised { closing: Some(Closing { at: item.time, ..closing }), ..alert });
                }
            }
        }
    }
    if let Some((alert, closing)) = open {
        let at = end_of(rule, items, floor, items.len());
        raised.push(Raised { closing: Some(Closing { at, ..closing }), ..alert });
    }
    raised
}

/// Hits of the current session before `index`.
fn session<'i>(rule: &Rule, items: &[&'i Item], floor: usize, index: usize) -> Vec<&'i Item> {
    items[floor.min(index)..index].iter().copied().filter(|item| counts(rule, item)).collect()
}

fn begins_session(rule: &Rule, items: &[&Item], floor: usize, index: usize) -> bool {
    let Window::Session(gap) = rule.window else { return false };
    let (before, item) = (session(rule, items, floor, index), items[index]);
    let (Some(first), Some(last)) = (before.first(), before.last()) else { return false };
    counts(rule, item) && (item.time - last.time > gap * SECOND || item.time - first.time > span(rule))
}

/// When the window emptied before this item, if it did.
fn silence(rule: &Rule, items: &[&Item], floor: usize, index: usize) -> Option<i64> {
    let (item, before) = (items[index], items.get(index.checked_sub(1)?)?);
    match rule.window {
        Window::Sliding => (item.time - before.time > span(rule)).then(|| end_of(rule, items, floor, index)),
        Window::Tumbling(align) => (bucket(rule, align, item.time) != bucket(rule, align, before.time))
            .then(|| end_of(rule, items, floor, index)),
        Window::Session(gap) => {
            let last = session(rule, items, floor, index).last()?.time;
            if item.time - last > gap * SECOND {
                return Some(last + gap * SECOND);
            }
            begins_session(rule, items, floor, index).then_some(item.time)
        }
    }
}

/// When the window that the items before `index` are in has emptied.
fn end_of(rule: &Rule, items: &[&Item], floor: usize, index: usize) -> i64 {
    let before = items[index - 1];
    match rule.window {
        Window::Sliding => before.time + span(rule),
        Window::Tumbling(align) => bucket_end(rule, align, bucket(rule, align, before.time)),
        Window::Session(gap) => {
            session(rule, items, floor, index).last().map_or(before.time, |last| last.time) + gap * SECOND
        }
    }
}

/// A window opens at the first hit and is judged a timespan later; a reset abandons it.
fn opened_windows(rule: &Rule, items: &[&Item]) -> Vec<Raised> {
    let mut raised = Vec::new();
    let mut index = 0;
    while let Some(first) = items.get(index) {
        if !counts(rule, first) {
            index += 1;
            continue;
        }
        let end = first.time + span(rule);
        let inside: Vec<&Item> = items[index..].iter().copied().take_while(|item| item.time <= end).collect();
        if let Some(reset) = inside.iter().skip(1).position(|item| item.resets) {
            index += 1 + reset;
            continue;
        }
        index += inside.len();
        if holds(rule, &inside, end, items) {
            raised.push(Raised::over(end, &inside, false));
        }
    }
    raised
}

fn fixed_windows(rule: &Rule, items: &[&Item], last: i64) -> Vec<Raised> {
    let Window::Tumbling(align) = rule.window else { return Vec::new() };
    let mut buckets: Vec<i64> = items.iter().map(|item| bucket(rule, align, item.time)).collect();
    buckets.dedup();
    if let (true, Some(first), Some(newest)) = (rule.expect, buckets.first(), buckets.last()) {
        // hits may lie behind the end of the input; one that only resets says nothing of the window that it lies in
        let counted = items.iter().rfind(|item| counts(rule, item)).map(|item| bucket(rule, align, item.time));
        let behind = counted.unwrap_or(*first).max(*newest - 1);
        buckets = (*first..=bucket(rule, align, last).max(behind)).collect();
    }
    let mut raised = Vec::new();
    for number in buckets {
        let inside: Vec<&Item> =
            items.iter().copied().filter(|item| bucket(rule, align, item.time) == number).collect();
        let kept = inside.iter().rposition(|item| item.resets).unwrap_or(0);
        let window: Vec<&Item> = inside[kept..].iter().copied().filter(|item| counts(rule, item)).collect();
        let end = bucket_end(rule, align, number);
        if holds(rule, &window, end - 1, items) {
            raised.push(Raised::over(end, &window, false));
        }
    }
    raised
}

fn sessions(rule: &Rule, items: &[&Item], gap: i64) -> Vec<Raised> {
    let mut raised = Vec::new();
    let mut current: Vec<&Item> = Vec::new();
    // a session that is full is known to be over before its gap has passed
    let judge = |current: &mut Vec<&Item>, raised: &mut Vec<Raised>, full: Option<i64>| {
        let end = current.last().map_or(0, |last| last.time + gap);
        if holds(rule, current, full.unwrap_or(end), items) {
            let alert = Raised::over(end, current, false);
            raised.push(Raised { at: full.unwrap_or(alert.time), ..alert });
        }
        current.clear();
    };
    for item in items {
        let silent = current.last().is_some_and(|last| item.time - last.time > gap);
        let full = counts(rule, item) && current.first().is_some_and(|first| item.time - first.time > span(rule));
        if silent || full {
            judge(&mut current, &mut raised, (!silent).then_some(item.time));
        }
        if item.resets {
            current.clear();
        }
        if counts(rule, item) {
            current.push(item);
        }
    }
    judge(&mut current, &mut raised, None);
    raised
}
