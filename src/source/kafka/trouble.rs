//! Turns librdkafka's errors into problems that say what to do, and keeps the same one from being told all the time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use super::event::{ProblemKind, SourceProblem};

/// What an error means for the operator. `reason` is librdkafka's own text: it names the broker or the topic.
pub(super) fn explain(cluster: &Arc<str>, error: &KafkaError, reason: &str) -> SourceProblem {
    let (kind, advice) = match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed) => (
            ProblemKind::CredentialsRefused,
            "check security.sasl (mechanism, username, password); it is tried again by itself",
        ),
        Some(RDKafkaErrorCode::SSL) => (
            ProblemKind::CredentialsRefused,
            "check security.ca_file, the client certificate and the broker's name in its certificate",
        ),
        Some(
            RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::Resolve
            | RDKafkaErrorCode::OperationTimedOut
            | RDKafkaErrorCode::RequestTimedOut
            | RDKafkaErrorCode::NodeUpdate,
        ) => unreachable_or_mismatched(reason),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => (
            ProblemKind::MissingTopic,
            "create the topic or correct `topics`; it is read from its beginning as soon as it is there",
        ),
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::GroupAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed,
        ) => (ProblemKind::NotAuthorised, "grant the user Read and Describe on the topics and Read on the group"),
        Some(RDKafkaErrorCode::PollExceeded) => {
            (ProblemKind::Other, "the caller held the source up for too long; it joins the group again by itself")
        }
        _ => (ProblemKind::Other, "see the broker's log; reading goes on if it can"),
    };
    let message = if reason.is_empty() { error.to_string() } else { reason.to_owned() };
    SourceProblem { kind, cluster: Arc::clone(cluster), message, advice }
}

/// A connection that the broker closes at once is mostly a mismatch of protocols, which librdkafka reports as a
/// transport failure.
fn unreachable_or_mismatched(reason: &str) -> (ProblemKind, &'static str) {
    if reason.contains("SSL handshake") || reason.contains("security.protocol") || reason.contains("ssl") {
        return (
            ProblemKind::CredentialsRefused,
            "check security.protocol and security.ca_file against the broker's listener",
        );
    }
    if reason.contains("SASL") {
        return (ProblemKind::CredentialsRefused, "check security.sasl (mechanism, username, password)");
    }
    (
        ProblemKind::Unreachable,
        "check `brokers`, security.protocol, the network and that the broker is up; it is tried again by itself",
    )
}

/// Lets a problem through once in a while.
pub(super) struct Repetition {
    told: HashMap<(&'static str, String), Instant>,
    again_after: Duration,
}

impl Repetition {
    pub(super) fn new(again_after: Duration) -> Self {
        Self { told: HashMap::new(), again_after }
    }

    /// Whether why no broker can be reached has been told lately. Then librdkafka's summary, that all of them are down,
    /// says nothing more.
    pub(super) fn knows_a_cause(&self, now: Instant) -> bool {
        self.told.iter().any(|((kind, text), told)| {
            ["unreachable", "credentials_refused"].contains(kind)
                && !text.contains("brokers are down")
                && now.duration_since(*told) < self.again_after
        })
    }

    /// Whether the problem is to be told now. Numbers in its text (durations, ports of the near end) do not make it
    /// another one.
    pub(super) fn is_news(&mut self, problem: &SourceProblem, now: Instant) -> bool {
        if matches!(problem.kind, ProblemKind::RecordsLost { .. } | ProblemKind::LogCutOff { .. }) {
            return true;
        }
        let again_after = self.again_after;
        self.told.retain(|_, told| now.duration_since(*told) < again_after);
        let text = problem.message.split(" (after ").next().unwrap_or_default().to_owned();
        match self.told.entry((problem.kind.name(), text)) {
            std::collections::hash_map::Entry::Occupied(_) => false,
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(now);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(code: RDKafkaErrorCode, reason: &str) -> SourceProblem {
        explain(&Arc::from("k:1"), &KafkaError::Global(code), reason)
    }

    #[test]
    fn each_kind_says_what_to_do() {
        for (code, reason, kind, advice) in [
            (RDKafkaErrorCode::Authentication, "k:1: SASL failed", ProblemKind::CredentialsRefused, "security.sasl"),
            (RDKafkaErrorCode::SSL, "certificate verify failed", ProblemKind::CredentialsRefused, "ca_file"),
            (RDKafkaErrorCode::BrokerTransportFailure, "Connection refused", ProblemKind::Unreachable, "`brokers`"),
            (RDKafkaErrorCode::Resolve, "Failed to resolve", ProblemKind::Unreachable, "`brokers`"),
            (RDKafkaErrorCode::UnknownTopicOrPartition, "topic x", ProblemKind::MissingTopic, "create the topic"),
            (RDKafkaErrorCode::TopicAuthorizationFailed, "topic x", ProblemKind::NotAuthorised, "grant"),
        ] {
            let problem = explained(code, reason);
            assert_eq!(problem.kind, kind, "{code:?}");
            assert!(problem.advice.contains(advice), "{problem}");
            assert!(problem.to_string().starts_with(&format!("kafka k:1: {reason}: ")), "{problem}");
        }
    }

    #[test]
    fn the_same_problem_is_told_once_in_a_while() {
        let mut repetition = Repetition::new(Duration::from_secs(30));
        let start = Instant::now();
        let refused =
            |after: &str| explained(RDKafkaErrorCode::BrokerTransportFailure, &format!("refused (after {after})"));
        assert!(repetition.is_news(&refused("1ms"), start));
        assert!(!repetition.is_news(&refused("2ms"), start + Duration::from_secs(29)));
        assert!(repetition.is_news(&refused("3ms"), start + Duration::from_secs(31)));
        assert!(repetition.is_news(&explained(RDKafkaErrorCode::Resolve, "other"), start + Duration::from_secs(31)));
    }

    #[test]
    fn a_summary_is_no_news_once_the_cause_is_told() {
        let mut repetition = Repetition::new(Duration::from_secs(30));
        let start = Instant::now();
        assert!(repetition.is_news(&explained(RDKafkaErrorCode::AllBrokersDown, "1/1 brokers are down"), start));
        assert!(!repetition.knows_a_cause(start));
        assert!(repetition.is_news(&explained(RDKafkaErrorCode::Authentication, "wrong password"), start));
        assert!(repetition.knows_a_cause(start + Duration::from_secs(29)));
        assert!(!repetition.knows_a_cause(start + Duration::from_secs(30)));
    }
}
