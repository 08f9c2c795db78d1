//! What a kind of notification is to a route: something that makes a message of what is told, and hands it to a receiver.

use std::future::Future;

use super::notice::Told;
use crate::sink::deliver::Trouble;

/// A way to a receiver. Retries nothing itself: it says what came back.
pub(super) trait Channel: Send + Sync + 'static {
    /// A message, ready to be sent as often as it takes.
    type Message: Send + Sync + 'static;

    /// Makes the message. It has one for everything: where a template fails, the message says so and is the usual one.
    fn compose(&self, told: &Told) -> Self::Message;

    /// Sends it and waits for the answer.
    fn send(&self, message: &Self::Message) -> impl Future<Output = Answer> + Send;
}

/// What a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has the message.
    Taken {
        /// Its words.
        said: String,
    },
    /// Too large a message: send parts; a single alert is refused.
    TooLarge {
        /// Its words.
        said: String,
    },
    /// Something in the message is bad, unknown what: send parts; a single alert is refused.
    Invalid {
        /// Its words.
        said: String,
    },
    /// Not taken now; the message must go again.
    Trouble(Trouble),
}
