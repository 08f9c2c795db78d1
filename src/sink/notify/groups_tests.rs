//! Grouping and the limit without a clock: what goes together, what waits, and that nothing is lost or told twice.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn pacing(limit: Option<(usize, u32)>) -> Pacing {
    let limit = limit.map(|(messages, seconds)| (messages, SECOND * seconds));
    Pacing { wait: SECOND * 30, interval: SECOND * 300, limit, alerts: 5, bytes: 1000 }
}

fn groups(limit: Option<(usize, u32)>) -> Groups<&'static str, u64> {
    Groups::new(pacing(limit))
}

fn at(seconds: u32) -> Moment {
    SECOND * seconds
}

fn add(groups: &mut Groups<&'static str, u64>, key: &'static str, id: u128, ticket: u64, level: Level, seconds: u32) {
    groups.add(key, AlertId(id), level, 10, ticket, at(seconds));
}

fn tickets(alerts: &[Waiting<u64>]) -> Vec<u64> {
    alerts.iter().flat_map(|waiting| waiting.revisions.iter().copied()).collect()
}

/// The next message, which is told at once.
fn told(groups: &mut Groups<&'static str, u64>, seconds: u32) -> Option<(Vec<u64>, Vec<u64>)> {
    let bundle = groups.next(at(seconds))?;
    let told = (tickets(&bundle.alerts), tickets(&bundle.more));
    groups.finished(told.0.len() + told.1.len(), at(seconds));
    Some(told)
}

#[test]
fn a_group_waits_for_others_and_then_for_its_interval() {
    let mut groups = groups(None);
    add(&mut groups, "a", 1, 1, Level::High, 0);
    add(&mut groups, "a", 2, 2, Level::High, 20);
    assert_eq!(groups.wake(), Some(at(30)));
    assert_eq!(told(&mut groups, 29), None);
    assert_eq!(told(&mut groups, 30), Some((vec![1, 2], vec![])));
    add(&mut groups, "a", 3, 3, Level::High, 40);
    add(&mut groups, "b", 4, 4, Level::High, 40);
    assert_eq!(told(&mut groups, 70), Some((vec![4], vec![])), "another group does not wait");
    assert_eq!(told(&mut groups, 329), None);
    assert_eq!(told(&mut groups, 330), Some((vec![3], vec![])));
    add(&mut groups, "a", 5, 5, Level::High, 1000);
    assert_eq!(told(&mut groups, 1029), None, "after a rest it is a new group");
    assert_eq!(told(&mut groups, 1030), Some((vec![5], vec![])));
    assert!(groups.is_empty() && groups.wake().is_none());
}

#[test]
fn revisions_that_wait_together_are_told_as_the_last_one() {
    let mut groups = groups(None);
    add(&mut groups, "a", 1, 1, Level::High, 0);
    add(&mut groups, "a", 2, 2, Level::High, 1);
    add(&mut groups, "a", 1, 3, Level::High, 2);
    let bundle = groups.next(at(30)).unwrap();
    assert_eq!(bundle.alerts.len(), 2);
    assert_eq!(bundle.alerts[0].revisions, [1, 3]);
    assert_eq!(groups.next(at(1000)), None, "one message at a time");
}

#[test]
fn what_the_limit_holds_back_is_in_the_next_message() {
    let mut groups = groups(Some((2, 3600)));
    for (key, id) in [("a", 1), ("b", 2)] {
        add(&mut groups, key, id, id as u64, Level::High, 0);
    }
    assert!(told(&mut groups, 30).is_some() && told(&mut groups, 31).is_some());
    for (key, id, level) in [("c", 3, Level::Low), ("d", 4, Level::Critical), ("e", 5, Level::Low)] {
        add(&mut groups, key, id, id as u64, level, 40);
    }
    assert_eq!(told(&mut groups, 100), None);
    assert_eq!(groups.wake(), Some(at(3630)), "until the first of the two is an hour ago");
    assert_eq!(told(&mut groups, 3629), None);
    assert_eq!(told(&mut groups, 3630), Some((vec![4], vec![3, 5])), "the most urgent in full, the others as a list");
    add(&mut groups, "f", 6, 6, Level::Low, 3631);
    assert_eq!(told(&mut groups, 3661), Some((vec![6], vec![])));
}

#[test]
fn a_message_has_bounds_and_the_rest_comes_at_once() {
    let mut groups = groups(None);
    for id in 0..7 {
        add(&mut groups, "a", id, id as u64, Level::High, 0);
    }
    assert_eq!(told(&mut groups, 30).unwrap().0, [0, 1, 2, 3, 4]);
    assert_eq!(told(&mut groups, 30).unwrap().0, [5, 6]);
    for (id, bytes) in [(10, 600), (11, 600), (12, 5000)] {
        groups.add("b", AlertId(id), Level::High, bytes, id as u64, at(100));
    }
    let sizes: Vec<Vec<u64>> = std::iter::from_fn(|| told(&mut groups, 130)).map(|(alerts, _)| alerts).collect();
    assert_eq!(sizes, [[10], [11], [12]], "an alert larger than a message goes alone");
}

