//! Layer 1: rules. YAML text becomes a tree with places ([`yaml`]), the tree becomes definitions ([`detection`],
//! [`correlation`], [`filter`]), and definitions become a [`RuleSet`]: what detect and correlate run. All errors of a load are found
//! before anything runs, each with file, line, column and a suggestion ([`Diagnostic`]).

pub mod alert_events;
mod ambiguous;
pub mod boolean;
pub mod codes;
mod collection;
pub mod condition;
pub mod correlation;
pub mod decimal;
pub mod detection;
mod diagnostic;
mod document;
pub mod element;
pub mod evidence;
pub mod exception;
pub mod explain;
mod files;
pub mod filter;
mod keys;
mod load;
mod logic;
pub mod lookup;
pub mod measured;
pub mod meta;
pub mod metric_values;
pub mod modifier;
pub mod number;
pub mod pattern;
pub mod plan;
mod portability;
pub mod predicate;
pub mod reference;
mod resolve;
pub mod risk;
mod satisfiable;
pub mod schema;
mod selection;
pub mod selector;
mod set;
pub mod testcase;
pub mod text;
mod value;
pub mod value_set;
pub mod yaml;

pub use diagnostic::{Diagnostic, Diagnostics, Severity, suggest};
pub use files::RuleFiles;
pub use load::{LoadOptions, Loaded, load, load_texts, load_texts_with, load_with};
pub use portability::portability;
pub use resolve::EVIDENCE_FIELDS;
pub use set::{
    CorrelationRule, DetectionRule, FilterRule, InactiveRule, KeyField, Logic, Measure, Member, RuleRef, RuleSet,
    RuleTest, Sequence,
};
