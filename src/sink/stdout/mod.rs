//! Alerts as JSON lines on standard output, for trying things out and for containers whose platform collects output.

mod config;

pub use config::StdoutConfig;

#[cfg(feature = "live")]
pub(super) use live::start;

#[cfg(feature = "live")]
mod live {
    use std::io::Write;

    use tokio::sync::mpsc;

    use crate::sink::deliver::{DeliverySettings, Reply, Transport, TroubleKind, spawn};
    use crate::sink::{BatchSettings, Health, Outgoing, Receipt, RetrySettings, SinkHandle};

    /// Starts the sink. A line has its receipt when it is written and flushed.
    pub(in crate::sink) fn start(index: usize, name: String, receipts: mpsc::UnboundedSender<Receipt>) -> SinkHandle {
        let settings =
            DeliverySettings { batch: BatchSettings::default(), retry: RetrySettings::default(), concurrency: 1 };
        spawn(index, name, StandardOutput, &settings, receipts, Health::Starting)
    }

    struct StandardOutput;

    impl Transport for StandardOutput {
        async fn deliver(&self, batch: &[Outgoing]) -> Reply {
            let lines = super::super::file::lines(batch);
            // Whoever reads the other end of a pipe may be slow.
            let written = tokio::task::spawn_blocking(move || {
                let mut output = std::io::stdout().lock();
                output.write_all(&lines).and_then(|()| output.flush())
            });
            match written.await {
                Ok(Ok(())) => Reply::done(batch.len()),
                Ok(Err(error)) => {
                    let message = format!("standard output cannot be written: {error}");
                    Reply::again(batch.len(), TroubleKind::Unreachable, message)
                }
                Err(error) => Reply::again(batch.len(), TroubleKind::Unreachable, error.to_string()),
            }
        }
    }
}
