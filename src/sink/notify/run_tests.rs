//! A running route against a receiver that does what the test says.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::super::arbitrary::{alert, outgoing};
use super::*;
use crate::model::{Alert, Level};

type Script = Box<dyn FnMut(&[String]) -> Answer + Send>;

struct Scripted {
    script: Mutex<Script>,
    seen: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Channel for Scripted {
    type Message = Vec<String>;

    fn compose(&self, told: &Told) -> Vec<String> {
        told.alerts
            .iter()
            .chain(&told.more)
            .map(|notice| format!("{}.{}", notice.id.trim_start_matches('0'), notice.revision))
            .collect()
    }

    async fn send(&self, message: &Vec<String>) -> Answer {
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.seen.lock().unwrap().push(message.clone());
        (self.script.lock().unwrap())(message)
    }
}

struct Route {
    sink: SinkHandle,
    receipts: mpsc::UnboundedReceiver<Receipt>,
    seen: Arc<Mutex<Vec<Vec<String>>>>,
}

fn taken() -> Answer {
    Answer::Taken { said: "ok".into() }
}

fn start(route: Value, script: impl FnMut(&[String]) -> Answer + Send + 'static) -> Route {
    let route: RouteSettings = serde_json::from_value(route).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let channel = Scripted { script: Mutex::new(Box::new(script)), seen: Arc::clone(&seen) };
    let (sender, receipts) = mpsc::unbounded_channel();
    let retry: RetrySettings = serde_json::from_value(json!({"initial": "1ms", "max": "20ms"})).unwrap();
    let parts = RouteParts {
        sink: 3,
        name: "route".into(),
        channel,
        route: &route,
        retry: &retry,
        bytes: 1 << 20,
        console: None,
        counts: Arc::default(),
        health: Health::Starting,
    };
    Route { sink: spawn(parts, sender), receipts, seen }
}

impl Route {
    async fn send(&self, ticket: u64, alert: Alert) {
        self.sink.send(outgoing(ticket, alert)).await;
    }

    async fn receipts(&mut self, count: usize) -> Vec<(u64, Outcome)> {
        let mut found = Vec::new();
        for _ in 0..count {
            let receipt = tokio::time::timeout(Duration::from_secs(20), self.receipts.recv()).await.unwrap().unwrap();
            found.push((receipt.ticket, receipt.outcome));
        }
        found.sort_by_key(|(ticket, _)| *ticket);
        found
    }

    fn seen(&self) -> Vec<Vec<String>> {
        self.seen.lock().unwrap().clone()
    }
}

fn delivered(tickets: impl IntoIterator<Item = u64>) -> Vec<(u64, Outcome)> {
    tickets.into_iter().map(|ticket| (ticket, Outcome::Delivered)).collect()
}

#[tokio::test]
async fn alerts_of_a_group_are_one_message_and_get_a_receipt_each() {
    let mut route = start(json!({"group_wait": "50ms"}), |_| taken());
    for (ticket, alert) in [alert(1, 1), alert(2, 1), alert(1, 2)].into_iter().enumerate() {
        route.send(ticket as u64, alert).await;
    }
    assert!(route.receipts.try_recv().is_err(), "nothing is told before it is told");
    assert_eq!(route.receipts(3).await, delivered(0..3));
    assert_eq!(route.seen(), [["1.2", "2.1"]]);
    assert_eq!(route.sink.health(), Health::Up);
    assert_eq!(route.sink.notifications().unwrap().messages.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_outage_delays_and_the_receivers_wish_is_kept() {
    let mut failures = 3;
    let started = Instant::now();
    let mut route = start(json!({"group_wait": "0s"}), move |_| {
        failures -= 1;
        let wait = (failures == 2).then_some(Duration::from_millis(300));
        let kind = TroubleKind::Overloaded;
        if failures >= 0 { Answer::Trouble(Trouble { kind, message: "status 429".into(), wait }) } else { taken() }
    });
    route.send(1, alert(1, 1)).await;
    assert_eq!(route.receipts(1).await, delivered([1]));
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert_eq!((route.seen().len(), route.sink.retries(), route.sink.health()), (4, 3, Health::Up));
}

#[tokio::test]
async fn a_bad_alert_is_found_and_the_others_are_told() {
    let bad = "3.1".to_owned();
    let mut route = start(json!({"group_wait": "50ms"}), move |message| {
        if message.contains(&bad) { Answer::Invalid { said: "invalid_blocks".into() } } else { taken() }
    });
    for id in 0..6 {
        route.send(id, alert(id.into(), 1)).await;
    }
    let mut expected = delivered(0..6);
    expected[3].1 = Outcome::Rejected { reason: "invalid_blocks".into() };
    assert_eq!(route.receipts(6).await, expected);
}

#[tokio::test]
async fn a_route_that_is_full_pushes_back() {
    let route = start(json!({"group_wait": "1h", "held": 10}), |_| taken());
    let mut taken = 0;
    for _ in 0..50 {
        while route.sink.try_send(outgoing(taken, alert(taken.into(), 1))).is_ok() {
            taken += 1;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!((WAITING as u64..=WAITING as u64 + 11).contains(&taken), "{taken}");
}

#[tokio::test]
async fn in_a_hurry_and_at_the_end_what_waits_for_company_goes() {
    let mut route = start(json!({"group_wait": "1h"}), |_| taken());
    route.send(1, alert(1, 1)).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert!(route.seen().is_empty());
    route.sink.hurry();
    assert_eq!(route.receipts(1).await, delivered([1]));
    let mut other = start(json!({"group_wait": "1h"}), |_| taken());
    other.send(1, alert(1, 1)).await;
    let Route { sink, .. } = other;
    sink.close(Duration::from_secs(5)).await;
    assert_eq!(other.receipts.recv().await.map(|receipt| receipt.ticket), Some(1));
}

#[tokio::test]
async fn what_the_limit_holds_back_comes_in_the_next_message() {
    let route = json!({"group_wait": "0s", "group_by": ["alert"], "limit": {"messages": 1, "per": "300ms"}});
    let mut route = start(route, |_| taken());
    for id in 1..=5 {
        route.send(id, alert(id.into(), 1)).await;
    }
    assert_eq!(route.receipts(5).await, delivered(1..=5));
    let seen = route.seen();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(route.sink.notifications().unwrap().held_back.load(Ordering::Relaxed), seen[1].len() as u64 - 1);
}

#[tokio::test]
async fn only_what_the_route_takes_is_owed_to_it() {
    let route = start(json!({"match": {"levels": ["critical"]}}), |_| taken());
    let is_for = |level| {
        let mut alert = alert(1, 1);
        let mut rule = (*alert.rule).clone();
        rule.level = level;
        alert.rule = Arc::new(rule);
        route.sink.takes(&Content::Alert(Arc::new(alert)))
    };
    assert!(is_for(Level::Critical) && !is_for(Level::High));
}
