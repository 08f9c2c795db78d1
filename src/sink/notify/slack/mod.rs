//! Alerts in a channel of Slack, or of what takes Slack's incoming webhooks: Mattermost, Rocket.Chat.

#[cfg(feature = "live")]
mod blocks;
mod config;
#[cfg(feature = "live")]
mod live;

pub use config::SlackConfig;
#[cfg(feature = "live")]
pub(super) use live::Slack;
