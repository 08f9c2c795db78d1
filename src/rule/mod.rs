//! Layer 1: rules. YAML text becomes a tree with places ([`yaml`]), the tree becomes definitions ([`detection`],
//! [`correlation`]), and definitions become a [`RuleSet`]: what detect and correlate run. All errors of a load are found
//! before anything runs, each with file, line, column and a suggestion ([`Diagnostic`]).

pub mod boolean;
pub mod codes;
pub mod condition;
pub mod correlation;
pub mod detection;
mod diagnostic;
mod document;
pub mod evidence;
pub mod explain;
mod keys;
mod load;
mod logic;
pub mod meta;
pub mod modifier;
pub mod number;
pub mod pattern;
pub mod plan;
mod portability;
pub mod predicate;
mod resolve;
pub mod schema;
mod set;
pub mod testcase;
pub mod yaml;

pub use diagnostic::{Diagnostic, Diagnostics, Severity, suggest};
pub use load::{Loaded, load, load_texts};
pub use portability::portability;
pub use resolve::EVIDENCE_FIELDS;
pub use set::{CorrelationRule, DetectionRule, KeyField, Logic, Measure, Member, RuleRef, RuleSet, RuleTest, Sequence};
