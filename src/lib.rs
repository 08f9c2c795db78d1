//! Clarion: a streaming correlation engine that makes silent AI failures audible.
//!
//! # Data flow
//! ```text
//! source ─▶ decode ─▶ detect ─▶ signals ─▶ correlate ─▶ alert ─▶ sink
//!    (Record)    (Row)     (Signal)            (Alert)   (Document)
//! ```
//!
//! # Layers
//! Imports only go down: `cli` → `app`, `demo` → `pipeline`, `config` → `source`, `decode`, `detect`, `correlate`,
//! `alert`, `sink` → `rule`, `telemetry` → `model`. `tests/layering.rs` enforces it.
//!
//! # Words
//! *Record*: bytes with coordinates. *Event*: a decoded record, projected to the fields that the rules read. *Signal*: an
//! event that matched, under one group key. *Watermark*: no event older than this is expected any more. *Lateness*: how
//! far behind the newest event one may arrive. *Snapshot*: state, offsets, watermarks and unacknowledged alerts as one
//! unit.

#[cfg(feature = "live")]
pub mod admin;
pub mod alert;
#[cfg(feature = "live")]
pub mod app;
pub mod cli;
pub mod config;
#[cfg(feature = "live")]
pub mod console;
pub mod correlate;
pub mod dashboard;
pub mod decode;
pub mod demo;
pub mod detect;
#[cfg(feature = "live")]
pub mod lookup;
pub mod model;
pub mod pipeline;
pub mod rule;
pub mod sink;
pub mod source;
pub mod telemetry;
