//! Waiting for the indexers. One task asks for all requests that wait; a request that is never acknowledged is sent again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::client::Collector;

/// Ids of one question at most.
const ASKED_AT_ONCE: usize = 1000;

/// One request that the collector has taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Taken {
    pub(super) channel: Arc<str>,
    pub(super) id: u64,
}

/// Requests that wait for their acknowledgement.
#[derive(Default)]
pub(super) struct Waiting(Mutex<HashMap<Taken, oneshot::Sender<()>>>);

impl Waiting {
    /// Registers a request; the receiver resolves when it is acknowledged. A second request under the same id ends the wait
    /// of the first one without acknowledgement: the collector has started to count anew.
    pub(super) fn register(&self, taken: Taken) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.lock().insert(taken, sender);
        receiver
    }

    /// Nobody waits for it any more.
    pub(super) fn forget(&self, taken: &Taken) {
        self.lock().remove(taken);
    }

    /// The ids that wait, by channel.
    fn open(&self) -> BTreeMap<Arc<str>, Vec<u64>> {
        let mut open: BTreeMap<Arc<str>, Vec<u64>> = BTreeMap::new();
        for (taken, sender) in self.lock().iter() {
            if !sender.is_closed() {
                open.entry(Arc::clone(&taken.channel)).or_default().push(taken.id);
            }
        }
        open.values_mut().for_each(|ids| ids.sort_unstable());
        open
    }

    fn acknowledge(&self, channel: &Arc<str>, ids: impl IntoIterator<Item = u64>) {
        let mut waiting = self.lock();
        for id in ids {
            if let Some(sender) = waiting.remove(&Taken { channel: Arc::clone(channel), id }) {
                let _ = sender.send(()); // whoever waited may have given up just now
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Taken, oneshot::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that asks; it ends when this is dropped.
pub(super) struct Asking(JoinHandle<()>);

impl Asking {
    pub(super) fn start(sink: String, collector: Arc<Collector>, waiting: Arc<Waiting>, every: Duration) -> Self {
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                for (channel, ids) in waiting.open() {
                    for some in ids.chunks(ASKED_AT_ONCE) {
                        match collector.ask(&channel, some).await {
                            Ok(answer) if answer.status == 200 => {
                                waiting.acknowledge(&channel, acknowledged(&answer.body));
                            }
                            Ok(answer) => {
                                tracing::debug!(sink = %sink, status = answer.status, "no answer about acknowledgements");
                            }
                            Err(reason) => tracing::debug!(sink = %sink, %reason, "no answer about acknowledgements"),
                        }
                    }
                }
            }
        }))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The ids that an answer calls acknowledged: `{"acks":{"0":true,"1":false}}`.
fn acknowledged(body: &str) -> Vec<u64> {
    #[derive(Deserialize)]
    struct Body {
        acks: HashMap<String, bool>,
    }
    let Ok(body) = serde_json::from_str::<Body>(body) else { return Vec::new() };
    body.acks.into_iter().filter(|(_, done)| *done).filter_map(|(id, _)| id.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_true_counts() {
        let mut ids = acknowledged(r#"{"acks":{"0":true,"1":false,"5523344051478849":true,"x":true}}"#);
        ids.sort_unstable();
        assert_eq!(ids, [0, 5_523_344_051_478_849]);
        for odd in ["", "OK", "{}", r#"{"acks":{"0":"true"}}"#] {
            assert!(acknowledged(odd).is_empty(), "{odd}");
        }
    }

    #[tokio::test]
    async fn an_id_that_is_used_again_never_acknowledges_the_first_request() {
        let waiting = Waiting::default();
        let channel: Arc<str> = "c".into();
        let first = waiting.register(Taken { channel: Arc::clone(&channel), id: 1 });
        let second = waiting.register(Taken { channel: Arc::clone(&channel), id: 1 });
        let other = waiting.register(Taken { channel: "d".into(), id: 1 });
        assert!(first.await.is_err());
        waiting.acknowledge(&channel, [1, 2]);
        assert!(second.await.is_ok());
        assert_eq!(waiting.open(), BTreeMap::from([("d".into(), vec![1])]));
        drop(other);
        assert!(waiting.open().is_empty(), "nobody is asked about what nobody waits for");
    }
}
