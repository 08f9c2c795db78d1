//! Alerts in Splunk through its HTTP event collector. Splunk stores whatever it gets, so a revision may be there twice after
//! a failure; id and revision are indexed fields, and a search keeps the newest.
//!
//! | file | what it does |
//! |---|---|
//! | `config` | settings |
//! | `encode` | documents as events |
//! | `client` | requests, token, channel |
//! | `codes` | what answers mean |
//! | `acknowledge` | waiting for the indexers |
//! | `live` | start-up and the batch's way through all of it |

mod config;

#[cfg(feature = "live")]
mod acknowledge;
#[cfg(feature = "live")]
mod client;
#[cfg(feature = "live")]
mod codes;
#[cfg(feature = "live")]
mod encode;
#[cfg(feature = "live")]
mod live;

pub use config::{Acknowledgement, SplunkHecConfig};
#[cfg(feature = "live")]
pub(super) use live::start;
