//! How to reach a Kafka cluster.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{OptionText, SecretRef};

/// A Kafka cluster and how to talk to it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KafkaSection {
    /// Brokers to start from, each `host:port`.
    pub brokers: Option<Vec<String>>,
    /// Encryption and authentication.
    pub security: Option<SecuritySection>,
    /// Further librdkafka consumer properties by their own names. Those that the program sets itself are refused.
    pub options: Option<BTreeMap<String, OptionText>>,
}

/// Encryption and authentication towards Kafka.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecuritySection {
    /// How the connection is protected.
    pub protocol: Option<Protocol>,
    /// PEM file with the certificate authorities that brokers are checked against; the system's own without it.
    pub ca_file: Option<PathBuf>,
    /// PEM file with the client's certificate, for mutual TLS.
    pub certificate_file: Option<PathBuf>,
    /// PEM file with the key of the client's certificate.
    pub key_file: Option<PathBuf>,
    /// Password of the key file.
    pub key_password: Option<SecretRef>,
    /// Name and password.
    pub sasl: Option<SaslSection>,
}

/// How the connection to a broker is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Neither encryption nor authentication.
    #[default]
    Plaintext,
    /// TLS.
    Ssl,
    /// Authentication without encryption: credentials can be read on the way with mechanism PLAIN.
    SaslPlaintext,
    /// Authentication over TLS.
    SaslSsl,
}

/// Authentication with a name and a password.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaslSection {
    /// Which mechanism the brokers expect.
    pub mechanism: Option<SaslMechanism>,
    /// The user's name.
    pub username: Option<String>,
    /// The user's password.
    pub password: Option<SecretRef>,
}

/// A SASL mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum SaslMechanism {
    /// The password itself; only over TLS.
    #[serde(rename = "PLAIN")]
    Plain,
    /// Challenge and response with SHA-256.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// Challenge and response with SHA-512.
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
}
