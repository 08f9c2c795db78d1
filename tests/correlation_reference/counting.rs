//! `event_count`, `value_count` and `temporal` without negation (RULES S4, S8, S9, S10), by listing windows.

use super::items::{Closing, Item, Raised, span};
use super::spec::{Condition, Emit, Kind, Rule, Window};
use super::stream::SECOND;

/// All alerts of a group.
pub(crate) fn alerts(rule: &Rule, items: &[Item]) -> Vec<Raised> {
    // an event without the counted field is no event of this rule, unless it resets
    let items: Vec<&Item> = items.iter().filter(|item| item.resets || counts(rule, item)).collect();
    match (rule.emit(), rule.window) {
        (Emit::Close, Window::Sliding) => opened_windows(rule, &items),
        (Emit::Close, Window::Tumbling(_)) => fixed_windows(rule, &items),
        (Emit::Close, Window::Session(gap)) => sessions(rule, &items, gap * SECOND),
        _ => at_events(rule, &items),
    }
}

fn counts(rule: &Rule, item: &Item) -> bool {
    !item.positions.is_empty() && (rule.kind != Kind::ValueCount || !item.tuples.is_empty())
}

/// Whether the condition holds of a window. Of an empty one it never does: zero needs `expect`.
fn holds(rule: &Rule, window: &[&Item]) -> bool {
    if window.is_empty() {
        return false;
    }
    let mut positions: Vec<usize> = window.iter().flat_map(|item| item.positions.clone()).collect();
    positions.sort_unstable();
    positions.dedup();
    match (&rule.condition, rule.kind) {
        (Condition::Text(alternatives), _) => {
            alternatives.iter().any(|(positives, _)| positives.iter().all(|position| positions.contains(position)))
        }
        (_, Kind::EventCount) => rule.passes(window.len() as i64),
        (_, Kind::ValueCount) => {
            let mut tuples: Vec<_> = window.iter().flat_map(|item| item.tuples.clone()).collect();
            tuples.sort();
            tuples.dedup();
            rule.passes(tuples.len() as i64)
        }
        _ => rule.passes(positions.len() as i64),
    }
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
        let truth = holds(rule, &window);
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
        if holds(rule, &inside) {
            raised.push(Raised::over(end, &inside, false));
        }
    }
    raised
}

fn fixed_windows(rule: &Rule, items: &[&Item]) -> Vec<Raised> {
    let Window::Tumbling(align) = rule.window else { return Vec::new() };
    let mut buckets: Vec<i64> = items.iter().map(|item| bucket(rule, align, item.time)).collect();
    buckets.dedup();
    let mut raised = Vec::new();
    for number in buckets {
        let inside: Vec<&Item> =
            items.iter().copied().filter(|item| bucket(rule, align, item.time) == number).collect();
        let kept = inside.iter().rposition(|item| item.resets).unwrap_or(0);
        let window: Vec<&Item> = inside[kept..].iter().copied().filter(|item| counts(rule, item)).collect();
        if holds(rule, &window) {
            raised.push(Raised::over(bucket_end(rule, align, number), &window, false));
        }
    }
    raised
}

fn sessions(rule: &Rule, items: &[&Item], gap: i64) -> Vec<Raised> {
    let mut raised = Vec::new();
    let mut current: Vec<&Item> = Vec::new();
    // a session that is full is known to be over before its gap has passed
    let judge = |current: &mut Vec<&Item>, raised: &mut Vec<Raised>, full: Option<i64>| {
        if holds(rule, current) {
            let alert = Raised::over(current.last().unwrap().time + gap, current, false);
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
