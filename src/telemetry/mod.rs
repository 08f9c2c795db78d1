//! Layer 1: how the program speaks of itself: its log, its metrics, and the one place that reads the wall clock.

pub mod clock;
mod logging;
mod metrics;

pub use logging::{LogFormat, LoggingError, check_filter, init_logging};
pub use metrics::{
    BoundLabel, BufferLabel, Counter, FaultLabels, FilterLabel, LookupLabel, Metrics, PartitionLabels, ReloadLabel,
    RuleAlertLabels, RuleLabel, SinkLabel, SourceLabel,
};
