//! Layer 4: the console.
pub mod history;
