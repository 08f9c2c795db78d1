//! The console's memory: what the sinks get, in an embedded database, so that a restart shows yesterday. Bounded by age and
//! number. One writer at a time, any number of readers; nothing in here is asynchronous.

mod error;
mod feed;
mod filter;
mod lives;
mod page;
mod retention;
mod store;
mod summary;
mod tables;
mod values;

#[cfg(test)]
mod tests;

pub use error::HistoryError;
pub use feed::{Missed, feed};
pub use filter::{AlertFilter, word_filter};
pub use lives::{LifeChange, LifeState};
pub use page::{Cursor, Page};
pub use retention::Keep;
pub use store::{Change, History, KeptAlert};
pub use summary::{Life, ModelName, RuleName, Summary, flatten};
pub use values::{MetricSeries, MetricValue};
