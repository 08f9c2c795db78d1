//! The finding as a whole.
