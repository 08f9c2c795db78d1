//! What is read of the documents of one format: the loaded rules' fields and the decoder's own, compiled into a trie.

use crate::model::{FieldTable, Slot};

use super::json::{Target, Trie, spellings};
use super::producer::{Derive, Origin, Producer};
use super::settings::{DEFAULT_TIME_FIELDS, DecoderSettings};
use super::{Format, elements, shape};

/// Captures that every plan has, by index.
pub(super) mod capture {
    pub(in crate::decode) const LOGSOURCE: usize = 0;
    pub(in crate::decode) const CATEGORY: usize = 1;
    pub(in crate::decode) const PRODUCT: usize = 2;
    pub(in crate::decode) const SERVICE: usize = 3;
    pub(in crate::decode) const DATASET: usize = 4;
    pub(in crate::decode) const SPECVERSION: usize = 5;
    pub(in crate::decode) const HEADERS: usize = 6;
    pub(in crate::decode) const BODY: usize = 7;
    pub(in crate::decode) const COUNT: usize = 8;
}

/// A field that the engine itself knows of every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standard {
    Id,
    Time,
}

/// What is read of one format.
pub(super) struct Plan {
    pub(super) format: Format,
    pub(super) trie: Trie,
    /// Number of captures.
    pub(super) captures: usize,
    /// Captures of the configured time fields, first choice first.
    pub(super) times: Vec<usize>,
    /// Captures of the configured id fields; plain JSON only.
    pub(super) ids: Vec<usize>,
    /// First capture of the shape's signature; only where the source is `auto`.
    pub(super) signature: Option<usize>,
    /// First capture of the producer.
    pub(super) native: usize,
    pub(super) producer: Option<&'static Producer>,
    pub(super) constants: Vec<(Slot, &'static str)>,
    pub(super) derived: Vec<(Slot, Derive)>,
    pub(super) standard: Vec<(Slot, Standard)>,
    /// CloudEvents attributes that are read, `cloudevent.` removed.
    pub(super) cloud_event: Vec<(Slot, String)>,
    /// Slots whose elements are looked at, each with the paths that lead on within an element.
    selected: Vec<(Slot, Vec<Vec<String>>)>,
}

impl Plan {
    /// Plain JSON. With `detect` the shapes of the native formats are looked for on the way.
    fn plain(settings: &DecoderSettings, fields: &FieldTable, detect: bool) -> Self {
        let mut plan = Self::empty(if detect { Format::Auto } else { Format::Json });
        if settings.time_fields.is_empty() {
            plan.times = DEFAULT_TIME_FIELDS.iter().map(|name| plan.capture(name)).collect();
        } else {
            plan.times = settings.time_fields.iter().map(|name| plan.capture(name)).collect();
        }
        plan.ids = settings.id_fields.iter().map(|name| plan.capture(name)).collect();
        if detect {
            plan.capture_signature();
        }
        plan.selected = elements::selected(fields);
        for (slot, name) in slots(fields) {
            plan.read(name, slot);
        }
        plan
    }

    /// A producer's format.
    fn native(format: Format, producer: &'static Producer, settings: &DecoderSettings, fields: &FieldTable) -> Self {
        let mut plan = Self::empty(format);
        plan.producer = Some(producer);
        plan.times = settings.time_fields.iter().map(|name| plan.capture(name)).collect();
        if settings.format == Format::Auto {
            plan.capture_signature();
        }
        plan.native = plan.captures;
        plan.selected = elements::selected(fields);
        for keys in producer.captures {
            plan.capture_path(keys);
        }
        for (slot, name) in slots(fields) {
            plan.bind(producer, name, slot);
        }
        plan
    }

    /// The plan of a format.
    pub(super) fn of(format: Format, settings: &DecoderSettings, fields: &FieldTable) -> Self {
        match super::producer::of(format) {
            Some(producer) => Self::native(format, producer, settings, fields),
            None => Self::plain(settings, fields, format == Format::Auto),
        }
    }

