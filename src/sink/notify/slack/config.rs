//! Settings of a Slack-compatible incoming webhook.

use serde::Deserialize;

use crate::sink::notify::webhook::default_request_timeout;
use crate::sink::notify::{RouteSettings, TemplateSource, console_fault};
use crate::sink::{RetrySettings, SecretSource, Timespan, TlsSettings};

/// An incoming webhook of Slack, Mattermost or Rocket.Chat.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlackConfig {
    /// Name in logs, metrics and health; `slack` if absent.
    #[serde(default)]
    pub name: Option<String>,
    /// The address of the incoming webhook. Whoever has it can write to the channel, so it is a secret.
    pub url: SecretSource,
    /// Channel instead of the webhook's own; Slack ignores it, Mattermost and Rocket.Chat may allow it.
    #[serde(default)]
    pub channel: Option<String>,
    /// Template of the message's text, in Slack's markup. Without it, the usual message.
    #[serde(default)]
    pub text: Option<TemplateSource>,
    /// Which alerts, put together how, and how often.
    #[serde(default)]
    pub route: RouteSettings,
    /// Address of the console, for links to it.
    #[serde(default)]
    pub console_url: Option<String>,
    /// Whom to trust. With `ca_file`, its authorities and no others.
    #[serde(default)]
    pub tls: TlsSettings,
    /// How long one request may take.
    #[serde(default = "default_request_timeout")]
    pub request_timeout: Timespan,
    /// Pauses between attempts.
    #[serde(default)]
    pub retry: RetrySettings,
}

impl SlackConfig {
    pub(in crate::sink) fn fault(&self) -> Option<(&'static str, String)> {
        if self
            .channel
            .as_ref()
            .is_some_and(|channel| channel.trim().is_empty() || channel.chars().any(char::is_control))
        {
            return Some(("channel", "name a channel, or leave it out".to_owned()));
        }
        self.route.fault().or_else(|| console_fault(self.console_url.as_deref()))
    }
}
