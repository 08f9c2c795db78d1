//! Layer 1: rules. YAML text becomes a tree with places ([`yaml`]), the tree becomes definitions ([`detection`],
//! [`correlation`]), and definitions become a [`RuleSet`]: what detect and correlate run. All errors of a load are found
//! before anything runs, each with file, line, column and a suggestion ([`Diagnostic`]).

pub mod boolean;
pub mod condition;
pub mod correlation;
pub mod detection;
mod diagnostic;
mod document;
mod keys;
mod load;
pub mod meta;
pub mod modifier;
pub mod number;
pub mod pattern;
pub mod plan;
pub mod predicate;
mod resolve;
mod set;
pub mod testcase;
pub mod yaml;

pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use load::load;
pub use set::{CorrelationRule, DetectionRule, RuleRef, RuleSet};
