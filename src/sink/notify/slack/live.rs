//! The running incoming webhook.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::SlackConfig;
use super::blocks::{TEXT, bounded, of_text, usual};
use crate::model::Secret;
use crate::sink::notify::channel::{Answer, Channel};
use crate::sink::notify::notice::Told;
use crate::sink::notify::post::post;
use crate::sink::notify::templates::{Template, Writes};
use crate::sink::notify::webhook::SecretTrouble;
use crate::sink::notify::{NotificationCounts, config_error, secret_address};
use crate::sink::trusted::http_client;
use crate::sink::{SinkError, TrustedClient};

const ADVICE: &str = "check the address of the incoming webhook and its channel; it is read anew for each message";

/// An incoming webhook.
pub(in crate::sink::notify) struct Slack {
    config: SlackConfig,
    http: TrustedClient<reqwest::Client>,
    text: Option<Template>,
    counts: Arc<NotificationCounts>,
    sink: String,
}

impl Slack {
    /// The template of a message.
    pub(in crate::sink::notify) fn template(config: &SlackConfig) -> Result<Option<Template>, (&'static str, String)> {
        let read = |source| Template::read(source, "text", Writes::Mrkdwn);
        config.text.as_ref().map(read).transpose().map_err(|reason| ("text", reason))
    }

    /// Reads what it needs and makes the client. Talks to nobody.
    pub(in crate::sink::notify) fn new(
        sink: &str,
        config: &SlackConfig,
        counts: Arc<NotificationCounts>,
    ) -> Result<Self, SinkError> {
        let text = Self::template(config).map_err(|fault| config_error(sink, fault))?;
        let http = http_client(sink, "the receiver", config.request_timeout.0, &config.tls)?;
        let slack = Self { config: config.clone(), http, text, counts, sink: sink.to_owned() };
        slack.address().map_err(|error| error.at_start(sink))?;
        Ok(slack)
    }

    fn address(&self) -> Result<Secret, SecretTrouble> {
        secret_address(&self.config.url)
    }
}

impl Channel for Slack {
    type Message = Vec<u8>;

    fn compose(&self, told: &Told) -> Vec<u8> {
        let rendered = self.text.as_ref().map(|template| template.render(told));
        let (text, blocks) = match rendered {
            Some(Ok(text)) => (bounded(&text, TEXT), of_text(&text)),
            Some(Err(reason)) => {
                tracing::error!(sink = %self.sink, %reason, "the template failed, the usual message is sent");
                self.counts.template_failures.fetch_add(1, Ordering::Relaxed);
                usual(told)
            }
            None => usual(told),
        };
        let mut body = json!({"text": text, "blocks": blocks, "unfurl_links": false, "unfurl_media": false});
        if let (Some(channel), Some(body)) = (&self.config.channel, body.as_object_mut()) {
            body.insert("channel".to_owned(), channel.as_str().into());
        }
        body.to_string().into_bytes()
    }

    async fn send(&self, message: &Vec<u8>) -> Answer {
        let address = match self.address() {
            Ok(address) => address,
            Err(trouble) => return trouble.as_answer(),
        };
        let request = self.http.get().post(address.expose()).header("content-type", "application/json; charset=utf-8");
        post(&self.http, request.body(message.clone()), ADVICE).await
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
