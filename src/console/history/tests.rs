//! The history on real files.

use proptest::prelude::*;

use super::*;
use crate::console::examples::{NOON, alert, value};
use crate::model::{AlertId, Span};

const KEEP: Keep = Keep { age: Span::seconds(86_400), alerts: 1000, values: 100 };

fn all(history: &History) -> Vec<Summary> {
    history.page(&AlertFilter::default(), 500, None).unwrap().alerts
}

fn ids(history: &History) -> Vec<u128> {
    all(history).iter().map(|alert| u128::from_str_radix(&alert.id, 16).unwrap()).collect()
}

#[test]
fn a_restart_shows_yesterday() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path(), KEEP).unwrap();
    history.put([&alert(1, 1, 0, "a"), &alert(2, 1, 5, "b"), &value("m", "x", 0, 1.5)], NOON).unwrap();
    let said = LifeChange { state: LifeState::Closed, by: "Ada".to_owned(), reason: Some("done".to_owned()) };
    history.note_life(AlertId(1), said, NOON).unwrap().unwrap();
    let before = all(&history);
    let taken = History::open(folder.path(), KEEP).unwrap_err();
    assert!(taken.to_string().contains("console.store"), "{taken}");
    drop(history);
    let history = History::open(folder.path(), KEEP).unwrap();
    assert_eq!(all(&history), before);
    assert_eq!(ids(&history), [2, 1], "newest first");
    let kept = history.alert(AlertId(1)).unwrap().unwrap();
    assert_eq!((kept.summary.life.state.as_str(), kept.lives.len(), kept.revisions.len()), ("closed", 1, 1));
    assert_eq!(kept.document["alert"]["id"], kept.summary.id);
    assert_eq!(kept.summary.model.name.as_deref(), Some("a"));
    assert_eq!(kept.summary.techniques, ["AML.T0018"]);
    let values = history.values(&["m"], NOON, NOON).unwrap();
    assert_eq!((values.len(), values[0].1[0].value, values[0].0.group("aigov.model.name")), (1, 1.5, Some("x")));
}

#[test]
fn what_is_no_history_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("history.redb"), "nonsense".repeat(1000)).unwrap();
    let history = History::open(folder.path(), KEEP).unwrap();
    assert!(all(&history).is_empty());
    assert!(folder.path().join("history.redb.unreadable").exists());
    let file = folder.path().join("a file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(History::open(&file, KEEP), Err(HistoryError::Open { .. })));
}

#[test]
fn what_is_too_much_or_too_old_goes_and_nothing_of_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path(), Keep { alerts: 3, ..KEEP }).unwrap();
    for id in 0..10 {
        history.put([&alert(id, 1, i64::try_from(id).unwrap(), "a")], NOON).unwrap();
    }
    assert_eq!(ids(&history), [9, 8, 7], "the newest events stay");
    assert!(history.alert(AlertId(6)).unwrap().is_none());
    history.forget_old(NOON.plus(Span::seconds(86_400))).unwrap();
    assert_eq!(ids(&history).len(), 3, "not older than the age");
    history.put([&alert(20, 1, 0, "a")], NOON.plus(Span::seconds(86_401))).unwrap();
    assert_eq!(ids(&history), [20], "by when it was seen, not by its own time");
    for seconds in 0..300 {
        history.put([&value("m", "x", seconds, 1.0)], NOON).unwrap();
    }
    let kept = history.values(&["m"], NOON, NOON.plus(Span::seconds(1000))).unwrap();
    assert_eq!((kept[0].1.len(), kept[0].1[0].time), (100, NOON.plus(Span::seconds(200))));
    history.put([&value("m", "x", 86_400 + 250, 1.0)], NOON).unwrap();
    let kept = history.values(&["m"], NOON, NOON.plus(Span::seconds(1_000_000))).unwrap();
    assert_eq!((kept[0].1.len(), kept[0].1[0].time), (51, NOON.plus(Span::seconds(250))));
}

