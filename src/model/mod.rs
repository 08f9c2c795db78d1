//! Layer 0: the words that every stage shares. Nothing in here knows another module of the crate.
//!
//! | word | type | what it is |
//! |---|---|---|
//! | record | [`Record`] | the bytes that a source delivered, with their coordinates in the log |
//! | event | [`Row`] with [`EventMeta`] | one decoded happening, projected to the fields that the loaded rules read |
//! | signal | [`Signal`] | the compact message of detect to correlate: an event that matched, under one group key |
//! | alert | [`Alert`] | what a rule raised, one revision of it |
//! | metric | [`Metric`] | a value of a series that a rule writes for dashboards |
//! | fault | [`Fault`] | why a record could not be used, with its coordinates |
//! | work | [`RuleWork`] | what a rule has cost and found |

mod alert;
mod causes;
mod element;
mod event;
mod fault;
mod field;
mod ids;
mod join_table;
mod logsource;
mod metric;
mod record;
mod row;
mod secret;
mod severity;
mod signal;
mod time;
mod work;

pub use alert::{Absence, Alert, AlertStatus, Evidence, LookupVersion, RiskEntity, RuleCard};
pub use causes::with_causes;
pub use element::{Chosen, EachElement, Piece, ReadElements};
pub use event::{EventMeta, TimeSource};
pub use fault::{Fault, FaultStage};
pub use field::{ELEMENT, FieldTable, Slot};
pub use ids::{AlertId, KeyHash, StableHasher};
pub use join_table::JoinTable;
pub use logsource::LogSource;
pub use metric::Metric;
pub use record::{Coordinates, Header, Record};
pub(crate) use row::Held;
pub use row::{Row, Scalar};
pub use secret::Secret;
pub use severity::Level;
pub use signal::{Signal, SignalError, SignalHead, SignalRoute, SignalWriter};
pub use time::{Span, TimeError, Timestamp};
pub use work::RuleWork;
