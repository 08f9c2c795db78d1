//! The sending end of the bounded channel. Never blocks: what does not fit waits here, and the reader stops taking
//! records until it has gone, while it goes on polling so that the group does not think it dead.

use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use super::event::SourceEvent;

/// The caller has hung up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HungUp;

pub(super) struct Delivery {
    channel: SyncSender<SourceEvent>,
    waiting: VecDeque<SourceEvent>,
    full_since: Option<Instant>,
}

impl Delivery {
    pub(super) fn new(channel: SyncSender<SourceEvent>) -> Self {
        Self { channel, waiting: VecDeque::new(), full_since: None }
    }

    /// Queues an event behind those that wait already.
    pub(super) fn push(&mut self, event: SourceEvent) {
        self.waiting.push_back(event);
    }

    /// Sends as much as fits.
    pub(super) fn flush(&mut self) -> Result<(), HungUp> {
        while let Some(event) = self.waiting.pop_front() {
            match self.channel.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    self.waiting.push_front(event);
                    self.full_since.get_or_insert_with(Instant::now);
                    return Ok(());
                }
                Err(TrySendError::Disconnected(_)) => return Err(HungUp),
            }
        }
        self.full_since = None;
        Ok(())
    }

    /// Whether something waits.
    pub(super) fn is_blocked(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether something has waited for longer than `limit`.
    pub(super) fn is_blocked_for(&self, limit: Duration) -> bool {
        self.full_since.is_some_and(|since| since.elapsed() >= limit)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn order_is_kept_over_a_full_channel() {
        let (sender, receiver) = sync_channel(2);
        let mut delivery = Delivery::new(sender);
        let event = |number: i32| SourceEvent::Assigned(vec![]).clone_with(number);
        for number in 0..5 {
            delivery.push(event(number));
        }
        assert_eq!(delivery.flush(), Ok(()));
        assert!(delivery.is_blocked() && delivery.is_blocked_for(Duration::ZERO));
        let mut seen = Vec::new();
        while delivery.is_blocked() || seen.len() < 5 {
            seen.extend(receiver.try_iter());
            assert_eq!(delivery.flush(), Ok(()));
        }
        assert_eq!(seen, (0..5).map(event).collect::<Vec<_>>());
        assert!(!delivery.is_blocked_for(Duration::ZERO));
        drop(receiver);
        delivery.push(event(9));
        assert_eq!(delivery.flush(), Err(HungUp));
    }

    impl SourceEvent {
        /// An event that can be told from others.
        fn clone_with(&self, number: i32) -> Self {
            let partition = super::super::PartitionId { source: 0, topic: "t".into(), partition: number };
            Self::Revoked(vec![partition])
        }
    }
}
