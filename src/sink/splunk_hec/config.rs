//! Settings of the Splunk sink.

use std::time::Duration;

use serde::Deserialize;

use crate::sink::settings::address_fault;
use crate::sink::{BatchSettings, DocumentFormat, RetrySettings, SecretSource, Timespan, TlsSettings};

/// When a document counts as delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Acknowledgement {
    /// When the indexers have it. The token must have indexer acknowledgement enabled.
    Indexer,
    /// When the collector has taken it; what is then lost inside Splunk is not sent again.
    None,
}

/// Splunk HTTP event collector.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplunkHecConfig {
    /// Name in logs, metrics and health; `splunk_hec` if absent.
    #[serde(default)]
    pub name: Option<String>,
    /// Format of the alerts: `ecs` or `ocsf`.
    #[serde(default)]
    pub format: DocumentFormat,
    /// Address of the collector, `https://host:8088`, without path. With `ack: indexer` and several indexers behind a load
    /// balancer, it must keep a client on one of them.
    pub url: String,
    /// The token.
    pub token: SecretSource,
    /// When a document counts as delivered: `indexer` or `none`. There is no default: it must be decided.
    pub ack: Acknowledgement,
    /// How long an acknowledgement is waited for before a batch is sent again.
    #[serde(default = "default_ack_timeout")]
    pub ack_timeout: Timespan,
    /// How often acknowledgements are asked for.
    #[serde(default = "default_ack_poll")]
    pub ack_poll: Timespan,
    /// Index; without it, the token's default.
    #[serde(default)]
    pub index: Option<String>,
    /// `host` of the events.
    #[serde(default = "default_host")]
    pub host: String,
    /// `source` of the events.
    #[serde(default = "default_source")]
    pub source: String,
    /// `sourcetype` of the alerts; without it `clarion:alert`, and `clarion:alert:ocsf` for that format.
    #[serde(default)]
    pub sourcetype: Option<String>,
    /// `sourcetype` of the values of series (rules with `metric`).
    #[serde(default = "default_metrics_sourcetype")]
    pub metrics_sourcetype: String,
    /// Whom to trust. With `ca_file`, its authorities and no others.
    #[serde(default)]
    pub tls: TlsSettings,
    /// How long one request may take.
    #[serde(default = "default_request_timeout")]
    pub request_timeout: Timespan,
    /// Whether requests are compressed with gzip.
    #[serde(default = "default_true")]
    pub compress: bool,
    /// Requests on their way, or waiting for their acknowledgement, at most; fewer while the collector asks for less.
    #[serde(default = "default_concurrency")]
    pub concurrency: usize,
    /// How documents are put together into requests.
    #[serde(default)]
    pub batch: BatchSettings,
    /// Pauses between attempts.
    #[serde(default)]
    pub retry: RetrySettings,
}

fn default_ack_timeout() -> Timespan {
    Timespan(Duration::from_secs(120))
}

fn default_ack_poll() -> Timespan {
    Timespan(Duration::from_secs(1))
}

fn default_host() -> String {
    "clarion".to_owned()
}

fn default_source() -> String {
    "clarion".to_owned()
}

fn default_metrics_sourcetype() -> String {
    "clarion:metric".to_owned()
}

fn default_request_timeout() -> Timespan {
    Timespan(Duration::from_secs(30))
}

fn default_true() -> bool {
    true
}

fn default_concurrency() -> usize {
    16
}

impl SplunkHecConfig {
    /// The source type of alerts.
    pub(in crate::sink) fn sourcetype(&self) -> &str {
        match (&self.sourcetype, self.format) {
            (Some(name), _) => name,
            (None, DocumentFormat::Ecs) => "clarion:alert",
            (None, DocumentFormat::Ocsf) => "clarion:alert:ocsf",
        }
    }

    pub(in crate::sink) fn fault(&self) -> Option<(&'static str, String)> {
        if let Some(reason) = address_fault(&self.url) {
            return Some(("url", reason));
        }
        if self.concurrency == 0 {
            return Some(("concurrency", "at least 1 is needed".to_owned()));
        }
        let blank = |text: &String| text.trim().is_empty();
        if self.index.as_ref().is_some_and(blank) {
            return Some(("index", "name an index, or leave it out".to_owned()));
        }
        if self.sourcetype().trim().is_empty() {
            return Some(("sourcetype", "name a source type, or leave it out".to_owned()));
        }
        None
    }
}
