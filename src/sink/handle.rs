//! Starting a sink, and the handle that the pipeline holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::{Content, NotificationCounts, RouteSettings, elasticsearch, file, notify, splunk_hec, stdout};
use super::{DocumentFormat, Health, Outgoing, Receipt, SinkConfig, SinkError};

/// A running sink.
#[derive(Debug)]
pub struct SinkHandle {
    name: String,
    format: DocumentFormat,
    input: mpsc::Sender<Outgoing>,
    health: watch::Receiver<Health>,
    retries: Arc<AtomicU64>,
    task: JoinHandle<()>,
    route: Option<Route>,
}

/// What a sink is beside, if it tells people.
#[derive(Debug)]
struct Route {
    settings: RouteSettings,
    hurry: watch::Sender<bool>,
    counts: Arc<NotificationCounts>,
}

/// Starts a sink. Checks what can be checked: settings, files, credentials, the index template, acknowledgement. A
/// destination that cannot be reached is no error: the sink is [`Health::Down`], takes documents and keeps trying.
///
/// # Errors
/// [`SinkError`] says what must be put right.
pub async fn start(
    index: usize,
    config: &SinkConfig,
    receipts: mpsc::UnboundedSender<Receipt>,
) -> Result<SinkHandle, SinkError> {
    config.validate()?;
    let name = config.name().to_owned();
    let mut handle = match config {
        SinkConfig::Elasticsearch(config) => elasticsearch::start(index, name, config, receipts).await?,
        SinkConfig::SplunkHec(config) => splunk_hec::start(index, name, config, receipts).await?,
        SinkConfig::File(config) => file::start(index, name, config, receipts).await?,
        SinkConfig::Stdout(_) => stdout::start(index, name, receipts),
        SinkConfig::Webhook(config) => notify::start_webhook(index, name, config, receipts)?,
        SinkConfig::Slack(config) => notify::start_slack(index, name, config, receipts)?,
        SinkConfig::Email(config) => notify::start_email(index, name, config, receipts).await?,
    };
    handle.format = config.format();
    Ok(handle)
}

impl SinkHandle {
    pub(super) fn new(
        name: String,
        input: mpsc::Sender<Outgoing>,
        health: watch::Receiver<Health>,
        retries: Arc<AtomicU64>,
        task: JoinHandle<()>,
    ) -> Self {
        Self { name, format: DocumentFormat::default(), input, health, retries, task, route: None }
    }

    /// Makes it a sink that takes what its route is told, and no more.
    pub(super) fn for_notifications(
        self,
        settings: RouteSettings,
        hurry: watch::Sender<bool>,
        counts: Arc<NotificationCounts>,
    ) -> Self {
        Self { route: Some(Route { settings, hurry, counts }), ..self }
    }

    /// Whether something is for this sink. Only routes choose; what one does not take is never owed to it.
    #[must_use]
    pub fn takes(&self, content: &Content) -> bool {
        self.route.as_ref().is_none_or(|route| route.settings.takes(content))
    }

    /// The engine is about to end: what waits for company goes now.
    pub fn hurry(&self) {
        if let Some(route) = &self.route {
            route.hurry.send_replace(true);
        }
    }

    /// What a route has counted.
    #[must_use]
    pub fn notifications(&self) -> Option<&NotificationCounts> {
        self.route.as_ref().map(|route| &*route.counts)
    }

    /// The sink's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The format that it is to be given alerts in.
    #[must_use]
    pub fn format(&self) -> DocumentFormat {
        self.format
    }

    /// Hands over a document; waits while the queue is full. That wait is the back-pressure of a destination that is down
    /// or slow.
    pub async fn send(&self, outgoing: Outgoing) {
        if self.input.send(outgoing).await.is_err() {
            tracing::error!(sink = %self.name, "the sink has ended and took no document");
        }
    }

    /// Hands over a document if the queue has room.
    ///
    /// # Errors
    /// Gives it back when the queue is full.
    pub fn try_send(&self, outgoing: Outgoing) -> Result<(), Outgoing> {
        self.input.try_send(outgoing).map_err(|error| match error {
            mpsc::error::TrySendError::Full(outgoing) | mpsc::error::TrySendError::Closed(outgoing) => outgoing,
        })
    }

    /// Whether the destination takes documents.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.borrow().clone()
    }

    /// Requests that did not go through and were, or will be, repeated.
    #[must_use]
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Follows the health, for whoever wants to wait for a change.
    #[must_use]
    pub fn watch_health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    /// Takes no more documents, delivers those it has, and ends; what is not delivered at the deadline gets no receipt.
    pub async fn close(self, deadline: Duration) {
        let Self { name, input, mut task, .. } = self;
        drop(input);
        if tokio::time::timeout(deadline, &mut task).await.is_err() {
            tracing::warn!(sink = %name, "closed with documents that the destination has not taken");
            task.abort();
            // Ends the requests too; what they carried was not acknowledged and will be sent again after a restart.
            let _ = task.await;
        }
    }
}