#[test]
fn a_stream_that_comes_back_gets_what_it_missed() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path(), KEEP).unwrap();
    let mut following = history.follow();
    history.put([&alert(1, 1, 0, "a"), &alert(2, 1, 0, "b"), &alert(1, 2, 0, "a")], NOON).unwrap();
    let numbers: Vec<u64> = (0..3).map(|_| following.try_recv().unwrap().number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    let missed = history.changes_since(1, 10).unwrap().unwrap();
    let revisions: Vec<(u64, u64)> = missed.iter().map(|change| (change.number, change.alert.revision)).collect();
    assert_eq!(revisions, [(2, 1), (3, 2)]);
    assert!(history.changes_since(3, 10).unwrap().unwrap().is_empty());
    assert!(history.changes_since(0, 2).unwrap().is_none(), "too much");
    assert!(history.changes_since(4, 10).unwrap().is_none(), "of another history");
}

#[test]
fn filters_and_pages_fit_together() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path(), KEEP).unwrap();
    let documents: Vec<_> = (0..100_u128)
        .map(|id| alert(id, 1, i64::try_from(id / 4).unwrap(), if id % 3 == 0 { "Loan <b>" } else { "x" }))
        .collect();
    history.put(&documents, NOON).unwrap();
    let filter = AlertFilter { words: word_filter("LOAN <b"), ..AlertFilter::default() };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = history.page(&filter, 7, after).unwrap();
        assert_eq!((page.matching, page.more_than), (34, false));
        found.extend(page.alerts.into_iter().map(|alert| alert.id));
        after = page.cursor;
        if after.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..100_u128).rev().filter(|id| id % 3 == 0).map(|id| format!("{id:032x}")).collect();
    assert_eq!(found, expected);
    let between = AlertFilter {
        from: Some(NOON.plus(Span::seconds(2))),
        to: Some(NOON.plus(Span::seconds(3))),
        ..AlertFilter::default()
    };
    assert_eq!(history.page(&between, 500, None).unwrap().matching, 8);
    for (filter, count) in [
        (AlertFilter { levels: vec!["low".into(), "high".into()], ..AlertFilter::default() }, 100),
        (AlertFilter { levels: vec!["low".into()], ..AlertFilter::default() }, 0),
        (AlertFilter { models: vec!["x".into()], ..AlertFilter::default() }, 66),
        (AlertFilter { groups: vec!["x".into()], statuses: vec!["open".into()], ..AlertFilter::default() }, 66),
        (
            AlertFilter { techniques: vec!["AML.T0018".into()], lives: vec!["new".into()], ..AlertFilter::default() },
            100,
        ),
    ] {
        assert_eq!(history.page(&filter, 1, None).unwrap().matching, count, "{filter:?}");
    }
}

#[test]
fn ten_thousand_alerts_take_much_less_than_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path(), Keep { alerts: 2000, ..KEEP }).unwrap();
    let documents: Vec<_> = (0..10_000_u128).map(|id| alert(id, 1, i64::try_from(id).unwrap(), "flood")).collect();
    let begun = std::time::Instant::now();
    for batch in documents.chunks(512) {
        history.put(batch, NOON).unwrap();
    }
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    assert_eq!(history.page(&AlertFilter::default(), 1, None).unwrap().matching, 2000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_newest_revision_stays_in_whatever_order_they_come(
        coming in prop::collection::vec((0_u128..4, 1_u64..6, any::<bool>()), 1..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(folder.path(), KEEP).unwrap();
        let mut expected: std::collections::BTreeMap<u128, u64> = std::collections::BTreeMap::new();
        let mut batch = Vec::new();
        for (id, revision, write) in coming {
            batch.push(alert(id, revision, 0, "a"));
            let newest = expected.entry(id).or_default();
            *newest = revision.max(*newest);
            if write {
                history.put(&std::mem::take(&mut batch), NOON).unwrap();
            }
        }
        history.put(&batch, NOON).unwrap();
        prop_assert_eq!(all(&history).len(), expected.len());
        for (id, revision) in expected {
            let kept = history.alert(AlertId(id)).unwrap().unwrap();
            prop_assert_eq!(kept.summary.revision, revision);
            prop_assert_eq!(kept.document["alert"]["revision"].as_u64(), Some(revision));
            prop_assert!(kept.revisions.is_sorted_by_key(|one| one.revision));
            prop_assert_eq!(kept.revisions.last().map(|one| one.revision), Some(revision));
        }
    }
}
