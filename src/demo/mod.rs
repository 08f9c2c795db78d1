//! Layer 4: a demonstration without any server. A generated week of AI operations goes through librdkafka's mock cluster
//! and the real pipeline, faster than real time; at the end what was planted is held against what was found.

pub mod generator;
#[cfg(feature = "live")]
mod producer;
#[cfg(feature = "live")]
mod run;
mod shipped;
#[cfg(feature = "live")]
mod verdict;

pub use shipped::shipped_rules;

#[cfg(feature = "live")]
pub use run::{DemoError, DemoNews, DemoOptions, DemoSinks, run};
#[cfg(feature = "live")]
pub use verdict::{Found, Verdict};
