//! Exceptions as somebody asks for them, who saw an alert: "this rule, for this model, until then". Finds the detections that
//! a filter must name for it, and every other rule that it touches as well, and writes the filter as a file that a person can
//! review. Reading filters is `filter`; where the file is put is not known here.

mod effect;
mod quote;
mod role;
mod target;
mod text;

pub use effect::{Affected, Effect, affected};
pub use target::{NoException, Target, targets};
pub use text::{FilterText, filters};

#[cfg(test)]
mod tests;
