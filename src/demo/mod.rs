//! Layer 4: a demonstration without any server: a generated week of AI operations through the real pipeline.

pub mod generator;
