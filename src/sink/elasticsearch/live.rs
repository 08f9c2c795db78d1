//! The running sink: puts the template once, then answers for batches.

use elasticsearch::http::Method;
use tokio::sync::{OnceCell, mpsc};

use super::client::Cluster;
use super::config::ElasticsearchConfig;
use super::encode::Indices;
use super::index_name::IndexPattern;
use super::template::{Flavour, Holds, lacks_flattened, template};
use super::{encode, response};
use crate::sink::deliver::{DeliverySettings, Reply, Transport, TroubleKind, spawn};
use crate::sink::{ConfigFault, Content, DocumentFormat, Health, Outgoing, Receipt, SinkError, SinkHandle};
use crate::telemetry::clock;

/// Checks credentials and puts the template if the cluster can be reached, and starts the sink.
///
/// # Errors
/// [`SinkError`] when a file or secret cannot be read, or the cluster refuses credentials or template.
pub(in crate::sink) async fn start(
    index: usize,
    name: String,
    config: &ElasticsearchConfig,
    receipts: mpsc::UnboundedSender<Receipt>,
) -> Result<SinkHandle, SinkError> {
    let fault = |setting| {
        let sink = name.clone();
        move |reason| SinkError::Config(ConfigFault { sink, setting, reason })
    };
    let bulk = Bulk {
        cluster: Cluster::new(&name, config)?,
        indices: Indices {
            alerts: IndexPattern::parse(config.index()).map_err(fault("index"))?,
            metrics: IndexPattern::parse(&config.metrics_index).map_err(fault("metrics_index"))?,
        },
        alerts_are: match config.format {
            DocumentFormat::Ecs => Holds::Alerts,
            DocumentFormat::Ocsf => Holds::Findings,
        },
        manage_template: config.manage_template,
        strict: config.strict_mapping,
        prepared: OnceCell::new(),
        prepared_for_metrics: OnceCell::new(),
    };
    let health = match bulk.prepare_on_any_node().await {
        Ok(()) => Health::Starting,
        Err(NotPrepared::Unreachable(since_message)) => {
            tracing::warn!(sink = %name, reason = %since_message, "the cluster cannot be used yet, alerts wait");
            Health::Down { since_message }
        }
        Err(NotPrepared::Refused(said)) => return Err(SinkError::Refused { sink: name, said }),
        Err(NotPrepared::Template(said)) => return Err(SinkError::Template { sink: name, said }),
    };
    let settings =
        DeliverySettings { batch: config.batch.clone(), retry: config.retry.clone(), concurrency: config.concurrency };
    Ok(spawn(index, name, bulk, &settings, receipts, health))
}

struct Bulk {
    cluster: Cluster,
    indices: Indices,
    /// Which template the alerts' indices have.
    alerts_are: Holds,
    manage_template: bool,
    strict: bool,
    /// Set when the template is in place (or is somebody else's business) and the credentials are good.
    prepared: OnceCell<()>,
    /// Set when the template of metrics is in place; it is put before the first of them, so that who has none is not asked.
    prepared_for_metrics: OnceCell<()>,
}

/// Why nothing can be written yet.
enum NotPrepared {
    /// It may pass by itself.
    Unreachable(String),
    /// Credentials or privileges.
    Refused(String),
    /// The template's body.
    Template(String),
}

impl Bulk {
    /// One attempt at each address.
    async fn prepare_on_any_node(&self) -> Result<(), NotPrepared> {
        let mut outcome = self.prepare().await;
        for _ in 1..self.cluster.size() {
            if !matches!(outcome, Err(NotPrepared::Unreachable(_))) {
                break;
            }
            outcome = self.prepare().await;
        }
        outcome
    }

    async fn prepare(&self) -> Result<(), NotPrepared> {
        let work = async || {
            if self.manage_template { self.put_template(self.alerts_are).await } else { self.check_credentials().await }
        };
        self.prepared.get_or_try_init(work).await.copied()
    }

    async fn prepare_for_metrics(&self) -> Result<(), NotPrepared> {
        let work = async || if self.manage_template { self.put_template(Holds::Metrics).await } else { Ok(()) };
        self.prepared_for_metrics.get_or_try_init(work).await.copied()
    }

    async fn put_template(&self, holds: Holds) -> Result<(), NotPrepared> {
        let pattern = match holds {
            Holds::Alerts | Holds::Findings => &self.indices.alerts,
            Holds::Metrics => &self.indices.metrics,
        };
        let path = format!("/_index_template/{}", pattern.stem());
        for flavour in [Flavour::Elasticsearch, Flavour::OpenSearch] {
            let body = template(holds, pattern, flavour, self.strict).to_string();
            let answer = self.cluster.request(Method::Put, &path, body).await.map_err(NotPrepared::Unreachable)?;
            let said = || response::said(answer.status, &answer.body);
            return match answer.status {
                200..=299 => Ok(()),
                401 => Err(NotPrepared::Refused(said())),
                403 => Err(NotPrepared::Refused(format!(
                    "{}; grant `manage_index_templates`, or put the template yourself and set `manage_template: false`",
                    said()
                ))),
                _ if flavour == Flavour::Elasticsearch && lacks_flattened(answer.status, &answer.body) => continue,
                400 => Err(NotPrepared::Template(said())),
                _ => Err(NotPrepared::Unreachable(said())),
            };
        }
        Ok(())
    }

    /// An empty bulk request writes nothing; who may not even send it gets 401.
    async fn check_credentials(&self) -> Result<(), NotPrepared> {
        let answer =
            self.cluster.request(Method::Post, "/_bulk", "\n".to_owned()).await.map_err(NotPrepared::Unreachable)?;
        match answer.status {
            401 | 403 => Err(NotPrepared::Refused(response::said(answer.status, &answer.body))),
            200..=499 => Ok(()),
            _ => Err(NotPrepared::Unreachable(response::said(answer.status, &answer.body))),
        }
    }

    /// The credentials were refused while running: they may have been rotated.
    fn credentials_refused(&self, said: &str) -> String {
        match self.cluster.refresh_credentials() {
            Ok(()) => format!("{said}; the credentials were read again and are tried again later"),
            Err(error) => format!("{said}; {error}"),
        }
    }
}

impl Transport for Bulk {
    async fn deliver(&self, batch: &[Outgoing]) -> Reply {
        let again = |kind, message| Reply::again(batch.len(), kind, message);
        let mut prepared = self.prepare().await;
        if prepared.is_ok() && batch.iter().any(|one| matches!(one.document.content, Content::Metric(_))) {
            prepared = self.prepare_for_metrics().await;
        }
        match prepared {
            Ok(()) => {}
            Err(NotPrepared::Unreachable(said)) => return again(TroubleKind::Unreachable, said),
            Err(NotPrepared::Refused(said)) => return again(TroubleKind::Credentials, self.credentials_refused(&said)),
            Err(NotPrepared::Template(said)) => {
                return again(TroubleKind::Misconfigured, format!("the index template was refused: {said}"));
            }
        }
        let lines = encode::lines(batch, &self.indices, clock::now());
        let answer = match self.cluster.bulk(lines).await {
            Ok(answer) => answer,
            Err(said) => return again(TroubleKind::Unreachable, said),
        };
        let mut reply = response::bulk_reply(answer.status, &answer.body, batch.len());
        if let Reply::Items { trouble: Some(trouble), .. } = &mut reply
            && trouble.kind == TroubleKind::Credentials
        {
            trouble.message = self.credentials_refused(&trouble.message);
        }
        reply
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
