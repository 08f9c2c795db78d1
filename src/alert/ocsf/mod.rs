//! An alert as one JSON document in the words of OCSF 1.8: a Detection Finding. What OCSF has an attribute for is there;
//! the rest is under `unmapped`, by the names that it has in the ECS document. Times are milliseconds since the epoch.
//!
//! | file | what it does |
//! |---|---|
//! | `finding` | puts the document together |
//! | `lifecycle` | which activity and status a revision is |
//! | `attacks` | Sigma's ATLAS and ATT&CK tags |
//! | `evidences` | the contributing events |
//! | `resources` | the models, prompts and endpoints that it is about |
//! | `observables` | people, addresses and resources, to search by |
//! | `unmapped` | what OCSF has no attribute for |
//!
//! `schemas/alert.ocsf.json` describes the document, `schemas/elasticsearch/ocsf-template.json` maps it. Values of series have
//! no class in OCSF; they are ECS documents everywhere.

mod attacks;
mod evidences;
mod finding;
mod lifecycle;
mod observables;
mod resources;
mod unmapped;

#[cfg(test)]
mod schema;

pub use finding::{ocsf_document, ocsf_document_with};
