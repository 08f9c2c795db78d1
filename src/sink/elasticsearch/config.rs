//! Settings of the Elasticsearch sink.

use std::time::Duration;

use serde::Deserialize;

use super::index_name::IndexPattern;
use crate::sink::settings::address_fault;
use crate::sink::{BatchSettings, ByteSize, DocumentFormat, RetrySettings, SecretSource, Timespan, TlsSettings};

/// How the sink shows who it is. Without it, nobody is asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ElasticsearchAuth {
    /// User and password.
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: SecretSource,
    },
    /// API key in the encoded form that Elasticsearch shows when it makes one (base64 of `id:key`).
    ApiKey(SecretSource),
    /// Bearer token, such as a service account's.
    Bearer(SecretSource),
}

/// Elasticsearch 8, 9 or OpenSearch 2.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ElasticsearchConfig {
    /// Name in logs, metrics and health; `elasticsearch` if absent.
    #[serde(default)]
    pub name: Option<String>,
    /// Format of the alerts: `ecs` or `ocsf`.
    #[serde(default)]
    pub format: DocumentFormat,
    /// Addresses of nodes or of a load balancer, `https://host:port`. The next one is used when one cannot be reached.
    pub hosts: Vec<String>,
    /// Credentials.
    #[serde(default)]
    pub auth: Option<ElasticsearchAuth>,
    /// Whom to trust. The authorities of `ca_file` are trusted beside the public ones.
    #[serde(default)]
    pub tls: TlsSettings,
    /// Index, with `%Y`, `%m` and `%d` of the alert's event time in UTC. Without it `logs-clarion.alerts-%Y.%m`, and
    /// `alerts-clarion.ocsf-%Y.%m` for that format.
    #[serde(default)]
    pub index: Option<String>,
    /// Index of the values of series (rules with `metric`), with the date of the value's time.
    #[serde(default = "default_metrics_index")]
    pub metrics_index: String,
    /// Whether the index template is put at start. Without it, whoever runs the cluster has to put it.
    #[serde(default = "default_true")]
    pub manage_template: bool,
    /// Refuse fields that the template does not know instead of storing them unsearchable. For tests.
    #[serde(default)]
    pub strict_mapping: bool,
    /// How long one request may take.
    #[serde(default = "default_request_timeout")]
    pub request_timeout: Timespan,
    /// Whether requests are compressed with gzip.
    #[serde(default = "default_true")]
    pub compress: bool,
    /// Bulk requests on their way at most; fewer while the cluster asks for less.
    #[serde(default = "default_concurrency")]
    pub concurrency: usize,
    /// How documents are put together into bulk requests.
    #[serde(default = "default_batch")]
    pub batch: BatchSettings,
    /// Pauses between attempts.
    #[serde(default)]
    pub retry: RetrySettings,
}

fn default_metrics_index() -> String {
    "metrics-clarion.governance-%Y.%m".to_owned()
}

fn default_true() -> bool {
    true
}

fn default_request_timeout() -> Timespan {
    Timespan(Duration::from_secs(30))
}

fn default_concurrency() -> usize {
    4
}

fn default_batch() -> BatchSettings {
    BatchSettings { max_bytes: ByteSize(5 << 20), ..BatchSettings::default() }
}

impl ElasticsearchConfig {
    /// The pattern of the index of alerts. What is not ECS stays out of `logs-*`, whose readers expect `@timestamp`.
    pub(in crate::sink) fn index(&self) -> &str {
        match (&self.index, self.format) {
            (Some(pattern), _) => pattern,
            (None, DocumentFormat::Ecs) => "logs-clarion.alerts-%Y.%m",
            (None, DocumentFormat::Ocsf) => "alerts-clarion.ocsf-%Y.%m",
        }
    }

    /// Whether both write into indices of the same names of one cluster, in different formats.
    pub(in crate::sink) fn shares_indices_across_formats(&self, other: &Self) -> bool {
        let (Ok(ours), Ok(theirs)) = (IndexPattern::parse(self.index()), IndexPattern::parse(other.index())) else {
            return false;
        };
        self.format != other.format
            && self.hosts.iter().any(|host| other.hosts.contains(host))
            && overlap(&ours, &theirs)
    }

    pub(in crate::sink) fn fault(&self) -> Option<(&'static str, String)> {
        if self.hosts.is_empty() {
            return Some(("hosts", "at least one address is needed, such as https://localhost:9200".to_owned()));
        }
        if let Some(reason) = self.hosts.iter().find_map(|host| address_fault(host)) {
            return Some(("hosts", reason));
        }
        if self.concurrency == 0 {
            return Some(("concurrency", "at least 1 is needed".to_owned()));
        }
        let (alerts, metrics) = match (IndexPattern::parse(self.index()), IndexPattern::parse(&self.metrics_index)) {
            (Ok(alerts), Ok(metrics)) => (alerts, metrics),
            (Err(reason), _) => return Some(("index", reason)),
            (_, Err(reason)) => return Some(("metrics_index", reason)),
        };
        overlap(&alerts, &metrics).then(|| {
            ("metrics_index", "alerts and metrics need different templates: begin the two names differently".to_owned())
        })
    }
}

/// Whether an index can be of both names.
fn overlap(one: &IndexPattern, other: &IndexPattern) -> bool {
    one.constant().starts_with(other.constant()) || other.constant().starts_with(one.constant())
}