    fn empty(format: Format) -> Self {
        let mut plan = Self {
            format,
            trie: Trie::new(),
            captures: 0,
            times: Vec::new(),
            ids: Vec::new(),
            signature: None,
            native: 0,
            producer: None,
            constants: Vec::new(),
            derived: Vec::new(),
            standard: Vec::new(),
            cloud_event: Vec::new(),
            selected: Vec::new(),
        };
        for keys in
            [&["logsource"][..], &["logsource", "category"], &["logsource", "product"], &["logsource", "service"]]
        {
            plan.capture_path(keys);
        }
        plan.capture("event.dataset");
        for key in ["specversion", "headers", "body"] {
            plan.capture_path(&[key]);
        }
        debug_assert_eq!(plan.captures, capture::COUNT);
        plan
    }

    /// Where a canonical field of a producer comes from: its table, else the envelope, else the document itself.
    fn bind(&mut self, producer: &'static Producer, name: &str, slot: Slot) {
        let origin = producer.fields.iter().find(|(field, _)| *field == name).map(|(_, origin)| *origin);
        match origin {
            Some(Origin::Paths(paths)) => {
                for (rank, keys) in (0_u8..).zip(paths) {
                    self.want(keys, slot, rank);
                }
                return;
            }
            Some(Origin::Constant(text)) => return self.constants.push((slot, text)),
            Some(Origin::Derived(derive)) => return self.derived.push((slot, derive)),
            None => {}
        }
        match name {
            "event.id" => self.standard.push((slot, Standard::Id)),
            "@timestamp" => self.standard.push((slot, Standard::Time)),
            _ => {
                self.read(name, slot);
                let own = name.strip_prefix(producer.prefix).and_then(|rest| rest.strip_prefix('.'));
                if let Some(own) = own.filter(|own| !own.is_empty()) {
                    for (keys, rank) in spellings(own) {
                        self.want(&keys, slot, rank.saturating_add(128).min(254));
                    }
                }
            }
        }
    }

    /// A field that lies in the document (or the envelope) under its own name.
    fn read(&mut self, name: &str, slot: Slot) {
        if let Some(attribute) = name.strip_prefix("cloudevent.") {
            self.cloud_event.push((slot, attribute.to_owned()));
        }
        for (keys, rank) in spellings(name) {
            self.want(&keys, slot, rank);
        }
    }

    /// A field that lies at these keys. Where its elements are looked at, it is kept as it stands there, and the keys of its
    /// elements are looked at on the way: one that occurs twice is as wrong there as anywhere.
    fn want<K: AsRef<str>>(&mut self, keys: &[K], slot: Slot, rank: u8) {
        self.trie.insert(keys, Target::Slot(slot, rank));
        let Some((_, within)) = self.selected.iter().find(|(selected, _)| *selected == slot) else { return };
        self.trie.insert(keys, Target::Piece(slot, rank));
        for inner in within {
            let whole: Vec<&str> = keys.iter().map(AsRef::as_ref).chain(inner.iter().map(String::as_str)).collect();
            self.trie.reach(&whole);
        }
    }

    /// Captures a dotted name, however it is spelled; gives the capture's index.
    fn capture(&mut self, name: &str) -> usize {
        for (keys, rank) in spellings(name) {
            self.trie.insert(&keys, Target::Capture(self.captures, rank));
        }
        self.captures += 1;
        self.captures - 1
    }

    /// Captures the keys by which shapes are recognised.
    fn capture_signature(&mut self) {
        self.signature = Some(self.captures);
        for key in shape::KEYS {
            self.capture_path(&[key]);
        }
    }

    /// Captures the value at exactly these keys.
    fn capture_path(&mut self, keys: &[&str]) {
        self.trie.insert(keys, Target::Capture(self.captures, 0));
        self.captures += 1;
    }
}

fn slots(fields: &FieldTable) -> impl Iterator<Item = (Slot, &str)> {
    (0_u32..).map(Slot).zip(fields.names().iter().map(String::as_str))
}
