//! Collects what happens, in any order, and puts it into the order of arrival.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use serde_json::Value;

use crate::model::{Span, Timestamp};

use super::decision_log::{self, Entry};
use super::rhythm::{DAY, Rhythm};
use super::{GeneratedRecord, GeneratorSettings, LARGEST_DELAY, Planted, Week};

pub(super) struct Script {
    pub(super) rng: ChaCha12Rng,
    pub(super) rhythm: Rhythm,
    pub(super) start: Timestamp,
    pub(super) events: usize,
    drafts: Vec<Draft>,
    decision_log: Vec<Entry>,
    planted: Vec<Planted>,
    /// Endpoint or model, and when background keeps off it.
    reserved: Vec<(&'static str, Timestamp, Timestamp)>,
    issues: u32,
}

struct Draft {
    arrival: Timestamp,
    record: GeneratedRecord,
}

/// What a planted incident says of itself.
pub(super) struct Story {
    pub(super) incident: &'static str,
    pub(super) key: Vec<(&'static str, String)>,
    pub(super) at: Timestamp,
    pub(super) near_miss: bool,
    pub(super) story: String,
}

impl Script {
    pub(super) fn new(settings: &GeneratorSettings) -> Self {
        Self {
            rng: ChaCha12Rng::seed_from_u64(settings.seed),
            rhythm: Rhythm::new(settings.start),
            start: settings.start,
            events: settings.events,
            drafts: Vec::with_capacity(settings.events),
            decision_log: Vec::new(),
            planted: Vec::new(),
            reserved: Vec::new(),
            issues: 1000,
        }
    }

    /// That time of day of the week's day, counted from 0; negative days are before it.
    pub(super) fn at(&self, day: i64, hour: i64, minute: i64) -> Timestamp {
        self.start.plus(Span(day * DAY.0)).plus(Span::seconds(hour * 3600 + minute * 60))
    }

    /// A length of time between two numbers of seconds, in whole milliseconds.
    pub(super) fn seconds(&mut self, from: i64, to: i64) -> Span {
        Span(self.rng.random_range(from * 1000..=to * 1000) * 1_000_000)
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    pub(super) fn pick<T: Copy>(&mut self, choices: &[T], otherwise: T) -> T {
        let count = u32::try_from(choices.len()).unwrap_or(u32::MAX).max(1);
        let index = usize::try_from(self.rng.random_range(0..count)).unwrap_or(0);
        choices.get(index).copied().unwrap_or(otherwise)
    }

    /// A random UUID (version 4).
    pub(super) fn uuid(&mut self) -> String {
        let bits: u128 = self.rng.random();
        let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{bits:032x}");
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
    }

    /// Random hexadecimal digits.
    pub(super) fn hex(&mut self) -> String {
        format!("{:032x}", self.rng.random::<u128>())
    }

    pub(super) fn next_issue(&mut self) -> u32 {
        self.issues += 1;
        self.issues
    }

    pub(super) fn record_count(&self) -> usize {
        self.drafts.len() + self.decision_log.len()
    }

    /// Adds a record that arrives some time after its event.
    pub(super) fn add(
        &mut self,
        topic: &'static str,
        key: &str,
        headers: Vec<(String, Vec<u8>)>,
        value: &Value,
        event_time: Timestamp,
    ) {
        let delay = Span(self.rng.random_range(0..=LARGEST_DELAY.0));
        let record = GeneratedRecord {
            topic,
            key: Some(key.to_owned()),
            headers,
            value: value.to_string().into_bytes(),
            event_time,
        };
        self.drafts.push(Draft { arrival: event_time.plus(delay), record });
    }

    /// Adds an entry to the decision log; it is chained at the end.
    pub(super) fn decide(&mut self, entry: Entry) {
        self.decision_log.push(entry);
    }

    pub(super) fn plant(&mut self, story: Story) {
        let Story { incident, key, at, near_miss, story } = story;
        let key = key.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
        self.planted.push(Planted { incident, key, at, near_miss, story });
    }

    /// When the incident is found whose story tells of this.
    pub(super) fn planted_at(&self, incident: &str, name: &str) -> Option<Timestamp> {
        let is_it = |one: &&Planted| one.incident == incident && !one.near_miss && one.story.contains(name);
        self.planted.iter().find(is_it).map(|one| one.at)
    }

    /// Keeps background events of an endpoint or model out of that time.
    pub(super) fn reserve(&mut self, name: &'static str, from: Timestamp, to: Timestamp) {
        self.reserved.push((name, from, to));
    }

    pub(super) fn is_reserved(&self, name: &str, at: Timestamp) -> bool {
        self.reserved.iter().any(|(reserved, from, to)| *reserved == name && *from <= at && at <= *to)
    }

    pub(super) fn finish(mut self) -> Week {
        self.decision_log.sort_by_key(|entry| entry.time);
        // a chain is written by one writer, and arrives in its order
        let mut arrival = Timestamp::MIN;
        for record in decision_log::chain(&self.decision_log) {
            let delay = Span(self.rng.random_range(0..=Span::seconds(3).0));
            arrival = arrival.max(record.event_time.plus(delay));
            self.drafts.push(Draft { arrival, record });
        }
        // stable: what arrives together stays as it was made
        self.drafts.sort_by_key(|draft| draft.arrival);
        self.planted.sort_by_key(|planted| planted.at);
        Week { records: self.drafts.into_iter().map(|draft| draft.record).collect(), planted: self.planted }
    }
}
