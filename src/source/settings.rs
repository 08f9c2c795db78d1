//! What a Kafka source needs to know, checked and complete. The configuration builds it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::Secret;

/// A Kafka cluster and how to talk to it.
#[derive(Debug, Clone)]
pub struct KafkaConnection {
    /// Brokers to start from, `host:port`.
    pub brokers: Vec<String>,
    /// Encryption and authentication.
    pub security: Security,
    /// Further librdkafka properties.
    pub options: Vec<(String, String)>,
}

impl KafkaConnection {
    /// A connection without encryption and authentication.
    #[must_use]
    pub fn plaintext(brokers: Vec<String>) -> Self {
        let security = Security {
            protocol: SecurityProtocol::Plaintext,
            ca_file: None,
            certificate_file: None,
            key_file: None,
            key_password: None,
            sasl: None,
        };
        Self { brokers, security, options: Vec::new() }
    }

    /// Whether both reach the same cluster in the same way, so that one consumer serves the sources of both.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.brokers == other.brokers && self.options == other.options && self.security.is_same_as(&other.security)
    }
}

/// Encryption and authentication towards Kafka.
#[derive(Debug, Clone)]
pub struct Security {
    /// How the connection is protected.
    pub protocol: SecurityProtocol,
    /// PEM file with the certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// PEM file with the client's certificate.
    pub certificate_file: Option<PathBuf>,
    /// PEM file with its key.
    pub key_file: Option<PathBuf>,
    /// Password of the key file.
    pub key_password: Option<Secret>,
    /// Name and password.
    pub sasl: Option<Sasl>,
}

impl Security {
    fn is_same_as(&self, other: &Self) -> bool {
        let password = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        let sasl = |security: &Self| {
            security
                .sasl
                .as_ref()
                .map(|sasl| (sasl.mechanism, sasl.username.clone(), sasl.password.expose().to_owned()))
        };
        self.protocol == other.protocol
            && self.ca_file == other.ca_file
            && self.certificate_file == other.certificate_file
            && self.key_file == other.key_file
            && password(&self.key_password) == password(&other.key_password)
            && sasl(self) == sasl(other)
    }
}

/// librdkafka's `security.protocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecurityProtocol {
    /// Neither encryption nor authentication.
    Plaintext,
    /// TLS.
    Ssl,
    /// Authentication without encryption.
    SaslPlaintext,
    /// Authentication over TLS.
    SaslSsl,
}

impl SecurityProtocol {
    /// librdkafka's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Ssl => "ssl",
            Self::SaslPlaintext => "sasl_plaintext",
            Self::SaslSsl => "sasl_ssl",
        }
    }
}

/// Authentication with a name and a password.
#[derive(Debug, Clone)]
pub struct Sasl {
    /// Which mechanism the brokers expect.
    pub mechanism: SaslMechanism,
    /// The user's name.
    pub username: String,
    /// The user's password.
    pub password: Secret,
}

/// A SASL mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaslMechanism {
    /// The password itself.
    Plain,
    /// Challenge and response with SHA-256.
    ScramSha256,
    /// Challenge and response with SHA-512.
    ScramSha512,
}

impl SaslMechanism {
    /// librdkafka's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

/// Where to begin in a partition that no snapshot knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the oldest record.
    Earliest,
    /// Behind the newest record, in those partitions that exist when the consumer starts.
    Latest,
}

/// What one configured source reads from a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSubscription {
    /// Its number.
    pub source: u32,
    /// Its name.
    pub name: Arc<str>,
    /// Topic names, and patterns that begin with `^`.
    pub topics: Vec<String>,
    /// Where to begin without a snapshot.
    pub start: Start,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_consumer_serves_a_cluster_only_with_the_same_credentials() {
        let plain = KafkaConnection::plaintext(vec!["k:1".into()]);
        let mut with_password = plain.clone();
        let sasl = |password: &str| Sasl {
            mechanism: SaslMechanism::Plain,
            username: "u".into(),
            password: Secret::new(password.into()),
        };
        with_password.security.sasl = Some(sasl("a"));
        let mut other_password = plain.clone();
        other_password.security.sasl = Some(sasl("b"));
        assert!(plain.is_same_as(&plain.clone()) && with_password.is_same_as(&with_password.clone()));
        assert!(!plain.is_same_as(&with_password) && !with_password.is_same_as(&other_password));
    }
}
