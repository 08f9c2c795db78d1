//! The shipped dashboards, looked at from outside without any of the tools that show them: what Kibana, Grafana and Splunk
//! would refuse or show wrong, as far as it can be seen in the files; what Kibana answers to an import; and that a wrong
//! description is refused with everything that is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

#[path = "dashboards/descriptions.rs"]
mod descriptions;
#[path = "dashboards/files.rs"]
mod files;
#[path = "dashboards/grafana.rs"]
mod grafana;
#[cfg(feature = "live")]
#[path = "dashboards/import.rs"]
mod import;
#[path = "dashboards/kibana_api.rs"]
mod kibana_api;
#[path = "dashboards/saved_objects.rs"]
mod saved_objects;
#[path = "dashboards/searches.rs"]
mod searches;
#[path = "dashboards/splunk.rs"]
mod splunk;

use clarion::dashboard::{Description, SHIPPED, read};

/// What is shipped.
fn shipped() -> Description {
    read(SHIPPED).unwrap_or_else(|error| panic!("{error}"))
}
