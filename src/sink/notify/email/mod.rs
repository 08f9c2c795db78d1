//! Alerts by e-mail. The id of a message is made of the alert's id and revision, so that a repetition can be told from news, and later
//! revisions refer to the first one, so that they are shown in one thread.

#[cfg(feature = "live")]
mod compose;
mod config;
#[cfg(feature = "live")]
mod live;

pub use config::{EmailConfig, MailAuth, MailEncryption};
#[cfg(feature = "live")]
pub(super) use live::Email;
