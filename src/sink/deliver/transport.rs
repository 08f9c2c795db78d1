//! What a destination is to delivery: something that takes a batch and answers for each document.

use std::future::Future;
use std::time::Duration;

use super::Outgoing;

/// A way to a destination. Retries nothing itself: it says what came back.
pub(in crate::sink) trait Transport: Send + Sync + 'static {
    /// Sends a batch and waits until the destination has answered for all of it, acknowledgement included.
    fn deliver(&self, batch: &[Outgoing]) -> impl Future<Output = Reply> + Send;
}

/// What came back for a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sink) enum Reply {
    /// A verdict for each document, in order.
    Items {
        /// As many as documents were sent.
        verdicts: Vec<Verdict>,
        /// What is wrong with the destination, if anything is.
        trouble: Option<Trouble>,
    },
    /// The request is too large: send halves; a single document is refused.
    TooLarge {
        /// The destination's words.
        said: String,
    },
    /// One of the documents is bad, unknown which: send halves; a single document is refused.
    Invalid {
        /// The destination's words.
        said: String,
    },
}

/// What becomes of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sink) enum Verdict {
    /// The destination has it for good.
    Done,
    /// It must be sent again.
    Again,
    /// It will never be taken.
    Refused {
        /// The destination's words.
        reason: String,
    },
}

/// What is wrong with a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sink) struct Trouble {
    pub(in crate::sink) kind: TroubleKind,
    /// What went wrong and what to do about it.
    pub(in crate::sink) message: String,
    /// How long the destination wants to be left alone.
    pub(in crate::sink) wait: Option<Duration>,
}

/// Decides the pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sink) enum TroubleKind {
    /// It asks for less.
    Overloaded,
    /// It does not answer, or not sensibly.
    Unreachable,
    /// It refuses the credentials. They may be rotated, so delivery goes on, slowly.
    Credentials,
    /// It answers, but not as the sink is set up; an operator must act.
    Misconfigured,
}

impl Reply {
    /// The whole batch must go again.
    pub(in crate::sink) fn again(documents: usize, kind: TroubleKind, message: String) -> Self {
        let trouble = Some(Trouble { kind, message, wait: None });
        Self::Items { verdicts: vec![Verdict::Again; documents], trouble }
    }

    /// The whole batch is done.
    pub(in crate::sink) fn done(documents: usize) -> Self {
        Self::Items { verdicts: vec![Verdict::Done; documents], trouble: None }
    }
}
