//! End to end, against the real servers that `tests/servers/install` puts into `.cache/servers`: nothing in here is
//! simulated but the people. A server that is missing makes its tests fail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod console;
mod engine;
mod exceptions;
mod lookups;
mod notifications;
mod panels;
mod pipeline;
mod producers;
mod secured;
mod servers;
mod servers_smoke;
mod sinks;
mod validators;
