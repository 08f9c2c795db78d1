//! The chart in `helm/clarion` and the Dockerfile, before the programs of others that judge them: Helm, kubernetes-validate,
//! promtool, hadolint, and the `clarion` that has to take the configuration. `tests/validators/install` installs those; one that is
//! missing makes its tests fail. What needs none of them is in `tests/alerts.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod alerts;
mod configuration;
mod dockerfile;
mod golden;
mod manifests;
mod refused;
mod rendered;
mod restricted;
mod schema;
mod tools;
