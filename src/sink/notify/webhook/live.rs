//! The running webhook: the body, its headers and its signature.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::{WebhookAddress, WebhookConfig};
use crate::model::{Secret, Timestamp};
use crate::sink::deliver::{Trouble, TroubleKind};
use crate::sink::notify::NotificationCounts;
use crate::sink::notify::channel::{Answer, Channel};
use crate::sink::notify::notice::{Notice, Told};
use crate::sink::notify::post::post;
use crate::sink::notify::sign::SigningKey;
use crate::sink::notify::templates::{Template, Writes};
use crate::sink::trusted::http_client;
use crate::sink::{SecretError, SinkError, TrustedClient};
use crate::telemetry::clock;

const ADVICE: &str = "check `url` and `headers`; secrets are read anew for each message";

/// A webhook.
pub(in crate::sink::notify) struct Webhook {
    config: WebhookConfig,
    http: TrustedClient<reqwest::Client>,
    body: Option<Template>,
    counts: Arc<NotificationCounts>,
    sink: String,
}

/// A request's body and id.
pub(in crate::sink::notify) struct WebhookMessage {
    id: String,
    body: Vec<u8>,
}

/// What is read from secrets for a request.
struct Secrets {
    address: Secret,
    headers: Vec<(String, Secret)>,
    key: Option<SigningKey>,
}

impl Webhook {
    /// The templates of a webhook.
    pub(in crate::sink::notify) fn template(
        config: &WebhookConfig,
    ) -> Result<Option<Template>, (&'static str, String)> {
        let writes = if config.is_json() { Writes::Json } else { Writes::Text };
        let read = |source| Template::read(source, "body", writes);
        config.body.as_ref().map(read).transpose().map_err(|reason| ("body", reason))
    }

    /// Reads what it needs and makes the client. Talks to nobody.
    pub(in crate::sink::notify) fn new(
        sink: &str,
        config: &WebhookConfig,
        counts: Arc<NotificationCounts>,
    ) -> Result<Self, SinkError> {
        let body = Self::template(config).map_err(|fault| crate::sink::notify::config_error(sink, fault))?;
        let http = http_client(sink, "the receiver", config.request_timeout.0, &config.tls)?;
        let webhook = Self { config: config.clone(), http, body, counts, sink: sink.to_owned() };
        webhook.secrets().map_err(|error| error.at_start(sink))?;
        Ok(webhook)
    }

    fn secrets(&self) -> Result<Secrets, SecretTrouble> {
        let address = match &self.config.url {
            WebhookAddress::Open(address) => Secret::new(address.clone()),
            WebhookAddress::Secret(source) => crate::sink::notify::secret_address(source)?,
        };
        let mut headers = Vec::new();
        for (name, source) in &self.config.headers {
            headers.push((name.clone(), source.resolve()?));
        }
        let key = match &self.config.signing_key {
            Some(source) => Some(SigningKey::read(source.resolve()?.expose()).map_err(SecretTrouble::Unusable)?),
            None => None,
        };
        Ok(Secrets { address, headers, key })
    }

    /// The usual body: what a receiver that is no person can read.
    fn usual(told: &Told) -> Value {
        let listed = |notice: &Notice| {
            let mut notice = notice.clone();
            notice.document = Value::Null;
            json!(notice)
        };
        json!({
            "type": if told.is_test { "clarion.test" } else { "clarion.alerts" },
            "timestamp": told.alerts.iter().map(|notice| notice.time.as_str()).max(),
            "data": {
                "title": told.title,
                "level": told.level,
                "sink": told.sink,
                "group": told.group,
                "alerts": told.alerts.iter().map(|notice| notice.document.clone()).collect::<Vec<_>>(),
                "more": told.more.iter().map(listed).collect::<Vec<_>>(),
            },
        })
    }
}

/// Why a secret cannot be used.
#[derive(Debug)]
pub(in crate::sink::notify) enum SecretTrouble {
    /// It cannot be read.
    Unreadable(SecretError),
    /// It is not what it should be.
    Unusable(String),
}

impl From<SecretError> for SecretTrouble {
    fn from(error: SecretError) -> Self {
        Self::Unreadable(error)
    }
}

impl SecretTrouble {
    /// As an error at the start.
    pub(in crate::sink::notify) fn at_start(self, sink: &str) -> SinkError {
        match self {
            Self::Unreadable(source) => SinkError::Secret { sink: sink.to_owned(), source },
            Self::Unusable(reason) => crate::sink::notify::config_error(sink, ("a secret", reason)),
        }
    }

    /// As a reason to wait.
    pub(in crate::sink::notify) fn as_answer(&self) -> Answer {
        let message = match self {
            Self::Unreadable(error) => error.to_string(),
            Self::Unusable(reason) => reason.clone(),
        };
        Answer::Trouble(Trouble { kind: TroubleKind::Credentials, message, wait: None })
    }
}

impl Channel for Webhook {
    type Message = WebhookMessage;

    fn compose(&self, told: &Told) -> WebhookMessage {
        let rendered = self.body.as_ref().map(|template| template.render(told));
        let body = match rendered {
            Some(Ok(text)) => text,
            Some(Err(reason)) => {
                tracing::error!(sink = %self.sink, %reason, "the template failed, the usual body is sent");
                self.counts.template_failures.fetch_add(1, Ordering::Relaxed);
                Self::usual(told).to_string()
            }
            None => Self::usual(told).to_string(),
        };
        WebhookMessage { id: told.identity.clone(), body: body.into_bytes() }
    }

    async fn send(&self, message: &WebhookMessage) -> Answer {
        let secrets = match self.secrets() {
            Ok(secrets) => secrets,
            Err(trouble) => return trouble.as_answer(),
        };
        let seconds = clock::now().since(Timestamp(0)).0 / 1_000_000_000;
        let mut request = self
            .http
            .get()
            .post(secrets.address.expose())
            .header("content-type", &self.config.content_type)
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", seconds);
        if let Some(key) = &secrets.key {
            request = request.header("webhook-signature", key.signature(&message.id, seconds, &message.body));
        }
        for (name, value) in &secrets.headers {
            let Ok(mut value) = reqwest::header::HeaderValue::from_str(value.expose()) else {
                return SecretTrouble::Unusable(format!("the secret of the header {name} is no value of a header"))
                    .as_answer();
            };
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        post(&self.http, request.body(message.body.clone()), ADVICE).await
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
