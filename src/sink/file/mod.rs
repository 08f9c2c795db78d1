//! Alerts as JSON lines in a file: appended, on disk before the receipt, set aside by size if wanted. After a crash the
//! last documents may be there twice; readers keep the highest `alert.revision` of each `alert.id`.

mod config;

pub use config::FileConfig;

#[cfg(feature = "live")]
mod append;
#[cfg(feature = "live")]
pub(super) use live::{lines, start};

#[cfg(feature = "live")]
mod live {
    use std::sync::{Arc, Mutex, PoisonError};

    use tokio::sync::mpsc;

    use super::FileConfig;
    use super::append::Appender;
    use crate::sink::deliver::{DeliverySettings, Reply, Transport, TroubleKind, spawn};
    use crate::sink::{BatchSettings, Health, Outgoing, Receipt, RetrySettings, SinkError, SinkHandle};

    /// Opens the file and starts the sink.
    ///
    /// # Errors
    /// [`SinkError::File`] when the file cannot be opened.
    pub(in crate::sink) async fn start(
        index: usize,
        name: String,
        config: &FileConfig,
        receipts: mpsc::UnboundedSender<Receipt>,
    ) -> Result<SinkHandle, SinkError> {
        let path = config.path.clone();
        let limit = config.rotate_at.map(|size| size.0);
        let fail = |reason: String| SinkError::File { sink: name.clone(), path: config.path.clone(), reason };
        let opened = tokio::task::spawn_blocking(move || Appender::open(&path, limit)).await;
        let appender = match opened {
            Ok(Ok(appender)) => appender,
            Ok(Err(error)) => return Err(fail(error.to_string())),
            Err(error) => return Err(fail(error.to_string())),
        };
        let settings =
            DeliverySettings { batch: BatchSettings::default(), retry: RetrySettings::default(), concurrency: 1 };
        let transport = JsonLines(Arc::new(Mutex::new(appender)));
        Ok(spawn(index, name, transport, &settings, receipts, Health::Starting))
    }

    /// The documents of a batch, one a line.
    pub(in crate::sink) fn lines(batch: &[Outgoing]) -> Vec<u8> {
        let mut lines = Vec::new();
        for outgoing in batch {
            lines.extend_from_slice(outgoing.document.body.as_bytes());
            lines.push(b'\n');
        }
        lines
    }

    struct JsonLines(Arc<Mutex<Appender>>);

    impl Transport for JsonLines {
        async fn deliver(&self, batch: &[Outgoing]) -> Reply {
            let lines = lines(batch);
            let appender = Arc::clone(&self.0);
            let written = tokio::task::spawn_blocking(move || {
                appender.lock().unwrap_or_else(PoisonError::into_inner).append(&lines)
            });
            match written.await {
                Ok(Ok(())) => Reply::done(batch.len()),
                Ok(Err(error)) => Reply::again(batch.len(), TroubleKind::Unreachable, error.to_string()),
                Err(error) => Reply::again(batch.len(), TroubleKind::Unreachable, error.to_string()),
            }
        }
    }
}

#[cfg(test)]
#[cfg(feature = "live")]
mod tests;
