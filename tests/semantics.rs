//! The semantics of rules, one test for each number of RULES 2.2 and each decision of RULES 1.7: what a rule author can
//! rely on, in plain YAML and a few events. The name of a test begins with its number.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "semantics/chains.rs"]
mod chains;
#[path = "semantics/clock.rs"]
mod clock;
#[path = "semantics/early.rs"]
mod early;
#[path = "semantics/elements.rs"]
mod elements;
#[path = "semantics/elements_twin.rs"]
mod elements_twin;
#[path = "semantics/examples.rs"]
mod examples;
#[path = "semantics/exceptions.rs"]
mod exceptions;
#[path = "semantics/figures.rs"]
mod figures;
#[path = "semantics/keys.rs"]
mod keys;
#[path = "semantics/large.rs"]
mod large;
#[path = "semantics/late.rs"]
mod late;
#[path = "semantics/matching.rs"]
mod matching;
#[path = "semantics/measures.rs"]
mod measures;
#[path = "semantics/ordered.rs"]
mod ordered;
#[path = "semantics/risk.rs"]
mod risk;
#[path = "semantics/series.rs"]
mod series;
#[path = "semantics/stage.rs"]
mod stage;
#[path = "semantics/windows.rs"]
mod windows;
#[path = "semantics/work.rs"]
mod work;
