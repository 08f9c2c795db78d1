//! Alerts for a receiver of webhooks: an HTTP POST for each message, with an id by which the receiver can drop what it has already,
//! signed if wanted.

mod config;
#[cfg(feature = "live")]
mod live;

pub(super) use config::default_request_timeout;
pub use config::{WebhookAddress, WebhookConfig};
#[cfg(feature = "live")]
pub(super) use live::{SecretTrouble, Webhook};
