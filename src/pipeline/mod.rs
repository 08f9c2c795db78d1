//! Layer 3: the stages wired together. [`Core`] is the pure part, from a record to alerts; the rest is threads, delivery
//! and snapshots around it.

mod core;
pub mod rule_tests;

pub use core::{Arrival, Core, CoreCounts, CoreSource, Output};
