//! A sink whose destination is in this process: whoever takes the documents says when it has them. It gets what every sink
//! gets, by the same queue and with the same receipts.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::{Health, Outcome, Outgoing, Receipt, SinkHandle};

/// Documents that wait in the queue.
const WAITING: usize = 4096;

/// The destination's end.
#[derive(Debug)]
pub struct LocalDocuments {
    sink: usize,
    documents: mpsc::Receiver<Outgoing>,
    receipts: mpsc::UnboundedSender<Receipt>,
}

/// Starts a sink that hands its documents to the task that `take` starts. The task ends when there are no more.
pub fn local(
    index: usize,
    name: &str,
    receipts: mpsc::UnboundedSender<Receipt>,
    take: impl FnOnce(LocalDocuments) -> JoinHandle<()>,
) -> SinkHandle {
    let (input, documents) = mpsc::channel(WAITING);
    // the handle only ever reads what it was last
    let (_, health) = watch::channel(Health::Up);
    let task = take(LocalDocuments { sink: index, documents, receipts });
    SinkHandle::new(name.to_owned(), input, health, Arc::new(AtomicU64::new(0)), task)
}

impl LocalDocuments {
    /// Waits for the next documents, at most `limit`; none when there will be no more.
    pub async fn next(&mut self, limit: usize) -> Vec<Outgoing> {
        let mut batch = Vec::new();
        self.documents.recv_many(&mut batch, limit).await;
        batch
    }

    /// A way to say that documents have arrived.
    #[must_use]
    pub fn receipts(&self) -> LocalReceipts {
        LocalReceipts { sink: self.sink, receipts: self.receipts.clone() }
    }
}

/// Says that documents have arrived.
#[derive(Debug, Clone)]
pub struct LocalReceipts {
    sink: usize,
    receipts: mpsc::UnboundedSender<Receipt>,
}

impl LocalReceipts {
    /// The destination has these.
    pub fn delivered(&self, documents: &[Outgoing]) {
        for outgoing in documents {
            // nobody waits for a receipt any more when the engine has ended
            let _ =
                self.receipts.send(Receipt { sink: self.sink, ticket: outgoing.ticket, outcome: Outcome::Delivered });
        }
    }
}
