//! Alerts in Elasticsearch or OpenSearch: one document an alert in a monthly index, its id the alert's, its external version
//! the revision. Whatever is sent twice overwrites itself, so delivery is exactly once in effect.
//!
//! | file | what it does |
//! |---|---|
//! | `config` | settings |
//! | `index_name` | which index |
//! | `template` | the mapping |
//! | `encode` | documents as bulk lines |
//! | `client` | requests, addresses, credentials |
//! | `response` | what answers mean |
//! | `live` | start-up and the batch's way through all of it |

mod config;
mod index_name;

#[cfg(feature = "live")]
mod client;
#[cfg(feature = "live")]
mod encode;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "live")]
mod response;
#[cfg(feature = "live")]
mod template;

pub use config::{ElasticsearchAuth, ElasticsearchConfig};
#[cfg(feature = "live")]
pub(super) use live::start;
