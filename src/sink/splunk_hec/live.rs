//! The running sink: checks the token, then sends batches and waits for their acknowledgement.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::acknowledge::{Asking, Taken, Waiting};
use super::client::Collector;
use super::codes::{AckProbe, Meaning, ack_probe, meaning};
use super::encode::Envelope;
use super::{Acknowledgement, SplunkHecConfig};
use crate::sink::deliver::{DeliverySettings, Reply, Transport, Trouble, TroubleKind, Verdict, spawn};
use crate::sink::{Health, Outgoing, Receipt, SinkError, SinkHandle};

/// Checks the token, without sending an event, if the collector can be reached, and starts the sink.
///
/// # Errors
/// [`SinkError`] when token or certificate cannot be read, the token is refused, or it cannot acknowledge and should.
pub(in crate::sink) async fn start(
    index: usize,
    name: String,
    config: &SplunkHecConfig,
    receipts: mpsc::UnboundedSender<Receipt>,
) -> Result<SinkHandle, SinkError> {
    let collector = Arc::new(Collector::new(&name, config)?);
    let health = check(&name, &collector, config.ack).await?;
    let acknowledgements = (config.ack == Acknowledgement::Indexer).then(|| {
        let waiting = Arc::new(Waiting::default());
        let asking = Asking::start(name.clone(), Arc::clone(&collector), Arc::clone(&waiting), config.ack_poll.0);
        Acknowledgements { waiting, timeout: config.ack_timeout.0, _asking: asking }
    });
    let hec = Hec { collector, envelope: Envelope::new(config), acknowledgements };
    let settings =
        DeliverySettings { batch: config.batch.clone(), retry: config.retry.clone(), concurrency: config.concurrency };
    Ok(spawn(index, name, hec, &settings, receipts, health))
}

/// Asks about an acknowledgement, or sends no event at all, which a good token is told to be no data: either shows whether
/// the token is good.
async fn check(name: &str, collector: &Collector, ack: Acknowledgement) -> Result<Health, SinkError> {
    let channel = collector.channel();
    let answer = match ack {
        Acknowledgement::Indexer => collector.ask(&channel, &[0]).await,
        Acknowledgement::None => collector.send(&channel, Vec::new()).await,
    };
    let (probe, said) = match answer {
        Ok(answer) => ack_probe(answer.status, &answer.body),
        Err(said) => (AckProbe::Unknown, said),
    };
    let sink = name.to_owned();
    match (probe, ack) {
        (AckProbe::Refused, _) => Err(SinkError::Refused { sink, said }),
        (AckProbe::Disabled, Acknowledgement::Indexer) => Err(SinkError::NoAcknowledgement { sink, said }),
        (AckProbe::Unknown, _) => {
            tracing::warn!(sink = %name, reason = %said, "the collector cannot be used yet, alerts wait");
            Ok(Health::Down { since_message: said })
        }
        _ => Ok(Health::Starting),
    }
}

struct Hec {
    collector: Arc<Collector>,
    envelope: Envelope,
    acknowledgements: Option<Acknowledgements>,
}

struct Acknowledgements {
    waiting: Arc<Waiting>,
    timeout: Duration,
    _asking: Asking,
}

impl Transport for Hec {
    async fn deliver(&self, batch: &[Outgoing]) -> Reply {
        let channel = self.collector.channel();
        let answer = match self.collector.send(&channel, self.envelope.body(batch)).await {
            Ok(answer) => answer,
            Err(said) => return Reply::again(batch.len(), TroubleKind::Unreachable, said),
        };
        let (meaning, said) = meaning(answer.status, &answer.body);
        match meaning {
            Meaning::Accepted { ack_id, slow_down } => {
                let mut reply = self.acknowledged(batch.len(), channel, ack_id, &said).await;
                if let Reply::Items { trouble: trouble @ None, .. } = &mut reply
                    && slow_down
                {
                    *trouble = Some(Trouble { kind: TroubleKind::Overloaded, message: said, wait: None });
                }
                reply
            }
            Meaning::TooLarge => Reply::TooLarge { said },
            Meaning::BadEvent(Some(at)) if at < batch.len() => without(batch.len(), at, &said),
            Meaning::BadEvent(_) => Reply::Invalid { said },
            Meaning::Trouble(TroubleKind::Credentials) => {
                let message = match self.collector.refresh_token() {
                    Ok(()) => format!("{said}; the token was read again and is tried again later"),
                    Err(error) => format!("{said}; {error}"),
                };
                Reply::again(batch.len(), TroubleKind::Credentials, message)
            }
            Meaning::Trouble(kind) => Reply::again(batch.len(), kind, said),
        }
    }
}

impl Hec {
    /// Waits until the indexers have the batch, if that is wanted.
    async fn acknowledged(&self, documents: usize, channel: Arc<str>, ack_id: Option<u64>, said: &str) -> Reply {
        let Some(acknowledgements) = &self.acknowledgements else { return Reply::done(documents) };
        let Some(id) = ack_id else {
            let message = format!("{said}: the token does not acknowledge any more; enable it again");
            return Reply::again(documents, TroubleKind::Misconfigured, message);
        };
        let taken = Taken { channel, id };
        let acknowledged = acknowledgements.waiting.register(taken.clone());
        match tokio::time::timeout(acknowledgements.timeout, acknowledged).await {
            Ok(Ok(())) => Reply::done(documents),
            Ok(Err(_)) => {
                let message = "the collector counts its acknowledgements anew; it has restarted".to_owned();
                Reply::again(documents, TroubleKind::Unreachable, message)
            }
            Err(_) => {
                acknowledgements.waiting.forget(&taken);
                let message = format!("no acknowledgement within {:?}; sent again", acknowledgements.timeout);
                Reply::again(documents, TroubleKind::Unreachable, message)
            }
        }
    }
}

/// The collector named the bad event. Whether it kept those before it differs between receivers, so all others go again:
/// their ids are stable.
fn without(documents: usize, bad: usize, said: &str) -> Reply {
    let verdict = |at: usize| if at == bad { Verdict::Refused { reason: said.to_owned() } } else { Verdict::Again };
    Reply::Items { verdicts: (0..documents).map(verdict).collect(), trouble: None }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
