//! What leaves the engine when a rule alerts: the alert as one JSON document (ECS 9, or OCSF 1.8) and as one plain sentence.
//! They are pure functions of the [`Alert`](crate::model::Alert): no clock, no configuration, the same bytes in every replay.
//!
//! | file | what it does |
//! |---|---|
//! | `document` | puts the ECS document together |
//! | `ocsf` | the same alert as an OCSF Detection Finding |
//! | `metric` | the document of a value of a series |
//! | `evidence` | the contributing events, within bounds |
//! | `lift` | domain fields of group and evidence, at the top level where dashboards look for them |
//! | `mitre`, `threat` | what Sigma's tags name in ATLAS and ATT&CK; the same as ECS `threat` |
//! | `sentence` | what happened, to whom, what was missing and until when it was waited for |
//! | `subject`, `words` | the sentence's parts: whom it is about, times in words |
//! | `bounded`, `nest`, `object` | values that are cut to a size; dotted names as nested objects; objects key by key |
//!
//! `schemas/alert.json` describes the document, `schemas/elasticsearch/index-template.json` maps it; `schemas/metric.json` and
//! `schemas/elasticsearch/metrics-template.json` do so for the values of series.

mod bounded;
mod document;
mod evidence;
mod lift;
mod metric;
mod mitre;
mod nest;
mod object;
mod ocsf;
mod sentence;
mod subject;
mod threat;
mod words;

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod schema;

pub use crate::model::harmless;
pub use document::{DocumentOptions, document, document_with};
pub use metric::metric_document;
pub use ocsf::{ocsf_document, ocsf_document_with};
pub use sentence::sentence;
