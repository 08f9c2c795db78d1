//! Settings of a webhook.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::sink::notify::{RouteSettings, TemplateSource, console_fault};
use crate::sink::settings::address_fault;
use crate::sink::{ByteSize, RetrySettings, SecretSource, Timespan, TlsSettings};

/// Where a webhook is: an address, or where a secret one is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "an address such as https://host/path, or {env: NAME} or {file: PATH} if it is secret")]
pub enum WebhookAddress {
    /// The address itself.
    Open(String),
    /// Where it is kept.
    Secret(SecretSource),
}

/// A webhook: an HTTP POST for each message.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Name in logs, metrics and health; `webhook` if absent.
    #[serde(default)]
    pub name: Option<String>,
    /// The address, `https://host/path`; `{env: NAME}` or `{file: PATH}` if it is secret.
    pub url: WebhookAddress,
    /// Headers by name; their values are secrets.
    #[serde(default)]
    pub headers: BTreeMap<String, SecretSource>,
    /// Key to sign messages with (`whsec_…`), by the Standard Webhooks specification. Without it they are not signed.
    #[serde(default)]
    pub signing_key: Option<SecretSource>,
    /// Template of the body, which must write JSON unless `content_type` says otherwise. Without it, the alerts' documents.
    #[serde(default)]
    pub body: Option<TemplateSource>,
    /// Type of the body.
    #[serde(default = "default_content_type")]
    pub content_type: String,
    /// Bytes of the documents in one message, at most; a single larger one goes alone.
    #[serde(default = "default_max_bytes")]
    pub max_bytes: ByteSize,
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

fn default_content_type() -> String {
    "application/json".to_owned()
}

fn default_max_bytes() -> ByteSize {
    ByteSize(1 << 20)
}

pub(in crate::sink::notify) fn default_request_timeout() -> Timespan {
    Timespan(Duration::from_secs(30))
}

/// Headers that the sink sets itself.
const TAKEN: [&str; 6] =
    ["content-type", "content-length", "host", "webhook-id", "webhook-timestamp", "webhook-signature"];

impl WebhookConfig {
    pub(in crate::sink) fn fault(&self) -> Option<(&'static str, String)> {
        if let WebhookAddress::Open(address) = &self.url
            && let Some(reason) = address_fault(address)
        {
            let reason = format!(
                "{reason}; an address with a token or a query in it is a secret: {{env: NAME}} or {{file: PATH}}"
            );
            return Some(("url", reason));
        }
        for name in self.headers.keys() {
            let token = |symbol: char| symbol.is_ascii_alphanumeric() || "-_.!#$%&'*+^`|~".contains(symbol);
            if name.is_empty() || !name.chars().all(token) {
                return Some(("headers", format!("`{}` is no name of a header", name.escape_debug())));
            }
            if TAKEN.contains(&name.to_lowercase().as_str()) {
                return Some(("headers", format!("`{name}` is set by the sink itself")));
            }
        }
        if self.content_type.is_empty()
            || !self.content_type.chars().all(|symbol| symbol == ' ' || symbol.is_ascii_graphic())
        {
            return Some(("content_type", "write a type such as application/json".to_owned()));
        }
        self.route.fault().or_else(|| console_fault(self.console_url.as_deref()))
    }

    /// Whether the body must be JSON.
    #[cfg(feature = "live")]
    pub(in crate::sink::notify) fn is_json(&self) -> bool {
        let essence = self.content_type.split(';').next().unwrap_or_default().trim().to_lowercase();
        essence == "application/json" || essence.ends_with("+json")
    }
}