#[test]
fn a_message_goes_in_parts_down_to_single_alerts() {
    let mut groups = groups(None);
    for id in 0..4 {
        add(&mut groups, "a", id, id as u64, Level::High, 0);
    }
    let whole = groups.next(at(30)).unwrap();
    assert_eq!(groups.part(whole), None);
    let half = groups.next(at(30)).unwrap();
    assert_eq!(tickets(&half.alerts), [0, 1]);
    assert_eq!(groups.part(half), None);
    let single = groups.next(at(30)).unwrap();
    assert_eq!(groups.part(single.clone()), Some(single));
    groups.finished(1, at(30));
    assert_eq!(told(&mut groups, 30).unwrap().0, [1]);
    assert_eq!(told(&mut groups, 30).unwrap().0, [2, 3]);
    assert!(groups.is_empty());
}

#[test]
fn in_a_hurry_nothing_waits_but_for_the_limit() {
    let mut groups = groups(Some((1, 60)));
    add(&mut groups, "a", 1, 1, Level::High, 0);
    add(&mut groups, "b", 2, 2, Level::High, 0);
    groups.hurry();
    assert_eq!(groups.wake(), Some(Moment::ZERO));
    assert_eq!(told(&mut groups, 1).unwrap().0, [1]);
    assert_eq!(told(&mut groups, 2), None);
    assert_eq!(told(&mut groups, 61).unwrap().0, [2]);
}

/// What happens next: an alert comes, time passes, a message goes, is done with, or is parted.
#[derive(Debug, Clone)]
enum Step {
    Add { key: u8, id: u8, level: usize, bytes: usize },
    Pass(u32),
    Take,
    Finish,
    Part,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..4, 0_u8..12, 0_usize..5, 1_usize..700)
            .prop_map(|(key, id, level, bytes)| Step::Add { key, id, level, bytes }),
        2 => (0_u32..200).prop_map(Step::Pass),
        3 => Just(Step::Take),
        3 => Just(Step::Finish),
        1 => Just(Step::Part),
    ]
}

proptest! {
    /// No revision is lost or told twice, those of an alert in a group are told in order, and there are never more messages than
    /// the limit in any span of its length.
    #[test]
    fn everything_is_told_once_within_the_limit(
        steps in proptest::collection::vec(step(), 0..120),
        messages in 1_usize..4,
        seconds in 1_u32..500,
    ) {
        let mut groups: Groups<u8, (u8, u64)> = Groups::new(pacing(Some((messages, seconds))));
        let (mut now, mut tickets) = (0, 0_u64);
        let mut flying: Option<Bundle<(u8, u64)>> = None;
        let mut told: Vec<(u8, u128, u64)> = Vec::new();
        let mut times: Vec<u32> = Vec::new();
        // whatever was left open is let go at the end
        let ending = (0..1000).flat_map(|_| [Step::Take, Step::Finish, Step::Pass(500)]);
        for step in steps.into_iter().chain(ending) {
            match step {
                Step::Add { key, id, level, bytes } => {
                    groups.add(key, AlertId(u128::from(id)), Level::ALL[level], bytes, (key, tickets), at(now));
                    tickets += 1;
                }
                Step::Pass(seconds) => now += seconds,
                Step::Take => {
                    let next = groups.next(at(now));
                    prop_assert!(flying.is_none() || next.is_none());
                    if let Some(bundle) = next {
                        prop_assert!((1..=5).contains(&(bundle.alerts.len() + bundle.more.len())));
                        flying = Some(bundle);
                    }
                }
                Step::Finish => if let Some(bundle) = flying.take() {
                    let mut count = 0;
                    for waiting in bundle.alerts.iter().chain(&bundle.more) {
                        for (key, ticket) in &waiting.revisions {
                            told.push((*key, waiting.alert.0, *ticket));
                            count += 1;
                        }
                    }
                    groups.finished(count, at(now));
                    times.push(now);
                },
                Step::Part => if let Some(bundle) = flying.take() {
                    flying = groups.part(bundle);
                },
            }
        }
        prop_assert_eq!(groups.held(), 0);
        let mut seen: Vec<u64> = told.iter().map(|(_, _, ticket)| *ticket).collect();
        let mut of_alert: BTreeMap<(u8, u128), Vec<u64>> = BTreeMap::new();
        for (key, alert, ticket) in told {
            of_alert.entry((key, alert)).or_default().push(ticket);
        }
        prop_assert!(of_alert.values().all(|tickets| tickets.is_sorted()));
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..tickets).collect::<Vec<_>>());
        for (index, time) in times.iter().enumerate() {
            let within = times[..=index].iter().filter(|earlier| **earlier + seconds > *time).count();
            prop_assert!(within <= messages, "{} messages within {} s before {}: {:?}", within, seconds, time, times);
        }
    }

    /// Whoever asks when `wake` says, and not before, gets everything.
    #[test]
    fn waking_when_told_to_is_enough(adds in proptest::collection::vec((0_u8..3, 0_u32..400), 1..30)) {
        let mut groups: Groups<u8, u64> = Groups::new(pacing(Some((2, 100))));
        let mut now = Moment::ZERO;
        let mut count = 0;
        for (at, (key, after)) in (0_u64..).zip(&adds) {
            now += SECOND * *after;
            groups.add(*key, AlertId(u128::from(at)), Level::Low, 1, at, now);
        }
        for _ in 0..200 {
            let Some(wake) = groups.wake() else { break };
            now = now.max(wake);
            if let Some(bundle) = groups.next(now) {
                let here = bundle.alerts.len() + bundle.more.len();
                count += here;
                groups.finished(here, now);
            }
        }
        prop_assert_eq!(count, adds.len());
    }
}
