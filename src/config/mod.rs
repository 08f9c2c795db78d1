//! The configuration: one YAML file over shipped defaults, overridden by environment variables.
//!
//! ```text
//! default.yaml ─┐
//! clarion.yaml ─┼▶ tree of values, each with its origin ─▶ checked against the schema ─▶ written ─▶ built
//! CLARION_…  ───┘          (tree, layers)                         (check)               (typed)   (used)
//! ```
//! What was typed ([`written`]) and what the program uses ([`Config`]) are two sets of types; [`load`] goes from one to
//! the other and reports everything that is wrong at once. Nothing in here opens a connection.

mod build;
mod built;
mod check;
mod environment;
mod layers;
mod load;
mod problem;
mod reference;
mod schema;
mod show;
mod tree;
pub mod written;

#[cfg(feature = "live")]
pub(crate) use build::CONSOLE_SINK;
pub use built::{
    AdminConfig, Config, ConsoleConfig, CorrelateConfig, DeadLetterTarget, EnrichConfig, HttpAuth, HttpLookup,
    LogConfig, LookupSource, RawSink, ReloadConfig, SourceConfig, StateConfig, TopicLookup,
};
pub use load::{Loaded, load, load_text};
pub use problem::{ConfigError, Problem};
pub use reference::{REFERENCE_END, REFERENCE_START, reference_table, with_reference_table};
pub use schema::schema_text;
pub use show::show;
